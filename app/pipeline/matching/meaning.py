"""What a text means where its spelling does not say: by the nearest labels in a sentence encoder's space.

The encoder is sure of less than it looks: one word, and a category's name beside another noun, need far more than a
phrase of an attribute whose values phrases tell. The limits were chosen on the tuning pairs so that no wrong match of
theirs passes, and are not fitted.
"""

from __future__ import annotations

from typing import Protocol

from app.domain.tags import Match, Method
from app.domain.taxonomy import CATEGORY, Label, Taxonomy
from app.pipeline.matching.mistyped import NAMES_ONLY
from app.pipeline.matching.phrases import says
from app.pipeline.matching.wording import Wordings
from app.pipeline.text import is_cjk

_ONE_WORD = ((0.86, 0.06), (0.82, 0.3))
"""(Cosine, how far it is ahead of another concept's): near, or less near but alone."""
_PHRASE = (*_ONE_WORD, (0.67, 0.1))
_CATEGORY = (*_ONE_WORD, (0.72, 0.2))
_NARROWER = 0.86
_OTHER_CUTOFF, _OTHER_MARGIN = 0.72, 0.2
"""A category of which a part of the text is a label gives way to one that the whole is nearer to by so much."""
Found = tuple[str, Match]


class Neighbours(Protocol):
    """Nearest labels in a sentence encoder's space."""

    def nearest(self, text: str, attribute: str) -> list[tuple[str, Label, float]]:
        """Return (concept id, its best label, cosine) of the nearest concepts, best first."""
        ...


class Meaning:
    """Finds the concept that a text means, and doubts categories that only a part of it names."""

    def __init__(self, taxonomy: Taxonomy, neighbours: Neighbours, wordings: Wordings) -> None:
        self._taxonomy = taxonomy
        self._neighbours = neighbours
        self._wordings = wordings

    def match(self, folded: str, attribute: str, lang: str) -> Found | None:
        """Return (concept id, how it matched) of what a text means; None where that is not clear."""
        if attribute in NAMES_ONLY or len(folded) < 2 or self._says_otherwise(folded, attribute, lang):
            return None
        ranked = self._neighbours.nearest(folded, attribute)
        if not ranked:
            return None
        concept_id, label, cosine = ranked[0]
        others = (other for one, _, other in ranked[1:] if not self._taxonomy.related(one, concept_id))
        margin = cosine - next(others, ranked[-1][2])
        if not any(cosine >= cutoff and margin >= ahead for cutoff, ahead in self._limits(folded, attribute)):
            return None
        if " " not in folded and is_cjk(label.text) != is_cjk(folded):
            return None  # one word in another script: too little to go by
        return _found(concept_id, label, cosine)

    def confirmed(self, found: Found, folded: str) -> Found | None:
        """Return a category that a part of a text names, or what the whole means: "night suits" are no suits."""
        ranked = self._neighbours.nearest(folded, CATEGORY)
        nearest, label, cosine = ranked[0]
        if nearest != found[0] and cosine >= _NARROWER and self._taxonomy.is_within(nearest, found[0]):
            return _found(nearest, label, cosine)
        own = next((other for concept_id, _, other in ranked if concept_id == found[0]), ranked[-1][2])
        other = cosine >= _OTHER_CUTOFF and cosine - own >= _OTHER_MARGIN
        return None if other and not self._taxonomy.related(nearest, found[0]) else found

    def _says_otherwise(self, folded: str, attribute: str, lang: str) -> bool:
        wording = self._wordings.of(lang)
        imitated = attribute in self._wordings.imitated and says(folded, wording.imitations)
        return imitated or says(folded, wording.negations) or any(name in folded for name in wording.names)

    def _limits(self, folded: str, attribute: str) -> tuple[tuple[float, float], ...]:
        if " " not in folded:
            return _ONE_WORD
        return _CATEGORY if attribute == CATEGORY else _PHRASE if attribute in self._wordings.phrased else _ONE_WORD


def _found(concept_id: str, label: Label, cosine: float) -> Found:
    match = Match(method=Method.SEMANTIC, score=round(100 * cosine, 1), label=label.text, locale=label.locale)
    return concept_id, match
