"""Reads numbers with units, pack sizes, dimensions and shoe sizes from a text.

What they say about a product is decided in app/pipeline/rules/quantities.py, once its category is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from app.pipeline.quantities.numbers import FRACTION, NUMBER, plain, read_number
from app.pipeline.rules.document import Field
from app.pipeline.rules.measure_patterns import compile_patterns
from app.pipeline.rules.ruleset import QuantityRules, Unit
from app.pipeline.rules.shoe_sizes import ShoeSize, ShoeSizes

COUNT, LENGTH, MASS, VOLUME, DATA, SHOE = "count", "length", "mass", "volume", "data", "shoe"
_CONTEXT = 24
"""Characters beside a number in which words change what it means."""
_INCH = 2.54
_LEAST_COUNT, _MOST_COUNT = 2, 10_000
LEAST_EUROPEAN = 20
"""A bare shoe size from here on is European: it is too large for an American or British one."""


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
    bare: bool = False
    """Nothing beside it says what it is: it is a size where shoes are sold."""
    lone: bool = False
    """One bare number: a shoe size only where sizes stand."""


class Measurer:
    """Finds measures in texts of one language."""

    def __init__(self, rules: QuantityRules, locale: str | None, decimal: str) -> None:
        self._decimal = decimal
        self._units: dict[str, list[Unit]] = {}
        for unit in rules.units:
            if unit.lang in (None, locale):
                for name in (*map(str.lower, unit.names), *unit.strict):
                    self._units.setdefault(name, []).append(unit)
        lengths = [name for name, units in self._units.items() if units[0].dimension == LENGTH]
        self._letters = {**rules.letters.get("*", {}), **rules.letters.get(locale or "", {})}
        self._patterns = compile_patterns(rules, locale, self._units, lengths, self._letters)
        self._shoe_limits = rules.shoe_limits
        self._shoes = ShoeSizes(
            rules.shoe_systems,
            rules.shoe_before.get(locale or "", ()),
            rules.shoe_after.get(locale or "", ()),
            rules.shoe_limits,
            cues=[word for words in rules.shoe_before.values() for word in words],
            cjk=locale in ("ja", "zh-CN"),
        )
        words = {**rules.sides, **rules.kinds}
        self._word_attribute = {word.lower(): attribute for attribute, known in words.items() for word in known}

    def find(self, field: Field) -> list[Measure]:
        """Return the measures in a field; none lies inside another, but two may share a span."""
        text = plain(field.cleaned.text)
        taken: set[int] = set()
        found: list[Measure] = []
        order = (self._shoe_sizes, self._memories, self._multiples, self._boxes, self._feet_inches)
        for read in (*order, self._pack_sizes, self._singles, self._bare_shoe_sizes):
            fresh = [m for m in read(text) if taken.isdisjoint(range(m.start, m.end))]
            found += fresh
            taken.update(at for measure in fresh for at in range(measure.start, measure.end))
        return found

    def find_stated(self, field: Field, attributes: Sequence[str]) -> list[Measure]:
        """Return the measures of a seller attribute named after one of ``attributes``: a bare number counts too."""
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
        return LEAST_EUROPEAN <= value <= self._shoe_limits["eu"][1]

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
        for mark in self._patterns.single.finditer(text):
            before, after = (
                text[max(0, mark.start() - _CONTEXT) : mark.start()],
                text[mark.end() : mark.end() + _CONTEXT],
            )
            closes_quote = mark["u"] == '"' and text.count('"', 0, mark.start()) % 2 == 1
            if closes_quote or self._patterns.not_before.search(before) or self._patterns.not_after.match(after):
                continue
            value, upper = self._number(mark["n"]), self._number(mark["m"])
            if value is not None and upper is not None and upper <= value:
                value, upper = upper, None  # "10-5 cm" is no range
            attribute = self._named(before, after)
            for measure in self._of_units(mark, value, upper):
                yield replace(measure, attribute=attribute)

    def _named(self, before: str, after: str) -> str | None:
        """Return the attribute that a word beside the number names; one behind another number belongs to that."""
        ahead, behind = self._patterns.word_before.search(before), self._patterns.word_after.match(after)
        if ahead and not re.search(r"\d ?[a-zA-Z\"″]{1,3} ?$", before[: ahead.start()]):
            return self._word_attribute[ahead["w"].lower()]
        return self._word_attribute[behind["w"].lower()] if behind else None

    def _memories(self, text: str) -> Iterator[Measure]:
        """8GB+256GB, 8/256GB: memory and storage of a phone."""
        for mark in self._patterns.memory.finditer(text):
            ram, (rom, *_) = float(mark["ram"]), self._of_units(mark, float(mark["rom"]))
            if 0 < ram < rom.value:
                yield replace(rom, value=ram, attribute="memory")
                yield replace(rom, attribute="storage_capacity")

    def _multiples(self, text: str) -> Iterator[Measure]:
        """12 x 330 ml, 330ml*12: a pack and what one piece holds."""
        for mark in (*self._patterns.multi.finditer(text), *self._patterns.multi_after.finditer(text)):
            count = int(mark["c"])
            for measure in self._of_units(mark, self._number(mark["n"])):
                if measure.dimension in (MASS, VOLUME) and count >= _LEAST_COUNT:
                    yield measure
                    yield replace(measure, dimension=COUNT, unit=COUNT, value=float(count), written="")

    def _boxes(self, text: str) -> Iterator[Measure]:
        """40x60 cm, L 40 x B 60 x H 20 cm, 40 x 60 x 20 cm (LxWxH)."""
        for mark in self._patterns.box.finditer(text):
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
            near = self._patterns.order.search(text, mark.end(), mark.end() + _CONTEXT)
            near = near or self._patterns.order.search(text, max(0, mark.start() - _CONTEXT), mark.start())
            letters = [letter for letter in near.groups() if letter] if near else []
        if len(letters) != count:
            return None
        named = [self._letters.get(letter.lower(), "") for letter in letters]
        if letters[:2] == ["L", "l"]:
            named[1] = "width"  # French: longueur x largeur
        return named if len(set(filter(None, named))) == len([n for n in named if n]) else None

    def _feet_inches(self, text: str) -> Iterator[Measure]:
        for mark in self._patterns.feet.finditer(text):
            value = _tidy((int(mark["f"]) * 12 + int(mark["i"])) * _INCH)
            yield Measure(start=mark.start(), end=mark.end(), dimension=LENGTH, unit="cm", value=value, written="ft")

    def _pack_sizes(self, text: str) -> Iterator[Measure]:
        marks = [(mark, mark.start()) for mark in self._patterns.count.finditer(text)]
        for mark in self._patterns.number.finditer(text):
            low = max(0, mark.start() - _CONTEXT)
            words = self._patterns.pack_words.search(text[low : mark.start()])
            marks += [(mark, low + words.start())] if words else []
        for mark, start in marks:
            count = int(mark["n"])
            if _LEAST_COUNT <= count <= _MOST_COUNT:
                yield Measure(start=start, end=mark.end(), dimension=COUNT, unit=COUNT, value=float(count))

    def _shoe_sizes(self, text: str) -> Iterator[Measure]:
        return map(_shoe, self._shoes.stated(text))

    def _bare_shoe_sizes(self, text: str) -> Iterator[Measure]:
        return map(_shoe, self._shoes.bare(text))


def _shoe(size: ShoeSize) -> Measure:
    return Measure(
        start=size.start, end=size.end, dimension=SHOE, value=size.value, unit=size.system, bare=size.bare,
        lone=size.lone,
    )  # fmt: skip


def _tidy(value: float) -> float:
    return round(value, 4)
