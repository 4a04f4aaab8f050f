"""Search over the labels of a taxonomy."""

from __future__ import annotations

import pytest

from app.domain.errors import NotFound
from app.domain.taxonomy import Taxonomy
from app.pipeline.matching.lookup import LabelSearch
from app.pipeline.matching.normalize import Normalizer


@pytest.fixture(scope="module")
def search(small: Taxonomy) -> LabelSearch:
    return LabelSearch(Normalizer(small))


@pytest.mark.parametrize(
    ("query", "lang", "expected"),
    [
        ("navy", None, [("color:navy", "exact", "Navy")]),
        ("Navy Blue", None, [("color:navy", "alias", "navy blue")]),
        ("blau", "de", [("color:blue", "exact", "Blau"), ("color:navy", "substring", "Marineblau")]),
        ("ni", None, [("brand:nike", "prefix", "Nike"), ("brand:nikon", "prefix", "Nikon")]),
        ("青", "zh-CN", [("color:navy", "substring", "藏青色")]),
        ("LEATHR", None, [("material:leather", "fuzzy", "Leather")]),
        ("turnschuhe", "de", [("category:sneakers", "exact", "Turnschuhe")]),
        ("xyzzy", None, []),
        (" ", None, []),
    ],
)
def test_best_first(search: LabelSearch, query: str, lang: str | None, expected: list[tuple[str, str, str]]) -> None:
    found = search.find(query, lang=lang)
    assert [(hit.concept.id, hit.method, hit.label) for hit in found] == expected


def test_the_language_asked_for_goes_first(search: LabelSearch) -> None:
    # "ro" begins Rot and Rost in German, and no English label
    assert [hit.locale for hit in search.find("ro", lang="de")] == ["de", "de"]
    assert {hit.concept.id for hit in search.find("ro", lang="de")} == {"color:red", "color:rust"}
    assert search.find("rot", lang="de")[0].score == 100.0


def test_scope_and_limit(search: LabelSearch) -> None:
    assert {hit.concept.attribute for hit in search.find("e", attribute="material")} == {"material"}
    assert len(search.find("e", limit=3)) == 3
    assert search.find("color", attribute="attribute")[0].concept.id == "color"
    assert search.find("e", attribute="nope") == []


def test_a_category_narrows_to_what_is_relevant_in_it(search: LabelSearch) -> None:
    assert {hit.concept.attribute for hit in search.find("e", category="category:shirts")} == {"color", "material"}
    assert [hit.concept.id for hit in search.find("leathr", category="category:shirts")] == ["material:leather"]
    assert search.find("leathr", category="category:sneakers") == []  # color and brand
    with pytest.raises(NotFound):
        search.find("red", category="category:spacecraft")
