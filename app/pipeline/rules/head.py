"""Which category a listing names: where the noun stands decides, then how specific it is."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from app.domain.tags import Evidence, Match, Method
from app.domain.taxonomy import Taxonomy
from app.pipeline.rules.document import Field
from app.pipeline.rules.matcher import Hit
from app.pipeline.rules.ruleset import Language

TITLE, DEVICE, DESCRIPTION, ATTRIBUTE, REVIEW = 0.86, 0.42, 0.5, 0.45, 0.2
DEVICE_WITH_STORAGE = 0.65
"""How much a category named in a field counts; DEVICE is one that a title only implies."""
SELLER_CATEGORY = 0.97
_NOT_HEAD, _LATER, _AFTER_BREAK, _ROOT = 0.82, 0.85, 0.45, 0.92
"""Factors: not the head of its phrase; in a later phrase; behind a preposition; a whole vertical."""
_ONLY_BEHIND = 0.78
"""Factor behind a preposition where the title names nothing before one: "For women: leather boots"."""
_UNSURE, _UNSURE_HEAD = 0.45, 0.75
"""Factors of an ambiguous label ("ring"), and of one that is the head of a title which names nothing else."""
_SINGULAR = 0.8
"""Factor of an English singular before a word nobody knows."""
_SUPPORT = 0.04
_SURE, _LEAST, _MOST = 0.7, 0.3, 0.98
"""Below _SURE a category is a guess (its match says so: method RULE), below _LEAST it is noise."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CategoryGuess:
    """A category that the text names; ``score`` 0..1 orders guesses, it is no probability.

    The method of its match is EXACT or ALIAS where the text names it surely, RULE where it is guessed at.
    """

    concept_id: str
    score: float
    evidence: tuple[Evidence, ...]
    label: str
    match: Match


@dataclass(frozen=True, slots=True)
class Mention:
    """A category named somewhere, and how much that counts (0..1)."""

    field: Field
    hit: Hit
    weight: float


def title_mentions(title: Field, hits: Sequence[Hit], others: Sequence[Hit], language: Language) -> list[Mention]:
    """Return the categories of a title, the head of the first phrase that names one first in weight.

    ``others`` are values found in it: a preposition inside one ("slip ON") ends no phrase.
    """
    phrases: dict[int, list[Hit]] = {}
    behind: dict[Hit, bool] = {}
    for hit in hits:
        number, behind[hit] = _phrase(title, hit, others, language)
        phrases.setdefault(number, []).append(hit)
    # a phrase whose categories are ambiguous or stand behind prepositions names the product only if no other does
    order = sorted(phrases, key=lambda n: (not any(h.sure and not behind[h] for h in phrases[n]), n))
    behind_factor = _AFTER_BREAK if any(h.sure and not behind[h] for h in hits) else _ONLY_BEHIND
    mentions = []
    for rank, number in enumerate(order):
        free = [hit for hit in phrases[number] if not behind[hit]]
        head = _head(free, language)
        for hit in phrases[number]:
            weight = TITLE * (1.0 if rank == 0 else _LATER)
            weight *= behind_factor if behind[hit] else 1.0 if hit == head else _NOT_HEAD
            qualifies = _qualifies(title, hit, [*hits, *others], language)
            if not hit.sure:
                weight *= _UNSURE_HEAD if hit == head and rank == 0 and not qualifies else _UNSURE
            elif qualifies and hit.label.locale == "en" and not title.text[hit.start : hit.end].endswith("s"):
                weight *= _SINGULAR  # "sofa slipcover"; a plural seldom qualifies: "shoes Pegasus"
            mentions.append(Mention(title, hit, weight))
    return mentions


def _head(hits: list[Hit], language: Language) -> Hit | None:
    # a label that may mean something else is the head only where nothing else is
    sure = [hit for hit in hits if hit.sure] or hits
    if not sure:
        return None
    return max(sure, key=lambda h: h.end) if language.head == "last" else min(sure, key=lambda h: h.start)


def _qualifies(title: Field, hit: Hit, known: Sequence[Hit], language: Language) -> bool:
    """Say whether an unknown noun stands where the head should: "water" only qualifies a water "bottle"."""
    low, high = title.clause(hit.start, hit.end)
    last = language.head == "last"
    words = [
        w for w in title.words if (hit.end <= w[0] and w[1] <= high if last else low <= w[0] and w[1] <= hit.start)
    ]
    if not words:
        return False
    start, end = words[0] if last else words[-1]
    text = title.text[start:end]
    said = any(other.start < end and start < other.end for other in known)
    return not said and text not in language.breaks and not text[0].isdecimal()


def _phrase(title: Field, hit: Hit, others: Sequence[Hit], language: Language) -> tuple[int, bool]:
    """Return the number of the phrase a hit stands in, and whether a preposition comes before it there."""
    before = [at for at, _ in title.breaks if at <= hit.start]
    low = before[-1] if before else 0
    for start, end in title.words:
        if low <= start and end <= hit.start and title.text[start:end] in language.breaks:
            in_label = any(other.start <= start and end <= other.end for other in others)
            in_number = title.text[start - 2 : start - 1].isdecimal() and title.text[end + 1 : end + 2].isdecimal()
            if not in_label and not in_number:  # "2 in 1" is no preposition either
                return len(before), True
    return len(before), False


def rank(
    mentions: Iterable[Mention],
    taxonomy: Taxonomy,
    yields: Mapping[str, Container[str]] = MappingProxyType({}),
    said: Container[str] = (),
) -> tuple[CategoryGuess, ...]:
    """Return the categories mentioned, best first.

    A descendant inherits the weight of an ancestor named too; so does a category that another one yields to. ``said``
    are the attributes stated in the title.
    """
    groups: dict[str, list[Mention]] = {}
    for mention in mentions:
        root = taxonomy.concepts[mention.hit.concept_id].broader is None
        weighed = replace(mention, weight=mention.weight * (_ROOT if root else 1.0))
        groups.setdefault(mention.hit.concept_id, []).append(weighed)
    for group in groups.values():
        group.sort(key=lambda m: -m.weight)
    scores = {concept_id: _score(group) for concept_id, group in groups.items()}
    outdone = list(_outdone(groups, taxonomy, yields, said))
    for loser, winner in outdone:
        scores[winner] = max(scores[winner], scores[loser])
    scores = {concept_id: _inherited(concept_id, scores, groups, taxonomy) for concept_id in groups}
    for loser in {loser for loser, _ in outdone}:
        scores[loser] = round(scores[loser] * _NOT_HEAD, 4)
    order = sorted(groups, key=lambda c: (-scores[c], -len(taxonomy.path(c)), -_length(groups[c][0]), c))
    return tuple(_guess(c, scores[c], groups[c]) for c in order if scores[c] >= _LEAST)


def _score(group: Sequence[Mention]) -> float:
    return round(min(group[0].weight + _SUPPORT * min(2, len(group) - 1), _MOST), 4)


def _inherited(
    concept_id: str, scores: Mapping[str, float], groups: Mapping[str, Sequence[Mention]], taxonomy: Taxonomy
) -> float:
    """Return the score of a category, at least that of an ancestor if the text surely names it."""
    best = groups[concept_id][0]
    if not best.hit.sure or best.weight < TITLE * _AFTER_BREAK:
        return scores[concept_id]
    return max(scores[a] for a in taxonomy.path(concept_id) if a in scores)


def _outdone(
    groups: Mapping[str, Sequence[Mention]],
    taxonomy: Taxonomy,
    yields: Mapping[str, Container[str]],
    said: Container[str],
) -> Iterator[tuple[str, str]]:
    """Yield (loser, winner) of the categories of which one says more: "Sportschuhe Sneaker" are sneakers.

    One that alone has an attribute which is stated does not yield: "Basketball Sportschuhe Sneaker".
    """
    named = [concept_id for concept_id in groups if _named(groups[concept_id])]
    for general in named:
        for other in (o for o in named if o in yields.get(general, ())):
            own = set(taxonomy.relevant(general)).difference(taxonomy.relevant(other))
            yield (other, general) if any(a in said for a in own) else (general, other)


def _named(group: Sequence[Mention]) -> bool:
    """Say whether a category is surely named where the product is, not behind a preposition."""
    return group[0].hit.sure and group[0].weight >= TITLE * _NOT_HEAD * _LATER


def _length(mention: Mention) -> int:
    return mention.hit.end - mention.hit.start


def _guess(concept_id: str, score: float, group: Sequence[Mention]) -> CategoryGuess:
    match = group[0].hit.match
    return CategoryGuess(
        concept_id=concept_id,
        score=score,
        evidence=tuple(dict.fromkeys(m.field.evidence(m.hit.start, m.hit.end) for m in group)),
        label=match.label,
        match=match if score >= _SURE else replace(match, method=Method.RULE),
    )
