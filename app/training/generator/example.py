"""A listing with gold, and what follows from its spans: gold values, tags, a row of the gold schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

FIELDS = ("title", "description", "attributes", "reviews")
PAIR, ENTRY, REVIEW = ": ", "; ", " / "
"""How seller attributes and reviews are put into one text each."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """Where a text states a value: code points, ``end`` exclusive."""

    field: str
    start: int
    end: int
    attribute: str
    """The attribute as `Example.gold` has it: its id, or the name it is asked by."""
    concept: str | None = None
    """Id of the value; None where it is in no taxonomy (a made-up brand, a shoe size)."""
    item: int = 0
    """Which item of a set it belongs to, from 0."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """A listing with gold: attribute -> surface forms that stand in the text, in the order in which they stand.

    ``spans`` may be empty (gold sets have none); where there are any, they say the same as ``gold``.
    """

    category: str
    lang: str
    texts: Mapping[str, str]
    asked: Sequence[str]
    gold: Mapping[str, Sequence[str]]
    spans: Sequence[Span] = ()
    cases: Sequence[str] = ()
    """Kinds of difficulty that it was made to hold."""


def gold_of(texts: Mapping[str, str], spans: Iterable[Span]) -> dict[str, list[str]]:
    """Return attribute -> distinct surface forms, in text order; what differs in case only counts once."""
    gold: dict[str, list[str]] = {}
    for span in in_order(spans):
        surface = texts[span.field][span.start : span.end]
        known = gold.setdefault(span.attribute, [])
        if surface.casefold() not in {value.casefold() for value in known}:
            known.append(surface)
    return gold


def in_order(spans: Iterable[Span]) -> list[Span]:
    """Return spans in the order of the text."""
    return sorted(spans, key=lambda span: (FIELDS.index(span.field), span.start, span.end))


def tags_of(spans: Iterable[Span]) -> dict[str, list[str]]:
    """Return attribute -> ids of the values stated, in text order."""
    tags: dict[str, dict[str, None]] = {}
    for span in in_order(spans):
        if span.concept is not None:
            tags.setdefault(span.concept.split(":", 1)[0], {})[span.concept] = None
    return {attribute: list(ids) for attribute, ids in tags.items()}


def with_spans(example: Example, texts: Mapping[str, str], spans: Sequence[Span]) -> Example:
    """Return the example with other texts and spans, and the gold that follows; what it is asked for stays."""
    return replace(example, texts=texts, spans=tuple(spans), gold=gold_of(texts, spans))


def to_row(example: Example, row_id: str) -> dict[str, Any]:
    """Return a row in the schema of gold files, with ``tags``, ``spans`` and ``cases`` beside it."""
    texts = example.texts
    pairs = [entry.split(PAIR, 1) for entry in texts.get("attributes", "").split(ENTRY) if PAIR in entry]
    reviews = [review for review in texts.get("reviews", "").split(REVIEW) if review]
    return {
        "id": row_id,
        "dataset": "generated",
        "lang": example.lang,
        "title": texts["title"],
        "description": texts.get("description", ""),
        "attributes": dict(pairs),
        "reviews": reviews,
        "category": example.category,
        "gold": {attribute: list(values) for attribute, values in example.gold.items()},
        "tags": tags_of(example.spans),
        "spans": [_span_row(span, texts, pairs, reviews) for span in in_order(example.spans)],
        "cases": list(example.cases),
    }


def _span_row(
    span: Span, texts: Mapping[str, str], pairs: Sequence[Sequence[str]], reviews: Sequence[str]
) -> dict[str, Any]:
    """Return a span in the coordinates of evidence: "attributes.NAME" and "reviews[N]" are fields of their own."""
    field, offset = span.field, 0
    if field == "attributes":
        for name, value in pairs:
            if span.start < offset + len(name + PAIR + value):
                field, offset = f"attributes.{name}", offset + len(name + PAIR)
                break
            offset += len(name + PAIR + value + ENTRY)
    elif field == "reviews":
        for number, review in enumerate(reviews):
            if span.start < offset + len(review):
                field = f"reviews[{number}]"
                break
            offset += len(review + REVIEW)
    return {
        "field": field,
        "start": span.start - offset,
        "end": span.end - offset,
        "text": texts[span.field][span.start : span.end],
        "attribute": span.attribute,
        "id": span.concept,
        "item": span.item,
    }
