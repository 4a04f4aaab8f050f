"""Counts on gold how often tags of a kind are right: `python -m eval.calibrate GOLD.jsonl calibration.json`.

Kinds go by source, match method, place of evidence and attribute (fuse.kinds). Shares are smoothed towards the parent
kind's share, so that a kind seen twice does not claim certainty.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from app.pipeline.fuse import Calibration
from app.settings import load_settings
from eval.harness.answers import Answer
from eval.harness.calibration import threshold_for
from eval.harness.gold import Gold, read_gold
from eval.harness.run import Run, ask, open_measured

SMOOTHING = 4.0
"""Pseudo-counts at the parent's share."""
LEAST = 8
"""A kind seen less often is answered by its parent."""
EVERYTHING = Calibration(version="counting", table={}, accept=1.0, review=0.0)
"""Nothing is rejected."""


def fit(gold: Gold, answers: Sequence[Answer], precision: float) -> dict[str, object]:
    """Return calibration.json's content: the table, and thresholds by which tags reach a precision."""
    graded = [
        (tag.kinds, tag.id in (item.tags or ()))
        for item, answer in zip(gold.listings, answers, strict=True)
        for tag in answer.tags or ()
    ]
    table = counted(graded)
    confidence = np.array([next(table[kind] for kind in of if kind in table) for of, _ in graded])
    right = np.array([good for _, good in graded])
    accept, review = (threshold_for(confidence, right, wanted) for wanted in (max(precision, 0.95), precision))
    return {
        "table": {key: round(share, 4) for key, share in table.items()},
        "accept": 1.0 if accept is None else round(accept, 4),
        "review": 1.0 if review is None else round(review, 4),
        "fitted": {"listings": len(answers), "tags": len(graded), "precision": precision},
    }


def counted(graded: Sequence[tuple[tuple[str, ...], bool]]) -> dict[str, float]:
    """Return the share of right tags by kind, widest kinds first; kinds seen less than `LEAST` times are left out."""
    seen: dict[str, list[bool]] = {}
    parents: dict[str, str | None] = {}
    for of, right in graded:
        for kind, parent in zip(of, (*of[1:], None), strict=True):
            seen.setdefault(kind, []).append(right)
            parents[kind] = parent
    table: dict[str, float] = {}
    overall = sum(right for _, right in graded) / len(graded)
    for kind in sorted(seen, key=lambda k: k.count("/")):
        parent = parents[kind]
        if parent is None or len(seen[kind]) >= LEAST:
            expected = _inherited(table, parents, parent, overall)
            table[kind] = (sum(seen[kind]) + SMOOTHING * expected) / (len(seen[kind]) + SMOOTHING)
    return table


def _inherited(
    table: Mapping[str, float], parents: Mapping[str, str | None], kind: str | None, overall: float
) -> float:
    while kind is not None and kind not in table:
        kind = parents[kind]
    return table[kind] if kind is not None else overall


async def _tagged(gold: Gold, calibration: Calibration) -> list[Answer]:
    run = Run(settings=load_settings(), tags=True, calibration=calibration)
    service = await open_measured(run)
    try:
        return (await ask(service, run, gold))[0]
    finally:
        await service.close()


def main() -> None:
    """Write a calibration fitted on a gold file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gold", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--precision", type=float, default=0.93)
    options = parser.parse_args()
    gold = read_gold(options.gold)
    content = fit(gold, asyncio.run(_tagged(gold, EVERYTHING)), options.precision)
    # which of two categories is shown depends on confidence, so shares are counted again on what would be shown
    table: dict[str, float] = content["table"]  # type: ignore[assignment]
    shown = Calibration(version="counting", table=table, accept=1.0, review=0.0)
    content = fit(gold, asyncio.run(_tagged(gold, shown)), options.precision)
    options.out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(content, indent=1))


if __name__ == "__main__":
    main()
