"""Is the model a decoration? Rules alone, model alone and both on the same listings: `python -m eval.ablation [DEV]`.

Extraction on a gold set's first 200 dev listings (metric *sets*), and tags on the project's own gold listings; the
difference that the model makes to recall comes with its 95 % interval (paired bootstrap).
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.adapters.schema_files import Schema, read_schema
from app.bootstrap import Service, open_service
from app.domain.listing import Listing
from app.domain.tags import Extraction
from app.pipeline.extractor import ListingExtractor, Question
from app.settings import load_settings
from eval.metrics import Counts, paired_bootstrap, sets, total
from eval.tagging import GOLD, count, read_gold, tag_all

LISTINGS = 200


async def extraction(service: Service, questions: Sequence[Question], how: str) -> list[dict[str, list[str]]]:
    """Return what is predicted with `rules`, `model` or `fused`; a failed listing predicts nothing."""
    extractor: ListingExtractor = service.extractor.using(rules=how != "model", model=how != "rules")
    answers = await extractor.extract_many(questions)
    return [dict(a.predicted) if isinstance(a, Extraction) else {} for a in answers]


def question(row: dict[str, Any], schema: Schema) -> Question:
    """Return a gold row as a question for all attributes of its category."""
    category = row["category"] or ""
    listing = Listing(title=row["title"], description=row.get("description") or "", lang=row["lang"])
    return Question(listing=listing, category=category, attributes=schema.attributes(category))


async def on_extraction(dev: Path) -> None:
    """Print the ablation on a gold set's dev listings."""
    rows = [json.loads(line) for line in dev.read_text(encoding="utf-8").splitlines()[:LISTINGS]]
    schema = read_schema(dev.with_name("schema.json"))
    questions = [question(row, schema) for row in rows]
    print(f"extraction, {len(rows)} dev listings of {dev.parent.name}")
    service = await open_service(load_settings(), with_store=False)
    try:
        counts = {}
        for how in ("rules", "model", "fused"):
            predicted = await extraction(service, questions, how)
            counts[how] = [sets(row["gold"], values) for row, values in zip(rows, predicted, strict=True)]
            _print(how, counts[how])
    finally:
        await service.close()
    _print_difference(counts)


async def on_tags(path: Path) -> None:
    """Print the ablation on the project's own gold listings: rules alone and both."""
    gold = read_gold(path)
    print(f"tags, {len(gold)} listings of {path.name}")
    counts = {}
    for how, model in (("rules", False), ("fused", True)):
        answers = await tag_all(gold, with_model=model)
        counts[how] = [count(item, tags) for item, tags in zip(gold, answers, strict=True)]
        _print(how, counts[how])
    _print_difference(counts)


def _print(how: str, counts: Sequence[Counts]) -> None:
    summed = total(counts)
    precision, recall, f1 = (100 * share for share in (summed.precision, summed.recall, summed.f1))
    print(f"  {how:<6} precision {precision:5.1f}  recall {recall:5.1f}  F1 {f1:5.1f}", flush=True)


def _print_difference(counts: Mapping[str, Sequence[Counts]]) -> None:
    measures: dict[str, Callable[[Counts], float]] = {"recall": lambda c: c.recall, "precision": lambda c: c.precision}
    for name, measure in measures.items():
        found, low, high = paired_bootstrap(counts["fused"], counts["rules"], measure)
        print(
            f"  fused - rules, {name}: {100 * found:+.1f} points, 95 % interval {100 * low:+.1f} to {100 * high:+.1f}"
        )


def main() -> None:
    """Print both ablations."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dev", type=Path, nargs="?", default=Path("../shared/data/oa-mine/dev.jsonl"))
    options = parser.parse_args()
    if options.dev.is_file():
        asyncio.run(on_extraction(options.dev))
    else:
        print(f"{options.dev} is not there: the ablation on extraction is left out")
    asyncio.run(on_tags(GOLD / "listings.jsonl"))


if __name__ == "__main__":
    main()
