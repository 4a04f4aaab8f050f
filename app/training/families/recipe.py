"""What every family's recipe says, and what becomes of a trained model: a folder with weights and a card."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app import __version__
from app.adapters.families.card import FamilyCard, write_card
from app.adapters.whole_files import making_folder
from app.domain.errors import InvalidFile
from app.training.families.gold import GoldSet
from app.training.readme import write_readme


class FamilyRecipe(BaseModel):
    """A training run of one family on the train split of one set; see app/training/recipes/*.yaml."""

    model_config = ConfigDict(extra="forbid")
    family: str
    name: str
    set: str
    data: Path = Path("../shared/data")
    out: Path = Path(".tagwright/models")
    """Where the folder NAME is made; one that is there is left alone, and is an error."""
    seed: int = 0
    folds: int = Field(default=8, ge=2)
    """One listing in so many is held out of training, and scores the result."""
    items: list[str] = []
    """Attributes whose values are items of a set ("blue shirt with red trousers"): other values belong to one."""


def save(
    recipe: FamilyRecipe,
    gold: Sequence[GoldSet],
    *,
    seconds: float,
    libraries: Sequence[str],
    licence: str,
    scores: Mapping[str, Any],
    write: Callable[[Path], None],
    taught_on: Sequence[Mapping[str, Any]] = (),
) -> Path:
    """Make the model's folder: ``write`` puts the weights into it; ``seconds`` is what training took.

    ``taught_on`` is what teachers were trained on: its licences come with their answers.
    """
    data = [each.described for each in gold]
    folder = recipe.out / recipe.name
    if folder.exists():
        raise InvalidFile(f"there is a model at {folder} already", field="name", hint="remove it, or give another name")
    with making_folder(folder) as part:
        write(part)
        card = FamilyCard(
            family=recipe.family,
            name=recipe.name,
            attributes=gold[0].attributes,
            data=(*data, *(each for each in taught_on if each not in data)),
            licence=licence,
            recipe=recipe.model_dump(mode="json", exclude={"data", "out"}),
            versions={"tagwright": __version__, **_versions(libraries)},
            train_seconds=round(seconds, 1),
            scores=scores,
        )
        write_readme(part, asdict(card))
        write_card(part, card)
        part.chmod(0o755)
    return folder


def _versions(libraries: Sequence[str]) -> dict[str, str]:
    found = {}
    for name in libraries:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # under another name, or built in place
            found[name] = "unknown"
    return found
