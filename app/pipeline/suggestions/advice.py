"""What to do about values that fit no concept: an alias of one, a value of another attribute, a new value, or nothing.

A person decides; this puts first what is worth a decision. The order is by expected use: the number of listings times
the certainty that adding the value would be right, which is

    alias            how alike: spelling (ratio 60..100 as 0..1), meaning (cosine x 0.8), part of it (share x 0.6)
    other_attribute  0.5: the value is a label there
    new_value        0.6, less for what few listings have, for long phrases, for words that are offered for several
                     attributes (words of a title rather than values), and for what is unlike all values in meaning
    known            0.1: the taxonomy has it by now, so tagging the listing again is enough
    noise            0.01: numbers, single characters, phrases, placeholders, names of attributes
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.domain.tags import Method
from app.domain.taxonomy import CATEGORY, Concept, Kind, Label
from app.pipeline.matching.meaning import Neighbours
from app.pipeline.matching.normalize import Normalizer
from app.pipeline.ports import UnmatchedValue
from app.pipeline.suggestions.clusters import Cluster, cluster
from app.pipeline.suggestions.noise import noise
from app.pipeline.text import bounded, fold_value, is_cjk

_SPELT, _MEANT, _SHARE = 75.0, 0.55, 50.0
"""Least likeness for an alias: ratio, cosine, and percent of the longer text that both have."""
_SPELLINGS = 20
"""That are shown of a value."""
_HOLDING = 50
"""Labels that hold the value, of which the shortest come first."""


class SuggestionKind(StrEnum):
    """What a value that fits no concept seems to be."""

    ALIAS = "alias"
    OTHER_ATTRIBUTE = "other_attribute"
    NEW_VALUE = "new_value"
    KNOWN = "known"
    NOISE = "noise"


@dataclass(frozen=True, kw_only=True, slots=True)
class Nearest:
    """A concept that a value is like. ``method`` is exact, alias, fuzzy, semantic or contained; score 0..100."""

    concept: Concept
    method: str
    score: float
    label: str
    locale: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """What to do about one value, and why."""

    kind: SuggestionKind
    cluster: Cluster
    certainty: float
    reason: str
    nearest: Nearest | None = None
    """What it is an alias of, or a label of elsewhere; of a new value, what comes nearest."""

    @property
    def use(self) -> float:
        """Listings that acting on it is expected to serve."""
        return self.cluster.count * self.certainty


def suggest(
    values: Iterable[UnmatchedValue],
    normalizer: Normalizer,
    neighbours: Neighbours | None = None,
    *,
    limit: int,
    least: int = 1,
) -> list[Suggestion]:
    """Return the suggestions of most use, best first, for values that at least so many listings have.

    No certainty is above 1, so once enough are of more use than the next value has listings, the rest is not looked at.
    """
    clusters = [one for one in cluster(values) if one.count >= least]
    decide = _Decision(clusters, normalizer, neighbours)
    found: list[Suggestion] = []
    best: list[float] = []
    for one in clusters:
        if len(best) == limit and best[0] >= one.count:
            break
        suggestion = decide(one)
        found.append(suggestion)
        (heapq.heappush if len(best) < limit else heapq.heappushpop)(best, suggestion.use)
    order = sorted(found, key=lambda one: (-one.use, one.cluster.attribute, one.cluster.folded))
    return order[:limit]


def as_row(one: Suggestion) -> dict[str, Any]:
    """Return a suggestion as programs read it."""
    near, found = one.nearest, one.cluster
    return {
        "kind": one.kind.value,
        "attribute": found.attribute,
        "value": found.raw,
        "count": found.count,
        "languages": found.languages(),
        "spellings": list(found.raws())[:_SPELLINGS],
        "listings": list(found.listing_ids),
        "certainty": round(one.certainty, 3),
        "reason": one.reason,
        "nearest": near
        and {
            "id": near.concept.id,
            "attribute": near.concept.attribute,
            "method": near.method,
            "score": near.score,
            "label": near.label,
            "locale": near.locale,
        },
    }


class _Decision:
    """Decides what a value seems to be."""

    def __init__(self, clusters: Sequence[Cluster], normalizer: Normalizer, neighbours: Neighbours | None) -> None:
        self._normalizer = normalizer
        self._taxonomy = normalizer.taxonomy
        self._neighbours = neighbours
        self._offered: dict[str, int] = {}
        """Folded value -> listings in which it is offered for any attribute."""
        for one in clusters:
            self._offered[one.folded] = self._offered.get(one.folded, 0) + one.count

    def __call__(self, one: Cluster) -> Suggestion:
        """Return what the value seems to be."""
        about = noise(one.folded, self._taxonomy.attributes.get(one.attribute), one.attribute == CATEGORY)
        if about is None and self._normalizer.index.equal(one.folded, "attribute"):
            about = "the name of an attribute"
        if about is not None:
            return Suggestion(kind=SuggestionKind.NOISE, cluster=one, certainty=0.01, reason=about)
        return self._certain(one) or self._likely(one)

    def _certain(self, one: Cluster) -> Suggestion | None:
        """Look for the value among the labels, those of other attributes included."""
        here = self._match(one, one.attribute)
        if here is not None and here.method in (Method.EXACT, Method.ALIAS):
            reason = f"the taxonomy has {_named(here)} by now: tag the listings again"
            return Suggestion(kind=SuggestionKind.KNOWN, cluster=one, certainty=0.1, reason=reason, nearest=here)
        there = self._match(one, None)
        if there is not None and there.method in (Method.EXACT, Method.ALIAS):
            kind, reason = SuggestionKind.OTHER_ATTRIBUTE, f"a label of {there.concept.attribute}: {_named(there)}"
            return Suggestion(kind=kind, cluster=one, certainty=0.5, reason=reason, nearest=there)
        if here is not None:
            reason = f"taken for {_named(here)} at times: as an alias it is certain"
            certainty = _alias_certainty(here)
            return Suggestion(kind=SuggestionKind.ALIAS, cluster=one, certainty=certainty, reason=reason, nearest=here)
        return None

    def _likely(self, one: Cluster) -> Suggestion:
        meant = self._meant(one)
        near = [found for found in (self._spelt(one), *self._parts(one), meant) if found is not None]
        likely = [found for found in near if _is_likely(found)]
        if likely:
            nearest = max(likely, key=_alias_certainty)
            reason = f"{_HOW[nearest.method]} {_named(nearest)}"
            certainty = _alias_certainty(nearest)
            return Suggestion(
                kind=SuggestionKind.ALIAS, cluster=one, certainty=certainty, reason=reason, nearest=nearest
            )
        nearest_of_all = max(near, key=_alias_certainty, default=None)
        certainty, reason = self._new(one, meant)
        return Suggestion(
            kind=SuggestionKind.NEW_VALUE, cluster=one, certainty=certainty, reason=reason, nearest=nearest_of_all
        )

    def _new(self, one: Cluster, meant: Nearest | None) -> tuple[float, str]:
        share = one.count / self._offered[one.folded]
        reasons = ["unlike any value" if meant is None else f"least unlike {_named(meant)}"]
        certainty = 0.6 * share * one.count / (one.count + 4)
        if share < 1:
            reasons.append(f"{100 * share:.0f} % of the times it is offered for this attribute")
        if len(one.folded.split()) > 3:
            certainty /= 2
            reasons.append("a phrase")
        if meant is not None:
            certainty *= min(1.0, max(0.2, meant.score / 100 / _MEANT))
        return certainty, "; ".join(reasons)

    def _match(self, one: Cluster, attribute: str | None) -> Nearest | None:
        found = self._normalizer.match(one.raw, attribute, one.lang.partition("-")[0])
        if found is None:
            return None
        concept_id, match = found
        # a fuzzy match is also one whose label is a part of the value; its score is the share
        inside = match.method is Method.FUZZY and fold_value(match.label) in one.folded
        method = "contained" if inside else match.method.value
        return self._nearest(concept_id, method, match.score, match.label, match.locale)

    def _spelt(self, one: Cluster) -> Nearest | None:
        lang = one.lang.partition("-")[0]
        for concept_id, match in self._normalizer.nearest(one.raw, one.attribute, lang, limit=1):
            return self._nearest(concept_id, match.method.value, match.score, match.label, match.locale)
        return None

    def _meant(self, one: Cluster) -> Nearest | None:
        attribute = self._taxonomy.values_of(one.attribute)
        if self._neighbours is None or self._is_open(one.attribute):
            return None
        for concept_id, label, cosine in self._neighbours.nearest(one.folded, attribute)[:1]:
            return self._nearest(concept_id, "semantic", 100 * cosine, label.text, label.locale)
        return None

    def _parts(self, one: Cluster) -> Iterable[Nearest]:
        """Yield what holds the value, and what the value holds."""
        index, text, attribute = self._normalizer.index, one.folded, self._taxonomy.values_of(one.attribute)
        if len(text) < (2 if is_cjk(text) else 4):
            return
        holding = []
        for number, (label, entries) in enumerate(index.holding(text, attribute)):
            at = label.find(text)
            if entries and (is_cjk(text) or bounded(label, at, at + len(text))):
                holding.append((label, entries[0]))
            if number == _HOLDING:
                break
        if len({entry.concept_id for _, entry in holding}) == 1:
            label, entry = min(holding, key=lambda found: len(found[0]))
            stored = self._taxonomy.concept(entry.concept_id).labels[entry.place]
            yield self._contained(entry.concept_id, len(text) / len(label), stored)
        words = text.split()
        for size in range(len(words) - 1, 0, -1):
            for start in range(len(words) - size + 1):
                part = " ".join(words[start : start + size])
                for entry in index.equal(part, attribute)[:1]:
                    stored = self._taxonomy.concept(entry.concept_id).labels[entry.place]
                    yield self._contained(entry.concept_id, len(part) / len(text), stored)

    def _contained(self, concept_id: str, share: float, label: Label) -> Nearest:
        return self._nearest(concept_id, "contained", 100 * share, label.text, label.locale)

    def _nearest(self, concept_id: str, method: str, score: float, label: str, locale: str) -> Nearest:
        concept = self._taxonomy.concept(concept_id)
        return Nearest(concept=concept, method=method, score=round(score, 1), label=label, locale=locale)

    def _is_open(self, attribute: str) -> bool:
        known = self._taxonomy.attributes.get(attribute)
        return known is not None and known.kind is Kind.OPEN


_HOW = {"fuzzy": "spelt like", "semantic": "means much the same as", "contained": "shares a part with"}


def _named(found: Nearest) -> str:
    return f"“{found.label}” ({found.locale})"


def _is_likely(found: Nearest) -> bool:
    least = {"fuzzy": _SPELT, "semantic": 100 * _MEANT, "contained": _SHARE}
    return found.score >= least.get(found.method, 0.0)


def _alias_certainty(found: Nearest) -> float:
    if found.method == "semantic":
        return 0.8 * found.score / 100
    if found.method == "contained":
        return 0.6 * found.score / 100
    return max(0.0, (found.score - 60) / 40)
