"""Implied tags: the rules' own examples, and what holds of any rules."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.implication_files import FILE, read_implications, unknown_concepts
from app.adapters.rule_files import FILES, read_rules
from app.bootstrap import RULES, data_folder
from app.domain.errors import InvalidRules
from app.domain.taxonomy import Concept, Kind, Taxonomy, index_by_id
from app.pipeline.fuse import SINGLE_VALUED
from app.pipeline.implications import Implication, Implications, ImpliedTag, implied
from tests.unit.rule_data import taxonomy


@lru_cache(maxsize=1)
def shipped() -> Implications:
    return read_implications(data_folder("taxonomy") / RULES)


def follow(*tags: str) -> dict[str, ImpliedTag]:
    return {each.id: each for each in implied(tags, taxonomy(), shipped())}


@pytest.mark.parametrize("rule", shipped().rules, ids=lambda rule: rule.name)
def test_examples(rule: Implication) -> None:
    fired = False
    for example in rule.examples:
        found = follow(*example.tags)
        assert set(example.has) <= set(found)
        assert not set(example.lacks) & set(found)
        fired |= any(each.rule == rule.name for each in found.values())
    assert fired, "no example needs this rule"
    assert any(example.lacks for example in rule.examples), "no example says where it must not hold"


def test_the_rules_are_about_concepts_that_exist() -> None:
    assert list(unknown_concepts(shipped(), taxonomy())) == []
    assert len(shipped().rules) > 120


def test_a_parka_is_outerwear_for_winter_and_says_why() -> None:
    found = follow("category:parkas", "gender:men")
    assert list(found) == [
        "category:outerwear", "season:winter", "feature:hooded", "age_group:adult", "category:apparel",
    ]  # fmt: skip
    winter = found["season:winter"]
    assert (winter.rule, winter.why) == ("parka", "a parka is a hooded coat for cold weather")
    assert (winter.premises, winter.chain) == (("category:parkas",), ("category:parkas", "season:winter"))
    assert found["category:apparel"].chain == ("category:parkas", "category:outerwear", "category:apparel")
    assert found["category:apparel"].rule == "broader"


def test_rules_follow_rules_and_the_tree() -> None:
    found = follow("category:rain_boots")
    assert found["feature:water_resistant"].chain == (
        "category:rain_boots", "feature:waterproof", "feature:water_resistant",
    )  # fmt: skip
    assert follow("category:jeans")["material:cotton"].premises == ("material:denim",)
    jacket = follow("category:jackets", "material:down")["season:winter"]
    assert jacket.premises == ("category:outerwear", "material:down")
    assert jacket.chain == ("category:jackets", "category:outerwear", "season:winter")


@pytest.mark.parametrize(
    ("tags", "absent"),
    [
        (("category:dresses", "gender:girls"), "gender:women"),
        (("category:diapers", "age_group:newborn"), "age_group:baby"),
        (("category:parkas", "season:all_season"), "season:winter"),
        (("category:football_boots", "sport:american_football"), "sport:soccer"),
        (("category:coffee", "caffeine:decaffeinated"), "caffeine:caffeinated"),
        (("category:t_shirts", "sleeve_length:long"), "sleeve_length:short"),
    ],
)
def test_what_was_given_is_never_contradicted(tags: tuple[str, ...], absent: str) -> None:
    assert absent in follow(tags[0])
    assert absent not in follow(*tags)


def test_what_the_taxonomy_lacks_implies_nothing_and_does_not_follow() -> None:
    assert follow("volume:330_ml", "color:nope", "category:nope") == {}
    small = Taxonomy(
        name="small",
        version="1",
        locales=("en",),
        concepts=index_by_id([Concept(id="category:parkas", attribute="category", labels=())]),
        attributes={},
    )
    assert implied(("category:parkas",), small, shipped()) == ()


IDS = [f"{attribute}:{number}" for attribute in "ab" for number in range(6)]


def _rule(name: str, some: list[str], every: list[str], unless: list[str], then: list[str]) -> Implication:
    return Implication(name=name, any=tuple(some), all=tuple(every), unless=tuple(unless), then=tuple(then), why="-")


_ids = st.lists(st.sampled_from(IDS), max_size=2)
_some = st.lists(st.sampled_from(IDS), min_size=1, max_size=3)
_rules = st.lists(st.builds(_rule, st.uuids().map(str), _some, _ids, _ids, _some), max_size=12)


@given(rules=_rules, tags=_some, parents=st.lists(st.integers(0, 5), min_size=12, max_size=12))
def test_any_rules_end_without_contradiction_and_give_a_reason(
    rules: list[Implication], tags: list[str], parents: list[int]
) -> None:
    """Rules may run in circles; a tree may not: a parent has a lower number."""
    concepts = []
    for one, parent in zip(IDS, parents, strict=True):
        attribute, number = one.split(":")
        broader = f"{attribute}:{parent}" if parent < int(number) else None
        concepts.append(Concept(id=one, attribute=attribute, labels=(), broader=broader))
    tree = Taxonomy(
        name="any",
        version="1",
        locales=("en",),
        concepts=index_by_id(concepts),
        attributes=index_by_id([Concept(id=a, attribute="attribute", labels=(), kind=Kind.CLOSED) for a in "ab"]),
    )
    found = implied(tags, tree, Implications(version="1", digest="", rules=rules, exclusive=frozenset("a")))
    ids = [each.id for each in found]
    assert len(ids) == len(set(ids))
    assert not set(ids) & set(tags)
    for each in found:
        assert each.chain[0] in tags
        assert each.chain[-2:] == (each.premises[0], each.id)
        assert set(each.premises) <= {*ids, *tags}
        if each.attribute == "a":
            for other in (one for one in (*ids, *tags) if one.startswith("a:")):
                assert other in tree.path(each.id) or each.id in tree.path(other)


def test_the_digest_that_is_part_of_the_cache_key_does_not_depend_on_implications(tmp_path: Path) -> None:
    folder = tmp_path / RULES
    folder.mkdir()
    for name in (*(f"{name}.yaml" for name in FILES), FILE):
        (folder / name).write_bytes((data_folder("taxonomy") / RULES / name).read_bytes())
    before, implications = read_rules(folder).digest, read_implications(folder).digest
    (folder / FILE).write_bytes(b"[]\n")
    assert read_rules(folder).digest == before
    assert read_implications(folder).digest != implications


RULE = "- name: one\n  any: [category:parkas]\n  then: [season:winter]\n  why: it is warm\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: b\n", "is no list of rules"),
        ("- [unclosed\n", "is no list of rules"),
        ("- just text\n", "implications.yaml:1: a rule has"),
        (RULE + "  whyy: x\n", "implications.yaml:5: unknown key 'whyy'"),
        (RULE + "  any: [a]\n", "implications.yaml:5: the key any stands twice"),
        (RULE + RULE, "implications.yaml:5: the name 'one' is taken: line 1"),
        (RULE.replace("[season:winter]", "season:winter"), "implications.yaml:3: then must be a list of ids"),
        (RULE.replace("[season:winter]", "[]"), "implications.yaml:3: then is missing or empty"),
        (RULE.replace("[category:parkas]", "[1]"), "implications.yaml:2: any must be a list of ids"),
        (RULE.replace("  why: it is warm\n", ""), "implications.yaml:1: why must be a text"),
        (RULE + "  examples: {tags: [a]}\n", "implications.yaml:5: examples must be a list"),
        (RULE + "  examples:\n    - {tag: [a]}\n", "implications.yaml:5: unknown key 'tag' in an example"),
        (RULE + "  examples:\n    - {has: [a]}\n", "tags is missing or empty"),
        ("- exclusive: gender\n", "implications.yaml:1: exclusive must be a list"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(InvalidRules) as caught:
        read_implications(tmp_path)
    assert message in caught.value.message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidRules, match=r"implications\.yaml cannot be read"):
        read_implications(tmp_path)


def test_rules_for_concepts_that_are_not_there_are_named(tmp_path: Path) -> None:
    text = RULE.replace("season:winter", "season:wintr") + "- exclusive: [gendr]\n"
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    assert list(unknown_concepts(read_implications(tmp_path), taxonomy())) == [
        "implications.yaml:1: one: season:wintr is no concept of tagwright 2026.11",
        "implications.yaml: exclusive: gendr is no attribute of tagwright 2026.11",
    ]


def test_attributes_of_one_value_are_exclusive_whatever_the_file_says() -> None:
    assert "condition" in SINGLE_VALUED - shipped().exclusive
    rule = Implication(name="x", any=("category:parkas",), then=("condition:new",), why="-")
    rules = Implications(version="1", digest="", rules=(rule,))
    given_used = implied(("category:parkas", "condition:used"), taxonomy(), rules)
    assert "condition:new" not in {each.id for each in given_used}
