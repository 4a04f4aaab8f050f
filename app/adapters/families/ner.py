"""Family `ner`: a span tagger over a pretrained encoder, fine-tuned; English, by the weights that packages carry."""

from __future__ import annotations

from pathlib import Path

from app.adapters.families.card import read_card
from app.adapters.families.extractor import FamilyExtractor


def open_model(folder: Path) -> FamilyExtractor:
    """Return the model in a folder."""
    from app.adapters.families.tagger import load_tagger

    return FamilyExtractor(read_card(folder), load_tagger(folder, "ner"))
