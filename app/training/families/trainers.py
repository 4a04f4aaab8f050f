"""Which trainer a recipe's family has; imported only when chosen."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import yaml

from app.bootstrap_extractors import EXTRAS
from app.domain.errors import InvalidFile
from app.domain.extras import needing

TRAINERS = {
    "dictionary": "app.training.families.dictionary:train",
    "tree": "app.training.families.classical:train",
    "forest": "app.training.families.classical:train",
    "linear": "app.training.families.classical:train",
    "bilstm": "app.training.families.tagger:train",
    "ner": "app.training.families.tagger:train",
    "encoder": "app.training.families.encoder:train",
    "fusion": "app.training.families.fusion:train",
}
"""Family -> `train(recipe as a mapping) -> folder`."""
FINE_TUNED = ("causal", "t5")
"""Language models: app/training/finetune.py. The first is the family of recipes that name none."""


def family_of(config: Path) -> str:
    """Return the family that a recipe is for; InvalidFile where the recipe cannot be read."""
    family = _read(config).get("family", FINE_TUNED[0])
    if family not in (*FINE_TUNED, *TRAINERS):
        known = ", ".join((*FINE_TUNED, *TRAINERS))
        raise InvalidFile(f"recipe {config}: no family is called {family!r}", field="family", hint=f"one of {known}")
    return str(family)


def train(config: Path, set_name: str | None = None) -> Path:
    """Train the family that a recipe names; return the model's folder.

    A recipe for any set names none: ``set_name`` is the set, and the model is called after family and set.
    """
    family, content = family_of(config), _read(config)
    if set_name is not None:
        if "set" in content:
            raise InvalidFile(f"recipe {config} is for {content['set']} already", field="set")
        content |= {"set": set_name, "name": f"{family}-{set_name}"}
    module, function = TRAINERS[family].split(":")
    with needing(EXTRAS.get(family, "encoder"), f"family {family!r}"):
        trainer = getattr(importlib.import_module(module), function)
    folder: Path = trainer(content)
    return folder


def _read(config: Path) -> dict[str, Any]:
    content = yaml.safe_load(config.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise InvalidFile(f"recipe {config} holds no `name: value` lines")
    return content
