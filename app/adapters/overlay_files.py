"""Reads an overlay: one YAML file, of which a shop writes as much as it needs.

name: acme
aliases: {color:navy: {de: [nachtblau]}}
rename: {category:sneakers: {en: Trainers}}
hide: [color:beige]
add:
  color: [{id: color:acme_red, broader: color:red, en: [Acme red]}]
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import yaml

from app.adapters.taxonomy_files import load_yaml, read_concept
from app.domain.errors import InvalidTaxonomy
from app.domain.taxonomy import Concept
from app.pipeline.matching.overlay import Overlay

_KEYS = ("name", "aliases", "rename", "hide", "add")


def read_overlay(path: Path, locales: Sequence[str]) -> Overlay:
    """Return the overlay in a file, over a taxonomy with these locales; InvalidTaxonomy names what is wrong."""
    try:
        data = path.read_bytes()
        raw = load_yaml(data)
    except OSError as exc:
        raise InvalidTaxonomy(f"overlay {path} cannot be read: {exc.strerror}", field="overlays") from exc
    except yaml.YAMLError as exc:
        raise InvalidTaxonomy(f"overlay {path} is no YAML: {' '.join(str(exc).split())}", field="overlays") from exc
    if not isinstance(raw, dict) or not isinstance(raw.get("name"), str) or set(raw) - set(_KEYS):
        hint = f"keys are {', '.join(_KEYS)}; name is required"
        raise InvalidTaxonomy(f"overlay {path} has no name, or keys that no overlay has", field="overlays", hint=hint)
    part = _Part(path, locales)
    aliases = {i: part.texts(i, texts) for i, texts in part.mapping("aliases", raw).items()}
    rename = {i: part.names(i, names) for i, names in part.mapping("rename", raw).items()}
    return Overlay(
        name=raw["name"],
        digest=hashlib.sha256(data).hexdigest(),
        aliases=aliases,
        rename=rename,
        hide=frozenset(part.strings("hide", raw.get("hide") or [])),
        add=tuple(part.concepts(raw, raw["name"])),
    )


class _Part:
    """Reads parts of one file, and names the file and the part in what it raises."""

    def __init__(self, path: Path, locales: Sequence[str]) -> None:
        self._path = path
        self._locales = locales

    def mapping(self, name: str, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what a key holds: a mapping, or nothing."""
        value = raw.get(name) or {}
        if not isinstance(value, dict):
            self._refuse(name, "must be a mapping")
        return value

    def strings(self, name: str, value: Any) -> list[str]:
        """Return a list of texts."""
        if not isinstance(value, list) or not all(isinstance(text, str) and text.strip() for text in value):
            self._refuse(name, "must be a list of texts")
        return list(value)

    def texts(self, concept_id: str, value: Any) -> dict[str, list[str]]:
        """Return labels by locale."""
        return {loc: self.strings(concept_id, texts) for loc, texts in self._by_locale(concept_id, value)}

    def names(self, concept_id: str, value: Any) -> dict[str, str]:
        """Return one label by locale."""
        named = dict(self._by_locale(concept_id, value))
        self.strings(concept_id, list(named.values()))
        return named

    def concepts(self, raw: Mapping[str, Any], layer: str) -> list[Concept]:
        """Return the shop's own concepts."""
        found = []
        for attribute, rows in self.mapping("add", raw).items():
            for row in rows if isinstance(rows, list) else self._refuse(attribute, "must be a list of concepts"):
                try:
                    found.append(read_concept(row, attribute, self._locales, layer))
                except (KeyError, TypeError, ValueError, AttributeError) as exc:
                    self._refuse(attribute, f"holds no concept: {row!r}: {exc!r}")
        return found

    def _by_locale(self, concept_id: str, value: Any) -> list[tuple[str, Any]]:
        if not isinstance(value, dict) or not value or not set(value) <= set(self._locales):
            self._refuse(concept_id, f"must be a mapping by locale: {', '.join(self._locales)}")
        return list(value.items())

    def _refuse(self, name: str, message: str) -> NoReturn:
        raise InvalidTaxonomy(f"overlay {self._path}: {name} {message}", field="overlays")
