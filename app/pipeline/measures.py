"""Reads numbers with units, pack sizes, dimensions and shoe sizes from a text.

What they say about a product is decided in app/pipeline/quantities.py, once its category is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from app.pipeline.document import Field
from app.pipeline.numbers import FRACTION, NUMBER, plain, read_number
from app.pipeline.ruleset import QuantityRules, Unit
from app.pipeline.text import is_cjk

COUNT, LENGTH, MASS, VOLUME, DATA, SHOE = "count", "length", "mass", "volume", "data", "shoe"
_TIMES = r" ?[x×*✕] ?"
_RANGE = r" ?(?:-|–|~|〜|bis|to|à) ?"
_START = r"(?<![\w/-])(?<!\d[.,])"
"""Numbers do not begin inside a word, a model number or another number."""
_START_CJK = r"(?<![a-zA-Z0-9/-])(?<!\d[.,])"
_END = r"(?![a-zA-ZÀ-ÿ0-9²³])(?! ?/ ?[a-zA-Z])"
"""Units end there: neither "g/m²" nor "cm³"."""
_CONTEXT = 24
"""Characters beside a number in which words change what it means."""
_INCH = 2.54
_LEAST_COUNT, _MOST_COUNT = 2, 10_000
_LEAST_EUROPEAN = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Measure:
    """A quantity at ``start:end`` of a field's cleaned text, in base units."""

    start: int
    end: int
    dimension: str
    value: float
    unit: str
    upper: float | None = None
    written: str = ""
    """The unit as written, lower case."""
    attribute: str | None = None
    """Set where the words beside it say which attribute it is; "" where they say that it is none."""
    place: int | None = None
    """Its place in unlabelled dimensions "40 x 60 cm" (0 or 1)."""


class Measurer:
    """Finds measures in texts of one language."""

    def __init__(self, rules: QuantityRules, locale: str | None, decimal: str) -> None:
        self._decimal = decimal
        self._units: dict[str, list[Unit]] = {}
        for unit in rules.units:
            if unit.lang in (None, locale):
                for name in (*map(str.lower, unit.names), *unit.strict):
                    self._units.setdefault(name, []).append(unit)
        begin = _START_CJK if is_cjk("".join(rules.shoe_after.get(locale or "", ()))) or locale == "ja" else _START
        names = alternatives(self._units)
        lengths = alternatives(n for n, units in self._units.items() if units[0].dimension == LENGTH)
        number = rf"{begin}(?P<n>{NUMBER})"
        any_unit = rf"[ -]?(?P<u>{names}){_END}"
        flags = re.IGNORECASE
        self._single = re.compile(rf"{number}(?:{_RANGE}(?P<m>{NUMBER}))?{any_unit}", flags)
        self._multi = re.compile(rf"{begin}(?P<c>\d{{1,3}}){_TIMES}(?P<n>{NUMBER}){any_unit}", flags)
        self._multi_after = re.compile(rf"{number}[ -]?(?P<u>{names}){_TIMES}(?P<c>\d{{1,3}})(?![\d.,])", flags)
        self._box = re.compile(_box(begin, lengths), flags)
        self._feet = re.compile(
            rf"{begin}(?P<f>\d{{1,2}}) ?(?:ft|feet|foot|')\.? ?(?P<i>\d{{1,2}}) ?(?:in\b|inch(?:es)?|\"|″|''|(?!\w))",
            flags,
        )
        self._memory = re.compile(
            rf"{begin}(?P<ram>\d{{1,2}}) ?(?:gb)? ?[+/] ?(?P<rom>\d{{1,4}}) ?(?P<u>gb|tb){_END}", flags
        )
        self._count_after = re.compile(rf"{begin}(?P<n>\d{{1,5}})[ -]?(?:{_wordings(rules.counts, first=True)})", flags)
        self._count_before = re.compile(r"(?<![\d.,])(?P<n>\d{1,5})(?![\d%]|[.,]\d)")
        self._pack_words = re.compile(rf"(?<![a-zA-ZÀ-ÿ])(?:{_wordings(rules.counts, first=False)})[ -]?$", flags)
        self._shoes = [(system, re.compile(p, flags)) for system, p in _shoe_patterns(rules, locale, begin)]
        self._shoe_limits = rules.shoe_limits
        self._letters = {**rules.letters.get("*", {}), **rules.letters.get(locale or "", {})}
        letter = "".join(self._letters)
        self._order = re.compile(
            rf"\(?(?<!\w)([{letter}]) ?[x×*/] ?([{letter}])(?: ?[x×*/] ?([{letter}]))?(?!\w)\)?", flags
        )
        self._words = {**rules.sides, **rules.kinds}
        self._word_attribute = {w.lower(): attribute for attribute, words in self._words.items() for w in words}
        beside = alternatives(self._word_attribute)
        self._word_before = re.compile(rf"(?<![\w])(?P<w>{beside})[ ]?(?:[:：=]|\bis\b|約|约|ca\.?)? ?$", flags)
        self._word_after = re.compile(rf"^ ?\(?-?(?P<w>{beside})(?![a-zA-ZÀ-ÿ])", flags)
        self._not_before = re.compile(rf"(?<![a-zA-ZÀ-ÿ])(?:{alternatives(rules.not_before)}) ?:? ?$", flags)
        self._not_after = re.compile(rf"^ ?(?:{alternatives(rules.not_after)})(?![a-zA-ZÀ-ÿ])", flags)

    def find(self, field: Field) -> list[Measure]:
        """Return the measures in a field; none lies inside another, but two may share a span."""
        text = plain(field.cleaned.text)
        taken: set[int] = set()
        found: list[Measure] = []
        readers = (
            self._shoe_sizes,
            self._memories,
            self._multiples,
            self._boxes,
            self._feet_inches,
            self._pack_sizes,
            self._singles,
        )
        for read in readers:
            fresh = [m for m in read(text) if taken.isdisjoint(range(m.start, m.end))]
            found += fresh
            taken.update(at for measure in fresh for at in range(measure.start, measure.end))
        return found

    def find_stated(self, field: Field, attributes: Sequence[str]) -> list[Measure]:
        """Return the measures of a seller attribute that is named after one of ``attributes``: a bare number counts too."""
        found = self.find(field)
        text = plain(field.cleaned.text).strip()
        if found or not re.fullmatch(rf"{NUMBER}{FRACTION}", text):
            return found
        value, start = self._number(text), field.cleaned.text.index(field.cleaned.text.strip())
        bare = {"pack_quantity": COUNT, "shoe_size": SHOE, "size": SHOE}
        kind = next((bare[a] for a in attributes if a in bare), None)
        if value is None or kind is None or (kind == SHOE and not self._european(value)):
            return []
        unit = "eu" if kind == SHOE else COUNT
        return [Measure(start=start, end=start + len(text), dimension=kind, value=value, unit=unit)]

    def _european(self, value: float) -> bool:
        """Say whether a bare number is a European shoe size: too large for an American or British one."""
        return _LEAST_EUROPEAN <= value <= self._shoe_limits["eu"][1]

    def _number(self, text: str | None) -> float | None:
        return None if text is None else read_number(text, self._decimal)

    def _of_units(self, mark: re.Match[str], value: float | None, upper: float | None = None) -> Iterator[Measure]:
        written = mark["u"]
        for unit in self._units.get(written) or self._units.get(written.lower()) or ():
            named = written in unit.strict or written.lower() in map(str.lower, unit.names)
            if value is None or value <= 0 or not named:
                continue
            yield Measure(
                start=mark.start(), end=mark.end(), dimension=unit.dimension, unit=unit.base, written=written.lower(),
                value=_tidy(value * unit.factor), upper=None if upper is None else _tidy(upper * unit.factor),
            )  # fmt: skip

    def _singles(self, text: str) -> Iterator[Measure]:
        for mark in self._single.finditer(text):
            before, after = (
                text[max(0, mark.start() - _CONTEXT) : mark.start()],
                text[mark.end() : mark.end() + _CONTEXT],
            )
            closes_quote = mark["u"] == '"' and text.count('"', 0, mark.start()) % 2 == 1
            if closes_quote or self._not_before.search(before) or self._not_after.match(after):
                continue
            value, upper = self._number(mark["n"]), self._number(mark["m"])
            if value is not None and upper is not None and upper <= value:
                value, upper = upper, None  # "10-5 cm" is no range
            attribute = self._named(before, after)
            for measure in self._of_units(mark, value, upper):
                yield replace(measure, attribute=attribute)

    def _named(self, before: str, after: str) -> str | None:
        """Return the attribute that a word directly beside the number names; a word that follows another number is that one's."""
        ahead, behind = self._word_before.search(before), self._word_after.match(after)
        if ahead and not re.search(r"\d ?[a-zA-Z\"″]{0,3} ?$", before[: ahead.start()]):
            return self._word_attribute[ahead["w"].lower()]
        return self._word_attribute[behind["w"].lower()] if behind else None

    def _memories(self, text: str) -> Iterator[Measure]:
        """8GB+256GB, 8/256GB: memory and storage of a phone."""
        for mark in self._memory.finditer(text):
            ram, (rom, *_) = float(mark["ram"]), self._of_units(mark, float(mark["rom"]))
            if 0 < ram < rom.value:
                yield replace(rom, value=ram, attribute="memory")
                yield replace(rom, attribute="storage_capacity")

    def _multiples(self, text: str) -> Iterator[Measure]:
        """12 x 330 ml, 330ml*12: a pack and what one piece holds."""
        for mark in (*self._multi.finditer(text), *self._multi_after.finditer(text)):
            count = int(mark["c"])
            for measure in self._of_units(mark, self._number(mark["n"])):
                if measure.dimension in (MASS, VOLUME) and count >= _LEAST_COUNT:
                    yield measure
                    yield replace(measure, dimension=COUNT, unit=COUNT, value=float(count), written="")

    def _boxes(self, text: str) -> Iterator[Measure]:
        """40x60 cm, L 40 x B 60 x H 20 cm, 40 x 60 x 20 cm (LxWxH)."""
        for mark in self._box.finditer(text):
            values = [self._number(mark[f"n{i}"]) for i in (1, 2, 3) if mark[f"n{i}"]]
            letters = self._letters_of(mark, text, len(values))
            unknown = None if len(values) == 2 else ""
            for place, value in enumerate(values):
                for measure in self._of_units(mark, value):
                    yield replace(measure, attribute=letters[place] if letters else unknown, place=place)

    def _letters_of(self, mark: re.Match[str], text: str, count: int) -> list[str] | None:
        """Return the attribute of each number where letters say it, in place or as "LxWxH" nearby."""
        letters = [mark[f"l{i}"] for i in range(1, count + 1)]
        if not all(letters):
            near = self._order.search(text, mark.end(), mark.end() + _CONTEXT)
            near = near or self._order.search(text, max(0, mark.start() - _CONTEXT), mark.start())
            letters = [letter for letter in near.groups() if letter] if near else []
        if len(letters) != count:
            return None
        named = [self._letters.get(letter.lower(), "") for letter in letters]
        if letters[:2] == ["L", "l"]:
            named[1] = "width"  # French: longueur x largeur
        return named if len(set(filter(None, named))) == len([n for n in named if n]) else None

    def _feet_inches(self, text: str) -> Iterator[Measure]:
        for mark in self._feet.finditer(text):
            value = _tidy((int(mark["f"]) * 12 + int(mark["i"])) * _INCH)
            yield Measure(start=mark.start(), end=mark.end(), dimension=LENGTH, unit="cm", value=value, written="ft")

    def _pack_sizes(self, text: str) -> Iterator[Measure]:
        marks = [(mark, mark.start()) for mark in self._count_after.finditer(text)]
        for mark in self._count_before.finditer(text):
            low = max(0, mark.start() - _CONTEXT)
            words = self._pack_words.search(text[low : mark.start()])
            marks += [(mark, low + words.start())] if words else []
        for mark, start in marks:
            count = int(mark["n"])
            if _LEAST_COUNT <= count <= _MOST_COUNT:
                yield Measure(start=start, end=mark.end(), dimension=COUNT, unit=COUNT, value=float(count))

    def _shoe_sizes(self, text: str) -> Iterator[Measure]:
        for system, pattern in self._shoes:
            least, most = self._shoe_limits[system]
            for mark in pattern.finditer(text):
                value = self._number(mark["n"])
                if value is not None and least <= value <= most:
                    yield Measure(start=mark.start(), end=mark.end(), dimension=SHOE, unit=system, value=value)


def alternatives(words: Iterable[str]) -> str:
    """Return a pattern of any of the words, longest first; it matches nothing when there is none."""
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda w: (-len(w), w))) or r"(?!)"


def _tidy(value: float) -> float:
    return round(value, 4)


def _box(begin: str, lengths: str) -> str:
    first, second, third = (rf"(?:(?P<l{i}>[a-zA-Z])[ .:]?)?(?P<n{i}>{NUMBER})" for i in (1, 2, 3))
    unit = rf"(?: ?(?:{lengths})(?={_TIMES}))?"
    return rf"{begin}{first}{unit}{_TIMES}{second}{unit}(?:{_TIMES}{third})? ?(?P<u>{lengths}){_END}"


def _wordings(patterns: Iterable[str], *, first: bool) -> str:
    """Return the words of the patterns that begin with {n} ("{n} pieces"), or of those that end with it ("pack of {n}")."""
    chosen = [p for p in patterns if p.startswith("{n}") == first]
    words = sorted((p.replace("{n}", "").strip() for p in chosen), key=lambda w: (-len(w), w))
    ends = [
        re.escape(w).replace(r"\ ", "[ -]?") + ("" if is_cjk(w[-1]) or not first else r"(?![a-zA-ZÀ-ÿ])") for w in words
    ]
    return "|".join(ends) or r"(?!)"


def _shoe_patterns(rules: QuantityRules, locale: str | None, begin: str) -> Iterator[tuple[str, str]]:
    alone = r"(?! ?[-–/,+&]? ?\d)(?! ?(?:cm|mm|g|kg|ml|%|°))"
    size = rf"(?P<n>\d{{1,2}}(?:[.,]\d)?{FRACTION}){alone}"
    word = rf"(?:(?:{alternatives(w for words in rules.shoe_before.values() for w in words)})[ .:]*)?"
    for system, names in rules.shoe_systems.items():
        yield system, rf"(?<![a-zA-Z]){word}(?:{alternatives(names)})[ .:-]*{word}{size}(?![a-zA-Z])"
        yield system, rf"{begin}(?P<n>\d{{1,2}}(?:[.,]\d)?{FRACTION}) ?(?:{alternatives(names)})(?![a-zA-ZÀ-ÿ])"
    before, after = rules.shoe_before.get(locale or "", ()), rules.shoe_after.get(locale or "", ())
    yield "eu", rf"(?<![a-zA-ZÀ-ÿ])(?:{alternatives(before)})[ .:]*{size}(?![a-zA-Z])"
    yield "eu", rf"{begin}(?P<n>\d{{1,2}}(?:[.,]\d)?) ?(?:{alternatives(after)})"
