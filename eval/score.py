"""Scores predictions of `tagwright extract` against a gold file: `python -m eval.score GOLD.jsonl OUT.jsonl`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.domain.errors import InvalidFile
from eval.metrics import Counts, sets, slots, total


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one listing under the three metrics."""

    slots: Counts
    strict: Counts
    sets: Counts


def score_listing(row: dict[str, Any], predicted: dict[str, list[str]], schema: dict[str, Any]) -> Score:
    """Score one gold row against what was predicted; a failed row predicts nothing."""
    known = [entry["name"] for entry in schema.get(row["category"]) or schema.get("*", ())]
    return Score(
        slots(row["gold"], predicted),
        slots(row["gold"], predicted, known),
        sets(row["gold"], predicted),
    )


def score_file(gold: Path, predictions: Path) -> list[Score]:
    """Score a file of predictions, one line per gold line in the same order, under the set's own schema.json."""
    rows = [json.loads(line) for line in gold.read_text(encoding="utf-8").splitlines()]
    answers = [json.loads(line) for line in predictions.read_text(encoding="utf-8").splitlines()]
    if [row["id"] for row in rows] != [answer["id"] for answer in answers]:
        raise InvalidFile(f"{predictions} does not answer the listings of {gold} in their order")
    schema = json.loads((gold.parent / "schema.json").read_text(encoding="utf-8"))["categories"]
    return [score_listing(row, a.get("predicted", {}), schema) for row, a in zip(rows, answers, strict=True)]


def line(name: str, counts: Counts) -> str:
    """Return one line of a report: F1 (precision / recall) in per cent."""
    return f"{name:<8}{100 * counts.f1:5.1f} ({100 * counts.precision:.1f} / {100 * counts.recall:.1f})"


def main(arguments: Sequence[str]) -> None:
    """Print the three metrics of a file."""
    gold, predictions = map(Path, arguments)
    scores = score_file(gold, predictions)
    print(f"{gold.parent.name}: {len(scores)} listings")
    for name in ("slots", "strict", "sets"):
        print(line(name, total(getattr(score, name) for score in scores)))


if __name__ == "__main__":
    main(sys.argv[1:])
