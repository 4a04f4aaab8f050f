"""Accessories named around what they fit: "case for iPhone 15", "iPhone 15 Pro case", "funda negra para iPhone".

The taxonomy knows "iPhone case"; sellers put the model or a preposition between the two words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from app.domain.tags import Method
from app.domain.taxonomy import CATEGORY
from app.pipeline.document import Field
from app.pipeline.matcher import CJK_LOCALES, Hit, Matcher

FITS = "compatible_with"
_MODEL = re.compile(r"(?:\d+\w{0,2}|[a-z]?\d+[a-z]?|pro|max|plus|mini|ultra|air|se|fe|generation|gen|series|x|xr|xs)")
"""Words of a model's name that may stand between a device and the accessory."""
_FURTHEST = 4
"""Words before a device among which the accessory is looked for."""


def fitted(
    field: Field, hits: Sequence[Hit], words: Mapping[str, Sequence[str]], matcher: Matcher, locale: str | None
) -> Iterator[Hit]:
    """Yield the categories whose label is made of a device that was found and a word near it.

    ``words`` are further names of devices by concept id: a Galaxy is a phone.
    """
    for hit in hits:
        if hit.attribute == FITS:
            own = field.text[hit.start : hit.end].split()[-1]
            for device in (own, *words.get(hit.concept_id, ())):
                found = [*_after(field, hit, device, matcher, locale), *_before(field, hit, device, matcher, locale)]
                if found:
                    yield from found
                    break


def _after(field: Field, hit: Hit, device: str, matcher: Matcher, locale: str | None) -> Iterator[Hit]:
    """ "iPhone 15 Pro case"."""
    spans = [span for span in field.words if span[0] >= hit.end]
    while spans and _MODEL.fullmatch(field.text[slice(*spans[0])]):
        spans.pop(0)
    blank = "" if locale in CJK_LOCALES else " "
    if spans and not field.broken(hit.end, spans[0][0]):
        yield from _category(field, spans[0], f"{device}{blank}{field.text[slice(*spans[0])]}", matcher, locale)


def _before(field: Field, hit: Hit, device: str, matcher: Matcher, locale: str | None) -> Iterator[Hit]:
    """ "case for iPhone", "funda negra para iPhone"."""
    low = field.clause(hit.start, hit.end)[0]
    spans = [span for span in field.words if low <= span[0] and span[1] <= hit.start][-_FURTHEST:]
    for span in reversed(spans):
        word = field.text[slice(*span)]
        found = list(_category(field, span, f"{device} {word}", matcher, locale))
        found = found or list(_category(field, span, f"{word} {device}", matcher, locale))
        if found:
            yield from found
            return


def _category(
    field: Field, span: tuple[int, int], label_text: str, matcher: Matcher, locale: str | None
) -> Iterator[Hit]:
    for concept, label in matcher.labels(label_text):
        if concept.attribute == CATEGORY and label.locale in (locale, "en"):
            yield Hit(*span, concept.id, CATEGORY, label, Method.RULE)
            return
