"""Trains the family `dictionary`: counts how often a value that stands in a listing is its value."""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.adapters.families.dictionary import WEIGHTS, Dictionary, phrases
from app.adapters.families.words import text_of
from app.adapters.schema_files import ANY
from app.training.families.gold import GoldListing, read_train
from app.training.families.recipe import FamilyRecipe, save
from app.training.families.scores import held_out_scores

Counted = dict[str, dict[str, dict[str, float]]]


class Recipe(FamilyRecipe):
    """How sure a value must be."""

    least: float = 0.5
    """Share of the listings that hold a value which must have it."""


def train(config: Mapping[str, Any]) -> Path:
    """Count, and return the model's folder."""
    recipe, began = Recipe(**config), time.perf_counter()
    gold = read_train(recipe.data, recipe.set)
    rest, held = gold.fold(0, recipe.folds, recipe.seed)
    scores = held_out_scores(Dictionary(count(rest, gold.known), recipe.least), held, gold.known)
    content = {"least": recipe.least, "values": count(gold.listings, gold.known)}

    def write(folder: Path) -> None:
        (folder / WEIGHTS).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

    seconds = time.perf_counter() - began
    return save(recipe, [gold], seconds=seconds, libraries=(), licence="none", scores={"held_out": scores}, write=write)


def count(listings: Sequence[GoldListing], known: Callable[[str], Sequence[str]]) -> Counted:
    """Return category -> attribute -> value -> share of the listings it stands in that have it; ``*`` is all of them.

    A listing that nobody may have looked at for the attribute counts as not having it.
    """
    given: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for item in listings:
        for attribute, values in item.gold.items():
            for category in {item.category, ANY}:
                given[category][attribute].update(dict.fromkeys(values or (), 1))
    standing: dict[str, Counter[str]] = defaultdict(Counter)
    for item in listings:
        pieces = dict.fromkeys(phrases(text_of(item.listing)), 1)
        for category in {item.category, ANY}:
            standing[category].update(pieces)
    return {
        category: {
            attribute: {value: n / max(n, standing[category][value]) for value, n in values.items()}
            for attribute, values in by_attribute.items()
            if category == ANY or attribute in known(category)
        }
        for category, by_attribute in given.items()
    }
