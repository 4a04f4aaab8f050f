"""K-fold cross-validation within train: every gold listing is held out once."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from app.training.corpus import HeldOut, fold
from app.training.loop import Held
from app.training.recipe import Recipe

RunOne = Callable[[Recipe, HeldOut], Held | None]
_MEASURES = ("loss", "tokens", "answers")


def cross_validate(recipe: Recipe, run: RunOne) -> dict[str, Any]:
    """Train once per fold, each in a folder of its own, and return mean and standard deviation over folds.

    A fold that is done is not trained again: a run that was killed goes on with the fold it was at.
    """
    folds = recipe.folds or 0
    measured: list[dict[str, Any]] = []
    for number in range(folds):
        out = recipe.out / f"fold-{number + 1}"
        result = out / "held_out.json"
        if not result.is_file():
            one = recipe.model_copy(update={"out": out, "folds": None, "search": None, "stop": None})
            held = run(one, fold(number, folds, recipe.seed))
            result.write_text(json.dumps(asdict(held) if held else {}), encoding="utf-8")
        measured.append(json.loads(result.read_text(encoding="utf-8")))
    return {
        "folds": folds,
        **{
            name: {
                "mean": statistics.mean(one[name] for one in measured),
                "sd": statistics.stdev(one[name] for one in measured),
            }
            for name in _MEASURES
        },
    }
