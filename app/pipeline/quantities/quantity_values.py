"""Reads the quantity in the value of one attribute: "2,5 kg", "8MB-2x4MB", "10-12 cm", "5 ft 3", "Gr. 42", "100% 棉".

What a seller or a model wrote for an attribute becomes a number, its unit and dimension; ranges stay ranges, multipacks
stay multipacks, and the rest of the text is kept. Where a value can be read in two ways, the answer says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from app.domain.tags import Quantity
from app.pipeline.quantities.amount_groups import EDGES, Joiner, multipacks, said_once, share_units, whole
from app.pipeline.quantities.amounts import Amount, AmountScanner, distinct
from app.pipeline.quantities.numbers import plain
from app.pipeline.quantities.units import Units
from app.pipeline.rules.measure_patterns import alternatives, compile_shoes
from app.pipeline.rules.measures import COUNT, LEAST_EUROPEAN, SHOE
from app.pipeline.rules.ruleset import RuleSet

_LONGEST = 2_000
"""Characters; what is longer is no value of one attribute."""


class Doubt(StrEnum):
    """What a value leaves open."""

    UNIT = "unit"
    """A unit with two meanings: an ounce of mass or of volume."""
    NUMBER = "number"
    """ "1.000" is a thousand or one, as long as the language is not known."""
    SEVERAL = "several"
    """More than one quantity stands in the value."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadQuantity:
    """A quantity at ``start:end`` of ``raw``, in the unit it is written in."""

    raw: str
    start: int
    end: int
    value: float
    """Of one piece; the lower end of a range."""
    unit: str
    """A unit of the rule data, a system of shoe sizes, or "" for a bare number."""
    dimension: str
    written: str = ""
    """The unit as written."""
    upper: float | None = None
    count: int | None = None
    """Pieces of a multipack; None where the value speaks of none."""

    @property
    def total(self) -> float:
        """What all pieces are together."""
        return self.value * (self.count or 1)

    @property
    def remainder(self) -> str:
        """What else the value says: "棉" in "100% 棉"."""
        parts = (self.raw[: self.start].strip(EDGES), self.raw[self.end :].strip(EDGES))
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ambiguous:
    """A value that can be read in more than one way; the caller decides, or asks."""

    raw: str
    doubt: Doubt
    readings: tuple[ReadQuantity, ...]


Reading = ReadQuantity | Ambiguous


class QuantityReader:
    """Reads values of one language; without a language, both decimal marks are tried."""

    def __init__(self, rules: RuleSet, lang: str | None) -> None:
        locale = next((key for key in rules.languages if lang and key.split("-")[0] == lang.split("-")[0]), None)
        quantities = rules.quantities
        self._decimals = (rules.language(locale).decimal,) if locale else (".", ",")
        self._scanner = AmountScanner(quantities, locale)
        self._units = {unit.unit: unit for unit in quantities.units}
        self._joiner = Joiner(quantities)
        self._words = quantities.number_words.get(locale or "en", {})
        ends = "" if locale in ("ja", "zh-CN") else r"(?![^\W\d_])"
        self._word = re.compile(rf"(?<![^\W\d_])(?P<n>{alternatives(self._words)}){ends}", re.IGNORECASE)
        self._shoes, self._shoe_limits = compile_shoes(quantities, locale or ""), quantities.shoe_limits

    def read(self, text: str, dimension: str | None = None, *, bare: str | None = None) -> Reading | None:
        """Return the quantity of a value, in how many ways it can be read, or None where there is none.

        ``dimension`` is the attribute's: only its units count then. ``bare`` is the unit of numbers that have none.
        """
        found = self.read_all(text, dimension, bare=bare)
        if len(found) < 2:
            return found[0] if found else None
        return Ambiguous(raw=text, doubt=Doubt.SEVERAL, readings=tuple(r for one in found for r in readings_of(one)))

    def read_all(self, text: str, dimension: str | None = None, *, bare: str | None = None) -> tuple[Reading, ...]:
        """Return every quantity of a value, in order; what is said twice ("2,5 kg (5.5 lb)") counts once."""
        if len(text) > _LONGEST:
            return ()
        ways = [self._read(text, decimal, dimension, bare) for decimal in self._decimals]
        if len(ways) == 1 or ways[0] == ways[1]:
            return tuple(_stated(text, Doubt.UNIT, options) for options in ways[0])
        if len(ways[0]) == len(ways[1]):
            return tuple(_stated(text, Doubt.NUMBER, (*a, *b)) for a, b in zip(*ways, strict=True))
        readings = tuple(reading for way in ways for options in way for reading in options)
        return (Ambiguous(raw=text, doubt=Doubt.NUMBER, readings=readings),)

    def _read(self, text: str, decimal: str, dimension: str | None, bare: str | None) -> list[Sequence[ReadQuantity]]:
        """Return the readings of each quantity in turn."""
        compatible = plain(text)
        if dimension == SHOE:
            return self._shoe_size(text, compatible, decimal)
        amounts = self._scanner.scan(compatible, decimal, dimension)
        amounts = share_units(compatible, multipacks(compatible, amounts))
        amounts = self._name_bare(compatible, amounts, dimension, bare)
        if dimension == COUNT and not amounts:
            amounts = list(self._number_words(compatible))
        joined = said_once(self._joiner.join(compatible, amounts))
        return [_readings(text, amount) for amount in joined]

    def _name_bare(self, text: str, amounts: Sequence[Amount], dimension: str | None, bare: str | None) -> list[Amount]:
        """Give the other bare numbers the unit that is meant without saying so, if there is one; drop the rest.

        A bare number behind a unit stays for a moment: it may be its smaller part ("5 ft 3").
        """
        unit = self._units[bare] if bare else self._scanner.count if dimension == COUNT else None
        if unit and (dimension == COUNT or not any(amount.units for amount in amounts)):
            amounts = [replace(a, units=(unit,)) if a.bare else a for a in amounts]
        if dimension is None and len(amounts) == 1 and amounts[0].bare and whole(text, amounts[0]):
            return list(amounts)
        return [a for i, a in enumerate(amounts) if a.units or (a.bare and i and amounts[i - 1].units)]

    def _number_words(self, text: str) -> Iterator[Amount]:
        """Yield numbers written as words, each once: "dual port (dual)" has two ports."""
        said: set[int] = set()
        for mark in self._word.finditer(text):
            number = self._words.get(mark["n"].lower())
            if number is not None and number not in said:
                said.add(number)
                yield Amount(start=mark.start(), end=mark.end(), number=float(number), units=(self._scanner.count,))

    def _shoe_size(self, text: str, compatible: str, decimal: str) -> list[Sequence[ReadQuantity]]:
        """Read "Gr. 42", "US 10.5", "9 UK"; a bare number that is not European may be either of the others."""
        named = [
            (mark.start(), mark.end(), number, system)
            for system, pattern in self._shoes
            for mark in pattern.finditer(compatible)
            for number in (self._number(mark["n"], decimal),)
            if number is not None and self._wearable(system, number)
        ]
        if not named:
            alone = [a for a in self._scanner.scan(compatible, decimal, SHOE) if a.bare and whole(compatible, a)]
            named = [
                (a.start, a.end, a.number, system)
                for a in alone
                for system in self._shoe_limits
                if self._wearable(system, a.number) and (system == "eu") == (a.number >= LEAST_EUROPEAN)
            ]
            return [_shoe_readings(text, named)] if named else []
        return [_shoe_readings(text, [one]) for one in sorted(set(named))]

    def _number(self, text: str, decimal: str) -> float | None:
        amounts = self._scanner.scan(text, decimal, SHOE)
        return amounts[0].number if len(amounts) == 1 else None

    def _wearable(self, system: str, number: float) -> bool:
        least, most = self._shoe_limits[system]
        return least <= number <= most


def readings_of(reading: Reading) -> tuple[ReadQuantity, ...]:
    """Return the ways in which a quantity can be read; one where there is no doubt."""
    return reading.readings if isinstance(reading, Ambiguous) else (reading,)


def normalized(read: ReadQuantity, units: Units, unit: str | None = None) -> Quantity:
    """Return a quantity (of one piece) in a unit, by default the one that its dimension is compared in.

    NotFound where it cannot be converted: another dimension, or sizes of shoes, which have no common measure.
    """
    to = unit or (read.unit if read.dimension in ("", SHOE) else units.base(read.dimension))
    upper = None if read.upper is None else units.convert(read.upper, read.unit, to)
    return Quantity(value=units.convert(read.value, read.unit, to), unit=to, upper=upper)


def _stated(raw: str, doubt: Doubt, options: Sequence[ReadQuantity]) -> Reading:
    different = tuple(dict.fromkeys(options))
    return different[0] if len(different) == 1 else Ambiguous(raw=raw, doubt=doubt, readings=different)


def _readings(raw: str, amount: Amount) -> list[ReadQuantity]:
    read = ReadQuantity(
        raw=raw, start=amount.start, end=amount.end, value=amount.number, unit="", dimension="",
        written=amount.written, upper=amount.upper, count=amount.count,
    )  # fmt: skip
    units = distinct(amount.units)
    return [replace(read, unit=unit.unit, dimension=unit.dimension) for unit in units] or [read]


def _shoe_readings(raw: str, named: Sequence[tuple[int, int, float, str]]) -> list[ReadQuantity]:
    return [
        ReadQuantity(raw=raw, start=start, end=end, value=number, unit=system, dimension=SHOE)
        for start, end, number, system in named
    ]
