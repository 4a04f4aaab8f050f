"""A small set of shirts and mugs in the form of the real ones, for training every family in seconds."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

BRANDS, COLORS, MATERIALS = ("Nordwind", "Alba Rosa", "K2"), ("Blue", "Navy Blue", "Red", "Olive"), ("Cotton", "Linen")
ATTRIBUTES = {"Shirt": ["Brand", "Color", "Material", "Item"], "Mug": ["Brand", "Color", "Volume"]}


def rows() -> list[dict[str, Any]]:
    """Return every combination once; every third shirt does not state its material."""
    found = []
    for n, (brand, color, material) in enumerate(itertools.product(BRANDS, COLORS, MATERIALS)):
        stated = n % 3 != 0
        gold: dict[str, Any] = {"Brand": [brand], "Color": [color], "Item": ["Shirt"]}
        if stated:
            gold["Material"] = [material]
        title = f"{brand} {f'{material} ' if stated else ''}Shirt, {color}"
        found.append({"id": f"small/train/{n}", "title": title, "category": "Shirt", "lang": "en", "gold": gold})
    for n, (brand, color) in enumerate(itertools.product(BRANDS, COLORS)):
        volume = f"{250 + 50 * (n % 3)}ml"
        found.append(
            {
                "id": f"small/train/mug-{n}",
                "title": f"{brand} Mug {color} {volume}",
                "category": "Mug",
                "lang": "en",
                "gold": {"Brand": [brand], "Color": [color], "Volume": [volume]},
            }
        )
    return found


def write_set(folder: Path) -> Path:
    """Write the set `small` (train and schema; there is no dev to read) into a data folder; return that."""
    (folder / "small").mkdir(parents=True)
    lines = "\n".join(json.dumps(row) for row in rows())
    (folder / "small" / "train.jsonl").write_text(lines + "\n", encoding="utf-8")
    schema = {"categories": {c: [{"name": name} for name in names] for c, names in ATTRIBUTES.items()}}
    (folder / "small" / "schema.json").write_text(json.dumps(schema), encoding="utf-8")
    return folder


def recipe(family: str, data: Path, out: Path, **more: Any) -> dict[str, Any]:
    """Return a recipe for the small set."""
    return {"family": family, "name": f"{family}-small", "set": "small", "data": str(data), "out": str(out), **more}
