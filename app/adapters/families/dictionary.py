"""Family `dictionary`: values of train that stand in the text, no learning.

Of the values of an attribute that stand in a listing the longest counts; it is taken where, in train, most listings
that hold such a value in this category were given it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from app.adapters.families.card import read_card
from app.adapters.families.extractor import FamilyExtractor, Ranked, Values
from app.adapters.families.words import text_of, words_of
from app.domain.listing import Listing

WEIGHTS = "dictionary.json"
LONGEST = 12
"""Words of a value."""
Known = Mapping[str, Mapping[str, Mapping[str, float]]]
"""Category -> attribute -> value -> share of the listings it stands in that have it."""


class Dictionary:
    """Looks values up; see extractor.Predictor."""

    def __init__(self, known: Known, least: float) -> None:
        self._known = known
        self._least = least

    def predict(self, listings: Sequence[Listing], categories: Sequence[str]) -> list[Values]:
        """Return, per attribute, the longest value that stands in the text and is right often enough."""
        ranked = self.rank(listings, categories)
        return [{name: [value for value, _ in values] for name, values in row.items()} for row in ranked]

    def rank(self, listings: Sequence[Listing], categories: Sequence[str], most: int = 1) -> list[Ranked]:
        """Return that value with the share of train's listings with it that have it; there is no second one."""
        return [
            self._ranked(text_of(listing), category) for listing, category in zip(listings, categories, strict=True)
        ]

    def _ranked(self, text: str, category: str) -> Ranked:
        pieces = dict.fromkeys(phrases(text))
        found: Ranked = {}
        for attribute, values in self._known.get(category, self._known["*"]).items():
            standing = [(piece, share) for piece in pieces if (share := values.get(piece, 0.0)) >= self._least]
            if standing:
                found[attribute] = [max(standing, key=lambda one: (len(one[0]), one[1]))]
        return found


def phrases(text: str) -> Iterator[str]:
    """Yield everything of up to LONGEST words in a row that stands in a text, as it stands there."""
    words = words_of(text)
    for first, word in enumerate(words):
        for last in words[first : first + LONGEST]:
            yield text[word.start : last.end]


def open_model(folder: Path) -> FamilyExtractor:
    """Return the model in a folder."""
    card = read_card(folder)
    content = json.loads((folder / WEIGHTS).read_text(encoding="utf-8"))
    return FamilyExtractor(card, Dictionary(content["values"], content["least"]))
