"""Reads shoe sizes from running text: "Gr. 42", "EU 40 / 41 / 42,5", "UK 6 US 6.5", "36-41", "42 2/3".

A listing that names several sizes has them all; of a range both ends are named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

_NUMBER = r"(?P<whole>\d{1,2})(?P<half> ?[.,]5(?!\d))?(?P<part> ?(?:[12] ?/ ?[23]|[½⅓⅔])(?![\d/]))?(?!\d|[.,]\d(?!\d))"
_BEFORE_WORD = re.compile(_NUMBER)
_SIZE = re.compile(_NUMBER + r"(?![WM]?[a-zA-ZÀ-ÿ_](?<![WM])|[WM]\w)")
_PARTS = {"1/2": 0.5, "½": 0.5, "1/3": 0.333, "⅓": 0.333, "2/3": 0.667, "⅔": 0.667}
_NEXT = re.compile(
    r" ?(?:(?P<range>[-–—~]|bis|to|sampai|hingga|s/d)|(?P<mark>[/|,;+&]|und|and|oder|or|dan))? ?", re.IGNORECASE
)
_UNIT = re.compile(r" ?(?:cm|mm|kg|g|ml|%|°|€|\$|zoll|inch|pcs|stk|stück|x|×)(?![a-zà-ÿ])")
_START, _START_CJK = r"(?<![\w#.-])(?<!\d[,/])", r"(?<![a-zA-Z0-9#.-])(?<!\d[,/])"
_WIDTH = r"(?: (?:EE|2E|4E|[BDMWN])(?: ?\([BDMWN]\))?)?"
"""An American width between a size and its system: "10.5 M US"."""
_NOT_IN_WORD = r"(?<![a-zA-ZÀ-ÿ])"
_WIDEST = 16
"""Most sizes between the ends of a range and between neighbours of a list."""
_BARE_LIST, _LEAST_LONE = (20, 50), 35
"""Sizes that are read without a word that says what they are: in lists also children's."""
_GOES_ON = re.compile(r"[-–/.,:]?\w|[-–/]")
_FEWEST_BARE = 3
"""Numbers beside each other, only blanks between them, that are a list of sizes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ShoeSize:
    """A size at ``start:end``, with the words that say what it is."""

    start: int
    end: int
    value: float
    system: str
    bare: bool = False
    """No word says that it is a size."""
    lone: bool = False
    """One bare number: a size only where sizes stand."""


@dataclass(frozen=True, slots=True)
class _Read:
    start: int
    end: int
    value: float
    third: bool
    """Whether it is written with a third: nothing but shoes is."""
    joined: str = ""
    """How it follows the size before: "range", "mark", or nothing but a blank."""


class ShoeSizes:
    """Finds the shoe sizes in texts of one language."""

    def __init__(
        self,
        systems: Mapping[str, Sequence[str]],
        before: Sequence[str],
        after: Sequence[str],
        limits: Mapping[str, tuple[float, float]],
        *,
        cues: Sequence[str],
        cjk: bool,
    ) -> None:
        """``before`` and ``after`` are words beside a European size, ``cues`` those that may stand beside a system."""
        start = _START_CJK if cjk else _START
        cue = rf"(?:(?:{_any(cues)})[ .:]*)?"
        prefixed = {system: rf"{_NOT_IN_WORD}{cue}(?:{_any(names)})[ .:_-]*{cue}" for system, names in systems.items()}
        suffixed = {system: rf"{_WIDTH} ?(?:{_any(names)})(?![a-zA-ZÀ-ÿ])" for system, names in systems.items()}
        self._before = [(s, re.compile(p, re.IGNORECASE)) for s, p in prefixed.items()]
        self._before.append(("eu", re.compile(rf"{_NOT_IN_WORD}(?:{_any(before)})[ .:]*", re.IGNORECASE)))
        self._after = [(s, re.compile(p, re.IGNORECASE)) for s, p in suffixed.items()]
        self._after.append(("eu", re.compile(rf" ?(?:{_any(after)})", re.IGNORECASE)))
        names = [name for known in systems.values() for name in known]
        worded = rf"{_NOT_IN_WORD}(?:{_any([*names, *before])})[ .:_-]*(?:(?:{_any(cues)})[ .:]*)?\d"
        self._worded = re.compile(rf"{worded}|\d{_WIDTH} ?(?:{_any([*names, *after])})", re.IGNORECASE)
        self._number = re.compile(rf"{start}(?=\d)(?![12] ?/ ?[23](?!\d))")
        self._limits = limits

    def stated(self, text: str) -> list[ShoeSize]:
        """Return the sizes beside a word that says so; of readings that overlap the one that begins first counts."""
        if not self._worded.search(text):  # most texts: one look is enough
            return []
        groups = sorted(chain(self._prefixed(text), self._suffixed(text)), key=lambda g: (g[0].start, -g[-1].end))
        found: list[ShoeSize] = []
        for group in groups:
            if not found or group[0].start >= found[-1].end:
                found += group
        return found

    def bare(self, text: str) -> Iterator[ShoeSize]:
        """Yield what can only be sizes where shoes are sold: ranges, lists, thirds; and lone numbers."""
        done = 0
        for mark in self._number.finditer(text):
            sizes = list(self._list(text, mark.start(), _BARE_LIST)) if mark.start() >= done else []
            if not sizes:
                continue
            done = sizes[-1].end
            certain = len(sizes) >= _FEWEST_BARE or any(size.joined or size.third for size in sizes)
            lone = len(sizes) == 1 and sizes[0].value >= _LEAST_LONE and not _GOES_ON.match(text, done)
            if not certain and not lone:
                continue
            for size in sizes:
                yield ShoeSize(
                    start=size.start, end=size.end, value=size.value, system="eu", bare=True, lone=not certain
                )

    def _prefixed(self, text: str) -> Iterator[list[ShoeSize]]:
        for system, pattern in self._before:
            for mark in pattern.finditer(text):
                sizes = list(self._list(text, mark.end(), self._limits[system]))
                if sizes:
                    yield _sizes(sizes, system, start=mark.start())

    def _suffixed(self, text: str) -> Iterator[list[ShoeSize]]:
        for mark in self._number.finditer(text):
            for system, pattern in self._after:
                sizes = list(self._list(text, mark.start(), self._limits[system], followed=pattern))
                named = pattern.match(text, sizes[-1].end) if sizes else None
                if named:
                    yield _sizes(sizes, system, end=named.end())

    def _list(
        self, text: str, at: int, limits: tuple[float, float], *, followed: re.Pattern[str] | None = None
    ) -> Iterator[_Read]:
        """Yield the size at an offset and those joined to it, smallest first."""
        last = _read(text, at, followed)
        while last is not None and limits[0] <= last.value <= limits[1]:
            yield last
            between = _NEXT.match(text, last.end)
            joined = between.lastgroup or "" if between else ""
            following = _read(text, between.end(), followed, joined) if between else None
            ascends = following is not None and last.value < following.value <= last.value + _WIDEST
            last = following if ascends else None


def _sizes(read: Sequence[_Read], system: str, *, start: int | None = None, end: int | None = None) -> list[ShoeSize]:
    """Return the sizes; the word that names their system belongs to the first or to the last."""
    starts = [size.start for size in read]
    ends = [size.end for size in read]
    starts[0], ends[-1] = starts[0] if start is None else start, ends[-1] if end is None else end
    return [
        ShoeSize(start=low, end=high, value=size.value, system=system)
        for low, high, size in zip(starts, ends, read, strict=True)
    ]


def _read(text: str, at: int, followed: re.Pattern[str] | None, joined: str = "") -> _Read | None:
    mark = _SIZE.match(text, at) or (_BEFORE_WORD.match(text, at) if followed else None)
    if mark is None or (_UNIT.match(text, mark.end()) and not (followed and followed.match(text, mark.end()))):
        return None
    part = (mark["part"] or "").replace(" ", "")
    value = int(mark["whole"]) + (0.5 if mark["half"] else 0.0) + _PARTS.get(part, 0.0)
    return _Read(at, mark.end(), round(value, 3), "3" in part or part in ("⅓", "⅔"), joined)


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda w: (-len(w), w))) or r"(?!)"
