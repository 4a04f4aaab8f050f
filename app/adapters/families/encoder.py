"""Family `encoder`: a pretrained encoder with one output per known value (multi-label, as BERT is fine-tuned).

A value is taken where its probability passes the threshold of its label, fitted on held-out listings; of an attribute's
values the one that passes by most. Values that train had too seldom are not among the labels.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.adapters.families.card import read_card
from app.adapters.families.extractor import FamilyExtractor, Values
from app.domain.listing import Listing

if TYPE_CHECKING:
    from torch import Tensor

CONFIG, WEIGHTS = "labels.json", "network.safetensors"
_BATCH = 32


@dataclass(frozen=True, kw_only=True)
class Label:
    """A value of an attribute, and the probability from which it is taken."""

    attribute: str
    value: str
    least: float = 0.5


class Encoder:
    """A classifier and its labels; see extractor.Predictor."""

    def __init__(self, network: Any, labels: Sequence[Label], categories: dict[str, list[str]]) -> None:
        self.network = network.eval()
        self.labels = labels
        self._categories = {category: frozenset(names) for category, names in categories.items()}

    def predict(self, listings: Sequence[Listing], categories: Sequence[str]) -> list[Values]:
        """Return at most one value per attribute of the category."""
        found: list[Values] = []
        for start in range(0, len(listings), _BATCH):
            part, theirs = listings[start : start + _BATCH], categories[start : start + _BATCH]
            chances = self.chances(part, theirs).tolist()
            found += [self._values(row, category) for row, category in zip(chances, theirs, strict=True)]
        return found

    def chances(self, listings: Sequence[Listing], categories: Sequence[str]) -> Tensor:
        """Return the probability of every label, (B, labels)."""
        import torch

        from app.adapters.families.tagging import Read

        with torch.inference_mode():
            reads = [Read.of(listing, category) for listing, category in zip(listings, categories, strict=True)]
            chances: Tensor = self.network(reads).sigmoid().cpu()
            return chances

    def _values(self, chances: Sequence[float], category: str) -> Values:
        known = self._categories.get(category) or self._categories.get("*")
        best: dict[str, tuple[float, str]] = {}
        for label, chance in zip(self.labels, chances, strict=True):
            if chance >= label.least and (known is None or label.attribute in known):
                over = (chance - label.least) / max(1e-6, 1 - label.least)
                best[label.attribute] = max(best.get(label.attribute, (-1.0, "")), (over, label.value))
        return {attribute: [value] for attribute, (_, value) in best.items()}


def open_model(folder: Path) -> FamilyExtractor:
    """Return the model in a folder."""
    from safetensors.torch import load_file

    from app.adapters.families.classifier import Classifier
    from app.adapters.families.readers import EncoderReader

    card = read_card(folder)
    content = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    labels = [Label(**label) for label in content["labels"]]
    network = Classifier(EncoderReader.empty(folder), len(labels))
    network.load_state_dict({name: t.float() for name, t in load_file(folder / WEIGHTS).items()}, strict=False)
    return FamilyExtractor(card, Encoder(network, labels, content["categories"]))
