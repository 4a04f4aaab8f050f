"""Maps free text onto the concepts of one attribute: exact, alias, script-aware fuzzy, semantic."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Protocol

from app.domain.tags import Match, Method
from app.domain.taxonomy import CATEGORY, Label, Taxonomy
from app.pipeline.label_index import Entry, LabelIndex, Labels
from app.pipeline.text import fold_value, is_cjk

MARGIN = 6.0
"""Points by which the best concept must beat the second one in a fuzzy match."""
_LEAST_ALIKE = 60.0
"""Of what is shown to a person as near."""
SEMANTIC_CUTOFF, SEMANTIC_MARGIN = 0.72, 0.05
"""Cosines; fitted in eval/LOG.md."""
_NAMES_ONLY = frozenset({"brand", "size", "shoe_size", "compatible_with", "certification", "spf"})
"""Attributes whose values are names and codes: near in meaning is another value."""


class Neighbours(Protocol):
    """Nearest labels in a sentence encoder's space."""

    def nearest(self, text: str, attribute: str) -> list[tuple[str, Label, float]]:
        """Return (concept id, its best label, cosine) of the nearest concepts, best first."""
        ...


class Normalizer:
    """Finds the concept of an attribute that a raw value means, or none."""

    def __init__(self, taxonomy: Taxonomy, neighbours: Neighbours | None = None, index: Labels | None = None) -> None:
        self.taxonomy = taxonomy
        self._neighbours = neighbours
        self.index: Labels = index or LabelIndex.of(taxonomy)

    def match(self, raw: str, attribute: str | None, lang: str) -> tuple[str, Match] | None:
        """Return (concept id, how it matched); None when nothing is near enough or two concepts are as near.

        Without an ``attribute`` all are looked at, and only what is spelt alike counts. ``lang`` (ISO 639-1) decides
        between concepts that share a label in different languages.
        """
        folded = fold_value(raw)
        if not folded:
            return None
        attribute = attribute and self.taxonomy.values_of(attribute)
        found = self._exact(folded, attribute, lang) or self._fuzzy(folded, attribute, lang)
        if found or attribute is None:
            return found
        return self._contained(folded, attribute, lang) or self._semantic(folded, attribute)

    def nearest(self, raw: str, attribute: str | None, lang: str, limit: int = 10) -> list[tuple[str, Match]]:
        """Return (concept id, how it matches) of the concepts that come nearest, best first, sure or not."""
        folded = fold_value(raw)
        attribute = attribute and self.taxonomy.values_of(attribute)
        entries = [(100.0, entry) for form in _forms(folded) for entry in self.index.equal(form, attribute)]
        if len(entries) < limit:
            entries += self._alike(folded, attribute, _LEAST_ALIKE, limit)
        best: dict[str, tuple[float, Entry]] = {}
        for score, entry in entries:
            ranked = (score, -_distance(entry, lang), entry.preferred)
            known = best.get(entry.concept_id)
            if known is None or ranked > (known[0], -_distance(known[1], lang), known[1].preferred):
                best[entry.concept_id] = (score, entry)
        order = sorted(best.values(), key=lambda item: (-item[0], _distance(item[1], lang), not item[1].preferred))
        return [self._found(score, entry) for score, entry in order[:limit]]

    def _exact(self, folded: str, attribute: str | None, lang: str) -> tuple[str, Match] | None:
        for form in _forms(folded):
            entries = self.index.equal(form, attribute)
            if entries:
                return self._found(100.0, min(entries, key=lambda entry: _distance(entry, lang)))
        return None

    def _fuzzy(self, folded: str, attribute: str | None, lang: str) -> tuple[str, Match] | None:
        """Match within one script only; short texts hardly, since one letter makes another word of them."""
        cutoff = _cutoff(len(folded), cjk=is_cjk(folded), names=attribute in _NAMES_ONLY)
        if cutoff is None:
            return None
        best: dict[str, tuple[float, Entry]] = {}
        for score, entry in self._alike(folded, attribute, cutoff - MARGIN):
            # the same letters in another language are a weaker sign
            weighted = score if _distance(entry, lang) < 2 else score - 3
            if weighted > best.get(entry.concept_id, (0.0,))[0]:
                best[entry.concept_id] = (weighted, entry)
        ranked = sorted(best.items(), key=lambda item: -item[1][0])
        if not ranked or ranked[0][1][0] < cutoff:
            return None
        if (
            len(ranked) > 1
            and ranked[0][1][0] - ranked[1][1][0] < MARGIN
            and not self._related(ranked[0][0], ranked[1][0])
        ):
            return None
        return self._found(*ranked[0][1])

    def _alike(
        self, folded: str, attribute: str | None, cutoff: float, limit: int = 12
    ) -> Iterator[tuple[float, Entry]]:
        for key, score in self.index.alike(folded, attribute, cutoff, limit):
            yield from ((score, entry) for entry in self.index.entries(key, attribute))

    def _contained(self, folded: str, attribute: str, lang: str) -> tuple[str, Match] | None:
        """Match the label inside a longer phrase: "dusty navy blue" is navy, "kain katun lembut" cotton."""
        if attribute in _NAMES_ONLY or len(folded) > 60:
            return None
        best: tuple[int, Entry] | None = None
        for start, end in _parts(folded):
            for entry in self.index.equal(folded[start:end], attribute):
                if _distance(entry, lang) < 2 and entry.standalone and (best is None or end - start > best[0]):
                    best = (end - start, entry)
        if best is None:
            return None
        coverage = 100.0 * best[0] / len(folded)
        if coverage < 40 or (attribute == CATEGORY and coverage < 50):
            return None
        concept_id, match = self._found(round(coverage, 1), best[1])
        return concept_id, replace(match, method=Method.FUZZY)

    def _semantic(self, folded: str, attribute: str) -> tuple[str, Match] | None:
        if self._neighbours is None or attribute in _NAMES_ONLY or len(folded) < 2:
            return None
        ranked = self._neighbours.nearest(folded, attribute)
        if not ranked or ranked[0][2] < SEMANTIC_CUTOFF:
            return None
        if (
            len(ranked) > 1
            and ranked[0][2] - ranked[1][2] < SEMANTIC_MARGIN
            and not self._related(ranked[0][0], ranked[1][0])
        ):
            return None
        concept_id, label, cosine = ranked[0]
        score = round(100 * cosine, 1)
        return concept_id, Match(method=Method.SEMANTIC, score=score, label=label.text, locale=label.locale)

    def _found(self, score: float, entry: Entry) -> tuple[str, Match]:
        method = Method.FUZZY if score < 100 else Method.EXACT if entry.preferred else Method.ALIAS
        label = self.taxonomy.concept(entry.concept_id).labels[entry.place]
        return entry.concept_id, Match(method=method, score=score, label=label.text, locale=entry.locale)

    def _related(self, one: str, other: str) -> bool:
        return one in self.taxonomy.path(other) or other in self.taxonomy.path(one)


def _distance(label: Entry, lang: str) -> int:
    """Return 0 for the listing's language, 1 for English, 2 for any other."""
    if label.locale.split("-")[0] == lang:
        return 0
    return 1 if label.locale == "en" else 2


def _forms(folded: str) -> Iterable[str]:
    """Yield a folded text and what it may be an inflection of: possessives and plain plurals."""
    yield folded
    if folded.endswith("'s"):
        yield folded[:-2]
    elif len(folded) > 4 and folded.endswith("s") and folded.isascii():
        yield folded[:-1]


def _cutoff(length: int, *, cjk: bool, names: bool) -> float | None:
    """Return the least similarity (0..100) for a text of this length; None where fuzzy matching would guess."""
    if cjk:
        return None if length < 4 else 75.0
    if length < 5:
        return None
    if names:
        return 92.0
    return 88.0 if length < 8 else 85.0


def _parts(folded: str) -> Iterable[tuple[int, int]]:
    """Yield the (start, end) of proper parts of a phrase: whole words, or any 2 characters and more of a CJK one."""
    if is_cjk(folded):
        size = len(folded)
        yield from ((a, b) for a in range(size) for b in range(a + 2, size + 1) if b - a < size)
        return
    starts = [0, *(i + 1 for i, c in enumerate(folded) if c == " ")]
    ends = [*(i for i, c in enumerate(folded) if c == " "), len(folded)]
    yield from ((a, b) for a in starts for b in ends if a < b and (a > 0 or b < len(folded)))
