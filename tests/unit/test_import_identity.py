"""Ids out of foreign keys: always the same, always allowed, never two alike."""

from __future__ import annotations

from itertools import permutations

import pytest

from app.adapters.imports.identity import Wanted, assign


@pytest.mark.parametrize(
    ("name", "word", "part"),
    [
        ("sea_green", True, "sea_green"),
        ("frame-material", True, "frame_material"),
        ("frame-material", False, "frame-material"),
        ("aa-1-1", False, "aa-1-1"),
        ("Cup/Mug Size", True, "cup_mug_size"),
        ("cf+", False, "cf+"),
        ("_3/4", False, "3_4"),
        ("größe", True, "gr__e"),
    ],
)
def test_a_part_keeps_what_an_id_may_hold(name: str, word: bool, part: str) -> None:
    assert assign([Wanted(name, name, "")], word=word)[0] == {name: part}


def test_a_name_without_a_letter_gets_a_digest_of_its_key() -> None:
    ids, _ = assign([Wanted("红", "红", ""), Wanted("蓝", "蓝", "")], word=False)
    assert ids["红"] != ids["蓝"]
    assert all(part.startswith("x") and len(part) == 9 for part in ids.values())


WANTED = [Wanted("a/b", "a/b", "7"), Wanted("a_b", "a_b", "8"), Wanted("a b", "a b", ""), Wanted("a_b_7", "a_b_7", "9")]


@pytest.mark.parametrize("order", list(permutations(WANTED)))
def test_a_collision_is_resolved_the_same_way_in_any_order(order: tuple[Wanted, ...]) -> None:
    ids, same = assign(order, word=True)
    assert (ids["a_b"], ids["a_b_7"]) == ("a_b", "a_b_7")
    assert ids["a/b"].startswith("a_b_")  # a_b_7 is taken
    assert len(set(ids.values())) == 4
    assert ids == assign(WANTED, word=True)[0]
    assert [set(group) for group in same] == [{"a/b", "a_b", "a b"}]


def test_a_reserved_word_is_given_to_none() -> None:
    ids, _ = assign([Wanted("category", "category", "5")], word=True, reserved=frozenset({"category"}))
    assert ids == {"category": "category_5"}
