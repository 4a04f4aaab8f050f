"""Finds the numbers of a value and the unit beside each: the first step of reading a quantity (quantity_values.py).

In running text (measures.py) a number counts only where its surroundings leave no doubt. Here the text is the value of
one attribute, so more is a unit ("in", "K"), fractions count, and a number may stand without any unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.pipeline.quantities.numbers import MIXED, NUMBER, read_mixed
from app.pipeline.quantities.unit_names import UnitNames
from app.pipeline.rules.measure_patterns import TIMES, count_sources
from app.pipeline.rules.measures import COUNT
from app.pipeline.rules.ruleset import QuantityRules, Unit

TEMPERATURE = "temperature"
_REACH = 24
"""Characters before a number in which "pack of" may stand."""
_LEAST_NOUN = 3
"""Letters that a noun has at least which is written together with a count: "24ports", but not "2XL"."""
_NEGATIVE = re.compile(r"(?<![\w-])[-−]$")
_LETTER, _SEPARATORS = re.compile(r"[^\W\d_]"), frozenset("-/")


@dataclass(frozen=True, kw_only=True, slots=True)
class Amount:
    """A number at ``start:end`` and the units it may be meant in; none where it is bare or of another dimension."""

    start: int
    end: int
    number: float
    units: tuple[Unit, ...] = ()
    written: str = ""
    """The unit as written; "" for a bare number."""
    upper: float | None = None
    count: int | None = None
    """Pieces of a multipack that hold ``number`` each."""

    @property
    def bare(self) -> bool:
        """No unit stands beside the number, not even one of another dimension."""
        return not self.written and not self.units


class AmountScanner:
    """Finds amounts in values of one language."""

    def __init__(self, rules: QuantityRules, locale: str | None) -> None:
        self._names = UnitNames(rules.units, locale)
        self._number, self._plain = re.compile(MIXED), re.compile(NUMBER)
        self._times = re.compile(rf"{TIMES}\d", re.IGNORECASE)
        self._noun = re.compile(rf"[^\W\d_]{{{_LEAST_NOUN}}}")
        counts = count_sources(rules, r"(?<![\d.,])")
        self._count, self._pack_words = (re.compile(counts[k], re.IGNORECASE) for k in ("count", "pack_words"))
        self.count = next(unit for unit in rules.units if unit.unit == COUNT)

    def scan(self, text: str, decimal: str, dimension: str | None) -> list[Amount]:
        """Return the amounts of a text in compatibility form, in order; they never overlap.

        Units of another than the asked ``dimension`` are left out; without one, all that a name stands for are kept.
        """
        counted = {mark.start("n"): mark.end() for mark in self._count.finditer(text)}
        found: list[Amount] = []
        at = 0
        while mark := self._number.search(text, at):
            number = read_mixed(mark.group(), decimal)
            if number is None and (plainly := self._plain.match(text, mark.start())):
                mark, number = plainly, read_mixed(plainly.group(), decimal)
            at, last = mark.end(), found[-1].end if found else -1
            if number is None or not _may_start(text, mark.start(), last):
                continue
            amount = self._amount(text, mark, number, dimension, counted)
            if amount is not None:
                found.append(amount)
                at = max(at, amount.end)
        return found

    def _amount(
        self, text: str, mark: re.Match[str], number: float, dimension: str | None, counted: dict[int, int]
    ) -> Amount | None:
        start, end = mark.span()
        written, after = self._names.beside(text, end)
        units = self._names.units(written, dimension) if written else []
        if not number.is_integer():
            units = [unit for unit in units if unit is not self.count]  # 0.24 ct are carats
        elif dimension in (None, COUNT):
            ahead = self._pack_words.search(text, max(0, start - _REACH), start) if _word_before(text, start) else None
            if start in counted or ahead:
                units = units or [self.count]
                after = max(after, counted.get(start, after))
                start = ahead.start() if ahead else start
        if not written and not units and not self._ends(text, end, dimension):
            return None
        return signed(text, Amount(start=start, end=after, number=number, units=tuple(units), written=written))

    def _ends(self, text: str, end: int, dimension: str | None) -> bool:
        """Say whether a number without a unit ends there: not where letters make a code of it ("3M", "2XL")."""
        follows = text[end : end + 1]
        if not follows.isascii() or not follows.isalpha() or self._times.match(text, end):
            return True
        return dimension == COUNT and self._noun.match(text, end) is not None


def _may_start(text: str, start: int, last: int) -> bool:
    """Say whether a number may start there: not inside a code ("DDR3", "B-12") or another number.

    ``last`` is where the amount before ends: what follows it directly is no code ("8MB-2x4MB", "5'3").
    """
    before, earlier = text[start - 1 : start], text[max(0, start - 2) : max(0, start - 1)]
    if start == last or (start - 1 == last and before in _SEPARATORS):
        return True
    if before in "xX×*" and before:
        return not _LETTER.match(earlier) or start - 2 <= last
    if before.isascii() and before.isalnum():
        return False
    return not (before in ("-", ".", ",") and earlier.isascii() and earlier.isalnum())


def _word_before(text: str, start: int) -> bool:
    return text[max(0, start - 2) : start].rstrip(" -")[-1:].isalpha()


def signed(text: str, amount: Amount) -> Amount:
    """Return the amount below zero where a minus stands before a temperature; elsewhere it is a hyphen."""
    before = text[max(0, amount.start - 2) : amount.start]
    if amount.number < 0 or not _NEGATIVE.search(before) or TEMPERATURE not in (u.dimension for u in amount.units):
        return amount
    return replace(amount, start=amount.start - 1, number=-amount.number)


def total(amount: Amount, unit: Unit) -> float:
    """Return what an amount is in the base unit of its dimension, a multipack as a whole."""
    return amount.number * (amount.count or 1) * unit.factor + unit.offset


def distinct(units: Iterable[Unit]) -> tuple[Unit, ...]:
    """Return units without the second rows that only name one in another language."""
    return tuple({unit.unit: unit for unit in units}.values())
