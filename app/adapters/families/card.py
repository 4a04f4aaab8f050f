"""The card of a trained model: what it is, what it was trained on and how well it did, beside the files it pins."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from app.domain.errors import SettingsError, WeightsMismatch

CARD = "card.json"
SHIPPED = Path(__file__).with_name("models")
"""Folders of the models that ship, by name."""
LANGUAGE_MODELS = ("causal", "t5")
"""Served by an engine, under the prompt that their card names."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FamilyCard:
    """Everything that a reader of the folder must know before its weights are opened."""

    family: str
    name: str
    attributes: Mapping[str, tuple[str, ...]]
    """Names of the attributes that it was trained for, by category (``*``: any)."""
    data: tuple[Mapping[str, Any], ...]
    """Each set: name, split, listings, licence, SHA-256 of the file."""
    licence: str
    """Of the weights that it starts from; ``none`` where it starts from nothing."""
    recipe: Mapping[str, Any]
    versions: Mapping[str, str]
    """Of the libraries that trained it."""
    train_seconds: float
    scores: Mapping[str, Any]
    """F1 on listings of train that were held out; never of dev."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Path in the folder -> SHA-256 of everything else in it."""


def family_folder(model: str) -> Path | None:
    """Return the folder of a family's model, a path or the name of one that ships; None for a language model."""
    for folder in (Path(model), SHIPPED / model):
        try:
            card = json.loads((folder / CARD).read_text(encoding="utf-8"))
        except OSError:
            continue
        except ValueError:
            return folder  # whoever opens it says what is wrong
        # language models have a card of another form
        return None if isinstance(card, dict) and card.get("family") in LANGUAGE_MODELS else folder
    return None


def write_card(folder: Path, card: FamilyCard) -> None:
    """Write the card of a folder, with the digests of the files that are in it."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and path != folder / CARD)
    files = {path.relative_to(folder).as_posix(): _digest(path) for path in paths}
    content = json.dumps({**asdict(card), "files": files}, ensure_ascii=False, indent=1)
    (folder / CARD).write_text(content + "\n", encoding="utf-8")


def read_card(folder: Path) -> FamilyCard:
    """Return a folder's card; SettingsError where it cannot be read, WeightsMismatch where a file is another one."""
    try:
        raw = json.loads((folder / CARD).read_text(encoding="utf-8"))
        raw["attributes"] = {category: tuple(names) for category, names in raw["attributes"].items()}
        card = FamilyCard(**{**raw, "data": tuple(raw["data"])})
    except OSError as exc:
        raise SettingsError(f"{folder / CARD} cannot be read: {exc.strerror}", field="TAGWRIGHT_MODEL") from exc
    except (ValueError, TypeError, KeyError, AttributeError) as exc:
        raise SettingsError(f"{folder / CARD} is no card of a model: {exc}", field="TAGWRIGHT_MODEL") from exc
    for name, digest in card.files.items():
        path = folder / name
        if ".." in path.parts or not path.is_file() or _digest(path) != digest:
            message = f"{path} is not the file that the card names"
            raise WeightsMismatch(message, field="TAGWRIGHT_MODEL", hint="train it again, or copy the folder whole")
    return card


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
