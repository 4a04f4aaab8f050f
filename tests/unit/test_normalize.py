"""Free text onto concepts."""

import pytest

from app.domain.taxonomy import Taxonomy
from app.pipeline.normalize import Normalizer


@pytest.mark.parametrize(
    ("raw", "attribute", "lang", "expected", "method"),
    [
        ("Navy", "color", "en", "color:navy", "exact"),
        ("NAVY BLUE", "color", "en", "color:navy", "alias"),
        ("blaue", "color", "de", "color:blue", "alias"),
        ("紅色", "color", "zh", "color:red", "exact"),
        ("marine-blau", "color", "de", "color:navy", "alias"),
        ("Turnschue", "category", "de", "category:sneakers", "fuzzy"),
        ("leathr", "material", "en", "material:leather", "fuzzy"),
        ("Baumwole", "material", "de", "material:cotton", "fuzzy"),
        ("dusty navy blue", "color", "en", "color:navy", "fuzzy"),
        ("soft cotton", "material", "en", "material:cotton", "fuzzy"),
    ],
)
def test_match(small: Taxonomy, raw: str, attribute: str, lang: str, expected: str | None, method: str | None) -> None:
    found = Normalizer(small).match(raw, attribute, lang)
    assert (found and found[0]) == expected
    assert (found and found[1].method.value) == method


@pytest.mark.parametrize(
    ("raw", "attribute"),
    [
        ("Nikn", "brand"),  # as near to Nike as to Nikon
        ("rod", "color"),  # one letter from red, another word
        ("rest", "color"),
        ("7", "brand"),
        ("", "color"),
        ("???", "color"),
        ("Nike Nikon Leica bundle", "brand"),
    ],
)
def test_no_match_where_it_would_be_a_guess(small: Taxonomy, raw: str, attribute: str) -> None:
    assert Normalizer(small).match(raw, attribute, "en") is None


def test_scope_is_the_attribute(small: Taxonomy) -> None:
    assert Normalizer(small).match("Leather", "color", "en") is None


def test_every_label_finds_its_concept(small: Taxonomy) -> None:
    normalizer = Normalizer(small)
    for concept in small.concepts.values():
        for label in concept.labels:
            found = normalizer.match(label.text, concept.attribute, label.locale.split("-")[0])
            assert found is not None
            assert found[0] == concept.id
