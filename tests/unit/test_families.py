"""The contract of model families, on the one that needs no further package."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from app.adapters.families.card import read_card
from app.adapters.families.words import words_of
from app.bootstrap_extractors import FAMILIES, open_family
from app.domain.errors import EngineError, InvalidFile, InvalidListing, LeakedData, SettingsError, WeightsMismatch
from app.domain.listing import Listing
from app.domain.tags import Extraction
from app.pipeline.extractor import AskedAttribute, Question
from app.training.families.dictionary import train as train_dictionary
from app.training.families.gold import read_train
from app.training.families.scores import f1
from app.training.families.trainers import TRAINERS, family_of, train
from eval.harness.protocols import judge_sets, judge_slots, tally
from eval.harness.scores import f1 as micro_f1
from eval.harness.scores import matrix
from tests.families import recipe, rows, write_set


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_set(tmp_path / "data")


@pytest.fixture
def folder(tmp_path: Path, data: Path) -> Path:
    config = tmp_path / "recipe.yaml"
    config.write_text(yaml.safe_dump(recipe("dictionary", data, tmp_path / "models", items=["Item"])), encoding="utf-8")
    return train(config)


def ask(title: str, *names: str, category: str = "Shirt") -> Question:
    attributes = tuple(AskedAttribute(name=name) for name in names)
    return Question(listing=Listing(title=title), category=category, attributes=attributes)


async def test_a_model_answers_by_the_names_it_is_asked_by(folder: Path) -> None:
    model = open_family(folder)
    answer = (await model.extract_many([ask("Alba Rosa Linen Shirt, Navy Blue", "brand", "Color", "Sleeve")]))[0]
    assert isinstance(answer, Extraction)
    assert answer.predicted == {"brand": ["Alba Rosa"], "Color": ["Navy Blue"]}  # the longest: not "Blue"
    assert [(e.field, e.start, e.end) for e in answer.evidence["Color"]] == [("title", 23, 32)]
    assert [(w.code, w.message) for w in answer.warnings] == [
        ("untrained-attribute", "this model was not trained for Sleeve")
    ]
    assert (model.knows("BRAND"), model.knows("Sleeve")) == (True, False)


async def test_a_listing_that_cannot_be_answered_is_an_error_in_its_place(folder: Path) -> None:
    model = open_family(folder)
    good = ask("K2 Mug Red 250ml", "Volume", category="Mug")
    answers = await model.extract_many([good, ask("  ", "Volume"), good])
    assert [type(answer) for answer in answers] == [Extraction, InvalidListing, Extraction]
    await model.close()
    assert [type(answer) for answer in await model.extract_many([good])] == [EngineError]


def test_the_card_says_what_it_was_trained_on_and_how_well_it_did(folder: Path) -> None:
    card = read_card(folder)
    assert card.family == "dictionary"
    assert [(d["set"], d["split"], d["listings"], d["licence"]) for d in card.data] == [
        ("small", "train", len(rows()), "none stated")
    ]
    assert card.attributes["Mug"] == ("Brand", "Color", "Volume")
    assert card.scores["held_out"]["listings"] == len(rows()[::8])
    assert 50 < card.scores["held_out"]["strict"] <= 100
    assert "tagwright" in card.versions


def test_a_file_that_the_card_does_not_name_is_refused(folder: Path) -> None:
    with (folder / "dictionary.json").open("a") as file:
        file.write(" ")
    with pytest.raises(WeightsMismatch, match="is not the file that the card names"):
        open_family(folder)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"family": "dictionary"}'])
def test_a_broken_card_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "card.json").write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError, match="is no card of a model"):
        open_family(tmp_path)


def test_a_model_that_is_there_is_not_written_over(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(InvalidFile, match="there is a model at"):
        train(tmp_path / "recipe.yaml")


def test_a_listing_of_another_split_is_refused(data: Path) -> None:
    path = data / "small" / "train.jsonl"
    stray = json.dumps({**rows()[0], "id": "small/dev/00001"})
    path.write_text(path.read_text(encoding="utf-8") + stray + "\n", encoding="utf-8")
    with pytest.raises(LeakedData, match="small/dev/00001: the split 'dev' is for evaluation"):
        read_train(data, "small")


def test_a_set_without_a_schema_is_read_for_what_it_annotates(data: Path) -> None:
    (data / "small" / "schema.json").unlink()
    gold = read_train(data, "small")
    assert gold.listings
    assert gold.known("Shirt") == ()


def dev_of(data: Path, titles: Sequence[str]) -> None:
    """Write the dev file of another set: sets share sources, so each is kept from every other."""
    (data / "other").mkdir()
    lines = [json.dumps({"id": f"other/dev/{n}", "title": title}) + "\n" for n, title in enumerate(titles)]
    (data / "other" / "dev.jsonl").write_text("".join(lines), encoding="utf-8")


def test_what_stands_in_dev_is_left_out_and_the_card_says_how_much(tmp_path: Path, data: Path) -> None:
    titles = [row["title"] for row in rows()]
    dev_of(data, [titles[0].upper(), " ".join(reversed(titles[4].split())), "Alba Rosa Apron Green"])
    gold = read_train(data, "small")
    left_out = {titles[0], titles[4]}
    assert [item.listing.title for item in gold.listings] == [title for title in titles if title not in left_out]
    card = read_card(train_dictionary(recipe("dictionary", data, tmp_path / "models")))
    said = {name: card.data[0][name] for name in ("listings", "in_dev", "near_dev", "kept")}
    assert said == {"listings": len(titles), "in_dev": 2, "near_dev": 0, "kept": len(titles) - 2}


def test_a_dev_file_under_the_name_of_train_is_refused(data: Path) -> None:
    dev_of(data, [row["title"] for row in rows()[: len(rows()) * 2 // 3]])
    with pytest.raises(LeakedData, match="24 of 36 training listings .* stand in a dev set"):
        read_train(data, "small")


def test_folds_share_nothing_and_leave_nothing_out(data: Path) -> None:
    gold = read_train(data, "small")
    held = [gold.fold(n, 5, seed=3) for n in range(5)]
    titles = [item.listing.title for _, part in held for item in part]
    assert sorted(titles) == sorted(item.listing.title for item in gold.listings)
    assert all(not set(map(id, rest)) & set(map(id, part)) for rest, part in held)


def test_a_listing_that_is_left_out_moves_no_other_to_another_fold(data: Path) -> None:
    def parts() -> list[list[str]]:
        gold = read_train(data, "small")
        return [[item.listing.title for item in gold.fold(n, 5, seed=3)[1]] for n in range(5)]

    before, gone = parts(), rows()[4]["title"]
    dev_of(data, [gone])
    assert parts() == [[title for title in part if title != gone] for part in before]


@pytest.mark.parametrize(
    ("values", "slots", "strict", "sets"),
    [
        ({"Brand": ["Nordwind"], "Color": ["Blue"], "Item": ["Shirt"]}, 100.0, 100.0, 100.0),
        ({"Brand": ["Nordwind"], "Color": ["blue"], "Item": ["Shirt"]}, 66.67, 66.67, 100.0),
        ({"Brand": ["Nordwind"], "Material": ["Linen"]}, 50.0, 40.0, 40.0),
        ({}, 0.0, 0.0, 0.0),
    ],
)
def test_scores_are_those_of_the_harness(
    data: Path, values: dict[str, list[str]], slots: float, strict: float, sets: float
) -> None:
    gold = read_train(data, "small")
    item = gold.listings[0]
    found = f1([(item, values)], gold.known)
    assert (found["slots"], found["strict"], found["sets"]) == (slots, strict, sets)
    judged = (
        judge_slots(item.gold, values),
        judge_slots(item.gold, values, gold.known("Shirt")),
        judge_sets(item.gold, values),
    )
    assert [round(100 * float(micro_f1(matrix([tally(of)])[1].sum((0, 1)))), 2) for of in judged] == [
        slots,
        strict,
        sets,
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("55mm 2-Pack", ["55", "mm", "2", "-", "Pack"]),
        ("连衣裙 M码", ["连", "衣", "裙", "M", "码"]),
        ("größe_XL", ["größe", "_", "XL"]),
        ("", []),
    ],
)
def test_words_have_their_places(text: str, wanted: list[str]) -> None:
    words = words_of(text)
    assert [word.text for word in words] == wanted
    assert [text[word.start : word.end] for word in words] == wanted


def test_every_family_can_be_trained_and_opened() -> None:
    assert set(TRAINERS) == set(FAMILIES)


@pytest.mark.parametrize(
    ("content", "family"), [("name: x", "causal"), ("family: t5", "t5"), ("family: forest", "forest")]
)
def test_a_recipe_names_its_family(tmp_path: Path, content: str, family: str) -> None:
    config = tmp_path / "recipe.yaml"
    config.write_text(content, encoding="utf-8")
    assert family_of(config) == family


def test_a_recipe_for_any_set_is_given_one(tmp_path: Path, data: Path) -> None:
    config = tmp_path / "recipe.yaml"
    paths = {"data": str(data), "out": str(tmp_path / "models")}
    config.write_text(yaml.safe_dump({"family": "dictionary", **paths}), encoding="utf-8")
    card = read_card(train(config, "small"))
    assert (card.name, card.data[0]["set"]) == ("dictionary-small", "small")
    config.write_text(yaml.safe_dump(recipe("dictionary", data, tmp_path)), encoding="utf-8")
    with pytest.raises(InvalidFile, match="is for small already"):
        train(config, "other")


def test_an_unknown_family_is_named(tmp_path: Path) -> None:
    config = tmp_path / "recipe.yaml"
    config.write_text("family: svm", encoding="utf-8")
    with pytest.raises(InvalidFile, match="no family is called 'svm'") as caught:
        family_of(config)
    assert caught.value.field == "family"
