"""Reads implications.yaml: what follows from a tag.

Not among the files of `rule_files`: their digest is part of every cache key, and no cached answer depends on this one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from app.adapters.taxonomy_files import load_marked
from app.domain.errors import InvalidRules
from app.domain.taxonomy import CATEGORY, Taxonomy
from app.pipeline.implications import Implication, ImplicationExample, Implications

FILE = "implications.yaml"
_RULE = frozenset({"name", "any", "all", "unless", "then", "why", "examples"})
_EXAMPLE = frozenset({"tags", "has", "lacks"})


def read_implications(folder: Path) -> Implications:
    """Return the implications in a folder of rules; InvalidRules with file and line for what is none."""
    path = folder / FILE
    try:
        data = path.read_bytes()
        marked = load_marked(data)
    except OSError as exc:
        raise InvalidRules(f"{path} cannot be read: {exc.strerror}") from exc
    except (yaml.YAMLError, TypeError, UnicodeDecodeError) as exc:
        raise InvalidRules(f"{path} is no list of rules: {' '.join(str(exc).split())}") from exc
    for key, line in marked.twice:
        raise InvalidRules(f"{path}:{line}: the key {key} stands twice in one rule")
    exclusive: frozenset[str] = frozenset()
    rules: dict[str, Implication] = {}
    for raw, lines in zip(marked.rows, marked.lines, strict=True):
        place = _Place(path, lines)
        if isinstance(raw, dict) and "exclusive" in raw:
            place.only(raw, frozenset({"exclusive"}))
            exclusive |= frozenset(place.texts(raw, "exclusive"))
            continue
        rule = _rule(raw, place)
        if rule.name in rules:
            raise place.error("name", f"the name {rule.name!r} is taken: line {rules[rule.name].line}")
        rules[rule.name] = rule
    return Implications(
        version=folder.name.removeprefix("rules-"),
        digest=hashlib.sha256(data).hexdigest(),
        rules=tuple(rules.values()),
        exclusive=exclusive,
    )


def unknown_concepts(implications: Implications, taxonomy: Taxonomy) -> Iterator[str]:
    """Yield what is wrong with rules for a taxonomy: concepts that it lacks or has retired, each with its line."""
    for rule in implications.rules:
        examples = (each for example in rule.examples for each in (*example.tags, *example.has, *example.lacks))
        for concept_id in dict.fromkeys((*rule.concepts(), *examples)):
            found = taxonomy.concepts.get(concept_id)
            if found is None or found.retired:
                said = "is no concept" if found is None else "is retired"
                yield f"{FILE}:{rule.line}: {rule.name}: {concept_id} {said} of {taxonomy.name} {taxonomy.version}"
    for attribute in implications.exclusive - taxonomy.attributes.keys() - {CATEGORY}:
        yield f"{FILE}: exclusive: {attribute} is no attribute of {taxonomy.name} {taxonomy.version}"


class _Place:
    """A rule of a file, and how its problems are told."""

    def __init__(self, path: Path, lines: Mapping[str, int]) -> None:
        self._path, self._lines = path, lines
        self.line = lines[""]

    def error(self, key: str, message: str) -> InvalidRules:
        """Return an error at the line of a key, or of the rule."""
        return InvalidRules(f"{self._path}:{self._lines.get(key, self.line)}: {message}")

    def only(self, raw: Mapping[str, Any], known: frozenset[str]) -> None:
        """Raise for keys that mean nothing."""
        for key in raw:
            if key not in known:
                raise self.error(str(key), f"unknown key {key!r}: known are {', '.join(sorted(known))}")

    def text(self, raw: Mapping[str, Any], key: str) -> str:
        """Return a text that must be there."""
        value = raw.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, f"{key} must be a text, not {value!r}")
        return value

    def texts(self, raw: Mapping[str, Any], key: str, *, empty: bool = False) -> tuple[str, ...]:
        """Return a list of texts, which may be missing only where it may be ``empty``."""
        value = raw.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
            raise self.error(key, f"{key} must be a list of ids, not {value!r}")
        if not value and not empty:
            raise self.error(key, f"{key} is missing or empty")
        return tuple(value)


def _rule(raw: Any, place: _Place) -> Implication:
    if not isinstance(raw, dict):
        raise place.error("", f"a rule has {', '.join(sorted(_RULE))}; this is {raw!r}")
    place.only(raw, _RULE)
    examples = raw.get("examples", [])
    if not isinstance(examples, list):
        raise place.error("examples", "examples must be a list")
    return Implication(
        name=place.text(raw, "name"),
        any=place.texts(raw, "any"),
        all=place.texts(raw, "all", empty=True),
        unless=place.texts(raw, "unless", empty=True),
        then=place.texts(raw, "then"),
        why=place.text(raw, "why"),
        examples=tuple(_example(each, place) for each in examples),
        line=place.line,
    )


def _example(raw: Any, place: _Place) -> ImplicationExample:
    if not isinstance(raw, dict):
        raise place.error("examples", f"an example has {', '.join(sorted(_EXAMPLE))}; this is {raw!r}")
    unknown = raw.keys() - _EXAMPLE
    if unknown:
        raise place.error("examples", f"unknown key {sorted(map(str, unknown))[0]!r} in an example")
    return ImplicationExample(
        tags=place.texts(raw, "tags"),
        has=place.texts(raw, "has", empty=True),
        lacks=place.texts(raw, "lacks", empty=True),
    )
