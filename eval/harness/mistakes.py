"""The mistakes that tell most: confident and wrong, and frequent confusions first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from eval.harness.answers import GivenTag
from eval.harness.gold import GoldListing
from eval.harness.protocols import Judged
from eval.harness.result import Mistake, Span

MOST = 50
ALIKE = 3
"""Of one confusion, so many examples at most."""
UNSURE, MISSED = 0.5, 0.25
"""Weight of a wrong value without confidence, and of a missing one."""
Found = tuple[GoldListing, str, tuple[str, ...], str | None, GivenTag | None]


def mistakes(protocol: str, items: Sequence[GoldListing], judged: Sequence[Sequence[Judged]]) -> tuple[Mistake, ...]:
    """Return the most telling mistakes under a protocol of pairs (sets, tags), or of slots."""
    found = [one for item, of in zip(items, judged, strict=True) for one in _of_listing(item, of)]
    times = Counter(_key(one) for one in found)
    found.sort(key=lambda one: (-times[_key(one)] * _weight(one), one[0].id, one[1], one[3] or ""))
    taken: Counter[tuple[str, tuple[str, ...], str | None]] = Counter()
    told = []
    for one in found:
        taken[_key(one)] += 1
        if taken[_key(one)] <= ALIKE:
            told.append(_mistake(protocol, one, times[_key(one)]))
    return tuple(told[:MOST])


def _of_listing(item: GoldListing, judged: Sequence[Judged]) -> Iterator[Found]:
    """Yield wrong values with what gold has, and gold values of attributes that were given nothing wrong."""
    by: dict[str, list[Judged]] = {}
    for one in judged:
        by.setdefault(one.attribute, []).append(one)
    for attribute, of in by.items():
        gold = tuple(one.gold for one in of if one.gold is not None)
        wrong = [one for one in of if one.outcome in ("vw", "nv")]
        for one in wrong:
            yield item, attribute, gold, one.given, one.tag
        if not wrong and (missed := tuple(one.gold for one in of if one.outcome == "vn" and one.gold is not None)):
            yield item, attribute, missed, None, None


def _key(one: Found) -> tuple[str, tuple[str, ...], str | None]:
    _, attribute, gold, given, _ = one
    fold = tuple(value.casefold() for value in gold)
    return attribute, fold, given.casefold() if given is not None else None


def _weight(one: Found) -> float:
    *_, given, tag = one
    if given is None:
        return MISSED
    return tag.confidence if tag is not None and tag.confidence is not None else UNSURE


def _mistake(protocol: str, one: Found, times: int) -> Mistake:
    item, attribute, gold, given, tag = one
    texts = dict(item.listing.fields())
    return Mistake(
        protocol=protocol,
        listing=item.id,
        lang=item.lang,
        category=item.category,
        text=item.listing.title,
        attribute=attribute,
        gold=gold,
        given=given,
        times=times,
        confidence=tag.confidence if tag else None,
        source=tag.source if tag else None,
        method=tag.method if tag else None,
        raw=tag.raw if tag else given,
        evidence=tuple(
            Span(field=e.field, start=e.start, end=e.end, text=texts.get(e.field, "")[e.start : e.end])
            for e in (tag.evidence if tag and tag.evidence else _standing(given, item))
        ),
    )


def _standing(value: str | None, item: GoldListing) -> Iterator[Span]:
    """Yield where a surface value stands in the text, the first time."""
    for name, text in item.listing.fields():
        start = text.casefold().find(value.casefold()) if value else -1
        # casefold may change lengths (ß): then the offsets are not those of the text
        if value and start >= 0 and len(text.casefold()) == len(text):
            yield Span(field=name, start=start, end=start + len(value), text=text[start : start + len(value)])
            return
