"""Which label a text is, mistyped: within one script, in the text's language or in English."""

from __future__ import annotations

from collections.abc import Callable, Container

from app.pipeline.matching.label_index import Entry, Labels, distance
from app.pipeline.matching.typos import is_kana, slips
from app.pipeline.text import is_cjk

NAMES_ONLY = frozenset({"brand", "size", "shoe_size", "compatible_with", "certification", "spf"})
"""Attributes whose values are names and codes: near in meaning is another value, and no language has them alone."""
_LEAST_ALIKE, _LEAST_ALIKE_SCOPED = 74.0, 72.0
"""Below this no text is another one mistyped."""
_LONG_ENOUGH = 9
"""Characters of a text that may be an ambiguous alias mistyped."""
_NEAR = 24
"""Labels that are judged as what a text may be a typo of."""
_FOREIGN = 0.4
"""What an English label costs beside one of the text's language, in slips."""
_CLEAR = 0.3
"""Slips by which the best must be ahead of another concept."""


class Mistyped:
    """Finds the one label that a text may be a typo of."""

    def __init__(self, index: Labels, related: Callable[[str, str], bool], words: Container[str]) -> None:
        """``words``: words of any language, folded: not mistyped, whether they are labels or not."""
        self._words = words
        self._index = index
        self._related = related

    def match(self, folded: str, attribute: str | None, lang: str) -> tuple[Entry, float] | None:
        """Return (label, score of 100); None when nothing, or more than one thing, may be meant."""

        def real(word: str) -> bool:
            return word in self._words or any(distance(entry, lang) == 0 for entry in self._index.equal(word))

        if folded in self._words:
            return None
        if attribute is not None and (real(folded) or (is_cjk(folded) and not is_kana(folded))):
            return None
        if attribute is not None and " " in folded and all(map(real, folded.split())):
            return None  # nothing in it is mistyped
        ranked = self._ranked(folded, attribute, lang, real)
        order = sorted(ranked.values(), key=lambda item: item[0])
        if not order:
            return None
        if len(order) > 1 and order[1][0] - order[0][0] < _CLEAR:
            related = self._related(order[0][1].concept_id, order[1][1].concept_id)
            return (order[0][1], order[0][2]) if related else None
        return order[0][1], order[0][2]

    def _ranked(
        self, folded: str, attribute: str | None, lang: str, real: Callable[[str], bool]
    ) -> dict[str, tuple[float, Entry, float]]:
        """Return concept id -> (slips, label, score of 100) of what the text may be."""
        least = _LEAST_ALIKE if attribute is None else _LEAST_ALIKE_SCOPED
        ranked: dict[str, tuple[float, Entry, float]] = {}
        for key, score in self._index.alike(folded, attribute, least, _NEAR):
            cost = slips(folded, self._index.text(key), scoped=attribute is not None, real=real)
            if cost is None:
                continue
            for entry in self._index.entries(key, attribute):
                away = 0 if entry.attribute in NAMES_ONLY else distance(entry, lang)
                sure = entry.preferred or entry.standalone or len(folded) >= _LONG_ENOUGH
                if not sure or away > (1 if attribute else 0):
                    continue
                rank = cost + _FOREIGN * away
                if rank < ranked.get(entry.concept_id, (9.0,))[0]:
                    ranked[entry.concept_id] = (rank, entry, score)
        return ranked
