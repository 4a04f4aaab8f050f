"""Which item of a set a value belongs to."""

from __future__ import annotations

import pytest

from app.domain.listing import Listing
from app.domain.tags import Evidence
from app.pipeline.items import belongings


@pytest.mark.parametrize(
    ("title", "items", "values", "wanted"),
    [
        (
            "blue shirt with red trousers",
            ["shirt", "trousers"],
            ["blue", "red"],
            [("blue", "shirt"), ("red", "trousers")],
        ),
        (
            "Cotton Shirt, blue + Linen Shorts",
            ["Shirt", "Shorts"],
            ["blue", "Linen"],
            [("blue", "Shirt"), ("Linen", "Shorts")],
        ),
        (
            "Rotes Kleid mit schwarzem Gürtel",
            ["Kleid", "Gürtel"],
            ["Rotes", "schwarzem"],
            [("Rotes", "Kleid"), ("schwarzem", "Gürtel")],
        ),
        ("红色上衣和黑色裤子", ["上衣", "裤子"], ["红色", "黑色"], [("红色", "上衣"), ("黑色", "裤子")]),
        ("Set: Nordwind, mug and plate", ["mug", "plate"], ["Nordwind"], [("Nordwind", "mug")]),
        ("black and white dress with belt", ["dress", "belt"], ["black and white"], [("black and white", "dress")]),
        ("blue shirt with red buttons", ["shirt"], ["blue", "red"], []),
    ],
)
def test_a_value_belongs_to_the_item_of_its_part(
    title: str, items: list[str], values: list[str], wanted: list[tuple[str, str]]
) -> None:
    def spans(texts: list[str]) -> list[Evidence]:
        return [Evidence(field="title", start=title.index(t), end=title.index(t) + len(t)) for t in texts]

    found = belongings(Listing(title=title), {"Item": spans(items), "Value": spans(values)}, ["Item"])
    assert [(title[b.value.start : b.value.end], title[b.item.start : b.item.end]) for b in found] == wanted
