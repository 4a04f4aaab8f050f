"""What is suggested for values that fit no concept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.taxonomy import Concept, Kind, Label, Taxonomy
from app.pipeline.matching.normalize import Normalizer
from app.pipeline.ports import UnmatchedValue
from app.pipeline.suggestions.advice import Suggestion, suggest


class Meanings:
    """Nearest by a table, in place of the encoder: the real one is tried through the command line."""

    def __init__(self, **cosines: tuple[str, float]) -> None:
        self._cosines = cosines

    def nearest(self, text: str, attribute: str) -> list[tuple[str, Label, float]]:
        concept_id, cosine = self._cosines.get(text.replace(" ", "_"), ("color:red", 0.1))
        return [(concept_id, Label(text=concept_id.partition(":")[2], locale="en"), cosine)]


def value(text: str, count: int = 10, lang: str = "en") -> UnmatchedValue:
    attribute, _, raw = text.partition(":")
    return UnmatchedValue(attribute=attribute, lang=lang, raw=raw, count=count, listing_ids=("a",))


def said(found: Suggestion) -> tuple[str, str | None, str | None]:
    near = found.nearest
    return found.kind.value, near and near.concept.id, near and near.method


@pytest.mark.parametrize(
    ("text", "lang", "expected"),
    [
        ("color:navvy blu", "en", ("alias", "color:navy", "fuzzy")),
        ("color:bleu", "en", ("alias", "color:blue", "fuzzy")),
        ("color:deep crimson", "en", ("alias", "color:red", "semantic")),
        ("material:面料", "zh", ("alias", "material:cotton", "contained")),
        ("material:soft leather", "en", ("alias", "material:leather", "contained")),
        ("color:Cotton", "en", ("other_attribute", "material:cotton", "exact")),
        ("color:sneakers", "en", ("other_attribute", "category:sneakers", "exact")),
        ("color:Marineblau", "de", ("known", "color:navy", "exact")),
        ("color:petrol", "de", ("new_value", "color:red", "semantic")),
        ("brand:Zorbo", "en", ("new_value", None, None)),
        ("color:42", "en", ("noise", None, None)),
        ("color:x", "en", ("noise", None, None)),
        ("color:N/A", "en", ("noise", None, None)),
        ("color:10x20", "en", ("noise", None, None)),
        ("color:Material", "en", ("noise", None, None)),
        ("color:with two pockets and a very long zip", "en", ("noise", None, None)),
        ("weight:about a pound", "en", ("noise", None, None)),
        ("gone:Petrol", "en", ("noise", None, None)),
    ],
)
def test_what_a_value_seems_to_be(
    small: Taxonomy, text: str, lang: str, expected: tuple[str, str | None, str | None]
) -> None:
    weight = Concept(id="weight", attribute="attribute", kind=Kind.QUANTITY, labels=())
    taxonomy = replace(small, attributes={**small.attributes, "weight": weight})
    meanings = Meanings(deep_crimson=("color:red", 0.66))
    (found,) = suggest([value(text, lang=lang)], Normalizer(taxonomy), meanings, limit=5)
    assert said(found) == expected, found
    assert found.reason
    assert 0 < found.certainty <= 1


def test_the_most_useful_comes_first(small: Taxonomy) -> None:
    values = [
        value("color:42", 1000),
        value("color:petrol", 30),
        value("color:oxblood", 2),
        value("color:bleu", 60),
        value("color:Cotton", 35),
    ]
    found = suggest(values, Normalizer(small), limit=10)
    assert [one.cluster.raw for one in found] == ["bleu", "Cotton", "petrol", "42", "oxblood"]
    assert [one.use for one in found] == sorted((one.use for one in found), reverse=True)
    assert suggest(values, Normalizer(small), limit=2) == found[:2]
    assert [one.cluster.raw for one in suggest(values, Normalizer(small), limit=10, least=35)] == [
        "bleu",
        "Cotton",
        "42",
    ]


def test_a_limit_spares_looking_at_the_rest(small: Taxonomy) -> None:
    class Counting(Meanings):
        asked = 0

        def nearest(self, text: str, attribute: str) -> list[tuple[str, Label, float]]:
            self.asked += 1
            return super().nearest(text, attribute)

    values = [
        value(f"color:{chr(97 + n % 26)}{chr(97 + n // 26)}zorb{n:03}qu", 1 + 1000 // (n + 1)) for n in range(500)
    ]
    meanings = Counting()
    first = suggest(values, Normalizer(small), meanings, limit=5)
    assert 5 <= meanings.asked < 250
    assert first == suggest(values, Normalizer(small), Meanings(), limit=500)[:5]


def test_a_word_that_is_offered_for_everything_is_worth_less(small: Taxonomy) -> None:
    spread = [value("color:festive", 10), value("material:festive", 10), value("brand:festive", 20)]
    found = suggest([*spread, value("color:petrol", 10)], Normalizer(small), limit=10)
    use = {(one.cluster.attribute, one.cluster.raw): one.use for one in found}
    assert use["color", "festive"] == pytest.approx(use["color", "petrol"] / 4)
    assert "25 % of the times" in next(one.reason for one in found if one.cluster.attribute == "color" and one.use < 2)


def test_what_means_nothing_like_the_values_is_worth_less(small: Taxonomy) -> None:
    meanings = Meanings(petrol=("color:blue", 0.5))
    found = suggest([value("color:petrol"), value("color:shipping")], Normalizer(small), meanings, limit=10)
    assert [one.cluster.raw for one in found] == ["petrol", "shipping"]
    assert found[0].use > 4 * found[1].use
