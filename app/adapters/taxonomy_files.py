"""Reads a taxonomy folder: manifest.yaml, attributes.yaml, values/*.yaml, categories/*.yaml.

A concept in these files is one mapping: `id`, `broader`, a list of labels per locale (the first is the prefLabel, a
leading `~` marks a label that must not fire in running text), `same` for locales that rightly equal English. In place
of .yaml, or beside it, a file may be .jsonl, with one concept a line: that is what imports write, since YAML would take
minutes to read a million labels.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import yaml

from app.domain.errors import InvalidTaxonomy
from app.domain.taxonomy import CATEGORY, Concept, Kind, Label, Taxonomy, index_by_id

LOCALE_KEYS = {"id-ID": "id"}
"""`id` names the concept, so Indonesian labels stand under `id-ID`."""
KEYS = frozenset(
    {"id", "broader", "same", "google", "exact", "attributes", "kind", "dimension", "values_from"}
    | {"retired", "successor"}
)


def read_taxonomy(folder: Path) -> Taxonomy:
    """Return the taxonomy of a folder; InvalidTaxonomy when a file cannot be read as one."""
    manifest = _parse(folder / "manifest.yaml")
    try:
        locales = tuple(manifest["locales"])
        attributes = [
            read_concept(raw, "attribute", locales) for path in list_attribute_files(folder) for raw in _parse(path)
        ]
        concepts = [
            read_concept(raw, attribute, locales) for attribute, path in concept_files(folder) for raw in _parse(path)
        ]
        return Taxonomy(
            name=manifest["name"],
            version=manifest["version"],
            locales=locales,
            sources=tuple(manifest["sources"]),
            attributes=index_by_id(attributes),
            concepts=index_by_id(concepts),
            digest=folder_digest(folder),
        )
    except (KeyError, TypeError, ValueError) as exc:
        raise InvalidTaxonomy(f"taxonomy {folder}: {exc!r}", hint="run `tagwright taxonomy check`") from exc


def list_attribute_files(folder: Path) -> list[Path]:
    """Return the files of attributes: attributes.yaml, attributes.jsonl or both; the first where there is none."""
    names = ("attributes.yaml", "attributes.jsonl")
    return [folder / name for name in names if (folder / name).exists()] or [folder / names[0]]


def concept_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield (attribute id, file) of every file of concepts, categories last."""
    for path in _of_concepts(folder / "values"):
        yield path.stem, path
    for path in _of_concepts(folder / "categories"):
        yield CATEGORY, path


def _of_concepts(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.suffix in (".yaml", ".jsonl"))


def load_yaml(data: bytes) -> Any:
    """Parse YAML with the C loader (ten times faster) where there is one."""
    return yaml.load(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders


@dataclass(frozen=True, kw_only=True, slots=True)
class Marked:
    """A file of concepts as YAML has it: one mapping per concept, with the line (from 1) of each of its keys."""

    rows: Sequence[Any]
    lines: Sequence[Mapping[str, int]]
    """Per row; the key ``""`` gives the line on which the row begins."""
    twice: Sequence[tuple[str, int]]
    """(key, line) of keys that stand twice in one mapping, of which YAML keeps the last."""


def load_marked_lines(data: bytes) -> Marked:
    """Parse JSON Lines, with line numbers; ValueError names the line that is no JSON."""
    rows: list[Any] = []
    lines: list[dict[str, int]] = []
    twice: list[tuple[str, int]] = []

    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            keys = [key for key, _ in pairs]
            twice.extend((key, number) for key in made if keys.count(key) > 1)
        return made

    for number, line in _lines(data):
        try:
            rows.append(json.loads(line, object_pairs_hook=mapping))
        except ValueError as exc:
            raise ValueError(f"line {number}: {exc}") from exc
        lines.append({"": number})
    return Marked(rows=rows, lines=lines, twice=twice)


def load_marked(data: bytes) -> Marked:
    """Parse a list of mappings like `load_yaml`, with line numbers; yaml.YAMLError, or TypeError for no list."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(data)
    try:
        node = loader.get_single_node()
        rows = loader.construct_document(node) if node is not None else []
    finally:
        loader.dispose()
    if not isinstance(rows, list):
        raise TypeError("the file is no list of concepts")
    lines: list[dict[str, int]] = []
    twice: list[tuple[str, int]] = []
    for row in node.value if node is not None else ():
        marks = {"": row.start_mark.line + 1}
        for key, _ in row.value if isinstance(row, yaml.MappingNode) else ():
            line = key.start_mark.line + 1
            if key.value in marks:
                twice.append((str(key.value), line))
            marks[key.value] = line
        lines.append(marks)
    return Marked(rows=rows, lines=lines, twice=twice)


def folder_digest(folder: Path) -> str:
    """Return one SHA-256 of all files of a taxonomy; InvalidTaxonomy when one cannot be read."""
    digest = hashlib.sha256()
    concepts = (path for _, path in concept_files(folder))
    for path in (folder / "manifest.yaml", *list_attribute_files(folder), *concepts):
        digest.update(path.name.encode() + b"\0" + _read(path))
    return digest.hexdigest()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise InvalidTaxonomy(f"{path} cannot be read: {exc}") from exc


def _parse(path: Path) -> Any:
    data = _read(path)
    try:
        return [orjson.loads(line) for _, line in _lines(data)] if path.suffix == ".jsonl" else load_yaml(data)
    except (ValueError, yaml.YAMLError) as exc:
        raise InvalidTaxonomy(f"{path} cannot be read: {exc}", hint="run `tagwright taxonomy check`") from exc


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a jsonl file that hold something, with their numbers."""
    yield from ((number, line) for number, line in enumerate(data.split(b"\n"), 1) if line.strip())


def read_concept(raw: Mapping[str, Any], attribute: str, locales: Sequence[str], layer: str = "") -> Concept:
    """Return a concept as a file has it; InvalidTaxonomy for unknown keys, KeyError where there is no id."""
    unknown = set(raw) - KEYS - set(locales) - set(LOCALE_KEYS)
    if unknown:
        raise InvalidTaxonomy(f"{raw.get('id')}: unknown keys {sorted(unknown)}")
    return Concept(
        id=raw["id"],
        attribute=attribute,
        labels=tuple(_labels(raw, locales, layer)),
        broader=raw.get("broader"),
        google_id=raw.get("google"),
        exact_match=tuple(raw.get("exact", ())),
        relevant=tuple(raw.get("attributes", ())),
        kind=Kind(raw.get("kind", "closed")),
        dimension=raw.get("dimension"),
        values_from=raw.get("values_from"),
        retired=raw.get("retired", False),
        successor=raw.get("successor"),
    )


def _labels(raw: Mapping[str, Any], locales: Sequence[str], layer: str) -> Iterator[Label]:
    for locale in locales:
        key = next((k for k, v in LOCALE_KEYS.items() if v == locale), locale)
        texts = raw.get(key) or (raw["en"] if raw.get("same") == "all" else ())
        for position, text in enumerate(texts):
            yield Label(
                text=text.lstrip("~"),
                locale=locale,
                preferred=position == 0,
                standalone=not text.startswith("~"),
                layer=layer,
            )
