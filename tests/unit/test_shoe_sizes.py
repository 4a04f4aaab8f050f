"""Shoe sizes in running text, as sellers write them."""

from __future__ import annotations

import pytest

from app.pipeline.rules.shoe_sizes import ShoeSizes
from tests.unit.rule_data import rules


def _sizes(locale: str) -> ShoeSizes:
    known = rules().quantities
    return ShoeSizes(
        known.shoe_systems,
        known.shoe_before.get(locale, ()),
        known.shoe_after.get(locale, ()),
        known.shoe_limits,
        cues=[word for words in known.shoe_before.values() for word in words],
        cjk=locale == "zh-CN",
    )


@pytest.mark.parametrize(
    ("locale", "text", "sizes"),
    [
        ("de", "Schuhe Gr. 42", {"42 eu"}),
        ("de", "Gr . 40 / 41 / 42,5 weiß", {"40 eu", "41 eu", "42.5 eu"}),
        ("de", "GR .37,39,40 NEU", {"37 eu", "39 eu", "40 eu"}),
        ("de", "Gr. 36 - 38", {"36 eu", "38 eu"}),
        ("de", "EU GR . 39 - 46 ( UK GR . 6 - 11 )", {"39 eu", "46 eu", "6 uk", "11 uk"}),
        ("de", "UK 6 US 6.5", {"6 uk", "6.5 us"}),
        ("de", "9 US 8 UK 42,5 EU", {"9 us", "8 uk", "42.5 eu"}),
        ("de", "37 1/3 UK 4.5", {"4.5 uk"}),
        ("de", "EUR 39 1 / 3", {"39.333 eu"}),
        ("de", "39,5 bis 46 EUR", {"39.5 eu", "46 eu"}),
        ("de", "US5 .5 W", {"5.5 us"}),
        ("en", "Basketball Shoe, 12.5 D US", {"12.5 us"}),
        ("en", "size 10", set()),
        ("en", "shoes size 38", {"38 eu"}),
        ("zh-CN", "女鞋35-43码", {"35 eu", "43 eu"}),
        ("de", "Gr. 42-1234", {"42 eu"}),
        ("de", "Größe 40 cm", set()),
    ],
)
def test_stated(locale: str, text: str, sizes: set[str]) -> None:
    assert {f"{s.value:g} {s.system}" for s in _sizes(locale).stated(text)} == sizes


@pytest.mark.parametrize(
    ("text", "sizes", "lone"),
    [
        ("Damen Sneaker 36-41", {36, 41}, False),
        ("Kinder Schuhe 25-30", {25, 30}, False),
        ("Sneaker 40 41 42 43", {40, 41, 42, 43}, False),
        ("Schuhe 42 2/3", {42.667}, False),
        ("Nike Pegasus 39", {39}, True),
        ("Schuhe 36.5 NEU", {36.5}, True),
        ("Air Max 95 97", set(), False),
        ("Modell 42-1234", set(), False),
        ("Sneaker 39,99 €", set(), False),
        ("Kiste 40x60 cm", set(), False),
        ("Schuhe 38-42 cm", set(), False),
    ],
)
def test_bare(text: str, sizes: set[float], lone: bool) -> None:
    found = list(_sizes("de").bare(text))
    assert {size.value for size in found} == sizes
    assert all(size.bare and size.lone == lone for size in found)
