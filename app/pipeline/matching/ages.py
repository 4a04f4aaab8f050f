"""Ages in numbers onto age groups: "0-12 bln", "Ages 8+", "6か月から".

The bounds and the units are data (values.yaml).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

_OLDEST = 120 * 12


@dataclass(frozen=True, kw_only=True)
class Ages:
    """Which group an age belongs to."""

    attribute: str = ""
    units: Mapping[str, int] = field(default_factory=dict)
    """Word for a unit of time -> months."""
    cues: frozenset[str] = frozenset()
    """Words that say of a bare number that it is an age in years, and those that may stand beside one."""
    groups: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Concept id -> months: from, to before."""

    def group_of(self, folded: str) -> str | None:
        """Return the group that holds most of the ages that a text names; None when it names none."""
        found = self._pattern.fullmatch(folded) if any(char.isdigit() for char in folded) else None
        if found is None:
            return None
        unit = found["last"] or found["first"] or found["after"]
        if not (unit or found["open"] or found["before"] or found["behind"]):
            return None
        low = int(found["low"]) * self.units.get(found["first"] or unit or "", 12)
        high = int(found["high"]) * self.units.get(unit or "", 12) if found["high"] else low
        if high < low or high > _OLDEST:
            return None
        if low == high:
            return next((group for group, (start, end) in self.groups.items() if start <= low < end), None)
        return max(self.groups, key=lambda group: _shared(self.groups[group], low, high))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        units, cues = _any_of(self.units), _any_of(self.cues)
        return re.compile(
            rf"(?:(?P<before>{cues})\s*)*(?P<low>\d{{1,3}})\s*(?P<first>{units})?"
            rf"(?:\s*(?:(?:{cues})\s*)?(?P<high>(?<!\d)\d{{1,3}})\s*(?P<last>{units})?)?"
            rf"\s*(?P<open>\+)?\s*(?P<after>{units})?(?:\s*(?P<behind>{cues}))*"
        )


def _any_of(words: Mapping[str, int] | frozenset[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True))) or r"(?!)"


def _shared(group: tuple[int, int], low: int, high: int) -> int:
    return min(group[1], high) - max(group[0], low)
