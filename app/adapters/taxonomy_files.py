"""Reads a taxonomy folder: manifest.yaml, attributes.yaml, values/*.yaml, categories/*.yaml.

A concept in these files is one mapping: `id`, `broader`, a list of labels per locale (the first is the prefLabel, a
leading `~` marks a label that must not fire in running text), `same` for locales that rightly equal English.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
    files = list(concept_files(folder))
    manifest, raw_attributes, *raw_concepts = map(_parse, _files(folder))
    try:
        locales = tuple(manifest["locales"])
        attributes = [read_concept(raw, "attribute", locales) for raw in raw_attributes]
        concepts = [
            read_concept(raw, attribute, locales)
            for (attribute, _), rows in zip(files, raw_concepts, strict=True)
            for raw in rows
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


def concept_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield (attribute id, file) of every file of concepts, categories last."""
    for path in sorted((folder / "values").glob("*.yaml")):
        yield path.stem, path
    for path in sorted((folder / "categories").glob("*.yaml")):
        yield CATEGORY, path


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
    for path in _files(folder):
        digest.update(path.name.encode() + b"\0" + _read(path))
    return digest.hexdigest()


def _files(folder: Path) -> list[Path]:
    return [folder / "manifest.yaml", folder / "attributes.yaml", *(path for _, path in concept_files(folder))]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise InvalidTaxonomy(f"{path} cannot be read: {exc}") from exc


def _parse(path: Path) -> Any:
    try:
        return load_yaml(_read(path))
    except yaml.YAMLError as exc:
        raise InvalidTaxonomy(f"{path} cannot be read: {exc}") from exc


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
