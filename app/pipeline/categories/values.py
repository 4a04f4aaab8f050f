"""Which categories the values in a title speak for: "oolong" is a value of an attribute that few categories have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from app.domain.taxonomy import CATEGORY, Taxonomy
from app.pipeline.categories.terms import Floats
from app.pipeline.matching.label_index import Labels
from app.pipeline.text import fold_value, is_cjk

_LONGEST, _LONGEST_CJK = 4, 6
"""Words, or characters, of a value that is looked for."""
_READ = 40
"""Words of a title that are read."""


class ValueEvidence:
    """Adds up, per category, how rare the attributes are whose values stand in a title."""

    def __init__(self, taxonomy: Taxonomy, labels: Labels, rows: Mapping[str, NDArray[np.int32]], size: int) -> None:
        """``rows`` are the categories, by number, for which an attribute is relevant; of ``size`` in all."""
        self._labels, self._size = labels, size
        self._rows = {attribute: found for attribute, found in rows.items() if len(found)}
        self._sharing: dict[str, list[str]] = {}
        for attribute in self._rows:
            self._sharing.setdefault(taxonomy.values_of(attribute), []).append(attribute)

    def scores(self, title: str, lang: str) -> Floats:
        """Return log(1 + sum over the attributes found of log(categories / those that have it)), (categories,)."""
        attributes: set[str] = set()
        for text in _pieces(fold_value(title)):
            for entry in self._labels.equal(text):
                if entry.attribute != CATEGORY and entry.locale.partition("-")[0] in (lang, "en"):
                    attributes.update(self._sharing.get(entry.attribute, ()))
        total = np.zeros(self._size, np.float32)
        for attribute in attributes:
            rows = self._rows[attribute]
            total[rows] += np.log(self._size / len(rows))
        return np.log1p(total)


def _pieces(folded: str) -> Iterator[str]:
    words: Sequence[str] = folded.split()[:_READ]
    for at, word in enumerate(words):
        if is_cjk(word):
            for low in range(len(word)):
                yield from (word[low:high] for high in range(low + 2, min(len(word), low + _LONGEST_CJK) + 1))
        else:
            yield from (" ".join(words[at:end]) for end in range(at + 1, min(len(words), at + _LONGEST) + 1))
