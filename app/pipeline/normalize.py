"""Maps free text onto the concepts of one attribute: exact, alias, script-aware fuzzy, semantic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from rapidfuzz import fuzz, process

from app.domain.tags import Match, Method
from app.domain.taxonomy import CATEGORY, Label, Taxonomy
from app.pipeline.text import fold_label, is_cjk

MARGIN = 6.0
"""Points by which the best concept must beat the second one in a fuzzy match."""
SEMANTIC_CUTOFF, SEMANTIC_MARGIN = 0.72, 0.05
"""Cosines; fitted in eval/LOG.md."""
_NAMES_ONLY = frozenset({"brand", "size", "shoe_size", "compatible_with", "certification", "spf"})
"""Attributes whose values are names and codes: near in meaning is another value."""


class Neighbours(Protocol):
    """Nearest labels in a sentence encoder's space."""

    def nearest(self, text: str, attribute: str) -> list[tuple[str, Label, float]]:
        """Return (concept id, its best label, cosine) of the nearest concepts, best first."""
        ...


@dataclass(frozen=True, slots=True)
class _Entry:
    concept_id: str
    label: Label


@dataclass(frozen=True)
class _Vocabulary:
    """The labels of one attribute, folded."""

    entries: Mapping[str, tuple[_Entry, ...]]

    @cached_property
    def spaced(self) -> list[str]:
        return [text for text in self.entries if not is_cjk(text)]

    @cached_property
    def cjk(self) -> list[str]:
        return [text for text in self.entries if is_cjk(text)]


class Normalizer:
    """Finds the concept of an attribute that a raw value means, or none."""

    def __init__(self, taxonomy: Taxonomy, neighbours: Neighbours | None = None) -> None:
        self._taxonomy = taxonomy
        self._neighbours = neighbours
        self._vocabularies: dict[str, _Vocabulary] = {}

    def match(self, raw: str, attribute: str, lang: str) -> tuple[str, Match] | None:
        """Return (concept id, how it matched); None when nothing is near enough or two concepts are as near.

        ``lang`` (ISO 639-1) decides between concepts that share a label in different languages.
        """
        folded = fold_label(raw.strip(" .,;:!?\"'()[]【】"))
        if not folded:
            return None
        return (
            self._exact(folded, attribute, lang)
            or self._fuzzy(folded, attribute, lang)
            or self._contained(folded, attribute, lang)
            or self._semantic(folded, attribute)
        )

    def _vocabulary(self, attribute: str) -> _Vocabulary:
        if attribute not in self._vocabularies:
            entries: dict[str, list[_Entry]] = {}
            for concept in self._taxonomy.values(attribute):
                if concept.retired:
                    continue
                for label in concept.labels:
                    entries.setdefault(fold_label(label.text), []).append(_Entry(concept.id, label))
            self._vocabularies[attribute] = _Vocabulary({t: tuple(e) for t, e in entries.items()})
        return self._vocabularies[attribute]

    def _exact(self, folded: str, attribute: str, lang: str) -> tuple[str, Match] | None:
        vocabulary = self._vocabulary(attribute)
        for form in _forms(folded):
            entries = vocabulary.entries.get(form)
            if entries:
                entry = min(entries, key=lambda e: _distance(e.label, lang))
                method = Method.EXACT if entry.label.preferred else Method.ALIAS
                return entry.concept_id, _match(method, 100.0, entry.label)
        return None

    def _fuzzy(self, folded: str, attribute: str, lang: str) -> tuple[str, Match] | None:
        """Match within one script only; short texts hardly, since one letter makes another word of them."""
        cjk = is_cjk(folded)
        cutoff = _cutoff(len(folded), cjk=cjk, names=attribute in _NAMES_ONLY)
        if cutoff is None:
            return None
        vocabulary = self._vocabulary(attribute)
        found = _alike(folded, vocabulary.cjk if cjk else vocabulary.spaced, cutoff - MARGIN)
        best: dict[str, tuple[float, Label]] = {}
        for text, score in found.items():
            for entry in vocabulary.entries[text]:
                # the same letters in another language are a weaker sign
                weighted = score if _distance(entry.label, lang) < 2 else score - 3
                if weighted > best.get(entry.concept_id, (0.0,))[0]:
                    best[entry.concept_id] = (weighted, entry.label)
        ranked = sorted(best.items(), key=lambda item: -item[1][0])
        if not ranked or ranked[0][1][0] < cutoff:
            return None
        if (
            len(ranked) > 1
            and ranked[0][1][0] - ranked[1][1][0] < MARGIN
            and not self._related(ranked[0][0], ranked[1][0])
        ):
            return None
        concept_id, (score, label) = ranked[0]
        return concept_id, _match(Method.FUZZY, score, label)

    def _contained(self, folded: str, attribute: str, lang: str) -> tuple[str, Match] | None:
        """Match the label inside a longer phrase: "dusty navy blue" is navy, "kain katun lembut" cotton."""
        if attribute in _NAMES_ONLY or len(folded) > 60:
            return None
        vocabulary = self._vocabulary(attribute)
        best: tuple[int, _Entry] | None = None
        for start, end in _parts(folded):
            for entry in vocabulary.entries.get(folded[start:end], ()):
                if (
                    _distance(entry.label, lang) < 2
                    and entry.label.standalone
                    and (best is None or end - start > best[0])
                ):
                    best = (end - start, entry)
        if best is None:
            return None
        coverage = 100.0 * best[0] / len(folded)
        if coverage < 40 or (attribute == CATEGORY and coverage < 50):
            return None
        return best[1].concept_id, _match(Method.FUZZY, round(coverage, 1), best[1].label)

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
        return concept_id, _match(Method.SEMANTIC, round(100 * cosine, 1), label)

    def _related(self, one: str, other: str) -> bool:
        return one in self._taxonomy.path(other) or other in self._taxonomy.path(one)


def _alike(folded: str, texts: Sequence[str], cutoff: float) -> dict[str, float]:
    """Return the most similar texts and how similar (0..100), words as they stand or sorted ("blue navy")."""
    scorers = (fuzz.ratio, fuzz.token_sort_ratio) if " " in folded else (fuzz.ratio,)
    found: dict[str, float] = {}
    for scorer in scorers:
        for text, score, _ in process.extract(folded, texts, scorer=scorer, score_cutoff=cutoff, limit=12):
            found[text] = max(score, found.get(text, 0.0))
    return found


def _match(method: Method, score: float, label: Label) -> Match:
    return Match(method=method, score=score, label=label.text, locale=label.locale)


def _distance(label: Label, lang: str) -> int:
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
