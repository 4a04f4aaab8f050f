"""Which item of a set a value belongs to: "blue shirt with red trousers".

A stated rule, not a model: a set's parts are joined by a conjunction, a preposition or a mark. Within a part a value
belongs to the part's item; a part without an item shares the one of the part before it (an adjective that follows:
"shirt, blue"), or after it. Only the title is read, and only where it names two items or more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from app.domain.listing import Listing
from app.domain.tags import Belonging, Evidence

_JOINT = re.compile(
    r"\s(?:with|and|plus|mit|und|samt|inkl\.?|dengan|dan|serta|plus)\s|[,;&+|/]|[，、；和与及配]|\s[-–—]\s",
    re.IGNORECASE,
)


def belongings(
    listing: Listing, evidence: Mapping[str, Sequence[Evidence]], item_attributes: Sequence[str]
) -> tuple[Belonging, ...]:
    """Return each value of the title with the item it belongs to; () where there are not two items.

    ``item_attributes`` are the attributes whose values are items (a type of product).
    """
    title = listing.title
    parts = list(_parts(title, [e for spans in evidence.values() for e in spans if e.field == "title"]))
    heads: dict[int, Evidence] = {}
    for name in item_attributes:
        for span in evidence.get(name, ()):
            if span.field == "title":
                heads[_part_of(span, parts)] = span  # the last noun of a part is its head
    if len(heads) < 2:
        return ()
    found = []
    for name, spans in evidence.items():
        for span in spans:
            if name not in item_attributes and span.field == "title":
                here = _part_of(span, parts)
                part = next((p for p in (*range(here, -1, -1), *range(here + 1, len(parts))) if p in heads), here)
                found.append(Belonging(attribute=name, value=span, item=heads[part]))
    return tuple(found)


def _parts(title: str, values: Sequence[Evidence]) -> Iterator[tuple[int, int]]:
    """Yield the spans between joints; a joint inside a value ("black and white") joins nothing."""
    start = 0
    for joint in _JOINT.finditer(title):
        if not any(v.start < joint.end() and joint.start() < v.end for v in values):
            yield start, joint.start()
            start = joint.end()
    yield start, len(title)


def _part_of(span: Evidence, parts: Sequence[tuple[int, int]]) -> int:
    return max((n for n, (start, _) in enumerate(parts) if start <= span.start), default=0)
