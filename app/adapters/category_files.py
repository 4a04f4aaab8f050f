"""The categories of a taxonomy as arrays and lists of names, worked out once and kept under the home folder.

`tree.json` has ids, parents and attributes, `labels.LOCALE.json` the labels of one language, `vectors.npy` the
encoder's vectors of the English names and paths: 22 MB for Shopify's 10,595 categories, in float16.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from app.adapters.whole_files import making_folder
from app.domain.errors import NotFound
from app.domain.taxonomy import CATEGORY, Concept, Taxonomy
from app.pipeline.categories.terms import Floats
from app.pipeline.ports import Encoder

_FORMAT = "2-use3"
"""Raised when the files' meaning or the encoder changes."""


class CategoryFiles:
    """See categories.choice.CategoryTree. Makes its files on first use: some seconds for 10,000 categories."""

    def __init__(self, taxonomy: Taxonomy, encoder: Encoder, home: Path) -> None:
        self._taxonomy, self._encoder = taxonomy, encoder
        self._folder = home / "categories" / f"{taxonomy.name}-{taxonomy.digest[:12]}-{_FORMAT}"

    @cached_property
    def ids(self) -> Sequence[str]:
        """The usable categories, parents before what is below them."""
        ids: list[str] = self._tree["ids"]
        return ids

    @cached_property
    def parents(self) -> NDArray[np.int32]:
        """The number of the category above each, its own for a root."""
        return np.array(self._tree["parents"], np.int32)

    @cached_property
    def relevant(self) -> Mapping[str, NDArray[np.int32]]:
        """Attribute -> categories."""
        return {attribute: np.array(rows, np.int32) for attribute, rows in self._tree["relevant"].items()}

    @cached_property
    def name_vectors(self) -> Floats:
        """(categories, 512)."""
        vectors: Floats = self._vectors[0]
        return vectors

    @cached_property
    def path_vectors(self) -> Floats:
        """(categories, 512)."""
        vectors: Floats = self._vectors[1]
        return vectors

    def labels(self, lang: str) -> Sequence[Sequence[str]] | None:
        """Return the labels in a language, those it lacks in English; None where the taxonomy does not have it."""
        locale = next((one for one in self._taxonomy.locales if one.partition("-")[0] == lang), None)
        if locale is None and lang != "en":
            return None
        labels: list[list[str]] = orjson.loads((self._made / f"labels.{locale or 'en'}.json").read_bytes())
        return labels

    @cached_property
    def _tree(self) -> dict[str, Any]:
        tree: dict[str, Any] = orjson.loads((self._made / "tree.json").read_bytes())
        return tree

    @cached_property
    def _vectors(self) -> Floats:
        vectors: Floats = np.load(self._made / "vectors.npy").astype(np.float32)
        return vectors

    @cached_property
    def _made(self) -> Path:
        if not self._folder.is_dir():
            with making_folder(self._folder) as part:
                self._make(part)
        return self._folder

    def _make(self, folder: Path) -> None:
        taxonomy = self._taxonomy
        usable = {concept.id: concept for concept in taxonomy.values(CATEGORY) if concept.usable}
        if not usable:
            raise NotFound(f"the taxonomy {taxonomy.name} has no categories", field="taxonomy")
        paths = {one: [node for node in taxonomy.path(one) if node in usable] for one in usable}
        ids = sorted(usable, key=lambda one: len(paths[one]))
        row = {one: number for number, one in enumerate(ids)}
        relevant: dict[str, list[int]] = {}
        for one in ids:
            for attribute in dict.fromkeys(a for node in taxonomy.path(one) for a in taxonomy.concepts[node].relevant):
                relevant.setdefault(attribute, []).append(row[one])
        tree = {"ids": ids, "parents": [row[paths[one][-2:][0]] for one in ids], "relevant": relevant}
        (folder / "tree.json").write_bytes(orjson.dumps(tree))
        english = [usable[one].label("en") or one.partition(":")[2].replace("_", " ") for one in ids]
        for locale in dict.fromkeys(("en", *taxonomy.locales)):
            labels = [_labels(usable[one], locale) or [name] for one, name in zip(ids, english, strict=True)]
            (folder / f"labels.{locale}.json").write_bytes(orjson.dumps(labels))
        written = [" > ".join(english[row[node]] for node in paths[one]) for one in ids]
        vectors = np.stack((self._encoder.encode(english), self._encoder.encode(written)))
        np.save(folder / "vectors.npy", vectors.astype(np.float16))


def _labels(concept: Concept, locale: str) -> list[str]:
    """Return a concept's labels in exactly this locale, its name first; those too ambiguous for running text not."""
    labels = [label for label in concept.labels if label.locale == locale and (label.preferred or label.standalone)]
    return [label.text for label in sorted(labels, key=lambda label: not label.preferred)]
