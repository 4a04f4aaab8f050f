"""Counts on gold how often tags of a kind are right, and writes calibration.json: `python -m eval.calibrate GOLD.jsonl OUT.json`.

Kinds go by source, match method and place of evidence (fuse.Calibration). Shares are smoothed by Laplace's rule towards the
source's own share, so that a kind seen twice does not claim certainty.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from app.domain.tags import TagSet
from app.pipeline.fuse import Calibration, evidence_kind
from eval.tagging import GoldListing, read_gold, tag_all

SMOOTHING = 4.0
"""Pseudo-counts at the parent's share."""
LEAST = 8
"""A kind seen less often is answered by its parent."""
EVERYTHING = Calibration(version="counting", table={}, accept=1.0, review=0.0)


def fit(gold: Sequence[GoldListing], answers: Sequence[TagSet], precision: float) -> dict[str, object]:
    """Return calibration.json's content: the table, and thresholds by which accepted and shown tags reach a precision."""
    seen: dict[str, list[bool]] = {}
    for item, tags in zip(gold, answers, strict=True):
        for tag in tags.tags:
            kind = f"{tag.source.value}/{tag.match.method.value}"
            for key in (tag.source.value, kind, f"{kind}/{evidence_kind(tag.evidence)}"):
                seen.setdefault(key, []).append(tag.id in item.tags)
    table: dict[str, float] = {}
    for key in sorted(seen, key=lambda k: k.count("/")):
        if key.count("/") == 0 or len(seen[key]) >= LEAST:
            parent = table.get(
                key.rpartition("/")[0], _share([r for k, rs in seen.items() if "/" not in k for r in rs])
            )
            table[key] = (sum(seen[key]) + SMOOTHING * parent) / (len(seen[key]) + SMOOTHING)
    finest = [
        (Calibration(version="", table=table, accept=0, review=0), tags, item)
        for tags, item in zip(answers, gold, strict=True)
    ]
    scored = [
        (calibration.confidence(tag.source, tag.match, tag.evidence), tag.id in item.tags)
        for calibration, tags, item in finest
        for tag in tags.tags
    ]
    return {
        "table": {key: round(share, 4) for key, share in table.items()},
        "accept": round(_threshold(scored, max(precision, 0.95)), 4),
        "review": round(_threshold(scored, precision), 4),
        "fitted": {"listings": len(gold), "tags": len(scored), "precision": precision},
    }


def _share(right: Iterable[bool]) -> float:
    counted = list(right)
    return (sum(counted) + 1) / (len(counted) + 2)


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
    answers = asyncio.run(tag_all(gold, calibration=EVERYTHING))
    content = fit(gold, answers, options.precision)
    options.out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(content, indent=1))


if __name__ == "__main__":
    main()
