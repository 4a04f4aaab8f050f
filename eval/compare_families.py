"""Prints one table of trained models: `python -m eval.compare_families SET FOLDER... [--data DIR]` (`make compare`).

Quality on the set's dev by eval/metrics.py, latency of one listing at a time, size on disk, training time. A model that
cannot be opened here has a row that says why. Dev is read here and nowhere in training; every run of this is one look.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.adapters.families.card import is_family
from app.adapters.families.extractor import FamilyExtractor
from app.adapters.schema_files import read_schema
from app.bootstrap_extractors import open_family
from app.domain.errors import InvalidFile, TagwrightError
from app.domain.listing import Listing
from app.pipeline.extractor import Question
from eval.metrics import Counts, sets, slots, total

_TIMED = 50
"""Listings that latency is measured on, after one that warms up."""
_HEAD = ("model", "family", "slots", "strict", "sets", "p50 ms", "MB", "train s")


@dataclass(frozen=True, kw_only=True)
class Dev:
    """The dev split of a set as questions, with its gold rows."""

    rows: tuple[dict[str, Any], ...]
    questions: tuple[Question, ...]


def read_dev(data: Path, name: str) -> Dev:
    """Return a set's dev split; InvalidFile where it is missing."""
    path = data / name / "dev.jsonl"
    if not path.is_file():
        raise InvalidFile(f"gold data is missing: {path}", field="data")
    schema = read_schema(data / name / "schema.json")
    rows = tuple(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return Dev(rows=rows, questions=tuple(_question(row, schema.attributes(row["category"] or "")) for row in rows))


def _question(row: dict[str, Any], attributes: Any) -> Question:
    listing = Listing(title=row["title"], description=row.get("description") or "", lang=row.get("lang"))
    return Question(listing=listing, category=row["category"] or "", attributes=attributes)


async def measure(folder: Path, dev: Dev) -> tuple[str, ...]:
    """Return a row of the table."""
    model = await asyncio.to_thread(open_family, folder)
    try:
        scores = await score(model, dev)
        latency = await _p50_ms(model, dev.questions[: _TIMED + 1])
    finally:
        await model.close()
    size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    figures = (*scores, f"{latency:.1f}", f"{size:.1f}", f"{model.card.train_seconds:.0f}")
    return (model.card.name, model.card.family, *figures)


async def score(model: FamilyExtractor, dev: Dev) -> tuple[str, str, str]:
    """Return F1 by slots, strict and sets, in per cent; a listing that failed has no values."""
    by_slots, strict, by_sets = [], [], []
    for row, question, answer in zip(dev.rows, dev.questions, await model.extract_many(dev.questions), strict=True):
        predicted = {} if isinstance(answer, TagwrightError) else answer.predicted
        by_slots.append(slots(row["gold"], predicted))
        strict.append(slots(row["gold"], predicted, [attribute.name for attribute in question.attributes]))
        by_sets.append(sets(row["gold"], predicted))
    return _per_cent(by_slots), _per_cent(strict), _per_cent(by_sets)


def _per_cent(counts: Sequence[Counts]) -> str:
    return f"{100 * total(counts).f1:.1f}"


async def _p50_ms(model: FamilyExtractor, questions: Sequence[Question]) -> float:
    times = []
    for question in questions:
        began = time.perf_counter()
        await model.extract_many([question])
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times[1:] or times)


async def table(folders: Sequence[Path], dev: Dev) -> list[tuple[str, ...]]:
    """Return the rows, the head first; a folder without a model, or one that cannot be opened, says so."""
    rows: list[tuple[str, ...]] = [_HEAD]
    for folder in folders:
        try:
            if not is_family(str(folder)):
                raise InvalidFile(f"not trained: no card in {folder}")
            rows.append(await measure(folder, dev))
        except TagwrightError as exc:
            rows.append((folder.name, f"{exc.message}{f' ({exc.hint})' if exc.hint else ''}"))
    return rows


def main(arguments: Sequence[str]) -> None:
    """Print the table, columns aligned."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("set")
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    options = parser.parse_args(arguments)
    rows = asyncio.run(table(options.folders, read_dev(options.data, options.set)))
    widths = [max(len(row[n]) for row in rows if len(row) == len(_HEAD)) for n in range(len(_HEAD))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip())


if __name__ == "__main__":
    main(sys.argv[1:])
