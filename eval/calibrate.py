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

from app.domain.tags import TagSet
from app.pipeline.fuse import Calibration, kinds
from eval.tagging import GoldListing, read_gold, tag_all

SMOOTHING = 4.0
"""Pseudo-counts at the parent's share."""
LEAST = 8
"""A kind seen less often is answered by its parent."""
EVERYTHING = Calibration(version="counting", table={}, accept=1.0, review=0.0)


def fit(gold: Sequence[GoldListing], answers: Sequence[TagSet], precision: float) -> dict[str, object]:
    """Return calibration.json's content: the table, and thresholds by which tags reach a precision."""
    graded = [
        (kinds(tag.attribute, tag.source, tag.match, tag.evidence), tag.id in item.tags)
        for item, tags in zip(gold, answers, strict=True)
        for tag in tags.tags
    ]
    table = _table(graded)
    scored = [(next(table[kind] for kind in of if kind in table), right) for of, right in graded]
    return {
        "table": {key: round(share, 4) for key, share in table.items()},
        "accept": round(_threshold(scored, max(precision, 0.95)), 4),
        "review": round(_threshold(scored, precision), 4),
        "fitted": {"listings": len(gold), "tags": len(scored), "precision": precision},
    }


def _table(graded: Sequence[tuple[tuple[str, ...], bool]]) -> dict[str, float]:
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


def _threshold(scored: Sequence[tuple[float, bool]], precision: float) -> float:
    """Return the lowest confidence above which that share of tags is right."""
    best = 1.0
    for threshold in sorted({confidence for confidence, _ in scored}, reverse=True):
        kept = [right for confidence, right in scored if confidence >= threshold]
        if sum(kept) / len(kept) >= precision:
            best = threshold
    return best


def main() -> None:
    """Write a calibration fitted on a gold file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gold", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--precision", type=float, default=0.93)
    options = parser.parse_args()
    gold = read_gold(options.gold)
    content = fit(gold, asyncio.run(tag_all(gold, calibration=EVERYTHING)), options.precision)
    # which of two categories is shown depends on confidence, so shares are counted again on what would be shown
    table: dict[str, float] = content["table"]  # type: ignore[assignment]
    counted = Calibration(version="counting", table=table, accept=1.0, review=0.0)
    content = fit(gold, asyncio.run(tag_all(gold, calibration=counted)), options.precision)
    options.out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(content, indent=1))


if __name__ == "__main__":
    main()
