"""Normalises any number of values: each distinct one once, in batches that others work on, in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Generic, NamedTuple, TypeVar

R = TypeVar("R")
CHUNK = 50_000
"""Rows that are read before they are written; two chunks are in memory at a time."""
BATCH = 500
"""Values that a worker gets at once."""
REMEMBERED = 400_000
"""Distinct values whose results are kept, the latest ones; a value that comes back later is normalised again."""


class Asked(NamedTuple):
    """A value to normalise; attribute and language are empty where nothing is said."""

    raw: str
    attribute: str
    lang: str


Result = tuple[str, str, str, str, str]
"""Concept id, method, score, label, locale."""
Results = list[Result | None]


@dataclass(kw_only=True)
class Numbers:
    """What was done."""

    rows: int = 0
    distinct: int = 0
    """Values that were normalised."""
    by_method: Counter[str] = field(default_factory=Counter)
    """Rows, by how they matched."""


class Bulk(Generic[R]):
    """Gives each row its result, in order. ``submit`` starts a batch and returns what waits for its results."""

    def __init__(self, asked: Callable[[R], Asked], submit: Callable[[Sequence[Asked]], Callable[[], Results]]) -> None:
        self._asked = asked
        self._submit = submit
        self._known: dict[Asked, Result | None] = {}
        self._pending: dict[Asked, None] = {}
        self.numbers = Numbers()

    def run(self, rows: Iterable[R]) -> Iterator[list[tuple[R, Result | None]]]:
        """Yield chunks of rows with their results; while one is written, the next is worked on."""
        source = iter(rows)
        before: _Chunk[R] | None = None
        while chunk := list(islice(source, CHUNK)):
            begun = self._begin(chunk)
            if before is not None:
                yield self._finish(before)
                self._forget(begun)
            before = begun
        if before is not None:
            yield self._finish(before)

    def _begin(self, rows: list[R]) -> _Chunk[R]:
        asked = [self._asked(row) for row in rows]
        new = [one for one in dict.fromkeys(asked) if one not in self._known and one not in self._pending]
        self._pending.update(dict.fromkeys(new))
        batches = [new[start : start + BATCH] for start in range(0, len(new), BATCH)]
        return _Chunk(rows=rows, asked=asked, waiting=[(batch, self._submit(batch)) for batch in batches])

    def _finish(self, chunk: _Chunk[R]) -> list[tuple[R, Result | None]]:
        for batch, results in chunk.waiting:
            self._known.update(zip(batch, results(), strict=True))
            self.numbers.distinct += len(batch)
            for one in batch:
                del self._pending[one]
        done = [(row, self._known[one]) for row, one in zip(chunk.rows, chunk.asked, strict=True)]
        self.numbers.rows += len(done)
        self.numbers.by_method.update("unmatched" if result is None else result[1] for _, result in done)
        return done

    def _forget(self, needed: _Chunk[R]) -> None:
        """Forget the oldest results, but those that a chunk waits for."""
        if len(self._known) > REMEMBERED:
            asked = set(needed.asked)
            for one in list(islice(self._known, len(self._known) - REMEMBERED // 2)):
                if one not in asked:
                    del self._known[one]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Chunk(Generic[R]):
    rows: list[R]
    asked: list[Asked]
    waiting: list[tuple[list[Asked], Callable[[], Results]]]
