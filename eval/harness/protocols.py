"""What counts as right: each protocol once, as a list of judged slots or values per listing.

*slots*: Brinkmann, Shraga, Bizer, "ExtractGPT" (arXiv 2310.12537). Per annotated slot one value, the first that is
given, exact and case-sensitive against any gold value; a slot annotated n/a must stay empty; "n/a" given is no value.
*strict*: the same, and every other attribute that is known for the category counts as n/a.
*sets*: pairs of attribute and value, stripped and case-folded; every pair that is given and not gold is wrong.
*tags*: concept ids; every tag that is given and not gold is wrong.
*category*: the one category of a listing.

From outcomes: P = VC / (NV + VC + VW), R = VC / (VN + VC + VW).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from app.domain.taxonomy import CATEGORY
from eval.harness.answers import Answer, GivenTag, Predicted
from eval.harness.gold import Gold, GoldListing, Surface
from eval.harness.result import Outcomes

Outcome = Literal["vc", "vw", "nv", "vn", "nn"]
NOT_STATED = "n/a"


@dataclass(frozen=True, slots=True)
class Judged:
    """A slot, or a value, and how it went (see result.Outcomes)."""

    attribute: str
    outcome: Outcome
    gold: str | None = None
    """The gold value that was given, else the first one."""
    given: str | None = None
    tag: GivenTag | None = None
    """Protocols tags and category: what was given."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Protocol:
    """A way of judging an answer."""

    name: str
    definition: str
    judge: Callable[[Gold, GoldListing, Answer], list[Judged]]
    of_tags: bool
    """It is about concepts, not about surface values."""


def judge_slots(gold: Surface, predicted: Predicted, known: Iterable[str] = ()) -> list[Judged]:
    """Judge one listing's slots; ``known`` names further attributes that count as n/a (the strict variant)."""
    return [
        _slot(attribute, gold.get(attribute) or (), next(iter(predicted.get(attribute, ())), None))
        for attribute in dict.fromkeys((*gold, *known))
    ]


def _slot(attribute: str, values: Sequence[str], given: str | None) -> Judged:
    first = next(iter(values), None)
    if given == NOT_STATED:
        given = None
    if first is None:
        return Judged(attribute, "nn" if given is None else "nv", None, given)
    if given is None:
        return Judged(attribute, "vn", first)
    return Judged(attribute, "vc", given, given) if given in values else Judged(attribute, "vw", first, given)


def judge_sets(gold: Surface, predicted: Predicted) -> list[Judged]:
    """Judge one listing's pairs of attribute and value, gold first."""
    wanted = dict.fromkeys((a, v.strip().casefold()) for a, values in gold.items() for v in values or ())
    made = dict.fromkeys((a, v.strip().casefold()) for a, values in predicted.items() for v in values)
    judged = [Judged(a, "vc", v, v) if (a, v) in made else Judged(a, "vn", v) for a, v in wanted]
    return judged + [Judged(a, "nv", None, v) for a, v in made if (a, v) not in wanted]


def judge_tags(gold: frozenset[str], given: Iterable[GivenTag], scope: frozenset[str] | None = None) -> list[Judged]:
    """Judge one listing's tags, each id once; those of attributes outside ``scope`` are left out."""
    made = {tag.id: tag for tag in given if scope is None or tag.attribute in scope}
    wanted = [one for one in sorted(gold) if scope is None or _attribute(one) in scope]
    judged = [_tag(one, made.get(one)) for one in wanted]
    return judged + [Judged(t.attribute, "nv", None, t.id, t) for t in made.values() if t.id not in gold]


def _tag(wanted: str, tag: GivenTag | None) -> Judged:
    if tag is None:
        return Judged(_attribute(wanted), "vn", wanted)
    return Judged(tag.attribute, "vc", wanted, wanted, tag)


def judge_category(gold: frozenset[str], given: Iterable[GivenTag]) -> list[Judged]:
    """Judge a listing's category; of several gold ones any is right."""
    wanted = sorted(one for one in gold if _attribute(one) == CATEGORY)
    tag = next((tag for tag in given if tag.attribute == CATEGORY), None)
    judged = _slot(CATEGORY, wanted, tag.id if tag else None)
    return [Judged(judged.attribute, judged.outcome, judged.gold, judged.given, tag)]


def _attribute(concept_id: str) -> str:
    return concept_id.partition(":")[0]


PROTOCOLS = {
    protocol.name: protocol
    for protocol in (
        Protocol(
            name="slots",
            definition="one value per annotated slot, exact; n/a must stay empty (ExtractGPT, arXiv 2310.12537)",
            judge=lambda gold, item, answer: judge_slots(item.values or {}, answer.predicted or {}),
            of_tags=False,
        ),
        Protocol(
            name="strict",
            definition="slots, and every other attribute known for the category counts as n/a",
            judge=lambda gold, item, answer: judge_slots(item.values or {}, answer.predicted or {}, gold.known(item)),
            of_tags=False,
        ),
        Protocol(
            name="sets",
            definition="pairs of attribute and value, stripped and case-folded; every pair not in gold is wrong",
            judge=lambda gold, item, answer: judge_sets(item.values or {}, answer.predicted or {}),
            of_tags=False,
        ),
        Protocol(
            name="tags",
            definition="concept ids after normalisation; every tag not in gold is wrong",
            judge=lambda gold, item, answer: judge_tags(item.tags or frozenset(), answer.tags or (), gold.scope),
            of_tags=True,
        ),
        Protocol(
            name="category",
            definition="the one category; hierarchical scores by shared ancestors (Kiritchenko et al. 2006)",
            judge=lambda gold, item, answer: judge_category(item.tags or frozenset(), answer.tags or ()),
            of_tags=True,
        ),
    )
}
"""By name, in the order they are reported in."""


def supported(gold: Gold) -> Iterator[str]:
    """Yield the protocols that a gold file has what they need."""
    if all(item.values is not None for item in gold.listings):
        yield "slots"
        if gold.schema is not None:
            yield "strict"
        yield "sets"
    if all(item.tags is not None for item in gold.listings):
        yield "tags"
        if any(_attribute(one) == CATEGORY for item in gold.listings for one in item.tags or ()):
            yield "category"


def tally(judged: Iterable[Judged]) -> dict[str, Outcomes]:
    """Return outcomes by attribute."""
    counts: dict[str, dict[str, int]] = {}
    for one in judged:
        of = counts.setdefault(one.attribute, {})
        of[one.outcome] = of.get(one.outcome, 0) + 1
    return {attribute: Outcomes(**of) for attribute, of in counts.items()}
