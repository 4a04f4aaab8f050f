"""Reconciliation: candidates, when the best one is sure, hints, types."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.domain.errors import InvalidQuery
from app.domain.taxonomy import Taxonomy, index_by_id
from app.pipeline.matching.lookup import LabelSearch
from app.pipeline.matching.normalize import Normalizer
from app.pipeline.reconciliation.hints import Hint
from app.pipeline.reconciliation.naming import Names
from app.pipeline.reconciliation.reconcile import HINT_COST, Candidate, Query, Reconciler
from tests.unit.conftest import concept


def reconciler_of(taxonomy: Taxonomy) -> Reconciler:
    normalizer = Normalizer(taxonomy)
    return Reconciler(Names(taxonomy), LabelSearch(normalizer), normalizer)


@pytest.fixture(scope="module")
def taxonomy(small: Taxonomy) -> Taxonomy:
    """The small one, with labels that several concepts have."""
    more = [
        concept("category:kids", en="Kids", de="Kinder"),
        concept("category:kids_shoes", broader="category:kids", en="Shoes", de="Kinderschuhe", relevant=("color",)),
        concept("flavor:orange", en="Orange", de="Orange"),
        concept("color:orange", en="Orange|tangerine", de="Orange"),
        concept("color:rock", en="Rock", de="Fels"),
        concept("color:skirt", en="Skirt", de="Rock"),
        replace(concept("color:azure", en="Azure"), retired=True, successor="color:blue"),
        replace(concept("color:puce", en="Puce"), retired=True),
        replace(
            concept("category:hats", en="Hats", de="Hüte"),
            google_id=173,
            exact_match=("gid://shopify/TaxonomyCategory/aa-2", "https://example.org/hats"),
        ),
    ]
    flavor = replace(concept("attribute:x", en="Flavor"), id="flavor")
    frame = replace(concept("attribute:x", en="Frame material"), id="frame_material", values_from="material")
    return replace(
        small,
        concepts=index_by_id([*small.concepts.values(), *more]),
        attributes={**small.attributes, flavor.id: flavor, frame.id: frame},
        places=(),
    )


@pytest.fixture(scope="module")
def reconciler(taxonomy: Taxonomy) -> Reconciler:
    return reconciler_of(taxonomy)


def ask(reconciler: Reconciler, text: str, *, hints: dict[str, Any] | None = None, **more: Any) -> list[Candidate]:
    listed = tuple(
        value if isinstance(value, Hint) else Hint(pid=pid, values=(value,)) for pid, value in (hints or {}).items()
    )
    query = Query(**{"text": text, "locale": "en", "hints": listed, **more})
    reconciler.check(query)
    return reconciler.match(query)


@pytest.mark.parametrize(
    ("text", "types", "locale", "best", "method", "sure"),
    [
        ("Navy", ("color",), "en", "color:navy", "exact", True),
        ("NAVY-BLUE", ("color",), "en", "color:navy", "alias", True),
        ("marineblau", ("color",), "de", "color:navy", "exact", True),
        ("藏青色", ("color",), "zh-CN", "color:navy", "exact", True),
        ("Leathr", ("material",), "en", "material:leather", "fuzzy", True),
        # a piece that the normaliser takes for a typo of the whole label
        ("navvy blue", ("color",), "en", "color:navy", "fuzzy", True),
        # a piece that it does not
        ("nav", ("color",), "en", "color:navy", "fuzzy", False),
        # the label is in it, but it says more
        ("dusty navy blue", ("color",), "en", "color:navy", "fuzzy", False),
        # any language is found
        ("Turnschuhe", ("category",), "en", "category:sneakers", "exact", True),
        # untyped: a color and a flavor are as good as each other
        ("Orange", (), "en", "color:orange", "exact", False),
        ("Orange", ("color",), "en", "color:orange", "exact", True),
        # one label, two languages: the one asked in decides
        ("Rock", ("color",), "de", "color:skirt", "exact", True),
        ("Rock", ("color",), "en", "color:rock", "exact", True),
        # two categories are called shoes
        ("Shoes", ("category",), "en", "category:kids_shoes", "exact", False),  # by id, as nothing else tells
        # a cell with a whole path
        ("Kids > Shoes", ("category",), "en", "category:kids_shoes", "exact", True),
        ("Kinder › Kinderschuhe", ("category",), "de", "category:kids_shoes", "exact", True),
        ("Clothing > Hats", ("category",), "en", "category:hats", "exact", False),
        # ids
        ("color:navy", (), "en", "color:navy", "id", True),
        ("color:azure", (), "en", "color:blue", "id", True),
        ("color:puce", (), "en", "color:puce", "id", False),
        # attributes are concepts too
        ("Color", ("attribute",), "en", "color", "exact", True),
        # an attribute that shares the values of another
        ("Leder", ("frame_material",), "de", "material:leather", "exact", True),
    ],
)
def test_best_candidate(
    reconciler: Reconciler, text: str, types: tuple[str, ...], locale: str, best: str, method: str, sure: bool
) -> None:
    found = ask(reconciler, text, types=types, locale=locale)
    assert found[0].id == best
    assert f"method:{method}" in {feature.id for feature in found[0].features}
    assert found[0].match is sure
    assert not any(one.match for one in found[1:])
    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 100 for score in scores)


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("xyzzy", ("color",)),
        ("", ("color",)),
        (" ?! ", ()),
        ("navy " * 60, ("color",)),
        ("color:navy", ("material",)),
        ("Puce", ("color",)),
        ("42", ("color",)),
    ],
)
def test_no_candidate(reconciler: Reconciler, text: str, types: tuple[str, ...]) -> None:
    assert ask(reconciler, text, types=types) == []


def test_an_id_that_is_a_plain_word_is_one_only_where_ids_are_asked_for(reconciler: Reconciler) -> None:
    assert ask(reconciler, "brand", by_id=True)[0].id == "brand"
    assert [one.id for one in ask(reconciler, "color:navy", by_id=True)] == ["color:navy"]
    assert ask(reconciler, "Navy", by_id=True) == []


@pytest.mark.parametrize(
    ("pid", "value", "best"),
    [
        ("broader", "Kids", "category:kids_shoes"),
        ("broader", "category:kids", "category:kids_shoes"),
        ("broader", "Kinder", "category:kids_shoes"),
        ("path", "Kids > Shoes", "category:kids_shoes"),
        ("path", "kinder › schuhe", None),
        ("path", "Kids", "category:kids_shoes"),
        ("label", "Kinderschuhe", "category:kids_shoes"),
        ("category", "Kids", "category:kids_shoes"),
        ("category", "Kids > Shoes", "category:kids_shoes"),
    ],
)
def test_hints_decide_between_equals(reconciler: Reconciler, pid: str, value: str, best: str | None) -> None:
    found = ask(reconciler, "Shoes", types=("category",), hints={pid: value})
    fits = {one.id: one.features[-1].value for one in found if one.features[-1].id == f"hint:{pid}"}
    if best is None:
        assert not any(one.match for one in found)
        return
    assert (found[0].id, found[0].match) == (best, True)
    assert fits == {"category:kids_shoes": True, "category:shoes": False}
    assert found[0].score - found[1].score == HINT_COST


@pytest.mark.parametrize(
    ("pid", "good", "bad"),
    [
        ("google_id", "173", "174"),
        ("exact_match", "gid://shopify/TaxonomyCategory/aa-2", "gid://shopify/TaxonomyCategory/aa"),
        ("attribute", "category", None),
        ("broader", " ", "Clothing"),
        ("category", "no such category", "Shoes"),
    ],
)
def test_a_hint_that_does_not_fit_leaves_nothing_sure(
    reconciler: Reconciler, pid: str, good: str, bad: str | None
) -> None:
    assert ask(reconciler, "Hats", hints={pid: good})[0].match
    if bad is not None:
        found = ask(reconciler, "Hats", hints={pid: bad})[0]
        assert (found.id, found.match, found.score) == ("category:hats", False, 100 - HINT_COST)


def test_an_attribute_hint_is_as_good_as_a_type(reconciler: Reconciler) -> None:
    for value in ("color", "Color"):
        found = ask(reconciler, "Orange", hints={"attribute": value})
        assert [(one.id, one.match) for one in found] == [("color:orange", True)]
    # where a type is asked for, it is a hint like others
    assert not ask(reconciler, "Orange", types=("flavor",), hints={"attribute": "color"})[0].match


def test_a_category_hint_prefers_attributes_that_are_relevant_there(reconciler: Reconciler) -> None:
    found = ask(reconciler, "Orange", hints={"category": "Shirts"})
    assert [(one.id, one.match) for one in found] == [("color:orange", True), ("flavor:orange", False)]


@pytest.mark.parametrize(
    ("values", "quantifier", "left"),
    [
        (("Kids", "Clothing"), "any", {"category:kids_shoes"}),
        (("Kids", "Clothing"), "all", set()),
        (("Kids", "Clothing"), "none", {"category:shoes"}),
    ],
)
def test_what_is_required_excludes(
    reconciler: Reconciler, values: tuple[str, ...], quantifier: Any, left: set[str]
) -> None:
    hint = Hint(pid="broader", values=values, quantifier=quantifier, required=True)
    found = ask(reconciler, "Shoes", types=("category",), hints={"broader": hint})
    assert {one.id for one in found if one.name == "Shoes"} == left


@pytest.mark.parametrize(
    ("lang", "name"),
    [("de", "Marineblau"), ("de-AT", "Marineblau"), ("zh", "藏青色"), ("German", "Navy"), ("", "Navy")],
)
def test_the_row_may_state_its_language(reconciler: Reconciler, lang: str, name: str) -> None:
    assert ask(reconciler, "color:navy", hints={"lang": lang})[0].name == name


@pytest.mark.parametrize(
    ("strict", "types", "found"),
    [
        ("any", ("color",), {"color"}),
        ("any", ("color", "flavor"), {"color", "flavor"}),
        ("all", ("color",), {"color"}),
        ("all", ("color", "flavor"), set()),
        ("should", ("flavor",), {"color", "flavor"}),
    ],
)
def test_types(reconciler: Reconciler, strict: Any, types: tuple[str, ...], found: set[str]) -> None:
    candidates = ask(reconciler, "Orange", types=types, type_strict=strict)
    assert {one.type[0].id for one in candidates} == found
    if strict == "should":
        assert (candidates[0].type[0].id, candidates[0].match) == ("flavor", True)


def test_the_type_asked_for_is_among_those_of_the_candidate(reconciler: Reconciler) -> None:
    found = ask(reconciler, "Leather", types=("frame_material",))[0]
    assert [(one.id, one.name) for one in found.type] == [
        ("frame_material", "Frame material"),
        ("material", "Material"),
    ]


def test_description_says_where_it_stands_and_what_was_found(reconciler: Reconciler) -> None:
    assert ask(reconciler, "Navy")[0].description == "Color: Blue"
    assert ask(reconciler, "marineblau", locale="en")[0].description == (
        "Color: Blue · found as “Marineblau” (exact, de)"
    )


def test_limit(reconciler: Reconciler) -> None:
    one, many = (len(ask(reconciler, "shoos", limit=limit)) for limit in (1, 9))
    assert 1 == one < many
    # with a limit of one, a rival is still seen
    assert [one.match for one in ask(reconciler, "Orange", limit=1)] == [False]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"types": ("color", "nope")}, "queries.q1.type"),
        ({"hints": {"P31": "x"}}, "properties"),
        ({"hints": {"narrower": "x"}}, "properties"),
    ],
)
def test_what_there_is_not(reconciler: Reconciler, more: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidQuery) as caught:
        ask(reconciler, "Navy", field="queries.q1", **more)
    assert caught.value.field == field
    assert caught.value.hint
