"""What differs between two versions of a taxonomy."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from app.domain.taxonomy import Kind
from app.domain.taxonomy_changes import KINDS
from app.pipeline.versions.diff import diff_taxonomies
from tests.versions import ATTRIBUTES, CONCEPTS, taxonomy

BLUE, RED = CONCEPTS["color:blue"], CONCEPTS["color:red"]


def changed(concepts: dict[str, Any], attributes: dict[str, Any] | None = None) -> dict[str, list[dict[str, Any]]]:
    """Return the kinds of change that there are, without what was not asked about."""
    diff = diff_taxonomies(taxonomy("1"), taxonomy("2", concepts, attributes))
    return {kind: [asdict(one) for one in found] for kind in KINDS if (found := getattr(diff, kind))}


def test_a_version_does_not_differ_from_itself() -> None:
    assert changed({}) == {}


@pytest.mark.parametrize(
    ("concepts", "expected"),
    [
        pytest.param(
            {"color:teal": {"en": "Teal", "de": "Petrol"}},
            {"added": [{"id": "color:teal", "attribute": "color", "label": "Teal"}]},
            id="added",
        ),
        pytest.param(
            {"color:red": None},
            {"removed": [{"id": "color:red", "attribute": "color", "label": "Red"}]},
            id="removed",
        ),
        pytest.param(
            {"material:oak": CONCEPTS["material:oak"] | {"retired": True}},
            {"retired": [{"id": "material:oak", "attribute": "material", "label": "Oak", "successor": None}]},
            id="retired without a successor",
        ),
        pytest.param(
            {"category:rubber_boots": CONCEPTS["category:rubber_boots"] | {"broader": "category:shoes"}},
            {
                "moved": [
                    {
                        "id": "category:rubber_boots",
                        "attribute": "category",
                        "before": "category:boots",
                        "after": "category:shoes",
                    }
                ]
            },
            id="moved",
        ),
        pytest.param(
            {"category:shoes": CONCEPTS["category:shoes"] | {"relevant": ("color", "weight")}},
            {
                "altered": [
                    {
                        "id": "category:shoes",
                        "attribute": "category",
                        "field": "relevant",
                        "before": ("color", "material"),
                        "after": ("color", "weight"),
                    }
                ]
            },
            id="other attributes asked for",
        ),
        pytest.param(
            {"color:red": {"en": "Bordeaux", "de": "Bordeauxrot"}},
            {"reused": [{"id": "color:red", "attribute": "color", "before": "Red", "after": "Bordeaux"}]},
            id="an id that means something else",
        ),
    ],
)
def test_one_change(concepts: dict[str, Any], expected: dict[str, Any]) -> None:
    assert changed(concepts) == expected


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"en": "Azure|Blue|navy blue|~sky"}, {"before": "Blue", "after": "Azure", "added": ("Blue",)}),
        ({"en": "Blue|navy blue|~sky|azure"}, {"added": ("azure",)}),
        ({"en": "Blue|navy blue"}, {"removed": ("sky",)}),
        ({"en": "Blue|~navy blue|sky"}, {"freed": ("sky",), "restricted": ("navy blue",)}),
        ({"en": "Blue|sky|navy blue".replace("sky", "~sky")}, None),
    ],
    ids=["prefLabel", "altLabel added", "altLabel removed", "standalone", "another order"],
)
def test_labels_of_one_locale(labels: dict[str, str], expected: dict[str, Any] | None) -> None:
    row = {"id": "color:blue", "attribute": "color", "locale": "en", "before": "Blue", "after": "Blue"}
    row |= {"added": (), "removed": (), "freed": (), "restricted": ()}
    found = changed({"color:blue": BLUE | labels})
    assert found == ({} if expected is None else {"relabelled": [row | expected]})


@pytest.mark.parametrize(
    ("after", "fields"),
    [
        ({"kind": Kind.OPEN}, [("kind", Kind.CLOSED, Kind.OPEN)]),
        ({"values_from": "material"}, [("values_from", None, "material")]),
        (
            {"kind": Kind.QUANTITY, "dimension": "count"},
            [("kind", Kind.CLOSED, Kind.QUANTITY), ("dimension", None, "count")],
        ),
    ],
)
def test_attributes_differ_too(after: dict[str, Any], fields: list[tuple[str, Any, Any]]) -> None:
    found = changed({}, {"color": ATTRIBUTES["color"] | after})
    assert [(row["field"], row["before"], row["after"]) for row in found["altered"]] == fields
    assert {row["attribute"] for row in found["altered"]} == {"attribute"}


def test_several_that_retire_for_one_are_merged() -> None:
    gone = {"retired": True, "successor": "color:red"}
    diff = diff_taxonomies(
        taxonomy("1"),
        taxonomy("2", {name: CONCEPTS[name] | gone for name in ("color:crimson", "color:scarlet")}),
    )
    assert [(one.into, one.sources) for one in diff.merged] == [("color:red", ("color:crimson", "color:scarlet"))]
    assert diff.counts() == {"color": {"retired": 2, "merged": 1}}
    back = diff_taxonomies(taxonomy("2", {"color:crimson": CONCEPTS["color:crimson"] | gone}), taxonomy("3"))
    assert [one.id for one in back.restored] == ["color:crimson"]


def test_a_concept_whose_labels_go_to_several_is_split() -> None:
    diff = diff_taxonomies(
        taxonomy("1"),
        taxonomy(
            "2",
            {
                "color:blue": {"en": "Blue", "de": "Blau"},
                "color:navy": {"en": "Navy|navy blue", "de": "Marineblau"},
                "color:sky": {"en": "Sky", "de": "Himmelblau"},
            },
        ),
    )
    assert {(move.label, move.locale, move.before, move.after) for move in diff.labels_moved} == {
        ("navy blue", "en", "color:blue", "color:navy"),
        ("marineblau", "de", "color:blue", "color:navy"),
        ("sky", "en", "color:blue", "color:sky"),
    }
    assert [(one.id, one.into) for one in diff.split] == [("color:blue", ("color:navy", "color:sky"))]


def test_a_new_locale_relabels_nothing() -> None:
    french = {key: value | {"fr": f"{value['en'].split('|')[0]} fr"} for key, value in CONCEPTS.items()}
    diff = diff_taxonomies(taxonomy("1"), taxonomy("2", french, locales=("en", "de", "fr")))
    assert (diff.locales_added, diff.locales_removed, diff.counts()) == (("fr",), (), {})


def test_an_id_that_is_the_same_elsewhere_is_not_reused() -> None:
    elsewhere = {"exact_match": ("https://vocabulary.example/red",)}
    before = taxonomy("1", {"color:red": RED | elsewhere})
    after = taxonomy("2", {"color:red": {"en": "Ruby", "de": "Rubin"} | elsewhere})
    assert diff_taxonomies(before, after).counts() == {"color": {"relabelled": 1}}
