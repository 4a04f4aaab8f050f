"""The hand-made gold files have the shape, the balance and the ids that the measurements on them rely on."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from app.adapters.taxonomy_files import read_taxonomy
from app.bootstrap import TAXONOMY, data_folder
from app.domain.taxonomy import CATEGORY, Taxonomy

GOLD = Path(__file__).parents[2] / "eval" / "gold"
LANGS = ("en", "de", "fr", "es", "it", "id", "ja", "zh-CN")
KINDS = {"verb", "noun", "adjective", "adverb", "person", "place"}
PAIRS = {"normalisation.jsonl": 300, "normalisation_2.jsonl": 300, "normalisation_tuning.jsonl": 200}
HELD_OUT = "normalisation_2.jsonl"
REAL = GOLD.parents[2] / "shared" / "data"
SOURCES = {
    "en": ("oa-mine", "ae-110k", "wdc-pave", "fashion-en"),
    "de": ("ebay-de",),
    "id": ("marketplace-id",),
    "zh-CN": ("mepave-zh", "taobao-zh", "taobao2-zh"),
}
STRANGERS = {"strangers.txt": 1000, "strangers_tuning.txt": 600}


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (GOLD / name).read_text(encoding="utf-8").splitlines()]


def words(name: str) -> list[tuple[str, ...]]:
    return [tuple(line.split("\t")) for line in (GOLD / name).read_text(encoding="utf-8").splitlines()]


def fold(text: str) -> str:
    """Casefold, and drop width, accents, punctuation and runs of spaces: what no reader would call another word."""
    letters = [c for c in unicodedata.normalize("NFKD", text).casefold() if not unicodedata.combining(c)]
    return " ".join("".join(c if c.isalnum() else " " for c in letters).split())


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return read_taxonomy(data_folder("taxonomy") / TAXONOMY)


@pytest.mark.parametrize(("name", "size"), PAIRS.items())
def test_pairs_have_their_shape(name: str, size: int, taxonomy: Taxonomy) -> None:
    found = rows(name)
    assert len(found) == size
    for row in found:
        assert {*row} - {"note"} == {"value", "lang", "attribute", "expected", "source"}, row
        assert row["value"] == row["value"].strip() != "", row
        assert row["attribute"] in {*taxonomy.attributes, CATEGORY}, row
        assert [taxonomy.concepts[i].attribute for i in row["expected"]] == [row["attribute"]] * len(row["expected"])
        assert row["expected"] or row["note"], row  # why nothing means this


@pytest.mark.parametrize(("name", "size"), PAIRS.items())
def test_pairs_are_balanced(name: str, size: int) -> None:
    found = rows(name)
    langs = Counter(row["lang"] for row in found)
    assert set(langs) == set(LANGS)
    assert max(langs.values()) <= 1.3 * min(langs.values())
    assert Counter(row["source"] for row in found) == {"dev": size // 2, "written": size // 2}
    assert sum(not row["expected"] for row in found) == size // 5
    negative = Counter(row["lang"] for row in found if not row["expected"])
    assert max(negative.values()) <= 1.3 * min(negative.values())


def test_no_pair_is_there_twice() -> None:
    pairs = Counter((fold(row["value"]), row["lang"]) for name in PAIRS for row in rows(name))
    assert [pair for pair, times in pairs.items() if times > 1] == []


def test_held_out_values_stand_in_no_other_file_in_any_language() -> None:
    seen = {fold(row["value"]) for name in PAIRS if name != HELD_OUT for row in rows(name)}
    assert [row["value"] for row in rows(HELD_OUT) if fold(row["value"]) in seen] == []


def test_held_out_languages_are_even() -> None:
    assert set(Counter(row["lang"] for row in rows(HELD_OUT)).values()) == {37, 38}


@pytest.mark.skipif(not REAL.is_dir(), reason="../shared/data is not here")
def test_held_out_dev_values_stand_in_dev_sets() -> None:
    stands: dict[str, set[str]] = {}
    for lang, sets in SOURCES.items():
        lines = [line for name in sets for line in (REAL / name / "dev.jsonl").read_text(encoding="utf-8").splitlines()]
        golds = [json.loads(line)["gold"] for line in lines]
        stands[lang] = {value for gold in golds for values in gold.values() for value in values or ()}
    dev = [row for row in rows(HELD_OUT) if row["source"] == "dev"]
    assert [row["value"] for row in dev if row["value"] not in stands[row["lang"]]] == []


@pytest.mark.parametrize(("name", "size"), STRANGERS.items())
def test_strangers_have_their_shape(name: str, size: int) -> None:
    found = words(name)
    assert len(found) == size
    assert Counter(lang for _, lang, _ in found) == dict.fromkeys(LANGS, size // len(LANGS))
    assert {kind for _, _, kind in found} == KINDS
    for word, lang, _ in found:
        spaced = lang not in ("ja", "zh-CN")
        assert 4 <= len(fold(word).replace(" ", "")) <= 14 if spaced else 2 <= len(word) <= 5, word


def test_no_stranger_is_there_twice() -> None:
    times = Counter(fold(word) for name in STRANGERS for word, _, _ in words(name))
    assert [word for word, n in times.items() if n > 1] == []


def test_no_stranger_is_a_label_of_the_default_taxonomy(taxonomy: Taxonomy) -> None:
    concepts = [*taxonomy.concepts.values(), *taxonomy.attributes.values()]
    labels = {fold(label.text) for concept in concepts for label in concept.labels}
    assert "navy" in labels
    assert [word for name in STRANGERS for word, _, _ in words(name) if fold(word) in labels] == []


def test_categories_are_mapped_once() -> None:
    found = rows("category_map.jsonl")
    keys = Counter((row["dataset"], row["category"], row.get("product_type")) for row in found)
    assert [key for key, times in keys.items() if times > 1] == []
    plain = Counter(row["dataset"] for row in found if "product_type" not in row)
    assert plain == {"wdc-pave": 5, "oa-mine": 10, "ae-110k": 10, "fashion-en": 123}
    tops = {"aa": "Apparel & Accessories", "ae": "Arts & Entertainment", "el": "Electronics", "fr": "Furniture"}
    tops |= {"fb": "Food, Beverages & Tobacco", "hb": "Health & Beauty", "hg": "Home & Garden", "lb": "Luggage & Bags"}
    tops |= {"bi": "Business & Industrial", "os": "Office Supplies", "sg": "Sporting Goods"}
    for row in found:
        assert {*row} - {"product_type", "below"} == {"dataset", "category", "shopify", "name"}, row
        assert len(set(row["shopify"])) == len(row["shopify"]) > 0, row
        assert all(i.split("-")[0] in tops for i in row["shopify"]), row
        path = row["name"].split(" > ")
        assert path[0] == tops[row["shopify"][0].split("-")[0]]
        assert len(path) == row["shopify"][0].count("-") + 1, row


def test_category_listings_are_balanced() -> None:
    found = rows("category_listings.jsonl")
    assert Counter(row["lang"] for row in found) == dict.fromkeys(LANGS, 10)
    assert len({fold(row["title"]) for row in found}) == len({row["id"] for row in found}) == 80
    for row in found:
        assert {*row} - {"below"} == {"id", "lang", "title", "shopify", "name"}, row
        assert len(row["name"].split(" > ")) == row["shopify"][0].count("-") + 1, row
