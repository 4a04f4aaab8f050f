"""Fails when an answer got worse: `python -m eval.guard [--no-model]`, `make eval-guard`.

Figures on the project's own listings (eval/gold/listings.jsonl) are held against eval/baseline.json, each with the fall
that is tolerated. Rules alone answer the same every time; the model's answers may differ by a tag or two between
machines. `--write` makes the figures of this run the baseline, tolerances kept: only after a change that is meant.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.settings import Settings, load_settings
from eval.harness.environment import environment
from eval.harness.evaluate import Aim, Origin, evaluate
from eval.harness.gold import FOLDER, read_gold
from eval.harness.result import Result
from eval.harness.run import Run, ask, open_measured

BASELINE = Path(__file__).with_name("baseline.json")
GOLD = FOLDER / "listings.jsonl"


def figures(result: Result) -> dict[str, float]:
    """Return what is guarded, by name."""
    tags, category = result.protocols["tags"], result.protocols["category"]
    found = {
        "tags precision": tags.micro.precision.value,
        "tags recall": tags.micro.recall.value,
        "tags macro F1": tags.macro.f1.value,
        "category accuracy": category.micro.accuracy.value,
        "worst language's tags F1": min(group.score.f1.value for group in tags.by["language"]),
    }
    if tags.selective is not None:
        found["accuracy of accepted tags"] = tags.selective.accuracy.value
        found["coverage of accepted tags"] = tags.selective.coverage.value
    return found


def fallen(found: Mapping[str, float], baseline: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Return a message for each figure that fell by more than its tolerance, and for each that is missing."""
    messages = []
    for name, of in baseline.items():
        value = found.get(name)
        if value is None:
            messages.append(f"{name} was not measured")
        elif "value" not in of:
            messages.append(f"{name} has no baseline yet: --write makes this run's figures the baseline")
        elif value < of["value"] - of["tolerance"] - 1e-9:
            fell = 100 * (of["value"] - value)
            messages.append(
                f"{name} fell by {fell:.2f} points to {100 * value:.2f} %: the baseline is {100 * of['value']:.2f} %, "
                f"tolerated are {100 * of['tolerance']:.2f} points"
            )
    return messages


async def measure(settings: Settings, *, model: bool) -> Result:
    """Return the result of what is served on the guard's listings."""
    gold = read_gold(GOLD)
    run = Run(settings=settings, tags=True, model=model)
    service = await open_measured(run)
    try:
        answers, performance = await ask(service, run, gold)
        origin = Origin(
            environment=environment(settings, service.versions), performance=performance, rules=True, model=model
        )
        return evaluate(gold, answers, Aim(protocols=("tags", "category")), origin, service.taxonomy)
    finally:
        await service.close()


def main() -> None:
    """Measure, and exit with 1 where a figure fell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-model", action="store_true", help="rules alone")
    parser.add_argument("--write", action="store_true", help="make this run's figures the baseline")
    options = parser.parse_args()
    kind = "rules" if options.no_model else "served"
    result = asyncio.run(measure(load_settings(), model=not options.no_model))
    found = figures(result)
    baseline: dict[str, Any] = json.loads(BASELINE.read_text(encoding="utf-8"))
    if options.write:
        _write(baseline, kind, found, result)
    messages = fallen(found, baseline[kind]["figures"])
    if result.subject.partial or result.subject.failed:
        messages.append(f"{result.subject.partial} listings partial, {result.subject.failed} failed: measure again")
    for name, value in found.items():
        held = baseline[kind]["figures"].get(name, {}).get("value")
        print(f"{name:<28}{100 * value:6.2f} %  baseline {'none' if held is None else f'{100 * held:6.2f} %'}")
    if messages:
        sys.exit("\n".join(messages))


def _write(baseline: dict[str, Any], kind: str, found: Mapping[str, float], result: Result) -> None:
    of = baseline[kind]["figures"]
    for name, value in found.items():
        of.setdefault(name, {"tolerance": 0.01})["value"] = round(value, 4)
    made = result.environment
    baseline[kind]["versions"] = {"app": made.app, "revision": made.revision, **made.versions}
    BASELINE.write_text(json.dumps(baseline, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
