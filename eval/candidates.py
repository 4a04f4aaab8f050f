"""What can answer a set's questions: every family of the field, with how it is opened or why it cannot be.

Trained models are found by their cards, in folders of models and among the adapters that ship; a card's first set is
the one that a model is for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.adapters.engines.weights import ADAPTERS
from app.adapters.families.card import CARD
from app.domain.errors import InvalidFile

RECIPES = Path(__file__).parents[1] / "app" / "training" / "recipes"
TRAINED = ("dictionary", "tree", "forest", "linear", "bilstm", "encoder", "ner")
_STEMS = {"causal": "research"}
"""Family -> what its recipe files begin with, where that is not its name."""
PROMPTED = {"zero-shot": "zero-shot-1", "few-shot": "few-shot-1"}
"""Row -> prompt of a model that was not fine-tuned."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """Something that may answer."""

    name: str
    family: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Settings that differ from the defaults."""
    rules: bool = False
    model: bool = True
    taught: bool = False
    """It takes demonstrations or values from the set's train."""
    slow: bool = False
    """About seconds a listing: asked for a part of the listings where a limit is given."""
    megabytes: float | None = None
    train_seconds: float | None = None
    missing: str | None = None
    """Why it cannot be asked."""


def candidates(name: str, folders: Sequence[Path], prompted: str) -> list[Candidate]:
    """Return a row for every family, in the order of the issue; ``prompted`` is the model that is shown prompts."""
    trained = {family: list(found) for family, found in _by_family(name, folders).items()}
    rows = [Candidate(name="rules and dictionary", family="rules", rules=True, model=False, taught=True)]
    for family in (*TRAINED, "t5"):
        rows += trained.get(family) or [_untrained(family, name)]
    rows += [
        Candidate(
            name=f"{way}, {Path(prompted).name}",
            family="causal",
            settings={"model": prompted, "adapter": "none", "prompt": prompt},
            taught=way == "few-shot",
            slow=True,
        )
        for way, prompt in PROMPTED.items()
    ]
    rows += trained.get("causal") or [_untrained("causal", name)]
    rows += trained.get("fusion") or [_untrained("fusion", name)]
    rows.append(Candidate(name="default adapter alone", family="causal", slow=True))
    rows.append(Candidate(name="served: rules and default adapter", family="fusion", rules=True, slow=True))
    return rows


def of_folder(folder: Path) -> Candidate:
    """Return how a trained model is opened: a family's folder, a language model's, or an adapter."""
    card = _card(folder / CARD)
    family, settings = str(card.get("family", "causal")), {"model": str(folder)}
    if (folder / "adapter_config.json").is_file():
        settings = {"adapter": str(folder)}
    elif family == "t5":
        settings["engine"] = "transformers"
    return Candidate(
        name=folder.name,
        family=family,
        settings=settings,
        slow=family in ("causal", "t5"),
        megabytes=sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6,
        train_seconds=card.get("train_seconds", card.get("seconds")),
    )


def _by_family(name: str, folders: Sequence[Path]) -> dict[str, list[Candidate]]:
    found: dict[str, list[Candidate]] = {}
    for path in _cards(folders):
        card = _card(path)
        if card.get("family") and [each["set"] for each in card.get("data", ())][:1] == [name]:
            found.setdefault(card["family"], []).append(of_folder(path.parent))
    return found


def _cards(folders: Sequence[Path]) -> Iterator[Path]:
    for folder in (ADAPTERS, *folders):
        yield from (path for path in sorted(folder.glob(f"*/{CARD}")) if not path.parent.name.startswith("."))


def _card(path: Path) -> dict[str, Any]:
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise InvalidFile(f"{path} cannot be read as a model's card: {exc}", field="model") from exc
    if not isinstance(card, dict):
        raise InvalidFile(f"{path} is no card of a model", field="model")
    return card


def _untrained(family: str, name: str) -> Candidate:
    recipe, general = RECIPES / f"{_STEMS.get(family, family)}-{name}.yaml", RECIPES / f"{family}.yaml"
    if recipe.is_file():
        missing = f"not trained: tagwright train app/training/recipes/{recipe.name}"
    elif general.is_file():
        missing = f"not trained: tagwright train app/training/recipes/{general.name} --set {name}"
    elif family == "t5":
        missing = "no package carries a T5 checkpoint: a recipe `family: t5` trains one that `base` names"
    else:
        missing = f"no recipe {recipe.name}"
    return Candidate(name=f"{family}-{name}", family=family, missing=missing)
