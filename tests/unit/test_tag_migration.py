"""What becomes of one listing's tags, and whether it has to be tagged again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from app.domain.mapping import Mapped, Origin, Relation
from app.domain.tags import Decision, Evidence, Match, Method, Quantity, Source, Tag, TagSet, Unmatched, Versions
from app.domain.taxonomy import Kind
from app.pipeline.fingerprint import taxonomy_version
from app.pipeline.versions.diff import diff_taxonomies
from app.pipeline.versions.mapping import build_mapping
from app.pipeline.versions.tag_migration import Migration, Reason
from tests.versions import ATTRIBUTES, CONCEPTS, taxonomy

OLD = taxonomy("1")
RED, BLUE, SHOES = CONCEPTS["color:red"], CONCEPTS["color:blue"], CONCEPTS["category:shoes"]
CRIMSON = CONCEPTS["color:crimson"]
GONE = {"retired": True, "successor": "color:red"}
BOOTS = ("category:shoes", "category:boots")


def tag(tag_id: str, *, raw: str = "x", attribute: str | None = None, confidence: float = 0.9, **more: Any) -> Tag:
    return Tag(
        attribute=attribute or tag_id.partition(":")[0],
        id=tag_id,
        raw=raw,
        confidence=confidence,
        decision=Decision.ACCEPT,
        match=Match(method=Method.ALIAS, score=100, label=raw, locale="en"),
        source=Source.RULE,
        evidence=(Evidence(field="title", start=len(raw), end=len(raw) + 3),),
        **more,
    )


def tag_set(*tags: Tag, version: str = taxonomy_version(OLD)) -> TagSet:
    versions = Versions(model="m", adapter="a", prompt="p", schema="s", rules="r", taxonomy=version, pipeline="1")
    return TagSet(fingerprint="f", lang="en", tags=tags, unmatched=(), partial=False, versions=versions)


def migration(
    concepts: dict[str, Any], attributes: dict[str, Any] | None = None, published: Sequence[Mapped] = ()
) -> Migration:
    new = taxonomy("2", concepts, attributes)
    return Migration(OLD, new, build_mapping(OLD, new, published), diff_taxonomies(OLD, new))


def published(source: str, *targets: str, relation: Relation = Relation.EXACT) -> Mapped:
    return Mapped(source=source, targets=targets, origin=Origin.PUBLISHED, relation=relation)


NAVY = {"color:navy": {"en": "Navy|navy blue", "de": "Marineblau"}, "color:sky": {"en": "Sky", "de": "Himmelblau"}}


@pytest.mark.parametrize(
    ("way", "before", "after", "unmatched", "reasons"),
    [
        pytest.param(
            migration({"color:crimson": CRIMSON | GONE}), tag("color:crimson"), "color:red", [], [], id="successor"
        ),
        pytest.param(
            migration({"color:crimson": None}),
            tag("color:crimson", raw="karmin"),
            None,
            ["karmin"],
            [Reason.UNMAPPED],
            id="gone",
        ),
        pytest.param(
            migration(
                {"color:crimson": None}, published=[published("color:crimson", "color:red", relation=Relation.BROADER)]
            ),
            tag("color:crimson"),
            "color:red",
            [],
            [Reason.BROADER],
            id="more general",
        ),
        pytest.param(
            migration(
                {"color:red": None}, published=[published("color:red", "color:scarlet", relation=Relation.NARROWER)]
            ),
            tag("color:red", raw="red"),
            None,
            ["red"],
            [Reason.UNMAPPED],
            id="more special says more than was found",
        ),
        pytest.param(
            migration(NAVY | {"color:blue": None}, published=[published("color:blue", "color:navy", "color:sky")]),
            tag("color:blue", raw="Navy-Blue"),
            "color:navy",
            [],
            [],
            id="split, and its words say which",
        ),
        pytest.param(
            migration(NAVY | {"color:blue": None}, published=[published("color:blue", "color:navy", "color:sky")]),
            tag("color:blue", raw="bluish"),
            None,
            ["bluish"],
            [Reason.SPLIT],
            id="split, and nothing says which",
        ),
        pytest.param(
            migration(NAVY | {"color:blue": {"en": "Blue", "de": "Blau"}}),
            tag("color:blue", raw="navy blue"),
            "color:blue",
            [],
            [Reason.LABEL],
            id="found by a label that went elsewhere",
        ),
        pytest.param(
            migration(NAVY | {"color:blue": {"en": "Blue", "de": "Blau"}}),
            tag("color:blue", raw="Blau"),
            "color:blue",
            [],
            [],
            id="found by a label that stayed",
        ),
        pytest.param(
            migration({"color:blue": BLUE | {"en": "Azure|Blue|navy blue|~sky"}}),
            tag("color:blue", raw="blue"),
            "color:blue",
            [],
            [],
            id="its prefLabel became an altLabel",
        ),
        pytest.param(
            migration({"color:blue": BLUE | {"en": "~Blue|navy blue|~sky"}}),
            tag("color:blue", raw="blue"),
            "color:blue",
            [],
            [Reason.LABEL],
            id="its label fires no longer in running text",
        ),
        pytest.param(
            migration({"color:red": {"en": "Bordeaux", "de": "Bordeaux"}}),
            tag("color:red", raw="red"),
            "color:red",
            [],
            [Reason.REUSED],
            id="an id that means something else",
        ),
        pytest.param(
            migration({"color:red": RED}, published=[published("color:red", "color:crimson")]),
            tag("color:red"),
            "color:crimson",
            [],
            [],
            id="published for a concept that is in use",
        ),
        pytest.param(
            migration({"category:shoes": SHOES | {"relevant": ("color",)}}),
            tag("category:boots", path=BOOTS),
            "category:boots",
            [],
            [Reason.RELEVANCE],
            id="an ancestor asks for other attributes",
        ),
        pytest.param(
            migration(
                {"category:shoes": SHOES | {"relevant": ("colour", "material")}},
                {
                    "color": ATTRIBUTES["color"] | {"retired": True, "successor": "colour"},
                    "colour": ATTRIBUTES["color"],
                },
            ),
            tag("category:boots", path=BOOTS),
            "category:boots",
            [],
            [],
            id="an attribute that it asks for was renamed",
        ),
        pytest.param(
            migration({}, {"weight": ATTRIBUTES["weight"] | {"dimension": "volume"}}),
            tag("weight:250_g", quantity=Quantity(value=250, unit="g")),
            "weight:250_g",
            [],
            [Reason.ATTRIBUTE],
            id="another dimension",
        ),
        pytest.param(
            migration(
                {},
                {"weight": ATTRIBUTES["weight"] | {"retired": True, "successor": "mass"}, "mass": ATTRIBUTES["weight"]},
            ),
            tag("weight:250_g", quantity=Quantity(value=250, unit="g")),
            "mass:250_g",
            [],
            [],
            id="a quantity renamed",
        ),
        pytest.param(
            migration({}, {"color": ATTRIBUTES["color"] | {"kind": Kind.OPEN}}),
            tag("color:red"),
            "color:red",
            [],
            [],
            id="from closed to open",
        ),
        pytest.param(
            migration({}, {"frame_material": ATTRIBUTES["frame_material"] | {"values_from": "color"}}),
            tag("material:oak", attribute="frame_material"),
            "material:oak",
            [],
            [Reason.ATTRIBUTE],
            id="another's values",
        ),
        pytest.param(
            migration({}, {"frame_material": ATTRIBUTES["frame_material"] | {"values_from": "color"}}),
            tag("material:oak"),
            "material:oak",
            [],
            [],
            id="the values' own attribute is not concerned",
        ),
        pytest.param(migration({}), tag("brand:acme"), "brand:acme", [], [], id="what neither version knows"),
    ],
)
def test_one_tag(way: Migration, before: Tag, after: str | None, unmatched: list[str], reasons: list[Reason]) -> None:
    tags = tag_set(before)
    outcome = way.apply(tags)
    migrated = outcome.tags
    assert [one.id for one in migrated.tags] == ([after] if after else [])
    assert [one.raw for one in migrated.unmatched] == unmatched
    assert list(outcome.reasons) == reasons
    assert way.touches(before.id) >= bool(outcome.changes or reasons)
    assert (migrated is tags) == (not outcome.changes)
    if outcome.changes:
        assert migrated.versions.taxonomy.startswith("small-2@")
        assert way.apply(migrated) == replace(outcome, changes=(), reasons=())


def test_what_a_change_does_not_touch_is_not_looked_for() -> None:
    way = migration({"color:crimson": CRIMSON | GONE, "color:teal": {"en": "Teal", "de": "Petrol"}})
    assert [one for one in (*CONCEPTS, "weight:250_g", "brand:acme") if way.touches(one)] == ["color:crimson"]
    assert [one for one in ("color:red", "weight:250_g", "brand:acme") if not way.known(one)] == ["brand:acme"]


def test_what_was_migrated_says_so_and_keeps_its_provenance() -> None:
    before = tag("color:crimson", raw="karminrot")
    outcome = migration({"color:crimson": CRIMSON | GONE}).apply(tag_set(before))
    assert outcome.tags.tags == (replace(before, id="color:red"),)
    (warning,) = outcome.tags.warnings
    assert (warning.code, warning.message) == (
        "migrated",
        "color:crimson became color:red in small-2@222222222222 (successor)",
    )


def test_two_tags_that_become_one_keep_all_evidence_and_the_surer() -> None:
    way = migration({"color:crimson": CRIMSON | GONE})
    red, crimson = tag("color:red", raw="red", confidence=0.7), tag("color:crimson", raw="crimson", confidence=0.9)
    (merged,) = way.apply(tag_set(red, crimson)).tags.tags
    assert (merged.id, merged.raw, merged.evidence) == ("color:red", "crimson", red.evidence + crimson.evidence)
    (merged,) = way.apply(tag_set(replace(red, locked=True), crimson)).tags.tags
    assert (merged.raw, merged.locked) == ("red", True)


def test_a_moved_category_gets_its_new_path_and_is_not_tagged_again() -> None:
    way = migration({"category:rubber_boots": CONCEPTS["category:rubber_boots"] | {"broader": "category:shoes"}})
    before = tag_set(tag("category:rubber_boots", path=(*BOOTS, "category:rubber_boots")))
    outcome = way.apply(before)
    assert outcome.tags.tags[0].path == ("category:shoes", "category:rubber_boots")
    assert (outcome.reasons, outcome.tags.warnings) == ((), ())


def test_a_locked_tag_migrates_and_stays_locked() -> None:
    (red,) = migration({"color:crimson": CRIMSON | GONE}).apply(tag_set(tag("color:crimson", locked=True))).tags.tags
    assert (red.id, red.locked) == ("color:red", True)


def test_a_locked_tag_that_stands_for_nothing_stays_until_a_person_decides() -> None:
    way = migration({"color:crimson": None})
    before = tag_set(tag("color:crimson", locked=True))
    outcome = way.apply(before)
    assert outcome.tags.tags == before.tags
    assert (outcome.tags.unmatched, outcome.reasons) == ((), (Reason.UNMAPPED,))
    assert [warning.code for warning in outcome.tags.warnings] == ["unmapped"]
    assert way.apply(outcome.tags) == replace(outcome, changes=(), reasons=())


def test_a_value_that_is_unmatched_already_is_not_so_twice() -> None:
    way = migration({"color:crimson": None})
    crimson = tag("color:crimson", raw="karmin")
    same = Unmatched(attribute="color", raw="karmin", source=crimson.source, evidence=crimson.evidence)
    assert way.apply(replace(tag_set(crimson), unmatched=(same,))).tags.unmatched == (same,)


@pytest.mark.parametrize(
    ("concepts", "rows", "one"),
    [
        ({"color:red": {"en": "Bordeaux", "de": "Bordeaux"}}, [], tag("color:red")),
        ({"category:shoes": SHOES | {"relevant": ()}}, [], tag("category:shoes", path=("category:shoes",))),
        ({}, [published("color:red", "color:blue"), published("color:blue", "color:red")], tag("color:red")),
    ],
    ids=["reused", "relevance", "swapped"],
)
def test_what_was_tagged_with_the_new_version_is_left_alone(
    concepts: dict[str, Any], rows: list[Mapped], one: Tag
) -> None:
    way = migration(concepts, published=rows)
    tags = tag_set(one, version=taxonomy_version(taxonomy("2")))
    assert way.apply(tags).tags is tags
    assert way.apply(tags).reasons == ()
    assert way.apply(tag_set(one)) != way.apply(tags)
