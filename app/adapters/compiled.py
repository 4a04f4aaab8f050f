"""A taxonomy compiled once into files that are mapped into memory, so that a million labels load at once.

`meta.json` has what is small, `concepts.jsonl` one concept per line, the `.npy` files and `labels.marisa` the label
index. Pages are read when they are needed and shared between processes; concepts are built when they are asked for.
"""

from __future__ import annotations

import dataclasses
import hashlib
import logging
import mmap
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from app.adapters.taxonomy_files import folder_digest, read_taxonomy
from app.adapters.whole_files import making_folder
from app.domain.taxonomy import Concept, Kind, Label, Place, Taxonomy, index_by_id
from app.pipeline import text
from app.pipeline.matching import gram_index, label_index
from app.pipeline.matching.gram_index import GramIndex
from app.pipeline.matching.label_index import LabelArrays, LabelIndex

logger = logging.getLogger(__name__)
_KEPT = 4096
"""Concepts kept once they are built; a large taxonomy's would fill memory."""


def open_compiled(folder: Path, home: Path) -> tuple[Taxonomy, LabelIndex]:
    """Return the taxonomy of a folder and its label index, compiled under ``home`` unless that has been done.

    InvalidTaxonomy when the folder cannot be read as a taxonomy.
    """
    compiled = home / "compiled" / f"{folder_digest(folder)[:16]}-{_made_by()}"
    if compiled.is_dir():
        try:
            return _open(compiled)
        except (OSError, ValueError, KeyError, TypeError, RuntimeError) as exc:  # marisa raises the last
            logger.warning("%s is damaged and made anew: %r", compiled, exc)
            shutil.rmtree(compiled, ignore_errors=True)
    taxonomy = read_taxonomy(folder)
    try:
        _compile(taxonomy, compiled)
    except OSError as exc:
        logger.warning("the compiled taxonomy cannot be kept, so every start compiles it: %s", exc)
        return taxonomy, LabelIndex.of(taxonomy)
    return _open(compiled)


@cache
def _made_by() -> str:
    """Return a digest of the code that the files follow from: what another version compiled must not be read."""
    digest = hashlib.sha256()
    for module in (text, gram_index, label_index, sys.modules[__name__]):
        digest.update(Path(str(module.__file__)).read_bytes())
    return digest.hexdigest()[:8]


def _compile(taxonomy: Taxonomy, target: Path) -> None:
    with making_folder(target) as part:
        arrays = LabelArrays.of((*taxonomy.attributes.values(), *taxonomy.concepts.values()))
        for name, array in _numeric(arrays).items():
            np.save(part / f"{name}.npy", array)
        arrays.trie.save(str(part / "labels.marisa"))
        (part / "texts").write_bytes(arrays.texts)
        starts = [0]
        with (part / "concepts.jsonl").open("wb") as out:
            for concept in taxonomy.concepts.values():
                starts.append(starts[-1] + out.write(orjson.dumps(_row(concept)) + b"\n"))
        np.save(part / "starts.npy", np.array(starts, np.uint64))
        meta = {
            "name": taxonomy.name,
            "version": taxonomy.version,
            "locales": taxonomy.locales,
            "sources": taxonomy.sources,
            "digest": taxonomy.digest,
            "attributes": [_row(attribute) for attribute in taxonomy.attributes.values()],
            "places": list(map(tuple, taxonomy.places)),
            "index": {name: getattr(arrays, name) for name in ("concept_ids", "attributes", "locales")},
        }
        (part / "meta.json").write_bytes(orjson.dumps(meta))


def _open(folder: Path) -> tuple[Taxonomy, LabelIndex]:
    import marisa_trie

    meta = orjson.loads((folder / "meta.json").read_bytes())
    places = [Place(*place) for place in meta["places"]]
    taxonomy = Taxonomy(
        name=meta["name"],
        version=meta["version"],
        locales=tuple(meta["locales"]),
        sources=tuple(meta["sources"]),
        digest=meta["digest"],
        attributes=index_by_id(map(_concept, meta["attributes"])),
        concepts=_StoredConcepts(folder, places),
        places=places,
    )
    names = {field.name for field in dataclasses.fields(GramIndex)}
    # plain views: every slice of a numpy.memmap costs more than the lookup it is for
    files = (path for path in folder.glob("*.npy") if path.stem != "starts")
    numeric = {path.stem: np.load(path, mmap_mode="r").view(np.ndarray) for path in files}
    trie = marisa_trie.Trie()
    trie.mmap(str(folder / "labels.marisa"))
    arrays = LabelArrays(
        trie=trie,
        texts=_mapped(folder / "texts"),
        grams=GramIndex(**{name: array for name, array in numeric.items() if name in names}),
        **{name: array for name, array in numeric.items() if name not in names},
        **meta["index"],
    )
    return taxonomy, LabelIndex(arrays)


class _StoredConcepts(Mapping[str, Concept]):
    """Concepts by id, each read from its line when it is asked for."""

    def __init__(self, folder: Path, places: Sequence[Place]) -> None:
        self._numbers = {place.id: number for number, place in enumerate(places)}
        self._starts = memoryview(np.load(folder / "starts.npy"))
        self._lines = _mapped(folder / "concepts.jsonl")
        self._read = lru_cache(maxsize=_KEPT)(self._parse)

    def __getitem__(self, concept_id: str) -> Concept:
        return self._read(self._numbers[concept_id])

    def __contains__(self, concept_id: object) -> bool:
        return concept_id in self._numbers

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def _parse(self, number: int) -> Concept:
        return _concept(orjson.loads(self._lines[self._starts[number] : self._starts[number + 1]]))


def _mapped(path: Path) -> bytes | mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if path.stat().st_size else b""


def _numeric(arrays: LabelArrays) -> dict[str, Any]:
    """Return the arrays by name: those of the index and those of its grams."""
    found: dict[str, Any] = {}
    for part in (arrays, arrays.grams):
        found |= {field.name: getattr(part, field.name) for field in dataclasses.fields(part)}
    return {name: value for name, value in found.items() if isinstance(value, np.ndarray)}


def _row(concept: Concept) -> dict[str, Any]:
    """Return a concept as JSON has it: what is not at its default."""
    row = {
        field.name: getattr(concept, field.name)
        for field in dataclasses.fields(concept)
        if getattr(concept, field.name) != field.default
    }
    row["labels"] = [(label.text, label.locale, label.preferred, label.standalone) for label in concept.labels]
    return row


def _concept(row: dict[str, Any]) -> Concept:
    labels = tuple(
        Label(text=text, locale=locale, preferred=preferred, standalone=standalone)
        for text, locale, preferred, standalone in row["labels"]
    )
    lists: dict[str, Any] = {name: tuple(row[name]) for name in ("exact_match", "relevant") if name in row}
    kind: dict[str, Any] = {"kind": Kind(row["kind"])} if "kind" in row else {}
    return Concept(**{**row, **lists, **kind, "labels": labels})
