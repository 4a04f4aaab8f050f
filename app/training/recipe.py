"""The YAML of a training run of a causal language model; see app/training/recipes/*.yaml. Unknown keys raise."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, lt=1)]


class Section(BaseModel):
    """A part of a recipe."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Gold(Section):
    """A gold set and how it is seen."""

    set: str
    repeat: int = 1
    """How often in an epoch."""
    limit: int | None = None
    partly: float = 0.25
    """Share of the listings that are asked for a part of their attributes only, in lower case."""
    swap: float = 0.0
    """Share of the values that are replaced by others, anew in every epoch; see swap.py."""


class Stop(Section):
    """Early stopping: what is watched after every epoch, and for how many epochs it may fail to get better.

    ``held-out`` is a share of the gold listings of train that is not trained on. ``dev`` trains on all of them and
    watches the loss on the sets' dev files: it is then a look at dev, and the card says so.
    """

    on: Literal["held-out", "dev"] = "held-out"
    share: float = Field(default=0.1, gt=0, lt=1)
    patience: int = Field(default=2, ge=1)


class Range(Section):
    """Numbers from ``low`` to ``high``; whole ones where both are whole."""

    low: float
    high: float
    log: bool = False


class Search(Section):
    """Hyper-parameter search with optuna: what is tried is kept in a SQLite file, and goes on after a kill.

    The objective is the mean loss of an answer token on a held-out share of train. ``grid`` takes lists only.
    """

    method: Literal["grid", "random", "tpe"] = "tpe"
    trials: int = Field(ge=1)
    space: dict[str, list[float | str] | Range] = Field(min_length=1)
    share: float = Field(default=0.1, gt=0, lt=1)


class Recipe(Section):
    """A training run."""

    family: Literal["causal", "t5"] = "causal"
    name: str
    base: str
    """A packaged base, or a folder in Hugging Face's format."""
    prompt: str
    taxonomy: str = "tagwright-2026.11"
    data: Path = Path("../shared/data")
    gold: list[Gold] = []
    generated: int = Field(default=0, ge=0)
    """Listings an epoch from app/training/generator, languages in turn; what nearly repeats another is left out."""
    augment: dict[str, Share] = {}
    """Augmentations of the generated listings, each with its probability; see augment.py."""
    written: int = 0
    """How often the listings that the project wrote itself are seen in an epoch."""
    rank: int = Field(default=16, ge=1)
    alpha: int = 32
    dropout: Share = 0.0
    weight_decay: float = Field(default=0.0, ge=0)
    learning_rate: float = Field(gt=0)
    epochs: int = Field(default=1, ge=1)
    batch: int = Field(default=8, ge=1)
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """`auto` is bfloat16 where the processor multiplies it itself (a GPU, AVX512-BF16, AMX): elsewhere it is slower."""
    quantisation: Literal["q4_0", "q8_0"] = "q4_0"
    """What the merged weights are served in by llama.cpp."""
    seed: int = 0
    save_every: int = Field(default=50, ge=1)
    stop: Stop | None = None
    folds: int | None = Field(default=None, ge=2)
    search: Search | None = None
    out: Path

    def digest(self) -> str:
        """Return what identifies the run: a checkpoint is of this recipe or it is not gone on from."""
        text = self.model_dump_json(exclude={"out", "data", "save_every", "folds", "search"})
        return hashlib.sha256(text.encode()).hexdigest()


def read_recipe(path: Path) -> Recipe:
    """Return the recipe in a file; pydantic's ValidationError names the field that is wrong."""
    return Recipe.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
