"""Recipes of fine-tuning, and what their listings become between two epochs."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from app.adapters.engines.weights import BASES
from app.adapters.prompt_files import read_prompt
from app.bootstrap import data_folder
from app.training.generator.example import Example
from app.training.recipe import Recipe, read_recipe
from app.training.swap import swapped, values_of

RECIPES = sorted(Path("app/training/recipes").glob("*.yaml"))
PLAIN: dict[str, Any] = {"name": "x-1", "base": "gemma-3-270m", "prompt": "title-1", "learning_rate": 1e-3, "out": "x"}


def causal(path: Path) -> bool:
    return bool(yaml.safe_load(path.read_text(encoding="utf-8")).get("family", "causal") == "causal")


@pytest.mark.parametrize("path", [path for path in RECIPES if causal(path)], ids=lambda path: path.stem)
def test_the_recipes_that_ship_are_whole(path: Path) -> None:
    recipe = read_recipe(path)
    assert recipe.base in BASES
    assert read_prompt(data_folder("prompts") / f"{recipe.prompt}.yaml").version == recipe.prompt
    assert recipe.out.name == recipe.name
    assert recipe.gold or recipe.generated


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"learning_rat": 1}, "learning_rat"),
        ({"learning_rate": 0}, "learning_rate"),
        ({"dropout": 1.0}, "dropout"),
        ({"augment": {"typos": 2.0}}, "augment.typos"),
        ({"folds": 1}, "folds"),
        ({"gold": [{"set": "oa-mine", "split": "dev"}]}, "gold.0.split"),
        ({"stop": {"on": "test"}}, "stop.on"),
        ({"search": {"trials": 2, "space": {}}}, "search.space"),
        ({"quantisation": "q2_k"}, "quantisation"),
    ],
)
def test_a_recipe_that_is_wrong_names_the_field(tmp_path: Path, change: dict[str, Any], field: str) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(yaml.safe_dump({**PLAIN, **change}), encoding="utf-8")
    with pytest.raises(ValidationError) as caught:
        read_recipe(path)
    assert ".".join(map(str, caught.value.errors()[0]["loc"])) == field


def test_the_digest_tells_runs_apart_but_not_their_folders() -> None:
    plain = Recipe.model_validate(PLAIN)
    assert plain.digest() == plain.model_copy(update={"out": Path("y"), "save_every": 7}).digest()
    assert plain.digest() != plain.model_copy(update={"seed": 1}).digest()


COFFEE = {"Brand": ["Lavazza"], "Roast": ["medium"], "Net content": ["1 kg"]}


def listing(title: str, gold: Mapping[str, list[str]]) -> Example:
    return Example(category="Coffee", lang="en", texts={"title": title}, asked=list(gold), gold=gold)


def test_values_give_way_to_others_of_their_attribute_and_stay_in_the_title() -> None:
    examples = [
        listing("Lavazza Crema, medium, 1 kg", COFFEE),
        listing("Kicking Horse dark roast beans 340 g", {"Brand": ["Kicking Horse"], "Roast": ["dark"]}),
    ]
    values, rng = values_of(examples), random.Random(0)
    seen = {swapped(examples[0], values, 0.5, rng).texts["title"] for _ in range(60)}
    assert seen == {f"{b} Crema, {r}, 1 kg" for b in ("Lavazza", "Kicking Horse") for r in ("medium", "dark")}
    for _ in range(20):
        made = swapped(examples[1], values, 1.0, rng)
        assert list(made.gold) == ["Brand", "Roast"]
        assert all(value in made.texts["title"] for vs in made.gold.values() for value in vs)


@pytest.mark.parametrize(
    ("title", "gold"),
    [
        ("Lavazza by Lavazza, medium, 1 kg", COFFEE),  # which one is meant?
        ("Lavazza Crema, medium", COFFEE),  # a value that does not stand there
        ("Lavazza medium roast", {"Roast": ["medium roast"], "Style": ["roast"]}),  # one inside the other
    ],
)
def test_a_title_whose_values_cannot_be_told_apart_is_left_alone(title: str, gold: Mapping[str, list[str]]) -> None:
    example = listing(title, gold)
    values = {("Coffee", attribute): ["other"] for attribute in gold}
    assert swapped(example, values, 1.0, random.Random(0)) is example
