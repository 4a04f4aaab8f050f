"""Values stated under a name: seller attributes ("Farbe": "Blau"), "Material: Modal", "80 % cotton", "Size M".

A name says which attribute is meant, so labels that are too ambiguous for running text count here too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from app.domain.tags import Method
from app.domain.taxonomy import CATEGORY, Label, Taxonomy
from app.pipeline.rules.document import Field, stands_alone
from app.pipeline.rules.matcher import CJK_LOCALES, Hit, Matcher, method_of
from app.pipeline.rules.ruleset import FieldRules, QuantityRules
from app.pipeline.text import fold_label, is_cjk

MATERIAL, SIZE = "material", "size"
_SEPARATOR = re.compile(r"[,，、;；|｜/／&＆+\n\r・]|\s(?:and|und|et|y|e|dan)\s", re.IGNORECASE)
_COLON = re.compile(r"[:：]")
_PERCENT = re.compile(r"(?<![\d.,])(\d{1,3}(?:[.,]\d+)?) ?%")
_EDGES = " .:%-()[]"
_SIZES = ("XXS", "XS", "S", "M", "L", "XL", "XXL", "3XL", "4XL", "5XL")
_ONE_LETTER = r"(?:XXXL|XXL|XL|XXS|XS|[2-5]XL|[SML])"
_LETTER = re.compile(_ONE_LETTER + r"(?![A-Za-z])")
_RANGE = re.compile(r"[-–~]|bis|to|sampai|hingga|s/d")
_LETTERS = re.compile(
    rf"(?<![\w'’&.-])(?:{_ONE_LETTER}(?:(?: ?[-–~/,|+] ?| (?:bis|to|sampai|hingga|s/d|und|and|dan) | ){_ONE_LETTER})+"
    rf"|(?<=\(){_ONE_LETTER}(?=\))|(?<=\( ){_ONE_LETTER}(?= \))|X{{1,3}}L|XX?S|[2-5]XL)(?![\w'’&-])"
)
"""Sizes in capitals: several side by side, one in brackets, or one that means nothing else."""
_LONGEST_NAME = 30
_LONGEST_LABEL = 60
"""Characters of a name before a colon, and of a value's label."""
Span = tuple[int, int]


class Stated:
    """Finds values beside a name that says what they are."""

    def __init__(self, taxonomy: Taxonomy, matcher: Matcher, fields: FieldRules, quantities: QuantityRules) -> None:
        self._matcher = matcher
        self._fields = fields
        self._names: dict[str, list[tuple[str, str]]] = {}
        for attribute in taxonomy.attributes.values():
            for label in attribute.labels:
                self._names.setdefault(fold_label(label.text), []).append((attribute.id, label.locale))
        self._size_before = _any_of(quantities.size_before)
        self._size_after = _any_of(quantities.size_after)

    def attributes_of(self, name: str, locale: str | None) -> tuple[str, ...]:
        """Return the attributes a name may stand for; empty when it is unknown, ("",) when its values are ignored."""
        folded = fold_label(name).strip(_EDGES)
        if folded in self._fields.category_names:
            return (CATEGORY,)
        if folded in self._fields.names:
            return (self._fields.names[folded],)
        known = self._names.get(folded, [])
        for wanted in (locale, "en"):
            own = tuple(dict.fromkeys(attribute for attribute, where in known if where == wanted))
            if own:
                return own
        return tuple(dict.fromkeys(attribute for attribute, _ in known))

    def seller_values(self, field: Field, attributes: Sequence[str], locale: str | None) -> list[Hit]:
        """Return the values of a seller attribute: the whole value, else its parts."""
        whole = self._exact(field, (0, len(field.text)), attributes, locale)
        if whole:
            return whole
        hits: list[Hit] = []
        for span in self._parts(field, (0, len(field.text))):
            hits += self._exact(field, span, attributes, locale) or self._inside(field, span, attributes, locale)
        return hits

    def inline(self, field: Field, locale: str | None) -> list[Hit]:
        """Return the values behind "NAME:" in running text."""
        cues = list(self._inline_cues(field, locale))
        hits: list[Hit] = []
        for number, (_, end, attributes) in enumerate(cues):
            limit = field.clause(end, end, sentence=True)[1]
            if number + 1 < len(cues):
                limit = min(limit, cues[number + 1][0])
            for span in self._parts(field, (end, limit)):
                hits += self._leading(field, span, attributes, locale)
        return hits

    def _inline_cues(self, field: Field, locale: str | None) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        for colon in _COLON.finditer(field.cleaned.text):
            at = field.at(colon.start())
            low = max([0, at - _LONGEST_NAME, *(b for b, _ in field.breaks if b < at)])
            for start in self._name_starts(field, low, at):
                name = field.text[start:at].strip(_EDGES)
                attributes = () if name in self._fields.ambiguous else self.attributes_of(name, locale)
                if attributes and attributes != ("",):
                    yield start, at, attributes
                    break

    @staticmethod
    def _name_starts(field: Field, low: int, high: int) -> list[int]:
        text = field.text
        return [
            at
            for at in range(low, high)
            if text[at].isalnum() and (is_cjk(text[at]) or at == 0 or not text[at - 1].isalnum())
        ]

    def composition(self, field: Field, locale: str | None) -> list[Hit]:
        """Return the materials of "80 % cotton, 20 % polyester" or 棉80%; the percentage is part of the span."""
        marks = list(_PERCENT.finditer(field.text))
        hits: list[Hit] = []
        label_first = False
        for number, mark in enumerate(marks):
            fresh = number == 0 or field.text[marks[number - 1].end() : mark.start()].count(" ") > 4
            behind = self._label_ending(field, mark.start(), locale)
            ahead = self._label_starting(field, mark.end(), locale)
            label_first = (bool(behind) if fresh else label_first) or not ahead
            hits += [_stretch(hit, mark.start(), mark.end()) for hit in (behind if label_first else ahead)]
        return hits

    def _label_starting(self, field: Field, at: int, locale: str | None) -> list[Hit]:
        filler = re.compile(r"[ :]*(?:(?:of|de|di|d'|en|in|aus|reine?|pure?|puro|pura) ?)?")
        match = filler.match(field.text, at)
        start = match.end() if match else at
        return self._leading(field, (start, min(len(field.text), start + 40)), (MATERIAL,), locale)

    def _label_ending(self, field: Field, at: int, locale: str | None) -> list[Hit]:
        end = len(field.text[:at].rstrip(" :("))
        for start in range(max(0, end - 30), end):
            hits = self._exact(field, (start, end), (MATERIAL,), locale)
            if hits and _near(hits[0], locale) and stands_alone(field.text, start, end, cjk=locale in CJK_LOCALES):
                return [] if _cut_from_word(field.text, start, end) else hits
        return []

    def sizes(self, field: Field, locale: str | None) -> list[Hit]:
        """Return sizes beside a cue: "Size M", "Gr. XL", "M码"; and those that need none."""
        hits: list[Hit] = []
        for cue in self._size_before.finditer(field.text):
            hits += self._leading(field, (cue.end(), min(len(field.text), cue.end() + 16)), (SIZE,), locale)
        for cue in self._size_after.finditer(field.text):
            low = max(0, cue.start() - 8)
            spans = [(start, cue.start()) for start in range(low, cue.start()) if field.text[start].isalnum()]
            found = (self._exact(field, span, (SIZE,), locale) for span in spans)
            hits += next(
                (
                    f
                    for f in found
                    if f and _near(f[0], locale) and stands_alone(field.text, f[0].start, f[0].end, cjk=True)
                ),
                [],
            )
        return [*hits, *self._letter_sizes(field, locale)]

    def _letter_sizes(self, field: Field, locale: str | None) -> Iterator[Hit]:
        """Yield the sizes that letters alone make sure of: "S, M, L", "( L )", "XXL"; "S-XL" is S, M, L and XL."""
        for mark in _LETTERS.finditer(field.cleaned.text):
            named = [(letter.start() + mark.start(), letter.group()) for letter in _LETTER.finditer(mark.group())]
            for (low, first), (high, second) in pairwise(named):
                between = field.cleaned.text[low + len(first) : high]
                for size in _between(first, second) if _RANGE.search(between) else ():
                    yield from self._hits(size, field.at(low), (SIZE,), locale, field.at(high + len(second)))
            for start, letter in named:
                yield from self._hits(letter.lower(), field.at(start), (SIZE,), locale)

    @staticmethod
    def _parts(field: Field, span: Span) -> Iterator[Span]:
        """Yield the spans between separators, without blanks and brackets at their edges."""
        cleaned = field.cleaned.text
        low, high = span
        cuts = [(field.at(m.start()), field.at(m.end())) for m in _SEPARATOR.finditer(cleaned)]
        inside = [(start, end) for start, end in cuts if low <= start and end <= high]
        begins = [low, *(end for _, end in inside)]
        ends = [*(start for start, _ in inside), high]
        for begin, end in zip(begins, ends, strict=True):
            text = field.text[begin:end]
            stripped = text.strip(_EDGES)
            if stripped:
                start = begin + text.index(stripped)
                yield start, start + len(stripped)

    def _exact(self, field: Field, span: Span, attributes: Sequence[str], locale: str | None) -> list[Hit]:
        text = field.text[span[0] : span[1]].strip(_EDGES)
        if not text:
            return []
        start = span[0] + field.text[span[0] : span[1]].index(text)
        return self._hits(text, start, attributes, locale)

    def _hits(
        self, text: str, start: int, attributes: Iterable[str], locale: str | None, end: int | None = None
    ) -> list[Hit]:
        """Return the values of the first attribute that knows this label; its own locale before others."""
        for attribute in attributes:
            known = [(c, label) for c, label in self._matcher.labels(text) if c.attribute == attribute]
            if known:
                concept, label = min(known, key=lambda e: _preference(e[1], locale))
                return [Hit(start, end or start + len(text), concept.id, attribute, label, method_of(label))]
        return []

    def _leading(self, field: Field, span: Span, attributes: Sequence[str], locale: str | None) -> list[Hit]:
        """Return the longest label that a span begins with."""
        start, limit = span[0], min(span[1], span[0] + _LONGEST_LABEL)
        while start < limit and field.text[start] in _EDGES:
            start += 1
        for end in range(limit, start, -1):
            if stands_alone(field.text, start, end, cjk=locale in CJK_LOCALES):
                hits = self._hits(field.text[start:end], start, attributes, locale)
                if hits and _near(hits[0], locale):
                    return hits
        return []

    def _inside(self, field: Field, span: Span, attributes: Sequence[str], locale: str | None) -> list[Hit]:
        found = self._matcher.find(field, locale).strong
        return [hit for hit in found if hit.attribute in attributes and span[0] <= hit.start and hit.end <= span[1]]


def _between(first: str, last: str) -> tuple[str, ...]:
    """Return the labels of the sizes between two: M and L between S and XL."""
    if first not in _SIZES or last not in _SIZES:
        return ()
    return tuple(size.lower() for size in _SIZES[_SIZES.index(first) + 1 : _SIZES.index(last)])


def _cut_from_word(text: str, start: int, end: int) -> bool:
    """Say whether a single character before a blank is the end of a name: no wood is in 云木 70%."""
    return end - start == 1 and is_cjk(text[start]) and text[end : end + 1] == " " and is_cjk(text[start - 1 : start])


def _near(hit: Hit, locale: str | None) -> bool:
    return hit.label.locale in (locale, "en") or hit.attribute == "brand"


def _preference(label: Label, locale: str | None) -> tuple[bool, bool, bool]:
    return label.locale != locale, label.locale != "en", not label.preferred


def _stretch(hit: Hit, start: int, end: int) -> Hit:
    low, high = min(hit.start, start), max(hit.end, end)
    return Hit(low, high, hit.concept_id, hit.attribute, hit.label, Method.RULE)


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    escaped = [
        re.escape(w) if is_cjk(w) else rf"(?<!\w){re.escape(w)}(?!\w)" for w in sorted(words, key=len, reverse=True)
    ]
    return re.compile("|".join(escaped) or r"(?!)")
