"""Gold files, canonical gold, value tables and files of answers: what is read, and what is refused with its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import InvalidFile
from app.domain.taxonomy import Taxonomy
from eval.harness.answers import read_answers
from eval.harness.canonical import read_table, to_tags
from eval.harness.gold import FOLDER, GoldListing, read_gold

ROW = {
    "id": "s/dev/1",
    "lang": "de",
    "title": "Roter Schuh",
    "category": None,
    "gold": {"Farbe": ["Rot"], "Größe": None},
}
TABLE = [
    {"attribute": "Farbe", "value": "Rot", "ids": ["color:red"]},
    {"attribute": "Farbe", "value": "Blau-Weiß", "ids": ["color:blue", "color:white"]},
    {"attribute": "Farbe", "value": "Kult", "ids": []},
    {"attribute": "Modell", "counterpart": None},
]


def write(path: Path, *rows: Any) -> Path:
    """Write JSON Lines; a text is written as it is."""
    text = "\n".join(row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text(text, encoding="utf-8")
    return path


def test_surface_gold_is_read_with_its_schema(tmp_path: Path) -> None:
    write(tmp_path / "schema.json", {"categories": {"*": [{"name": "Farbe"}, {"name": "Marke"}]}})
    gold = read_gold(write(tmp_path / "dev.jsonl", ROW, "", {**ROW, "id": 2}))
    first, second = gold.listings
    assert (first.id, second.id) == ("s/dev/1", "2")
    assert first.values == {"Farbe": ("Rot",), "Größe": None}
    assert first.listing.lang == "de"
    assert gold.known(first) == ("Farbe", "Marke")
    assert len(read_gold(tmp_path / "dev.jsonl", limit=1).listings) == 1


def test_the_language_of_tagged_listings_is_not_given_away() -> None:
    gold = read_gold(FOLDER / "listings.jsonl")
    assert len(gold.listings) == 100
    assert {item.listing.lang for item in gold.listings} == {None}
    assert gold.listings[0].tags is not None
    assert "brand:asics" in gold.listings[0].tags


@pytest.mark.parametrize(
    ("row", "field", "message"),
    [
        ("{", "line", "line 2 is no JSON"),
        ("[]", "line", "line 2: expected an object, not []"),
        ({**ROW, "id": None}, "id", "line 2: id must be a text or a number, not None"),
        (ROW, "id", "line 2: id 's/dev/1' stands on line 1 too"),
        ({**ROW, "id": 2, "title": " "}, "title", "line 2: title must be a text, not ' '"),
        ({**ROW, "id": 2, "lang": None}, "lang", "line 2: lang must be a text, not None"),
        ({**ROW, "id": 2, "gold": ["Rot"]}, "gold", "line 2: gold must be an object of attributes, not ['Rot']"),
        ({**ROW, "id": 2, "gold": {"Farbe": "Rot"}}, "gold.Farbe", "gold.Farbe must be a list of texts, not 'Rot'"),
        ({"id": 2, "lang": "de", "title": "x"}, "gold", "line 2 has neither gold nor tags"),
        ({"id": 2, "lang": "de", "title": "x", "tags": ["red"]}, "tags", "tags must be ids such as color:navy"),
        ({"id": 2, "lang": "de", "title": "x", "tags": [], "attributes": [1]}, "attributes", "an object of texts"),
        ({"id": "x", "tags": []}, "title", "line 2 has no title, and no text can be looked up for id 'x'"),
    ],
)
def test_a_bad_line_is_named_with_its_field(tmp_path: Path, row: Any, field: str, message: str) -> None:
    path = write(tmp_path / "dev.jsonl", ROW, row)
    with pytest.raises(InvalidFile) as caught:
        read_gold(path, data=tmp_path)
    assert message in caught.value.message
    assert caught.value.message.startswith("dev.jsonl line 2")
    assert caught.value.field == field


def test_a_category_that_the_schema_lacks_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "schema.json", {"categories": {"Schuhe": [{"name": "Farbe"}]}})
    with pytest.raises(InvalidFile, match="dev.jsonl line 1: the schema has no category 'Hüte'") as caught:
        read_gold(write(tmp_path / "dev.jsonl", {**ROW, "category": "Hüte"}))
    assert caught.value.hint == "its categories are Schuhe"


@pytest.mark.parametrize("name", ["none.jsonl", "empty.jsonl"])
def test_a_file_without_listings_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path / "empty.jsonl", "", "")
    with pytest.raises(InvalidFile):
        read_gold(tmp_path / name)


@pytest.fixture
def canonical(tmp_path: Path) -> Path:
    """Canonical gold, the table of its set beside it, and the set's data folder."""
    (tmp_path / "data" / "s").mkdir(parents=True)
    source = {**ROW, "description": "Aus Leder", "gold": {"Farbe": ["Rot", "kult"], "Modell": ["90"]}}
    write(tmp_path / "data" / "s" / "dev.jsonl", source)
    write(tmp_path / "canonical_values_s.jsonl", *TABLE)
    return write(tmp_path / "canonical.jsonl", {"id": "s/dev/1", "tags": ["color:red", "material:leather"]})


def test_canonical_gold_is_looked_up_by_id(canonical: Path, tmp_path: Path) -> None:
    (item,) = read_gold(canonical, data=tmp_path / "data").listings
    assert (item.listing.title, item.listing.description, item.lang) == ("Roter Schuh", "Aus Leder", "de")
    assert item.tags == {"color:red", "material:leather"}
    assert item.values is None
    assert item.wordings["color:red"] == ("Rot",)


@pytest.mark.parametrize(
    ("line", "field", "message"),
    [
        ({"id": "s/dev/9", "tags": []}, "id", "has no listing 's/dev/9'"),
        ({"id": "t/dev/1", "tags": []}, "data", "cannot be read"),
    ],
)
def test_a_text_that_is_not_there_is_named(
    canonical: Path, tmp_path: Path, line: dict[str, Any], field: str, message: str
) -> None:
    with pytest.raises(InvalidFile, match=message) as caught:
        read_gold(write(canonical, line), data=tmp_path / "data")
    assert caught.value.field == field


def test_a_table_makes_tags_of_surface_gold(tmp_path: Path, small: Taxonomy) -> None:
    values = {"Farbe": ["ROT ", "Blau-Weiß", "Kult", "Neon"], "Modell": ["90"], "Stil": ["x"], "Größe": None}
    read = read_gold(write(tmp_path / "dev.jsonl", {**ROW, "gold": values}))
    gold = to_tags(read, read_table(write(tmp_path / "t", *TABLE)), small)
    (item,) = gold.listings
    # what has no concept, by the table or for want of a row, counts as gold that cannot be given
    assert item.tags == {"color:red", "color:blue", "color:white", "color:?Kult", "color:?Neon"}
    assert item.wordings["color:white"] == ("Blau-Weiß",)
    assert gold.scope == {"color"}
    assert item.listing.lang is None


def test_of_a_concept_and_one_below_it_the_narrower_is_gold(tmp_path: Path, small: Taxonomy) -> None:
    rows = [
        {"attribute": "Art", "value": name, "ids": [f"category:{name}"]} for name in ("shoes", "sneakers", "shirts")
    ]
    read = read_gold(write(tmp_path / "dev.jsonl", {**ROW, "gold": {"Art": ["shoes", "sneakers", "shirts"]}}))
    (item,) = to_tags(read, read_table(write(tmp_path / "t", *rows)), small).listings
    assert item.tags == {"category:sneakers", "category:shirts"}


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"value": "Rot", "ids": []}, "attribute"),
        ({"attribute": "Farbe", "ids": []}, "value"),
        ({"attribute": "Farbe", "value": "Rot", "ids": ["red"]}, "ids"),
        ({"attribute": "Farbe", "value": "Rot"}, "ids"),
    ],
)
def test_a_bad_row_of_a_table_is_named(tmp_path: Path, row: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidFile, match="line 2") as caught:
        read_table(write(tmp_path / "table.jsonl", TABLE[0], row))
    assert caught.value.field == field


TAG = {
    "attribute": "color",
    "id": "color:red",
    "raw": "Roter",
    "confidence": 0.9,
    "decision": "review",
    "match": {"method": "alias", "score": 100, "label": "roter", "locale": "de"},
    "evidence": [{"field": "title", "start": 0, "end": 5}],
    "source": "rule",
}


def gold_of(*ids: str) -> list[GoldListing]:
    """Return gold listings of which only the ids matter."""
    from app.domain.listing import Listing

    return [GoldListing(id=one, listing=Listing(title="x"), lang="de", tags=frozenset()) for one in ids]


def test_answers_are_found_by_id(tmp_path: Path) -> None:
    path = write(
        tmp_path / "out.jsonl",
        {"id": "c", "error": {"type": "engine", "message": "the model is away"}},
        {"id": 2, "tags": [TAG, "color:blue"], "unmatched": [{"attribute": "color", "raw": "Kult"}], "partial": True},
        {"id": "a", "predicted": {"Farbe": ["Rot"]}},
        {"id": "more", "predicted": {}},
    )
    values, tags, failed = read_answers(path, gold_of("a", "2", "c"))
    assert values.predicted == {"Farbe": ["Rot"]}
    assert tags.tags is not None
    assert [(t.id, t.attribute, t.confidence, t.accepted, t.method) for t in tags.tags] == [
        ("color:red", "color", 0.9, False, "alias"),
        ("color:blue", "color", None, True, None),
    ]
    assert tags.tags[0].kinds[-1] == "rule"
    assert (tags.unmatched, tags.partial) == ((("color", "Kult"),), True)
    assert (failed.error, failed.tags, failed.predicted) == ("the model is away", None, None)


@pytest.mark.parametrize(
    ("row", "field", "message"),
    [
        ({"id": "a", "predicted": {}}, "id", "line 2: id 'a' has been answered before"),
        ({"id": "b"}, "predicted", "line 2 has not the form of an answer"),
        ({"id": "b", "predicted": {"Farbe": "Rot"}}, "predicted", "line 2 has not the form of an answer"),
        ({"id": "b", "tags": [{"id": "color:red"}]}, "predicted", "line 2 has not the form of an answer"),
        ({"id": "c", "predicted": {}}, "predictions", "answers 1 of 2 gold listings; 'b' is missing"),
    ],
)
def test_answers_that_cannot_be_used_are_refused(tmp_path: Path, row: dict[str, Any], field: str, message: str) -> None:
    path = write(tmp_path / "out.jsonl", {"id": "a", "predicted": {}}, row)
    with pytest.raises(InvalidFile, match=message) as caught:
        read_answers(path, gold_of("a", "b"))
    assert caught.value.field == field
