"""Family `fusion`: trained models of other families, asked together.

A value's score is the weighted mean of the probabilities that the parts give it, a linear opinion pool (Stone 1961);
a part that does not name a value gives it none. The parts lie in the folder, each with its own card.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

from app.adapters.families.card import read_card
from app.adapters.families.extractor import FamilyExtractor, Ranked, Ranker, Values
from app.domain.listing import Listing

CONFIG = "fusion.json"
MOST = 4
"""Values of an attribute that are asked of a part: where parts disagree, one's second is often the other's first."""


class Fusion:
    """Pools what its parts say; see extractor.Ranker."""

    def __init__(self, parts: Sequence[Ranker], weights: Sequence[float], *, several: bool, least: float) -> None:
        """``several`` values of an attribute, or the best one: those whose score is at least ``least``."""
        self._parts = parts
        self._weights = weights
        self._several, self._least = several, least

    def predict(self, listings: Sequence[Listing], categories: Sequence[str]) -> list[Values]:
        """Return the values that the parts agree on well enough."""
        return [chosen(row, self._least, several=self._several) for row in self.rank(listings, categories, MOST)]

    def rank(self, listings: Sequence[Listing], categories: Sequence[str], most: int = 1) -> list[Ranked]:
        """Return values with their scores, the best first."""
        by_part = [part.rank(listings, categories, most) for part in self._parts]
        return [pooled(rows, self._weights) for rows in zip(*by_part, strict=True)]


def pooled(rows: Sequence[Ranked], weights: Sequence[float]) -> Ranked:
    """Return the weighted means of what parts say of one listing; the weights add up to 1."""
    scores: dict[str, dict[str, float]] = {}
    for row, weight in zip(rows, weights, strict=True):
        for name, values in row.items() if weight else ():
            of = scores.setdefault(name, {})
            for value, chance in values:
                of[value] = of.get(value, 0.0) + weight * chance
    return {name: sorted(of.items(), key=lambda one: -one[1]) for name, of in scores.items()}


def chosen(ranked: Ranked, least: float, *, several: bool) -> Values:
    """Return the values whose score is at least ``least``: all of them, or the best one of each attribute."""
    taken = {name: [value for value, score in values if score >= least] for name, values in ranked.items()}
    return {name: values if several else values[:1] for name, values in taken.items() if values}


def open_model(folder: Path, open_part: Callable[[Path], FamilyExtractor]) -> FamilyExtractor:
    """Return the fusion in a folder; ``open_part`` opens a model of any family."""
    content = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    parts = [cast(Ranker, open_part(folder / name).predictor) for name in content["weights"]]
    weights = list(content["weights"].values())
    return FamilyExtractor(
        read_card(folder), Fusion(parts, weights, several=content["several"], least=content["least"])
    )
