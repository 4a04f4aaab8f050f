"""Keeps dev listings out of training: every family that is trained asks here first.

A listing is the same as another one when their titles are equal once folded (case, width, accents), and nearly the
same when their sets of words have a Jaccard index of 0.9 or more: one word of ten more, or any order of the same.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.domain.errors import LeakedData
from app.pipeline.text import fold_label

TRAIN = "train"
NEAR = 0.9
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff_]+")
"""A Chinese or Japanese character is a word."""
_SHOWN = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Leak:
    """A training title that stands in a dev file, or nearly does."""

    row: int
    """Its place among the titles looked at, from 0."""
    title: str
    dev_id: str
    likeness: float
    """1 where the folded titles are equal, else the Jaccard index."""


class DevTitles:
    """The titles of every dev.jsonl of a data folder, looked up by likeness in well under a millisecond."""

    def __init__(self, rows: Iterable[tuple[str, str]]) -> None:
        """Index (id, title) pairs."""
        self._ids: list[str] = []
        self._words: list[frozenset[str]] = []
        self._folded: dict[str, int] = {}
        for number, (dev_id, title) in enumerate(rows):
            self._ids.append(dev_id)
            self._words.append(words(title))
            self._folded.setdefault(fold_label(title), number)
        self._frequency = Counter(word for known in self._words for word in known)
        self._rare: dict[str, list[int]] = defaultdict(list)
        for number, known in enumerate(self._words):
            for word in self._prefix(known):
                self._rare[word].append(number)

    def __len__(self) -> int:
        """Return how many dev titles are known."""
        return len(self._ids)

    def likest(self, title: str) -> tuple[str, float] | None:
        """Return (dev id, likeness) of the dev title that this one is too like, or None."""
        same = self._folded.get(fold_label(title))
        if same is not None:
            return self._ids[same], 1.0
        mine = words(title)
        near = {number for word in self._prefix(mine) for number in self._rare.get(word, ())}
        best = max(((jaccard(mine, self._words[n]), n) for n in near), default=(0.0, -1))
        return (self._ids[best[1]], best[0]) if best[0] >= NEAR else None

    def _prefix(self, known: frozenset[str]) -> list[str]:
        """Return the rarest words of a set: two sets that are near share one of these at least.

        Chaudhuri, Ganti, Kaushik: A Primitive Operator for Similarity Joins in Data Cleaning (ICDE 2006).
        """
        ordered = sorted(known, key=lambda word: (self._frequency[word], word))
        return ordered[: len(ordered) - math.ceil(NEAR * len(ordered)) + 1]


def dev_titles(data: Path) -> DevTitles:
    """Return the titles of all dev files in a data folder: sets share sources, so each is kept from every other."""
    return DevTitles(row for path in sorted(data.glob("*/dev.jsonl")) for row in _titles(path))


def leaks(titles: Iterable[str], dev: DevTitles) -> Iterator[Leak]:
    """Yield the titles that stand in dev, or nearly."""
    for row, title in enumerate(titles):
        found = dev.likest(title)
        if found is not None:
            yield Leak(row=row, title=title, dev_id=found[0], likeness=found[1])


def refuse_leaks(titles: Sequence[str], dev: DevTitles, *, source: str) -> None:
    """Raise LeakedData, which names the rows, where a training title stands in dev or nearly does."""
    found = list(leaks(titles, dev))
    if found:
        shown = "; ".join(f"row {leak.row + 1} {leak.title[:60]!r} is {leak.dev_id}" for leak in found[:_SHOWN])
        raise LeakedData(
            f"{len(found)} of {len(titles)} training listings of {source} stand in a dev set: {shown}",
            field="data",
            hint="drop them (app.training.leaks.without_leaks), and train on the split `train` alone",
        )


def without_leaks(titles: Sequence[str], dev: DevTitles) -> tuple[list[int], Mapping[str, int]]:
    """Return the places of the titles that may be trained on, and what was left out, for the card of the run."""
    found = {leak.row: leak for leak in leaks(titles, dev)}
    equal = sum(leak.likeness == 1.0 for leak in found.values())
    kept = [row for row in range(len(titles)) if row not in found]
    return kept, {"listings": len(titles), "in_dev": equal, "near_dev": len(found) - equal, "kept": len(kept)}


def check_split(split: str, *, source: str) -> None:
    """Raise LeakedData unless the split is the one that may be trained on."""
    if split != TRAIN:
        message = f"{source}: the split {split!r} is for evaluation: only {TRAIN!r} is trained on"
        raise LeakedData(message, field="split")


def words(title: str) -> frozenset[str]:
    """Return the words of a folded title."""
    return frozenset(_WORD.findall(fold_label(title)))


def jaccard(one: frozenset[Any], other: frozenset[Any]) -> float:
    """Return what two sets share of all they hold; 0 for two empty ones."""
    union = len(one | other)
    return len(one & other) / union if union else 0.0


def _titles(path: Path) -> Iterator[tuple[str, str]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield str(row["id"]), row["title"]
