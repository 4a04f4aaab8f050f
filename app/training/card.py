"""The card beside an adapter: what it was trained on and under which licences, with what, how long, how well.

The engine and the service read from it which prompt the adapter was trained under and how its weights are quantised.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from app import __version__
from app.adapters.engines.weights import CARD
from app.training.licences import licence_of
from app.training.loop import LOSSES, Outcome
from app.training.readme import write_readme
from app.training.recipe import Recipe

__all__ = ["CARD", "Card", "draw_losses"]
_LIBRARIES = ("torch", "transformers", "peft", "numpy")


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """What is to be known of a training run."""

    fields: Mapping[str, Any]

    @staticmethod
    def of(
        recipe: Recipe,
        outcome: Outcome,
        *,
        data: Mapping[str, Mapping[str, int]],
        device: str,
        notes: Mapping[str, Any],
    ) -> Card:
        """Return the card of a run; ``data`` says per set what the check against dev left out."""
        sets = [
            {"set": gold.set, "licence": licence_of(gold.set), "split": "train", **data.get(gold.set, {})}
            for gold in recipe.gold
        ]
        own = {"generated": recipe.generated, "written": recipe.written}
        made = [{"set": n, "licence": "Apache-2.0", "a_epoch": c, **data.get(n, {})} for n, c in own.items() if c]
        return Card(
            fields={
                "name": recipe.name,
                "family": recipe.family,
                "prompt": recipe.prompt,
                "quantisation": recipe.quantisation,
                "data": [*sets, *made],
                "dev": "watched for early stopping" if recipe.stop and recipe.stop.on == "dev" else "not seen",
                "recipe": recipe.model_dump(mode="json", exclude={"out", "data"}),
                "seed": recipe.seed,
                "steps": outcome.steps,
                "epochs": outcome.epochs,
                "tokens": outcome.tokens,
                "seconds": round(outcome.seconds),
                "device": f"{device}, {platform.machine()}",
                "versions": {"tagwright": __version__, **{name: _version(name) for name in _LIBRARIES}},
                "scores": {"held_out": asdict(outcome.held) if outcome.held else None, **notes},
            }
        )

    def write(self, path: Path, *, base: Mapping[str, str]) -> None:
        """Write the card as JSON, and for people beside it."""
        fields = {"name": self.fields["name"], "base": base, **self.fields}
        path.write_text(json.dumps(fields, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        write_readme(path.parent, fields)


def draw_losses(out: Path, folder: Path) -> None:
    """Copy a run's losses beside its adapter, with a plot where matplotlib is installed."""
    text = (out / LOSSES).read_text(encoding="utf-8")
    (folder / LOSSES).write_text(text, encoding="utf-8")
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        return
    rows = [json.loads(line) for line in text.splitlines()]
    figure = Figure(figsize=(7, 3), layout="constrained")
    axes = figure.subplots()
    trained = [(row["step"], row["loss"]) for row in rows if "loss" in row]
    watched = [(row["step"], row["held_out"]["loss"]) for row in rows if "held_out" in row]
    for name, points in (("training", trained), ("held out", watched)):
        if points:
            axes.plot(*zip(*points, strict=True), label=name, linewidth=1)
    axes.set(xlabel="step", ylabel="cross-entropy of an answer token", yscale="log")
    axes.legend()
    figure.savefig(folder / "losses.svg", metadata={"Date": None})


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
