"""Gold sets and written listings as training examples."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from app.adapters.prompt_files import read_prompt
from app.bootstrap import data_folder, open_service
from app.domain.errors import InvalidFile
from app.domain.taxonomy import Taxonomy
from app.settings import load_settings
from app.training.data import as_pair, as_served, gold_examples, in_text_order, written_examples
from app.training.generator.example import Example

LISTINGS: list[dict[str, Any]] = [
    {
        "id": "1",
        "category": "Coffee",
        "lang": "en",
        "title": "Lavazza Super Crema whole bean, medium espresso roast, 1 kg",
        "gold": {"Brand": ["Lavazza"], "Roast": ["espresso roast", "medium"], "Colour": ["black"], "Caffeine": []},
    },
    {
        "id": "2",
        "category": "Kettles",
        "lang": "de",
        "title": "Wasserkocher Edelstahl",
        "description": "Aus Edelstahl, mattschwarz. Von Kettlo.",
        "gold": {"Brand": ["Kettlo"], "Finish": ["mattschwarz"]},
    },
]
SCHEMA = {
    "categories": {"Coffee": [{"name": "Brand"}, {"name": "Roast"}, {"name": "Caffeine"}], "*": [{"name": "Brand"}]}
}


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    (tmp_path / "schema.json").write_text(json.dumps(SCHEMA), encoding="utf-8")
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in LISTINGS)
    (tmp_path / "train.jsonl").write_text(f"{lines}\n", encoding="utf-8")
    return tmp_path


def by_title(examples: list[Example]) -> dict[str, Example]:
    return {example.texts["title"].split()[0]: example for example in examples}


def test_gold_keeps_to_the_schema_and_to_the_order_of_the_text(gold: Path) -> None:
    seen = [by_title(list(gold_examples(gold, "train", seed=seed)))["Lavazza"] for seed in range(12)]
    whole = [example for example in seen if list(example.asked) == ["Brand", "Roast", "Caffeine"]]
    assert whole
    for example in whole:
        # Colour is not in the category's schema, Caffeine has no value
        assert dict(example.gold) == {"Brand": ["Lavazza"], "Roast": ["medium", "espresso roast"]}
        assert example.category == "Coffee"


def test_some_listings_are_asked_for_less_and_in_lower_case(gold: Path) -> None:
    seen = [by_title(list(gold_examples(gold, "train", seed=seed)))["Lavazza"] for seed in range(60)]
    lower = [example for example in seen if all(name == name.lower() for name in example.asked)]
    assert 5 <= len(lower) <= 30  # a quarter of 60, give or take
    for example in lower:
        assert {"brand", "roast"} <= set(example.asked)  # what has gold is always asked
        assert example.gold["roast"] == ["medium", "espresso roast"]
    assert {"caffeine" in example.asked for example in lower} == {True, False}


def test_a_category_without_a_schema_of_its_own_takes_the_general_one(gold: Path) -> None:
    example = by_title(list(gold_examples(gold, "train", seed=0)))["Wasserkocher"]
    assert [name.lower() for name in example.asked] == ["brand"]
    assert list(example.gold.values()) == [["Kettlo"]]
    assert example.texts["description"].endswith("Von Kettlo.")


def test_gold_that_is_not_there_names_its_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match=r"train\.jsonl"):
        list(gold_examples(tmp_path, "train", seed=0))


@pytest.mark.parametrize(
    ("values", "text", "expected"),
    [
        (["red", "navy"], "Navy blue navy and red", ["navy", "red"]),
        (["b", "a", "b"], "a b", ["a", "b"]),
        (["absent", "seen"], "only seen", ["seen", "absent"]),
        (["y", "x"], "", ["y", "x"]),
        (["棉", "藏青色"], "藏青色 棉质", ["藏青色", "棉"]),
    ],
)
def test_values_come_in_the_order_of_the_text(values: list[str], text: str, expected: list[str]) -> None:
    assert in_text_order(values, text) == expected


WRITTEN = [
    {
        "lang": "de",
        "category": "Sneakers",
        "title": "Nike Turnschuhe rot",
        "description": "Ohne Leder.",
        "attributes": {"Zustand": "neu"},
        "reviews": ["Sehr bequem.", "Fallen klein aus."],
        "gold": {"category": ["Turnschuhe"], "brand": ["Nike"], "color": ["rot"]},
    }
]


def test_written_listings_are_asked_for_what_they_state_and_more(small: Taxonomy, tmp_path: Path) -> None:
    path = tmp_path / "listings.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in WRITTEN), encoding="utf-8")
    shown = set()
    for seed in range(20):
        (example,) = written_examples(tmp_path, small, seed=seed)
        assert example.asked[0] == "category"
        assert dict(example.gold) == WRITTEN[0]["gold"]
        assert set(example.gold) <= set(example.asked) <= {"category", "color", "brand"}
        assert example.texts["attributes"] == "Zustand: neu"
        assert example.texts["reviews"] == "Sehr bequem. / Fallen klein aus."
        shown.add(example.category)
    assert shown == {"Shoes", "Sneakers"}  # the category in the prompt is the listing's, or one above it


def test_a_pair_is_the_prompt_and_a_compact_answer_in_the_order_asked() -> None:
    example = Example(
        category="Shoes",
        lang="de",
        texts={"title": "Nike Schuhe, größengrau", "description": "", "attributes": "", "reviews": ""},
        asked=["category", "color", "brand", "fit"],
        gold={"brand": ["Nike"], "color": ["größengrau"], "category": ["Schuhe"], "fit": []},
    )
    prompt, answer = as_pair(example, read_prompt(data_folder("prompts") / "extract-1.yaml"))
    assert prompt == "Shoes|category,color,brand,fit\nT:Nike Schuhe, größengrau\n="
    assert answer == '{"category":["Schuhe"],"color":["größengrau"],"brand":["Nike"]}'


def test_a_category_is_answered_once() -> None:
    example = Example(
        category="",
        lang="en",
        texts={"title": "sneakers trainers shoes"},
        asked=["category", "color"],
        gold={"category": ["sneakers", "trainers"], "color": ["red", "blue"]},
    )
    answer = as_pair(example, read_prompt(data_folder("prompts") / "extract-1.yaml"))[1]
    assert answer == '{"category":["sneakers"],"color":["red","blue"]}'


def test_as_served_asks_what_the_service_asks() -> None:
    service = asyncio.run(open_service(load_settings(), with_model=False, with_store=False))
    example = Example(
        category="Sneakers",
        lang="de",
        texts={"title": "Zorvatex Turnschuhe rot", "attributes": "Zustand: neu", "reviews": "Sehr bequem."},
        asked=["category", "color", "brand"],
        gold={"category": ["Turnschuhe"], "color": ["rot"], "brand": ["Zorvatex"]},
    )
    prompt, answer = as_served(example, service.tagger.prompt_for)
    asked = prompt.split("\n")[0].split("|")[1].split(",")
    assert "color" not in asked  # rules know it
    assert {"category", "brand"} <= set(asked)
    assert "\nA:Zustand: neu\n" in prompt
    assert answer == '{"category":["Turnschuhe"],"brand":["Zorvatex"]}'
