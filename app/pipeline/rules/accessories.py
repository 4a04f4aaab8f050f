"""Accessories named around what they fit: "case for iPhone 15", "iPhone 15 Pro case", "funda negra para iPhone".

The taxonomy knows "iPhone case"; sellers put the model or a preposition between the two words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from app.domain.tags import Method
from app.domain.taxonomy import CATEGORY
from app.pipeline.rules.document import Field, stands_alone
from app.pipeline.rules.entries import BRAND
from app.pipeline.rules.matcher import CJK_LOCALES, Hit, Matcher

FITS = "compatible_with"
_MODEL = re.compile(r"(?:\d+\w{0,2}|[a-z]?\d+[a-z]?|pro|max|plus|mini|ultra|air|se|fe|generation|gen|series|x|xr|xs)")
"""Words of a model's name that may stand between a device and the accessory."""
_MODEL_UNSPACED = re.compile(r"(?:[ \d]|pro|max|plus|mini|ultra|air|se|用|専用|专用|対応|の)*")
_LONGEST_TAIL = 10
_SHORTEST_TAIL = 4
_FURTHEST = 4
"""Words before a device among which the accessory is looked for."""


def fitted(
    field: Field, hits: Sequence[Hit], words: Mapping[str, Sequence[str]], matcher: Matcher, locale: str | None
) -> Iterator[Hit]:
    """Yield the categories whose label is made of a device that was found and a word near it.

    ``words`` are further names of devices by concept id: a Galaxy is a phone.
    """
    names = [hit for hit in hits if hit.attribute in (FITS, BRAND, "operating_system")]
    for hit in (name for name in names if name.attribute == FITS):
        named = field.text[hit.start : hit.end].split()
        for device in (" ".join(named[-2:]), named[-1], *words.get(hit.concept_id, ())):
            found = [*_after(field, hit, device, matcher, locale), *_before(field, hit, device, matcher, locale)]
            # "iPad / Android": neither a device nor its system is an accessory
            found = [h for h in found if not any(o.start < h.end and h.start < o.end for o in names)]
            if found:
                yield from found
                break


def _after(field: Field, hit: Hit, device: str, matcher: Matcher, locale: str | None) -> Iterator[Hit]:
    """Find the word behind the model: "iPhone 15 Pro case"."""
    if locale in CJK_LOCALES:
        yield from _after_unspaced(field, hit, device, matcher, locale)
        return
    spans = [span for span in field.words if span[0] >= hit.end]
    while spans and _MODEL.fullmatch(field.text[slice(*spans[0])]):
        spans.pop(0)
    if spans and not field.broken(hit.end, spans[0][0]):
        yield from _category(field, spans[0], f"{device} {field.text[slice(*spans[0])]}", matcher, locale)


def _after_unspaced(field: Field, hit: Hit, device: str, matcher: Matcher, locale: str | None) -> Iterator[Hit]:
    """Find the word behind the model where no blanks part words: iPhone15用ケース."""
    model = _MODEL_UNSPACED.match(field.text, hit.end)
    start = model.end() if model else hit.end
    for end in range(min(len(field.text), start + _LONGEST_TAIL), start, -1):
        if stands_alone(field.text, start, end, cjk=True):
            found = list(_category(field, (start, end), device + field.text[start:end], matcher, locale))
            if found:
                yield from found
                return


def _before(field: Field, hit: Hit, device: str, matcher: Matcher, locale: str | None) -> Iterator[Hit]:
    """Find the word before: "case for iPhone", "funda negra para iPhone"."""
    low = field.clause(hit.start, hit.end)[0]
    spans = [span for span in field.words if low <= span[0] and span[1] <= hit.start][-_FURTHEST:]
    for span in reversed(spans):
        word = field.text[slice(*span)]
        # the head of a German compound will do: "Lederhülle" is a "Hülle"
        tails = [word[cut:] for cut in range(len(word) - _SHORTEST_TAIL)] if locale == "de" else [word]
        for label in (text for tail in tails for text in (f"{device} {tail}", f"{tail} {device}")):
            found = list(_category(field, span, label, matcher, locale))
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
