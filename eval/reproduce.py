"""Rebuilds what the best recipe of a set promises: `python -m eval.reproduce SET` (`make reproduce SET=oa-mine`).

Takes a model that is shipped or was trained before, else trains it; asks it for the set's dev listings as `tagwright
extract --no-rules` does, and prints F1 with 95 % intervals beside published, baseline and goal figures. The recipe is
the first of BEST that the set has one of, unless --recipe names another. Every run is one look at dev: the output says
so, and eval/LOG.md counts.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from app.adapters.engines.weights import ADAPTERS
from app.adapters.families.card import CARD, SHIPPED
from app.bootstrap_extractors import open_extractor
from app.domain.errors import InvalidFile, TagwrightError
from app.settings import load_settings
from eval.candidates import RECIPES, of_folder
from eval.compare_families import shown
from eval.harness.extraction import OF_VALUES, Measured, measure
from eval.harness.gold import Gold, read_gold

PUBLISHED = Path(__file__).with_name("published.yaml")
BEST = ("fusion", "ner", "linear", "bilstm", "research")
"""What recipe files begin with, the best first as measured (eval/LOG.md, 28); `research` is causal language models."""
_MODELS = Path(".tagwright/models")
"""Where recipes that do not name another folder put their models."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Reproduce one set."""
    parser = argparse.ArgumentParser(prog="python -m eval.reproduce", description=__doc__)
    parser.add_argument("set", help="a folder of the data that has a recipe")
    parser.add_argument("--recipe", help="name of a recipe, in place of the best")
    parser.add_argument("--model", type=Path, help="folder of a trained model or adapter: nothing is trained")
    parser.add_argument("--retrain", action="store_true", help="train even where there is a model")
    parser.add_argument("--dictionary", action="store_true", help="a language model: fill in values that train has")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    asked = parser.parse_args(arguments)
    try:
        recipe = recipe_of(asked.set, asked.recipe)
        gold = read_gold(asked.data / asked.set / "dev.jsonl")
        folder = asked.model or made(recipe, retrain=asked.retrain)
        train = asked.data / asked.set / "train.jsonl" if asked.dictionary else None
        measured = asyncio.run(_measured(folder, gold, train))
    except TagwrightError as exc:
        raise SystemExit(f"Error: {exc.message}" + (f"\n  hint: {exc.hint}" if exc.hint else "")) from exc
    print(f"\n{asked.set}, dev (looked at once by this command), {folder.name}:")
    print("\n".join(lines(asked.set, measured)))


def recipe_of(name: str, given: str | None = None) -> Path:
    """Return the recipe of a set: the one given, or the best there is; InvalidFile where there is none."""
    paths = [RECIPES / f"{stem}.yaml" for stem in ([given] if given else [f"{kind}-{name}" for kind in BEST])]
    if found := next((path for path in paths if path.is_file()), None):
        return found
    known = sorted({p.stem.partition("-")[2] for kind in BEST for p in RECIPES.glob(f"{kind}-*.yaml")})
    message = f"there is no recipe {given}.yaml" if given else f"no recipe is for {name!r}"
    raise InvalidFile(message, field="SET", hint=f"sets with a recipe: {', '.join(known)}")


def made(recipe: Path, *, retrain: bool = False) -> Path:
    """Return the folder of a recipe's model: shipped, trained before, or trained now, its parts first."""
    content = yaml.safe_load(recipe.read_text(encoding="utf-8"))
    name, out = str(content["name"]), Path(content.get("out", _MODELS))
    folders = [ADAPTERS / name, SHIPPED / name, out / name]
    if not retrain and (found := next((folder for folder in folders if (folder / CARD).is_file()), None)):
        return found
    for part in content.get("parts", ()):
        _part(part, str(content["set"]), out)
    _train(recipe)
    return out / name


def _part(name: str, of: str, out: Path) -> None:
    """Make a part of a fusion, by its own recipe or by its family's for any set."""
    own = RECIPES / f"{name}.yaml"
    if own.is_file():
        made(own)
    elif not (out / name / CARD).is_file():
        _train(RECIPES / f"{name.removesuffix(f'-{of}')}.yaml", "--set", of)


def _train(recipe: Path, *options: str) -> None:
    code = subprocess.run([sys.executable, "-m", "app.cli", "train", str(recipe), *options]).returncode  # noqa: S603 - own words
    if code:
        raise SystemExit(code)


async def _measured(folder: Path, gold: Gold, train: Path | None) -> Measured:
    if gold.schema is None:
        raise InvalidFile(f"{gold.path} has no schema.json beside it", field="schema")
    opened = await open_extractor(load_settings(**of_folder(folder).settings), gold.schema, train=train, rules=False)
    try:
        return await measure(opened.extractor, gold)
    finally:
        await opened.close()


def lines(name: str, measured: Measured) -> Iterator[str]:
    """Yield what was measured, and what it stands beside; accuracy by attribute where that is what is compared."""
    beside: Sequence[Mapping[str, Any]] = yaml.safe_load(PUBLISHED.read_text(encoding="utf-8")).get(name, ())
    yield "  F1: " + ", ".join(f"{protocol} {shown(measured.f1(protocol))}" for protocol in OF_VALUES)
    if any("accuracy" in row for row in beside):
        by = measured.accuracy("slots")
        yield "  accuracy: " + ", ".join(f"{attribute} {shown(of)}" for attribute, of in by.items())
    if measured.failed:
        yield f"  {measured.failed} listings without an answer count as empty"
    yield f"  one listing at a time, median: {measured.p50_ms:.0f} ms"
    for row in beside:
        figures = {**{p: row[p] for p in OF_VALUES if p in row}, **row.get("accuracy", {})}
        yield f"  {', '.join(f'{what} {figure:.1f}' for what, figure in figures.items())}: {row['source']}"


if __name__ == "__main__":
    main()
