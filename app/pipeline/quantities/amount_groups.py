"""Joins the amounts of a value that belong together: ranges, multipacks, feet and inches, one thing said twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from app.pipeline.quantities.amounts import Amount, signed, total
from app.pipeline.rules.measure_patterns import RANGE, TIMES
from app.pipeline.rules.measures import COUNT, LENGTH, MASS
from app.pipeline.rules.ruleset import QuantityRules, Unit

EDGES = " ,;:()[]{}-–/·.+&|"
"""Characters that say nothing at the edge of what else stands in a value."""
_ALIKE, _ALIKE_WITH_OFFSET = 0.02, 0.002
"""Relative difference up to which two units state the same: "2,5 kg (5.5 lb)"; degrees count from absolute zero."""
_BESIDE = re.compile(r" ?(?:and|und|et|y|e|,|-)? ?")
_RANGE, _TIMES, _SLASH = re.compile(RANGE, re.IGNORECASE), re.compile(TIMES, re.IGNORECASE), re.compile(r" ?/ ?")


def multipacks(text: str, amounts: Sequence[Amount]) -> list[Amount]:
    """Join "3 x 250 ml" and "330ml*12"; of lengths, "40 x 60 cm" are two."""
    found: list[Amount] = []
    for amount in amounts:
        before = found[-1] if found else None
        if before and before.count is None and _TIMES.fullmatch(text, before.end, amount.start):
            pieces, each = (before, amount) if before.bare else (amount, before)
            if pieces.bare and _packs(each) and pieces.number.is_integer() and pieces.number >= 1:
                joined = replace(each, start=before.start, end=amount.end, count=int(pieces.number))
                found[-1] = joined
                continue
        found.append(amount)
    return found


def share_units(text: str, amounts: Sequence[Amount]) -> list[Amount]:
    """Give bare numbers the unit of the number that they are listed with: "10-12 cm", "40/80GB", "40 x 60 cm"."""
    found = list(amounts)
    for i in range(len(found) - 2, -1, -1):
        after = found[i + 1]
        if found[i].bare and not after.bare and _listed(text, found[i], after):
            found[i] = signed(text, replace(found[i], units=after.units, written=after.written))
    for before, i in zip(found, range(1, len(found)), strict=False):
        if found[i].bare and before.units and _RANGE.fullmatch(text, before.end, found[i].start):
            found[i] = replace(found[i], units=before.units)
    return found


class Joiner:
    """Joins neighbours into ranges and composites ("5 ft 3")."""

    def __init__(self, rules: QuantityRules) -> None:
        self._units = {unit.unit: unit for unit in rules.units}
        self._smaller: dict[str, list[Unit]] = {}
        for large, small in rules.composites:
            self._smaller.setdefault(large, []).append(self._units[small])

    def join(self, text: str, amounts: Sequence[Amount]) -> Iterator[Amount]:
        """Yield amounts, ranges and composites as one."""
        i = 0
        while i < len(amounts):
            one, other = amounts[i], amounts[i + 1] if i + 1 < len(amounts) else None
            joined = other and (_range(text, one, other) or self._composite(text, one, other))
            i += 2 if joined else 1
            if joined or one.units or len(amounts) == 1:
                yield joined or one

    def _composite(self, text: str, one: Amount, other: Amount) -> Amount | None:
        """Join "5 ft 3 in" and "5'3": in the larger unit."""
        if not one.number.is_integer() or one.count or other.count or not _BESIDE.fullmatch(text, one.end, other.start):
            return None
        implied = other.bare and not text[other.end :].strip(EDGES)
        for large in one.units:
            for small in self._smaller.get(large.unit, ()):
                named = small.unit in (unit.unit for unit in other.units)
                fits = 0 < other.number * small.factor < large.factor
                if fits and (named or (implied and large.dimension != MASS)):
                    number = one.number + other.number * small.factor / large.factor
                    return replace(one, end=other.end, number=number, units=(large,))
        return None


def whole(text: str, amount: Amount) -> bool:
    """Say whether nothing else stands in the text."""
    return not text[: amount.start].strip(EDGES) and not text[amount.end :].strip(EDGES)


def _range(text: str, one: Amount, other: Amount) -> Amount | None:
    """Join "10-12 cm"; "10-5 cm" is no range."""
    shared = tuple(unit for unit in one.units if unit.unit in {u.unit for u in other.units})
    rising = one.number < other.number and one.count is None and other.count is None
    if not shared or not rising or not _RANGE.fullmatch(text, one.end, other.start):
        return None
    return replace(other, start=one.start, number=one.number, upper=other.number, units=shared)


def said_once(amounts: Iterator[Amount]) -> list[Amount]:
    """Join neighbours that say the same: "2,5 kg (5.5 lb)", and a total with its multipack: "8MB-2x4MB"."""
    found: list[Amount] = []
    for amount in amounts:
        same = _same(found[-1], amount) if found else None
        if same:
            found[-1] = same
        else:
            found.append(amount)
    return found


def _same(one: Amount, other: Amount) -> Amount | None:
    if one.upper is not None or other.upper is not None:
        return None
    for a in one.units:
        for b in other.units:
            told_apart = a.unit != b.unit or one.count != other.count
            if a.dimension == b.dimension and told_apart and _alike(total(one, a), total(other, b), a, b):
                kept, unit = (other, b) if other.count else (one, a)
                return replace(kept, start=one.start, end=other.end, units=(unit,))
    return None


def _alike(one: float, other: float, *units: Unit) -> bool:
    tolerance = _ALIKE_WITH_OFFSET if any(unit.offset for unit in units) else _ALIKE
    return abs(one - other) <= tolerance * max(abs(one), abs(other))


def _packs(amount: Amount) -> bool:
    return bool(amount.units) and all(unit.dimension not in (LENGTH, COUNT) for unit in amount.units)


def _listed(text: str, one: Amount, other: Amount) -> bool:
    gap = (one.end, other.start)
    return bool(_RANGE.fullmatch(text, *gap) or _SLASH.fullmatch(text, *gap) or _TIMES.fullmatch(text, *gap))
