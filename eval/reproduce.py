"""Rebuilds what a research recipe promises: `python -m eval.reproduce SET` (`make reproduce SET=oa-mine`).

Takes the adapter that is shipped or was trained before, else trains it by app/training/recipes/research-SET.yaml;
extracts the set's dev listings as `tagwright extract` does, and prints F1 beside published and baseline figures. Dev is
looked at once a call: the output says so, and eval/LOG.md counts.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from app.adapters.engines.weights import ADAPTERS
from app.adapters.schema_files import read_schema
from app.domain.errors import InvalidFile, TagwrightError
from eval.metrics import Counts, sets, slots, total

RECIPES = Path(__file__).parents[1] / "app" / "training" / "recipes"
PUBLISHED = Path(__file__).with_name("published.yaml")
METRICS = ("slots", "strict", "sets")


def main(arguments: Sequence[str] | None = None) -> None:
    """Reproduce one set."""
    parser = argparse.ArgumentParser(prog="python -m eval.reproduce", description=__doc__)
    parser.add_argument("set", help="a folder of the data, with a recipe research-SET.yaml")
    parser.add_argument("--adapter", help="a name or a folder, instead of the recipe's")
    parser.add_argument("--retrain", action="store_true", help="train even where there is an adapter")
    parser.add_argument("--dictionary", action="store_true", help="fill in values that train has (`extract --train`)")
    asked = parser.parse_args(arguments)
    try:
        reproduce(asked.set, adapter=asked.adapter, retrain=asked.retrain, dictionary=asked.dictionary)
    except TagwrightError as exc:
        raise SystemExit(f"Error: {exc.message}" + (f"\n  hint: {exc.hint}" if exc.hint else "")) from exc


def reproduce(name: str, *, adapter: str | None = None, retrain: bool = False, dictionary: bool = False) -> None:
    """Train or load, extract dev, print."""
    config = RECIPES / f"research-{name}.yaml"
    if not config.is_file():
        known = ", ".join(sorted(path.stem.removeprefix("research-") for path in RECIPES.glob("research-*.yaml")))
        raise InvalidFile(f"there is no recipe {config.name}", field="SET", hint=f"sets with a recipe: {known}")
    recipe = yaml.safe_load(config.read_text(encoding="utf-8"))
    folder = Path(recipe["data"]) / name
    if not (folder / "dev.jsonl").is_file():
        raise InvalidFile(f"{folder} holds no dev.jsonl: the data is not part of the project", field="data")
    chosen = adapter or _made(recipe, config, retrain=retrain)
    out = Path(recipe["out"]) / "dev.jsonl"
    out.parent.mkdir(parents=True, exist_ok=True)
    words: list[str | Path] = ["extract", folder / "dev.jsonl", out, "--schema", folder / "schema.json"]
    words += ["--adapter", chosen, "--no-rules"]
    if dictionary:
        words += ["--train", folder / "train.jsonl"]
    _tagwright(*words)
    print(f"\n{name}, dev (looked at once by this command), adapter {chosen}, F1 (precision / recall):")
    measured = score(folder, out)
    print("  " + ", ".join(f"{metric} {_shown(measured[metric])}" for metric in METRICS))
    for row in yaml.safe_load(PUBLISHED.read_text(encoding="utf-8")).get(name, ()):
        figures = ", ".join(f"{metric} {row[metric]:.1f}" for metric in METRICS if metric in row)
        print(f"  {figures:<28} {row['source']}")


def score(folder: Path, predictions: Path) -> Mapping[str, Counts]:
    """Return the counts of a set's dev file under the three metrics; a failed row predicts nothing."""
    schema = read_schema(folder / "schema.json")
    gold, answers = _rows(folder / "dev.jsonl"), _rows(predictions)
    if [row["id"] for row in gold] != [answer["id"] for answer in answers]:
        raise InvalidFile(f"{predictions} does not answer the listings of {folder / 'dev.jsonl'} in their order")
    pairs = [(row, answer.get("predicted", {})) for row, answer in zip(gold, answers, strict=True)]
    names = [[asked.name for asked in schema.attributes(row["category"] or "")] for row in gold]
    return {
        "slots": total(slots(row["gold"], found) for row, found in pairs),
        "strict": total(slots(row["gold"], found, known) for (row, found), known in zip(pairs, names, strict=True)),
        "sets": total(sets(row["gold"], found) for row, found in pairs),
    }


def _made(recipe: Mapping[str, Any], config: Path, *, retrain: bool) -> str:
    """Return the adapter of a recipe: shipped, trained before, or trained now."""
    name, built = str(recipe["name"]), Path(recipe["out"]) / str(recipe["name"])
    if not retrain:
        if (ADAPTERS / name).is_dir():
            return name
        if (built / "adapter_config.json").is_file():
            return str(built)
    _tagwright("train", config)
    return str(built)


def _tagwright(*words: str | Path) -> None:
    """Run a verb as anyone would, in a process of its own; a failed row of `extract` counts as an empty answer."""
    code = subprocess.run([sys.executable, "-m", "app.cli", *map(str, words)]).returncode  # noqa: S603 - own words
    if code > 1 or (code and words[0] != "extract"):
        raise SystemExit(code)


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _shown(counts: Counts) -> str:
    return f"{100 * counts.f1:.1f} ({100 * counts.precision:.1f} / {100 * counts.recall:.1f})"


if __name__ == "__main__":
    main()
