"""Opens what answers a caller's own attributes, trained models of families (app/training/families) among them."""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.bootstrap import PIPELINE_VERSION, UNCALIBRATED, open_normalizer, open_rules, open_service
from app.domain.errors import InvalidFile, SettingsError, TagwrightError
from app.domain.extras import needing
from app.domain.tags import Versions
from app.pipeline.ports import Extractor
from app.settings import Settings

if TYPE_CHECKING:
    from app.adapters.families.extractor import FamilyExtractor
    from app.adapters.schema_files import Schema
    from app.pipeline.extracting import ExtractingTagger
    from app.pipeline.extractor import ListingExtractor

FAMILIES = {
    "dictionary": "app.adapters.families.dictionary:open_model",
    "tree": "app.adapters.families.classical:open_model",
    "forest": "app.adapters.families.classical:open_model",
    "linear": "app.adapters.families.classical:open_model",
    "bilstm": "app.adapters.families.bilstm:open_model",
    "encoder": "app.adapters.families.encoder:open_model",
    "ner": "app.adapters.families.ner:open_model",
    "fusion": "app.adapters.families.fusion:open_model",
}
"""Family -> `open_model(folder) -> FamilyExtractor`; imported only when a folder's card names it."""
EXTRAS = {"tree": "classical", "forest": "classical", "linear": "classical"}
"""What a family's libraries are installed by; `encoder` for the others."""


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What answers a caller's own attributes; `close` gives it back."""

    extractor: Extractor
    close: Callable[[], Awaitable[None]]
    notes: tuple[str, ...] = ()
    """What a person should know of it."""


async def open_extractor(
    settings: Settings, schema: Schema, *, train: Path | None = None, rules: bool = True, model: bool = True
) -> Opened:
    """Return what answers a caller's own attributes: a trained model of a family alone, or the service's extractor.

    ``train`` is gold that the latter takes demonstrations from, where its prompt shows some, or else values. Raises
    InvalidFile where a prompt needs it and it is missing.
    """
    from app.adapters.families.card import family_folder

    folder = family_folder(settings.model) if model else None
    if folder is not None:
        family = await asyncio.to_thread(open_family, folder)
        notes = [f"{family.card.name}: a model of family {family.card.family}, which answers without rules"]
        if train is not None:
            notes.append(f"--train {train}: not used, a family knows its own values")
        return Opened(extractor=family, close=family.close, notes=tuple(notes))
    service = await open_service(settings, with_model=model, with_store=False)
    try:
        extractor = service.extractor.using(rules=rules, model=model)
        shown = extractor.demonstrations if model else 0
        taught, notes = _taught(extractor, schema, train, shown) if train or shown else (extractor, [])
    except TagwrightError:
        await service.close()
        raise
    return Opened(extractor=taught, close=service.close, notes=tuple(notes))


def _taught(
    extractor: ListingExtractor, schema: Schema, train: Path | None, shown: int
) -> tuple[ListingExtractor, list[str]]:
    """Return the extractor with what gold teaches it, demonstrations or values, and what a person should know."""
    from app.adapters.encoder import UseEncoder
    from app.adapters.gold_files import read_demonstrations
    from app.pipeline.demonstrations import Demonstrator, ValueDictionary

    if train is None:
        message = f"this prompt shows {shown} demonstrations: they need gold to be taken from"
        raise InvalidFile(message, field="train", hint="give it with --train FILE.jsonl")
    examples = read_demonstrations(train, schema)
    if shown:
        note = f"--train {train}: {shown} demonstrations a listing out of {len(examples)}"
        return extractor.taught(demonstrator=Demonstrator(examples, UseEncoder())), [note]
    note = f"--train {train}: values that {len(examples)} listings state are filled in where none was found"
    return extractor.taught(dictionary=ValueDictionary(examples)), [note]


def open_family(folder: Path) -> FamilyExtractor:
    """Return the trained model in a folder; SettingsError, MissingExtra or WeightsMismatch where it cannot be."""
    from app.adapters.families.card import read_card

    family = read_card(folder).family
    if family not in FAMILIES:
        raise SettingsError(f"{folder}: no family is called {family!r}", field="TAGWRIGHT_MODEL")
    module, function = FAMILIES[family].split(":")
    with needing(EXTRAS.get(family, "encoder"), f"family {family!r}"):
        open_model = getattr(importlib.import_module(module), function)
        opened: FamilyExtractor = open_model(folder, open_family) if family == "fusion" else open_model(folder)
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
