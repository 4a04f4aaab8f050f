"""Counts on gold how often tags of a kind are right: `python -m eval.calibrate GOLD.jsonl... --out calibration.json`.

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


Judged = tuple[tuple[str, ...], bool]
"""The kinds of a tag, and whether it is right."""


def judged(gold: Gold, answers: Sequence[Answer]) -> list[Judged]:
    """Return the tags that were given, each with its kinds and whether gold has it."""
    return [
        (tag.kinds, tag.id in (item.tags or ()))
        for item, answer in zip(gold.listings, answers, strict=True)
        for tag in answer.tags or ()
    ]


def fit(graded: Sequence[Judged], accepted: float, shown: float) -> dict[str, object]:
    """Return calibration.json's content: the table, and thresholds by which tags reach two precisions."""
    table = counted(graded)
    confidence = np.array([next(table[kind] for kind in of if kind in table) for of, _ in graded])
    right = np.array([good for _, good in graded])
    accept, review = (threshold_for(confidence, right, wanted) for wanted in (accepted, shown))
    return {
        "table": {key: round(share, 4) for key, share in table.items()},
        "accept": 1.0 if accept is None else round(accept, 4),
        "review": 1.0 if review is None else round(review, 4),
        "fitted": {"tags": len(graded), "accepted": accepted, "shown": shown},
    }


def counted(graded: Sequence[Judged]) -> dict[str, float]:
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


async def _graded(golds: Sequence[Gold], calibration: Calibration) -> list[Judged]:
    run = Run(settings=load_settings(), tags=True, calibration=calibration)
    service = await open_measured(run)
    try:
        return [one for gold in golds for one in judged(gold, (await ask(service, run, gold))[0])]
    finally:
        await service.close()


def main() -> None:
    """Write a calibration fitted on gold files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gold", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--accepted", type=float, default=0.92, help="precision of the tags accepted")
    parser.add_argument("--shown", type=float, default=0.9, help="precision of all tags shown, those to review too")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="where texts are looked up")
    options = parser.parse_args()
    golds = [read_gold(path, data=options.data) for path in options.gold]
    content = fit(asyncio.run(_graded(golds, EVERYTHING)), options.accepted, options.shown)
    # which of two categories is shown depends on confidence, so shares are counted again on what would be shown
    table: dict[str, float] = content["table"]  # type: ignore[assignment]
    shown = Calibration(version="counting", table=table, accept=1.0, review=0.0)
    content = fit(asyncio.run(_graded(golds, shown)), options.accepted, options.shown)
    options.out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(content, indent=1))


if __name__ == "__main__":
    main()
