"""Opens trained models of the families (see app/training/families): as extractors, and as taggers of the taxonomy."""

from __future__ import annotations

import hashlib
import importlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from app.bootstrap import PIPELINE_VERSION, UNCALIBRATED, open_normalizer, open_rules
from app.domain.errors import SettingsError
from app.domain.extras import needing
from app.domain.tags import Versions
from app.settings import Settings

if TYPE_CHECKING:
    from app.adapters.families.extractor import FamilyExtractor
    from app.pipeline.extracting import ExtractingTagger

FAMILIES = {
    "dictionary": "app.adapters.families.dictionary:open_model",
    "tree": "app.adapters.families.classical:open_model",
    "forest": "app.adapters.families.classical:open_model",
    "linear": "app.adapters.families.classical:open_model",
    "bilstm": "app.adapters.families.bilstm:open_model",
    "encoder": "app.adapters.families.encoder:open_model",
    "ner": "app.adapters.families.ner:open_model",
}
"""Family -> `open_model(folder) -> FamilyExtractor`; imported only when a folder's card names it."""
EXTRAS = {"tree": "classical", "forest": "classical", "linear": "classical"}
"""What a family's libraries are installed by; `encoder` for the others."""


def open_family(folder: Path) -> FamilyExtractor:
    """Return the trained model in a folder; SettingsError, MissingExtra or WeightsMismatch where it cannot be."""
    from app.adapters.families.card import read_card

    family = read_card(folder).family
    if family not in FAMILIES:
        raise SettingsError(f"{folder}: no family is called {family!r}", field="TAGWRIGHT_MODEL")
    module, function = FAMILIES[family].split(":")
    with needing(EXTRAS.get(family, "encoder"), f"family {family!r}"):
        opened: FamilyExtractor = getattr(importlib.import_module(module), function)(folder)
    return opened


def open_family_tagger(settings: Settings, folder: Path) -> ExtractingTagger:
    """Return the trained model in a folder as a tagger: its values under the taxonomy that the settings name."""
    from app.adapters.language import open_identifier
    from app.pipeline.extracting import ExtractingParts, ExtractingTagger, shared_names
    from app.pipeline.fingerprint import taxonomy_version
    from app.pipeline.rules.engine import RuleEngine

    extractor = open_family(folder)
    ruleset = open_rules()
    normalizer = open_normalizer(settings, ruleset)
    taxonomy, card = normalizer.taxonomy, extractor.card
    digest = hashlib.sha256(json.dumps(dict(card.files), sort_keys=True).encode()).hexdigest()
    rules = RuleEngine(taxonomy, ruleset)
    return ExtractingTagger(
        ExtractingParts(
            extractor=extractor,
            names=shared_names(taxonomy, {name for names in card.attributes.values() for name in names}),
            taxonomy=taxonomy,
            rules=rules,
            normalizer=normalizer,
            calibration=UNCALIBRATED,
            identifier=open_identifier(taxonomy),
            versions=Versions(
                model=f"{card.family}/{card.name}@{digest[:16]}",
                adapter="none",
                prompt="none",
                schema="none",
                rules=rules.version[:12],
                taxonomy=taxonomy_version(taxonomy),
                pipeline=PIPELINE_VERSION,
            ),
        )
    )
