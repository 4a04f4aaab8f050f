"""Many values: each distinct one once, order kept, memory bounded."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from app.pipeline.matching import bulk as module
from app.pipeline.matching.bulk import Asked, Bulk, Result, Results


class Upper:
    """Matches everything but blanks, and counts what it is asked; batches are worked on when results are wanted."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.largest = 0

    def submit(self, batch: Sequence[Asked]) -> Callable[[], Results]:
        self.largest = max(self.largest, len(batch))

        def work() -> Results:
            self.asked += [one.raw for one in batch]
            return [(one.raw.upper(), "exact", "100", one.raw, "en") if one.raw.strip() else None for one in batch]

        return work


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, number in (("CHUNK", 10), ("BATCH", 3), ("REMEMBERED", 12)):
        monkeypatch.setattr(module, name, number)


def through(rows: list[str], upper: Upper) -> tuple[list[tuple[str, Result | None]], Bulk[str]]:
    bulk = Bulk[str](lambda row: Asked(row, "color", "en"), upper.submit)
    return [pair for chunk in bulk.run(rows) for pair in chunk], bulk


@pytest.mark.parametrize(
    "rows",
    [
        [],
        ["a"],
        ["b", "a", "b", " ", "a"],
        ["a"] * 35,
        [f"v{number % 7}" for number in range(100)],
        [f"v{number}" for number in range(100)],
        [f"v{number * number % 41}" for number in range(333)],
    ],
)
def test_every_row_gets_its_result_in_order(rows: list[str]) -> None:
    upper = Upper()
    found, bulk = through(rows, upper)
    assert [row for row, _ in found] == rows
    assert all((result is None) == (not row.strip()) for row, result in found)
    assert all(result[0] == row.upper() for row, result in found if result is not None)
    assert (bulk.numbers.rows, bulk.numbers.by_method.total()) == (len(rows), len(rows))
    assert bulk.numbers.distinct == len(upper.asked)
    assert upper.largest <= 3


def test_what_is_known_is_not_asked_again() -> None:
    upper = Upper()
    through([f"v{number % 9}" for number in range(500)], upper)
    assert sorted(upper.asked) == [f"v{number}" for number in range(9)]


def test_what_is_remembered_has_a_bound() -> None:
    upper = Upper()
    _, bulk = through([f"v{number}" for number in range(1000)], upper)
    assert len(upper.asked) == 1000
    assert len(bulk._known) <= 12 + 2 * 10
