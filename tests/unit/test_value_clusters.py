"""Which spellings count as one value."""

from __future__ import annotations

import pytest

from app.pipeline.ports import UnmatchedValue
from app.pipeline.suggestions.clusters import cluster, stem


def value(raw: str, count: int = 1, attribute: str = "color", lang: str = "en") -> UnmatchedValue:
    return UnmatchedValue(attribute=attribute, lang=lang, raw=raw, count=count, listing_ids=(f"{raw}-1",))


@pytest.mark.parametrize(
    ("given", "found"),
    [
        # case, blanks, hyphens, order, plurals
        ([("Petrol Blue", 5), ("petrol-blue", 2), ("Blue, petrol", 1)], [("Petrol Blue", 8)]),
        ([("loafer", 4), ("Loafers", 3), ("dress", 2), ("dresses", 1)], [("loafer", 7), ("dress", 3)]),
        ([("berries", 2), ("berry", 1)], [("berries", 3)]),
        # typos: one edit, and below eight characters only of what is rarer and begins alike
        ([("mulberry", 9), ("mulbery", 4), ("mulbrery", 7)], [("mulberry", 20)]),
        ([("petrol", 9), ("petrl", 2), ("pertol", 1)], [("petrol", 12)]),
        ([("matte", 9), ("latte", 1)], [("matte", 9), ("latte", 1)]),
        ([("brass", 5), ("grass", 4), ("bras", 4)], [("brass", 5), ("bras", 4), ("grass", 4)]),
        ([("Türkis", 4), ("turkis", 1)], [("Türkis", 5)]),
        # what one character changes altogether
        ([("iphone 12", 9), ("iphone 13", 3)], [("iphone 12", 9), ("iphone 13", 3)]),
        ([("blau", 9), ("grau", 1)], [("blau", 9), ("grau", 1)]),
        ([("深藏青色", 9), ("深藏红色", 1)], [("深藏青色", 9), ("深藏红色", 1)]),
        # no chains: the third is near the second, not the first
        ([("aubergine", 9), ("auberginex", 3), ("auberginexy", 1)], [("aubergine", 12), ("auberginexy", 1)]),
    ],
)
def test_spellings_of_one_value(given: list[tuple[str, int]], found: list[tuple[str, int]]) -> None:
    assert [(one.raw, one.count) for one in cluster(value(raw, count) for raw, count in given)] == found


def test_a_cluster_remembers_languages_spellings_and_listings() -> None:
    (one,) = cluster([value("Petrol", 3, lang="de"), value("petrol", 2, lang="en"), value("PETROL", 2, lang="de")])
    assert one.languages() == {"de": 5, "en": 2}
    assert one.raws() == ("Petrol", "PETROL", "petrol")
    assert one.listing_ids == ("Petrol-1", "petrol-1", "PETROL-1")
    assert (one.raw, one.lang, one.folded, one.count) == ("Petrol", "de", "petrol", 7)


def test_attributes_are_kept_apart() -> None:
    found = cluster([value("Loden", 2), value("Loden", 3, attribute="material")])
    assert [(one.attribute, one.count) for one in found] == [("material", 3), ("color", 2)]


@pytest.mark.parametrize(
    ("folded", "key"),
    [("straw hats", "hat straw"), ("glass", "glass"), ("boxes", "box"), ("citrus", "citrus"), ("women's", "women's")],
)
def test_the_key_of_plurals_and_other_orders(folded: str, key: str) -> None:
    assert stem(folded) == key
