"""Checks a taxonomy folder against its rules, each problem with its file, line and id.

What `read_taxonomy` accepts is not yet a good taxonomy: it may lack labels in a language, hold two concepts under one
label, or have a concept that is its own ancestor. Everything is looked at: one run names all problems.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from app.adapters.taxonomy_constraints import (
    ATTRIBUTE,
    LENIENT,
    Entry,
    State,
    TaxonomyProblem,
    check_concept,
    check_unique_google,
    is_texts,
)
from app.adapters.taxonomy_files import (
    concept_files,
    list_attribute_files,
    load_marked,
    load_marked_lines,
    load_yaml,
)
from app.domain.errors import InvalidTaxonomy
from app.domain.taxonomy import CATEGORY

__all__ = ["TaxonomyProblem", "TaxonomyReport", "check_taxonomy"]

_ID = re.compile(r"[a-z0-9][a-z0-9_]*(:[a-z0-9][a-z0-9_.+-]*)?")


@dataclass(frozen=True, kw_only=True, slots=True)
class TaxonomyReport:
    """All problems, in file order, and how much the taxonomy holds."""

    problems: tuple[TaxonomyProblem, ...]
    counts: Mapping[str, int]
    """verticals, categories, attributes, values."""
    labels: Mapping[str, int]
    """Labels per locale, synonyms included."""
    excused: Mapping[str, Mapping[str, int]]
    """Defects that the manifest excuses (`lenient`): kind -> locale -> how many."""


def check_taxonomy(folder: Path) -> TaxonomyReport:
    """Return what is wrong with a taxonomy folder; InvalidTaxonomy where there is no manifest to begin with."""
    state = State(locales=())
    manifest = _manifest(folder, state)
    files = [*((ATTRIBUTE, path) for path in list_attribute_files(folder)), *concept_files(folder)]
    for attribute, path in files:
        _read(attribute, path, str(path.relative_to(folder)), state)
    for entry in state.entries.values():
        check_concept(entry, state)
    if manifest.get("unique_google_ids"):
        check_unique_google(state)
    order = {str(path.relative_to(folder)): number for number, (_, path) in enumerate(files)}
    state.problems.sort(key=lambda problem: (order.get(problem.file, -1), problem.line))
    return TaxonomyReport(
        problems=tuple(state.problems),
        counts=_counts(state),
        labels=dict(state.labels),
        excused={kind: dict(state.excused[kind]) for kind in sorted(state.excused)},
    )


def _manifest(folder: Path, state: State) -> Mapping[str, Any]:
    try:
        manifest = load_yaml((folder / "manifest.yaml").read_bytes())
    except OSError as exc:
        hint = "name a folder with a manifest.yaml"
        raise InvalidTaxonomy(f"{folder} is no taxonomy: {exc.strerror}: manifest.yaml", hint=hint) from exc
    except yaml.YAMLError as exc:
        raise InvalidTaxonomy(f"{folder}/manifest.yaml is no YAML: {_flat(exc)}") from exc
    if not isinstance(manifest, dict) or not is_texts(manifest.get("locales")):
        raise InvalidTaxonomy(f"{folder}/manifest.yaml lists no locales")
    state.locales = manifest["locales"]
    for name in ("name", "version"):
        if not (isinstance(manifest.get(name), str) and manifest[name].strip()):
            state.say_file("manifest.yaml", f"{name} must be a text, in quotes where it looks like a number")
    if not is_texts(manifest.get("sources")):
        state.say_file("manifest.yaml", "sources must name where the concepts and labels come from")
    lenient = manifest.get("lenient", [])
    if isinstance(lenient, list) and set(map(str, lenient)) <= LENIENT:
        state.lenient = frozenset(lenient)
    else:
        state.say_file("manifest.yaml", f"lenient must be a list of {', '.join(sorted(LENIENT))}, not {lenient!r}")
    if "en" not in state.locales and "no-english" not in state.lenient:
        state.say_file("manifest.yaml", "locales must hold en: labels fall back to it")
    return manifest


def _read(attribute: str, path: Path, file: str, state: State) -> None:
    """Take in the concepts of a file; those without a usable id go no further."""
    try:
        marked = (load_marked_lines if path.suffix == ".jsonl" else load_marked)(path.read_bytes())
    except OSError as exc:
        state.say_file(file, f"cannot be read: {exc.strerror}")
        return
    except (yaml.YAMLError, TypeError, ValueError) as exc:
        state.say_file(file, f"is no {'JSON' if path.suffix == '.jsonl' else 'YAML'} list of concepts: {_flat(exc)}")
        return
    for key, line in marked.twice:
        state.say_file(file, f"the key {key} stands twice in one concept", line)
    for raw, lines in zip(marked.rows, marked.lines, strict=True):
        if not isinstance(raw, dict) or not isinstance(raw.get("id"), str) or not _ID.fullmatch(raw["id"]):
            found = raw.get("id") if isinstance(raw, dict) else raw
            state.say_file(file, f"a concept needs an id in lower snake case, not {found!r}", lines[""])
            continue
        entry = Entry(file=file, attribute=attribute, id=raw["id"], raw=raw, lines=lines)
        first = state.entries.setdefault(entry.id, entry)
        if first is not entry:
            state.say(entry, f"the id is taken: {first.file} line {first.lines['']}", "id")
        elif (attribute == ATTRIBUTE) == (":" in entry.id) or not _under(entry):
            state.say(entry, f"the id must be {_expected(attribute)}", "id")
        else:
            state.with_values.add(attribute)


def _under(entry: Entry) -> bool:
    return entry.attribute == ATTRIBUTE or entry.id.startswith(f"{entry.attribute}:")


def _expected(attribute: str) -> str:
    return "a single word" if attribute == ATTRIBUTE else f"{attribute}:NAME"


def _counts(state: State) -> dict[str, int]:
    of = Counter(entry.attribute for entry in state.entries.values())
    categories = [entry for entry in state.entries.values() if entry.attribute == CATEGORY]
    return {
        "verticals": sum(1 for entry in categories if entry.raw.get("broader") is None),
        "categories": len(categories),
        "attributes": of[ATTRIBUTE],
        "values": len(state.entries) - len(categories) - of[ATTRIBUTE],
    }


def _flat(exc: Exception) -> str:
    return " ".join(str(exc).split())
