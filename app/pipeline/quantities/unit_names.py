"""Finds the name of a unit behind a number of a value, and the units that it stands for."""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.pipeline.quantities.numbers import plain
from app.pipeline.rules.ruleset import Unit

_GAP = re.compile(" ?-? ?")
_WORD_ENDS = re.compile(r"(?=[x×*] ?\d)|(?![a-zA-ZÀ-ÿ])(?! ?/ ?[a-zA-Z])")
"""A name of letters ends there: "330mlx12" is a multipack, "250 g/m2" no mass."""
_GOES_ON = re.compile(r" \d")


class UnitNames:
    """All names of units in one language: those of running text and those that are read in values only."""

    def __init__(self, units: Iterable[Unit], locale: str | None) -> None:
        self._exact: dict[str, dict[Unit, None]] = {}
        self._folded: dict[str, dict[Unit, None]] = {}
        for unit in (unit for unit in units if unit.lang in (None, locale)):
            for name in map(plain, (*unit.names, *unit.strict, *unit.values)):
                self._exact.setdefault(name, {})[unit] = None
            for name in map(plain, (*unit.names, *unit.values)):
                self._folded.setdefault(name.lower(), {})[unit] = None
        sizes: dict[str, set[int]] = {}
        for name in (*self._folded, *map(str.lower, self._exact)):
            sizes.setdefault(name[0], set()).add(len(name))
        self._sizes = {first: sorted(of, reverse=True) for first, of in sizes.items()}

    def beside(self, text: str, end: int) -> tuple[str, int]:
        """Return the longest name behind a number that ends at ``end``, and where it ends; ("", end) without one."""
        gap = _GAP.match(text, end)
        start = gap.end() if gap else end
        for size in self._sizes.get(text[start : start + 1].lower(), ()):
            name, after = text[start : start + size], start + size
            known = len(name) == size and (name in self._exact or name.lower() in self._folded)
            if known and (not name[-1].isalnum() or _WORD_ENDS.match(text, after)):
                # "3 in 1" are no inches
                return ("", end) if name.lower() == "in" and _GOES_ON.match(text, after) else (name, after)
        return "", end

    def units(self, written: str, dimension: str | None) -> list[Unit]:
        """Return what a name stands for: as it is written, or else in any case ("GB" for "gb").

        Without a ``dimension`` single letters that are read in values only say too little ("2M", "10K").
        """
        named = self._exact.get(written) or self._folded.get(written.lower(), {})
        if dimension is not None:
            return [unit for unit in named if unit.dimension == dimension]
        letter = len(written) == 1 and written.isascii() and written.isalpha()
        return [unit for unit in named if not letter or written in unit.strict or written.lower() in unit.names]
