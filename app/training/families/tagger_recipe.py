"""What a recipe of a span tagger says, beside what every family's does."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, field_serializer

from app.adapters.families.tagger import Stored
from app.training.families.encoders import DEFAULT
from app.training.families.recipe import FamilyRecipe


class Recipe(FamilyRecipe):
    """How a tagger is trained."""

    family: Literal["bilstm", "ner"]
    encoder: str = DEFAULT
    """A packaged encoder, or a folder with one; see encoders.py."""
    more: list[str] = []
    """Further sets with the same attributes; what they do not annotate is not learned from."""
    absent: Literal["none", "unknown"] = "none"
    """What it means that gold lacks an attribute of the category: not stated, or nobody looked."""
    several: bool = False
    """An attribute may have several values."""
    metric: Literal["slots", "strict", "sets"] = "strict"
    """What the best epoch and the least probability are chosen by."""
    members: int = Field(default=1, ge=1)
    epochs: int = Field(default=12, ge=1)
    batch: int = Field(default=24, ge=1)
    learning_rate: float = 3e-4
    """Of the encoder's last layer; of each below it ``layer_decay`` times as much."""
    layer_decay: float = 0.9
    head_rate: float = 1e-3
    """Of everything that starts from nothing."""
    dropout: float = 0.2
    threads: int = 2
    start: Path | None = None
    """Folder of a trained model whose first member every member starts from."""
    layers: int | None = Field(default=None, ge=1)
    """The lowest layers of the encoder that stay; all when left out."""
    pieces: int | None = Field(default=None, ge=0)
    """The commonest word pieces that stay beside those of train and the taxonomy's labels; all when left out."""
    teacher: list[Path] = []
    """Folders of trained models whose probabilities are learned from."""
    taught: float = Field(default=0.5, ge=0, le=1)
    """Share of the teachers in the loss."""
    swap: float = Field(default=0.0, ge=0, le=1)
    """Every other epoch this share of the values in titles gives way to others of train."""
    stored: Stored = "float16"

    @field_serializer("start")
    def _name(self, folder: Path | None) -> str | None:
        """A card says which model, not where it lay."""
        return folder.name if folder else None

    @field_serializer("teacher")
    def _names(self, folders: list[Path]) -> list[str]:
        return [folder.name for folder in folders]
