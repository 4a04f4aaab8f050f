"""Listings and their tags brought together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.adapters.tagged_files import TaggedRow, read_tagged
from app.domain.errors import InvalidFile
from app.domain.tags import Decision, Quantity

RED = {"attribute": "color", "id": "color:red", "raw": "red", "decision": "accept", "labels": {"en": "Red"}}


def answer(listing_id: str | None, *tags: dict[str, Any]) -> dict[str, Any]:
    return {"id": listing_id, "lang": "en", "tags": list(tags)}


def read(tmp_path: Path, answers: list[Any], listings: list[dict[str, Any]]) -> list[TaggedRow]:
    tags, file = tmp_path / "tags.jsonl", tmp_path / "listings.jsonl"
    tags.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in answers), encoding="utf-8")
    file.write_text("\n".join(map(json.dumps, listings)), encoding="utf-8")
    return list(read_tagged(tags, file))


def titles(rows: list[TaggedRow]) -> list[str | None]:
    return [row.tagged.listing.title if row.tagged else None for row in rows]


def test_lines_are_joined_by_id_in_the_order_of_the_tags(tmp_path: Path) -> None:
    rows = read(tmp_path, [answer("b", RED), answer("a")], [{"id": "a", "title": "A"}, {"id": "b", "title": "B"}])
    assert titles(rows) == ["B", "A"]
    assert rows[0].tagged is not None
    (tag,) = rows[0].tagged.tags
    assert (tag.id, tag.decision, tag.labels) == ("color:red", Decision.ACCEPT, {"en": "Red"})


def test_lines_without_ids_are_joined_by_place(tmp_path: Path) -> None:
    assert titles(read(tmp_path, [answer(None), answer(None)], [{"title": "A"}, {"title": "B"}])) == ["A", "B"]


def test_an_id_that_stands_twice_belongs_to_the_listing_at_its_place(tmp_path: Path) -> None:
    listings = [{"id": "a", "title": "A"}, {"id": "a", "title": "B"}, {"id": "c", "title": "C"}]
    assert titles(read(tmp_path, [answer("a"), answer("a"), answer("c")], listings)) == ["A", "B", "C"]
    rows = read(tmp_path, [answer("c"), answer("c"), answer("a")], listings)
    assert [row.error.message if row.error else "" for row in rows][2] == "2 listings have the id 'a'"


def test_quantities_come_back(tmp_path: Path) -> None:
    volume = {"attribute": "volume", "id": "volume:330_ml", "raw": "0,33 l", "decision": "accept"}
    volume |= {"quantity": {"value": 330.0, "unit": "ml", "upper": None}}
    (row,) = read(tmp_path, [answer(None, volume)], [{"title": "A"}])
    assert row.tagged is not None
    assert row.tagged.tags[0].quantity == Quantity(value=330, unit="ml")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "the line is no JSON"),
        ("[]", "the line is no answer with tags"),
        ('{"id": "a"}', "the line is no answer with tags"),
        (answer("x"), "no listing has the id 'x'"),
        ({"id": "a", "line": 1, "error": {"message": "too slow"}}, "the listing was not tagged: too slow"),
        (answer("a", {"id": "color:red"}), "a tag has not the form of an answer: KeyError('attribute')"),
        (answer("a", RED | {"decision": "maybe"}), "a tag has not the form of an answer"),
        ({"id": "a", "tags": []}, "a tag has not the form of an answer: KeyError('lang')"),
        (answer(None), "the line has no id, and there are more or fewer listings than lines"),
    ],
)
def test_lines_that_cannot_be_used_are_named_and_the_rest_goes_on(tmp_path: Path, line: Any, message: str) -> None:
    listings = [{"id": "a", "title": "A"}, {"id": "b", "title": "B"}, {"id": "c", "title": "C"}]
    rows = read(tmp_path, [line, answer("b")], listings)
    assert rows[0].place == "line 1"
    assert rows[0].error is not None
    assert message in rows[0].error.message
    assert titles(rows[1:2]) == ["B"]


def test_listings_that_no_line_is_about_are_named(tmp_path: Path) -> None:
    rows = read(tmp_path, [answer("a")], [{"id": "a", "title": "A"}, {"id": "b", "title": "B"}])
    assert [(row.place, row.error and row.error.message) for row in rows[1:]] == [
        ("listing, line 2", "no line of tags is about this listing")
    ]


def test_a_listing_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    rows = read(tmp_path, [{"id": None, "line": 1, "error": {"message": "the title is missing"}}], [{"id": "a"}])
    assert [row.error and row.error.message for row in rows] == ["the listing cannot be read: the title is missing"]


def test_files_that_are_missing(tmp_path: Path) -> None:
    file = tmp_path / "listings.jsonl"
    file.write_text('{"title": "A"}', encoding="utf-8")
    with pytest.raises(InvalidFile, match=r"tags\.jsonl cannot be read"):
        list(read_tagged(tmp_path / "tags.jsonl", file))
    with pytest.raises(InvalidFile, match="there is no file"):
        list(read_tagged(file, tmp_path / "none.csv"))
