"""Where concepts go that are no longer in use, and mappings as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.adapters.mapping_files import read_mapping, write_mapping
from app.domain.errors import InvalidFile
from app.domain.mapping import Mapped, Origin, Relation
from app.pipeline.versions.mapping import build_mapping
from tests.versions import CONCEPTS, taxonomy

BOOTS, RED = CONCEPTS["category:boots"], CONCEPTS["color:red"]
URI = "https://vocabulary.example/7"


def published(source: str, *targets: str, relation: Relation = Relation.EXACT) -> Mapped:
    return Mapped(source=source, targets=targets, origin=Origin.PUBLISHED, relation=relation)


@pytest.mark.parametrize(
    ("before", "after", "source", "targets", "origin"),
    [
        pytest.param(
            {},
            {"color:red": RED | {"retired": True, "successor": "color:blue"}},
            "color:red",
            ("color:blue",),
            Origin.SUCCESSOR,
            id="successor",
        ),
        pytest.param(
            {},
            {
                "color:red": RED | {"retired": True, "successor": "color:crimson"},
                "color:crimson": CONCEPTS["color:crimson"] | {"retired": True, "successor": "color:scarlet"},
            },
            "color:red",
            ("color:scarlet",),
            Origin.SUCCESSOR,
            id="the successor's successor",
        ),
        pytest.param(
            {},
            {
                "color:red": RED | {"retired": True, "successor": "color:crimson"},
                "color:crimson": CONCEPTS["color:crimson"] | {"retired": True, "successor": "color:red"},
            },
            "color:red",
            (),
            Origin.NONE,
            id="successors in a ring",
        ),
        pytest.param(
            {"color:red": RED | {"exact_match": (URI,)}},
            {"color:red": None, "color:c7": {"en": "Rouge", "exact_match": (URI,)}},
            "color:red",
            ("color:c7",),
            Origin.EXACT_MATCH,
            id="a shared URI",
        ),
        pytest.param(
            {},
            {"color:red": None, "color:c7": {"en": "Rouge", "exact_match": ("color:red",)}},
            "color:red",
            ("color:c7",),
            Origin.EXACT_MATCH,
            id="its id is known there",
        ),
        pytest.param(
            {},
            {"category:boots": None, "category:b": {"en": "Wellingtons", "google_id": 187}},
            "category:boots",
            ("category:b",),
            Origin.EXACT_MATCH,
            id="Google's id",
        ),
        pytest.param(
            {},
            {
                "category:boots": None,
                "category:b": {"en": "Wellingtons", "google_id": 187},
                "category:c": {"en": "Ski boots", "google_id": 187},
            },
            "category:boots",
            (),
            Origin.NONE,
            id="Google's id of two",
        ),
        pytest.param(
            {},
            {"color:red": None, "color:c7": RED},
            "color:red",
            ("color:c7",),
            Origin.LABEL,
            id="same labels",
        ),
        pytest.param(
            {},
            {"color:red": None, "color:c7": {"en": "RED", "de": "Feuer"}},
            "color:red",
            (),
            Origin.NONE,
            id="the same label in half of the locales is not most",
        ),
        pytest.param(
            {},
            {"color:red": None, "color:c7": RED, "color:c8": RED},
            "color:red",
            (),
            Origin.NONE,
            id="the same labels twice",
        ),
        pytest.param(
            {},
            {"color:red": None, "material:red": RED},
            "color:red",
            (),
            Origin.NONE,
            id="another attribute's label",
        ),
        pytest.param(
            {},
            {"color:red": None, "color:c7": RED | {"retired": True}},
            "color:red",
            (),
            Origin.NONE,
            id="what is retired is no target",
        ),
    ],
)
def test_where_a_concept_goes(
    before: dict[str, Any], after: dict[str, Any], source: str, targets: tuple[str, ...], origin: Origin
) -> None:
    row = build_mapping(taxonomy("1", before), taxonomy("2", after)).rows[source]
    assert (row.targets, row.origin) == (targets, origin)


def test_what_is_in_use_needs_no_mapping() -> None:
    assert build_mapping(taxonomy("1"), taxonomy("2")).rows == {}


def test_ambiguous_labels_are_reported_with_what_they_could_mean() -> None:
    mapping = build_mapping(taxonomy("1"), taxonomy("2", {"color:red": None, "color:c7": RED, "color:c8": RED}))
    (row,) = mapping.unmapped()
    assert (row.reason, row.candidates) == ("ambiguous labels", ("color:c7", "color:c8"))


def test_a_published_mapping_goes_before_all_else_and_follows_successors() -> None:
    new = taxonomy(
        "2",
        {
            "color:red": RED | {"retired": True, "successor": "color:blue"},
            "color:crimson": CONCEPTS["color:crimson"] | {"retired": True, "successor": "color:scarlet"},
        },
    )
    rows = build_mapping(taxonomy("1"), new, [published("color:red", "color:crimson"), published("color:older")]).rows
    assert rows["color:red"].targets == ("color:scarlet",)
    assert rows["color:older"].targets == ()


def test_a_published_target_has_to_be_there() -> None:
    with pytest.raises(InvalidFile, match="color:mauve"):
        build_mapping(taxonomy("1"), taxonomy("2"), [published("color:red", "color:mauve")])


def test_values_follow_the_attribute_that_theirs_became() -> None:
    new = taxonomy("2", {"color:red": None, "colour:1": RED}, {"color": None, "colour": {"en": "Color", "de": "Farbe"}})
    rows = build_mapping(taxonomy("1"), new).rows
    assert rows["color"].targets == ("colour",)
    assert rows["color:red"].targets == ("colour:1",)


ROWS = (
    Mapped(source="color:marine", targets=("color:navy",), origin=Origin.PUBLISHED, reason="the same shade"),
    Mapped(source="color:gold", targets=("color:yellow", "color:gold_tone"), origin=Origin.PUBLISHED),
    Mapped(source="color:none", targets=(), origin=Origin.PUBLISHED),
    published("color:petrol", "color:blue", relation=Relation.BROADER),
)
FILES = {
    "yaml": "- {from: color:marine, to: color:navy, reason: the same shade}\n"
    "- from: color:gold\n  to: [color:yellow, color:gold_tone]\n"
    "- {from: color:none, to: null}\n- {from: color:petrol, to: color:blue, relation: broader}\n",
    "csv": "from,to,relation,reason\ncolor:marine,color:navy,exact,the same shade\n"
    "color:gold,color:yellow|color:gold_tone,,\ncolor:none,,,\ncolor:petrol,color:blue,broader,\n",
    "jsonl": '{"from": "color:marine", "to": "color:navy", "reason": "the same shade"}\n'
    '{"from": "color:gold", "to": ["color:yellow", "color:gold_tone"]}\n\n'
    '{"from": "color:none", "to": null}\n{"from": "color:petrol", "to": "color:blue", "relation": "broader"}\n',
}


@pytest.mark.parametrize("form", FILES)
def test_a_file_is_read_and_what_is_written_reads_the_same(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"mapping.{form}"
    path.write_text("\ufeff" * (form == "csv") + FILES[form], encoding="utf-8")
    assert read_mapping(path) == ROWS
    write_mapping(path, ROWS)
    again = read_mapping(path)
    assert [(row.source, row.targets, row.relation) for row in again] == [
        (row.source, row.targets, row.relation) for row in ROWS
    ]
    assert again[0].reason == "published: the same shade"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("m.yaml", "- {from: a:b, to: a:c}\n- {from: a:b, to: a:d}\n", r"line 2: a:b is mapped in line 1"),
        ("m.yaml", "- {from: a:b, to: a:c, why: x}\n", r"line 1: unknown key 'why'"),
        ("m.yaml", "- {from: a:b}\n", r"line 1: `to` is missing"),
        ("m.yaml", "- {from: a:b, to: 5}\n", r"line 1: `from` and `to` are ids"),
        ("m.yaml", "from: a:b\n", r"no list"),
        ("m.csv", "from,to\na:b,a:c\na:d\n", r"line 3: not as many cells"),
        ("m.csv", "source,target\na:b,a:c\n", r"line 2: unknown key 'source'"),
        ("m.jsonl", '{"from": "a:b", "to": "a:c", "relation": "close"}\n', r"line 1: relation is exact"),
        ("m.jsonl", '{"from": "a:b", "to": "a:c"}\n{"from"\n', r"line 2: "),
        ("m.jsonl", "[]\n", r"line 1: \[\] is no mapping"),
        ("m.xlsx", "", r"\.yaml, \.csv, \.jsonl"),
    ],
)
def test_a_file_that_is_no_mapping_says_where(name: str, text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InvalidFile, match=said):
        read_mapping(tmp_path / name)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match="cannot be read"):
        read_mapping(tmp_path / "m.yaml")
