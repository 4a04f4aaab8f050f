"""JSON and JSON Lines, streams, and which file is read how."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from app.adapters.listing_files import Row, read_json, read_json_lines, read_listings, read_stream
from app.domain.errors import InvalidFile, InvalidListing
from app.domain.listing import Listing


def listings(rows: Sequence[Row]) -> list[Listing]:
    """Return the listings of rows that must all be good."""
    assert [row.error for row in rows if row.error] == []
    return [row.listing for row in rows if row.listing is not None]


def test_json_lines_name_bad_lines() -> None:
    data = b'\xef\xbb\xbf{"title": "one"}\n\n{"title": \n["no object"]\n{"title": "Gr\xf6\xdfe"}\n{"name": "six"}\r\n'
    rows = list(read_json_lines(data))
    assert [(row.number, row.listing.title if row.listing else str(row.error)) for row in rows] == [
        (1, "one"),
        (3, "the line is no JSON: Expecting value: line 1 column 11 (char 10)"),
        (4, 'a listing is an object such as {"title": "..."}'),
        (5, "the line is not UTF-8"),
        (6, "six"),
    ]


def test_json_lines_in_utf16_are_read() -> None:
    rows = list(read_json_lines('{"title": "Größe"}\n{"title": "红色"}\n'.encode("utf-16")))
    assert [listing.title for listing in listings(rows)] == ["Größe", "红色"]


def test_the_request_form_is_read_and_gold_is_not() -> None:
    row = {
        "id": 7,
        "title": "Loafer",
        "description": None,
        "reviews": ["good", ""],
        "attributes": {"Size": 40.0, "Colors": ["red", "blue"], "none": None},
        "gold": {"Color": ["black"]},
        "dataset": "x",
        "category": "Shoes",
        "price": 12.5,
        "variants": [{"sku": 1}],
    }
    read = next(read_json_lines(json.dumps(row).encode()))
    assert read.listing == Listing(
        id="7",
        title="Loafer",
        reviews=("good",),
        attributes=(("Size", "40"), ("Colors", "red, blue"), ("category", "Shoes"), ("price", "12.5")),
    )
    assert read.notes == ("'variants' was not read: it is neither text nor a field",)
    plain = next(read_json_lines(json.dumps(row).encode(), attributes=False)).listing
    assert plain is not None
    assert plain.attributes == (("Size", "40"), ("Colors", "red, blue"))


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"title": ["a"]}, "title"),
        ({"title": "a", "description": {"en": "x"}}, "description"),
        ({"title": "a", "reviews": [{"text": "x"}]}, "reviews"),
        ({"title": "a", "attributes": [1]}, "attributes"),
        ({"title": "a", "attributes": {"b": {"c": 1}}}, "attributes.b"),
        ({"title": " "}, "title"),
        ({}, "title"),
    ],
)
def test_wrong_types_name_their_field(row: dict[str, Any], field: str) -> None:
    error = next(read_json_lines(json.dumps(row).encode())).error
    assert isinstance(error, InvalidListing)
    assert error.field == field


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"title": "one"}, [("item 1", "one")]),
        ([{"title": "one"}, {"title": "two"}], [("item 1", "one"), ("item 2", "two")]),
        ({"listings": [{"title": "one"}], "locales": ["en"]}, [("item 1", "one")]),
        ([], []),
        ([1], [("item 1", None)]),
    ],
)
def test_json_documents(document: Any, expected: list[tuple[str, str | None]]) -> None:
    rows = read_json(json.dumps(document).encode())
    assert [(row.place, row.listing.title if row.listing else None) for row in rows] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Red shoe\n\n  Blue hat \n", ["Red shoe", "Blue hat"]),
        ("[Sale] Red shoe\n[New] Blue hat\n", ["[Sale] Red shoe", "[New] Blue hat"]),
        ('{"title": "one"}\n{"title": "two"}\n', ["one", "two"]),
        ('{\n  "title": "one"\n}\n', ["one"]),
        ('[{"title": "one"},\n {"title": "two"}]', ["one", "two"]),
        ("", []),
    ],
)
def test_streams_are_json_or_titles(text: str, expected: list[str]) -> None:
    rows = list(read_stream(text.encode(), lang="en"))
    assert [(x.title, x.lang) for x in listings(rows)] == [(title, "en") for title in expected]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "title\nshoe\n"),
        ("a.TSV", "id\ttitle\n1\tshoe\n"),
        ("a.jsonl", '{"title": "shoe"}'),
        ("a.ndjson", '{"title": "shoe"}'),
        ("a.json", '[{"title": "shoe"}]'),
        ("a.txt", "shoe\n"),
    ],
)
def test_the_suffix_names_the_format(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    read = listings(list(read_listings(tmp_path / name, lang="en")))
    assert [(listing.title, listing.lang) for listing in read] == [("shoe", "en")]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile) as caught:
        list(read_listings(Path("Red shoe for men")))
    assert caught.value.hint == 'to tag a title, write: tagwright tag --title "Red shoe for men"'
    with pytest.raises(InvalidFile) as caught:
        list(read_listings(tmp_path / "none.csv"))
    assert caught.value.hint is None
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    with pytest.raises(InvalidFile, match="unknown format"):
        list(read_listings(tmp_path / "a.pdf"))
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InvalidFile, match="cannot be read"):
        list(read_listings(tmp_path / "folder.csv"))
    (tmp_path / "a.csv").write_text("title\nshoe\n", encoding="utf-8")
    with pytest.raises(InvalidFile, match="only .xlsx"):
        list(read_listings(tmp_path / "a.csv", sheet="First"))
