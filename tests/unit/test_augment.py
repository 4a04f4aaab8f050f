"""Augmentations keep gold and spans right, on any generated listing; de-duplication finds copies and near copies."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.adapters.taxonomy_files import read_taxonomy
from app.bootstrap import TAXONOMY, data_folder
from app.domain.errors import SettingsError
from app.domain.taxonomy import Taxonomy
from app.training.augment import AUGMENTATIONS, Augmentation, Augmenter, located, translating, truncate
from app.training.dedup import Seen, distinct
from app.training.generator import Example, Generator, Span
from app.training.generator.example import gold_of

SHIPPED = read_taxonomy(data_folder("taxonomy") / TAXONOMY)
DRAWN = list(Generator(SHIPPED, 3).draw(450))
ALL: dict[str, Augmentation] = {
    **AUGMENTATIONS,
    "translate": translating(SHIPPED),
    "code_switch": translating(SHIPPED, english=True),
}
COAT = Example(
    category="Coats",
    lang="en",
    texts={
        "title": "Northfell wool coat, navy",
        "description": "Made of wool. Warm and heavy.",
        "attributes": "",
        "reviews": "",
    },
    asked=["material", "color"],
    gold={"material": ["wool"], "color": ["navy"]},
    spans=(
        Span(field="title", start=10, end=14, attribute="material", concept="material:wool"),
        Span(field="title", start=21, end=25, attribute="color", concept="color:navy"),
        Span(field="description", start=8, end=12, attribute="material", concept="material:wool"),
    ),
)


@settings(max_examples=60, deadline=None)
@pytest.mark.parametrize("name", sorted(ALL))
@given(number=st.integers(0, len(DRAWN) - 1), seed=st.integers(0, 2**20))
def test_spans_point_at_the_surface_and_gold_stands_in_the_text(name: str, number: int, seed: int) -> None:
    before = DRAWN[number]
    after = ALL[name](before, random.Random(seed))
    assert dict(after.gold) == gold_of(after.texts, after.spans)
    assert {s.concept for s in after.spans} <= {s.concept for s in before.spans}
    text = "\n".join(after.texts.values())
    for values in after.gold.values():
        for value in values:
            assert value.strip() == value != ""
            assert value in text
    if name in ("typos", "drop_words", "swap_words", "reorder"):  # values keep their spelling
        folded = {a: sorted(v.casefold() for v in vs) for a, vs in before.gold.items()}
        assert {a: sorted(v.casefold() for v in vs) for a, vs in after.gold.items()} == folded


@pytest.mark.parametrize("name", sorted(ALL))
def test_an_augmentation_does_something_and_the_same_by_seed(name: str) -> None:
    changed = [e for n, e in enumerate(DRAWN) if ALL[name](e, random.Random(n)) != e]
    assert len(changed) > 20
    assert all(ALL[name](e, random.Random(1)) == ALL[name](e, random.Random(1)) for e in DRAWN[:50])


def test_what_is_cut_off_leaves_gold() -> None:
    only = replace(COAT, spans=COAT.spans[2:], gold={"material": ["wool"]})
    cut = [
        truncate(
            replace(
                only,
                texts={**only.texts, "description": "A very warm and heavy piece of wool"},
                spans=(Span(field="description", start=31, end=35, attribute="material", concept="material:wool"),),
            ),
            random.Random(seed),
        )
        for seed in range(30)
    ]
    gone = [e for e in cut if "wool" not in e.texts["description"]]
    assert gone
    assert all(not e.gold and not e.spans for e in gone)


def test_a_value_is_translated_by_the_taxonomy() -> None:
    german = replace(COAT, lang="de")
    seen = {v for s in range(40) for v in translating(SHIPPED)(german, random.Random(s)).gold["color"]}
    assert seen & {"Marineblau", "dunkelblau", "marineblaue"}


def test_spans_of_a_gold_set_are_located() -> None:
    found = located(replace(COAT, spans=()))
    assert [(s.field, s.start) for s in found.spans] == [("title", 10), ("title", 21)]


def test_a_recipe_composes_by_share_and_seed() -> None:
    augmenter = Augmenter({"recase": 0.5, "translate": 0.3}, SHIPPED, 4)
    first, again = list(augmenter(DRAWN)), list(augmenter(DRAWN))
    assert first == again
    same = sum(a == b for a, b in zip(first, DRAWN, strict=True))
    assert 0.2 < same / len(DRAWN) < 0.6
    assert list(Augmenter({}, SHIPPED, 4)(DRAWN)) == DRAWN


@pytest.mark.parametrize("shares", [{"typo": 0.1}, {"typos": 1.5}])
def test_unknown_augmentations_and_shares_are_refused(shares: dict[str, float]) -> None:
    with pytest.raises(SettingsError) as error:
        Augmenter(shares, SHIPPED, 0)
    assert error.value.field == "augment"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Northfell women's waterproof hiking boots in brown suede with non-slip sole, size 39", False),
        ("NORTHFELL Women's Waterproof Hiking Boots in brown suede, with non slip sole - Size 39!", False),
        ("Northfell women's waterproof hiking boots in brown suede with non-slip sole, size 40", False),
        ("Northfell men's breathable running shoes in blue mesh, size 43", True),
        ("", True),
    ],
)
def test_copies_and_near_copies_are_found(text: str, kept: bool) -> None:
    seen = Seen()
    assert seen.add("Northfell women's waterproof hiking boots in brown suede with non-slip sole, size 39")
    assert seen.add(text) is kept


def test_chinese_near_copies_are_found() -> None:
    seen = Seen()
    assert seen.add("云栖牌女士真皮高跟鞋红色尖头细跟婚礼适用新款")
    assert not seen.add("云栖牌女士真皮高跟鞋红色尖头细跟婚礼适用 新款包邮")
    assert seen.add("无印良品纯棉毛巾灰色两条装")


def test_generated_listings_are_distinct() -> None:
    kept = list(distinct([*DRAWN, *DRAWN[:20]]))
    assert len(DRAWN) * 0.97 < len(kept) <= len(DRAWN)


def test_dev_can_be_put_in_first(small: Taxonomy) -> None:
    seen = Seen()
    seen.add(f"{DRAWN[0].texts['title']}\n{DRAWN[0].texts['description']}")
    assert DRAWN[0] not in list(distinct(DRAWN[:5], seen))
