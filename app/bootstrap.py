"""The one place where parts are chosen and put together."""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain.errors import InvalidFile, MissingExtra, SettingsError, TagwrightError
from app.domain.tags import Versions
from app.pipeline.fuse import Calibration
from app.pipeline.ports import Cache, Extractor, Generator, SingleFlight
from app.settings import Settings

if TYPE_CHECKING:
    from app.adapters.families.extractor import FamilyExtractor
    from app.adapters.schema_files import Schema
    from app.adapters.stores.sql import SqlStore
    from app.domain.taxonomy import Taxonomy
    from app.pipeline.categories.choice import CategoryChooser
    from app.pipeline.categories.model import Chooser
    from app.pipeline.extracting import ExtractingTagger
    from app.pipeline.extractor import ListingExtractor
    from app.pipeline.implications import Implications
    from app.pipeline.matching.label_index import Labels
    from app.pipeline.matching.meaning import Neighbours
    from app.pipeline.matching.normalize import Normalizer
    from app.pipeline.rules.ruleset import RuleSet
    from app.pipeline.tagger import GenerativeTagger

_PACKAGE = Path(__file__).parent
PIPELINE_VERSION = "1"
"""Raised when code changes an answer that no other version shows."""
TAXONOMY, RULES, EXPORTS = "tagwright-2026.11", "rules-2026.11", "exports-2026.11"
PROMPT = "extract-1"
CATEGORY_WEIGHTS, CATEGORY_PROMPT = "categories-2026.11/weights.yaml", "choose-category-1.yaml"
ENGINES = {
    "local": "app.adapters.engines.local:open_engine",
    "transformers": "app.adapters.engines.transformers:open_engine",
    "scripted": "app.adapters.engines.scripted:open_engine",
}
"""Name -> `open_engine(settings) -> Generator`; imported only when chosen."""
UNCALIBRATED = Calibration(
    version="none", table={"rule": 0.9, "rule+model": 0.95, "model": 0.7}, accept=0.9, review=0.5
)
"""Cautious figures for a model that none were counted for."""
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
FAMILY_EXTRAS = {"tree": "classical", "forest": "classical", "linear": "classical"}


@dataclass(frozen=True, kw_only=True)
class Service:
    """Everything that serves, put together; `close` gives it back."""

    settings: Settings
    taxonomy: Taxonomy
    normalizer: Normalizer
    neighbours: Neighbours
    tagger: GenerativeTagger
    extractor: ListingExtractor
    generator: Generator | None
    cache: Cache
    store: SqlStore | None
    versions: Versions
    closers: tuple[Callable[[], Any], ...] = ()

    async def close(self) -> None:
        """Close in reverse order of opening."""
        for close in reversed(self.closers):
            await close()


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What answers a caller's own attributes; `close` gives it back."""

    extractor: Extractor
    close: Callable[[], Awaitable[None]]
    notes: tuple[str, ...] = ()
    """What a person should know of it."""


def data_folder(name: str) -> Path:
    """Return `taxonomy` or `prompts`: inside the installed package, or beside it in a checkout."""
    for folder in (_PACKAGE / "_data" / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise SettingsError(f"the folder {name}/ is missing from this installation", hint="install tagwright again")


def open_taxonomy(settings: Settings) -> Taxonomy:
    """Return the taxonomy that the settings name, under its overlays."""
    return _open_labels(settings)[0]


def open_implications() -> Implications:
    """Return the rules of what follows from a tag; no answer of the tagger depends on them."""
    from app.adapters.implication_files import read_implications

    return read_implications(data_folder("taxonomy") / RULES)


def open_rules() -> RuleSet:
    """Return what the rules know, from data."""
    from app.adapters.rule_files import read_rules

    return read_rules(data_folder("taxonomy") / RULES)


def open_normalizer(settings: Settings, rules: RuleSet | None = None) -> Normalizer:
    """Return the normaliser of the taxonomy that the settings name; the encoder loads on first use."""
    return open_matching(settings, rules)[0]


def open_matching(settings: Settings, rules: RuleSet | None = None) -> tuple[Normalizer, Neighbours]:
    """Return the normaliser, and what it looks for likeness in meaning with."""
    from app.adapters.encoder import LabelVectors, UseEncoder
    from app.adapters.words import EncoderWords
    from app.pipeline.matching.normalize import Normalizer

    taxonomy, labels = _open_labels(settings)
    neighbours = LabelVectors(taxonomy, UseEncoder(), settings.home)
    wordings = (rules or open_rules()).wordings
    return Normalizer(taxonomy, neighbours, labels, wordings, EncoderWords(settings.home)), neighbours


def open_speller(settings: Settings) -> Normalizer:
    """Return a normaliser that goes by spelling alone: it loads no encoder, and takes a tenth of the time."""
    from app.adapters.words import EncoderWords
    from app.pipeline.matching.normalize import Normalizer

    taxonomy, labels = _open_labels(settings)
    return Normalizer(taxonomy, None, labels, open_rules().wordings, EncoderWords(settings.home))


def open_category_chooser(settings: Settings) -> CategoryChooser:
    """Return what ranks the categories of the taxonomy that the settings name; the encoder loads on first use."""
    import yaml

    from app.adapters.category_files import CategoryFiles
    from app.adapters.encoder import UseEncoder
    from app.pipeline.categories.choice import CategoryChooser

    taxonomy, labels = _open_labels(settings)
    encoder = UseEncoder()
    return CategoryChooser(
        taxonomy,
        CategoryFiles(taxonomy, encoder, settings.home),
        labels=labels,
        encoder=encoder,
        rules=open_rules(),
        weights=yaml.safe_load((data_folder("taxonomy") / CATEGORY_WEIGHTS).read_text(encoding="utf-8")),
    )


def open_category_model(
    settings: Settings, taxonomy: Taxonomy, form: str
) -> tuple[Chooser, Callable[[], Awaitable[None]]]:
    """Return what lets the engine choose among candidates, asked in a form of the prompt, and what closes it."""
    from app.adapters.prompt_files import read_choice_prompt
    from app.pipeline.categories.model import ModelChoice

    generator = open_generator(settings)
    prompt = read_choice_prompt(data_folder("prompts") / CATEGORY_PROMPT, form)
    return ModelChoice(taxonomy, generator, prompt), generator.close


def _open_labels(settings: Settings) -> tuple[Taxonomy, Labels]:
    from app.adapters.compiled import open_compiled
    from app.adapters.overlay_files import read_overlay
    from app.pipeline.matching.overlay import lay_over

    taxonomy, labels = open_compiled(settings.taxonomy or data_folder("taxonomy") / TAXONOMY, settings.home)
    return lay_over(taxonomy, labels, [read_overlay(path, taxonomy.locales) for path in settings.overlays])


def open_generator(settings: Settings) -> Generator:
    """Return the engine that the settings name; MissingExtra with the command that installs it."""
    from app.adapters.prompt_files import read_prompt

    wanted = max(settings.context_tokens, read_prompt(prompt_file(settings)).context_tokens)
    settings = settings.model_copy(update={"context_tokens": wanted})
    module, function = ENGINES[settings.engine].split(":")
    try:
        opened: Generator = getattr(importlib.import_module(module), function)(settings)
    except ModuleNotFoundError as exc:
        hint = f"pip install 'tagwright[{settings.engine}]'"
        raise MissingExtra(f"engine {settings.engine!r} needs {exc.name}", hint=hint) from exc
    return opened


def prompt_file(settings: Settings) -> Path:
    """Return the prompt that the settings name, or else the adapter's card; an adapter answers well under its own."""
    from app.adapters.engines.weights import adapter_card, adapter_folder

    name = settings.prompt
    if name is None:
        try:
            folder = adapter_folder(settings.adapter)
        except SettingsError:
            folder = None  # an adapter that a server knows by name, or one that the engine will refuse
        name = str(adapter_card(folder).get("prompt", PROMPT))
    given = Path(name)
    return given if given.suffix == ".yaml" and given.is_file() else data_folder("prompts") / f"{name}.yaml"


def open_family(folder: Path) -> FamilyExtractor:
    """Return the trained model in a folder; SettingsError, MissingExtra or WeightsMismatch where it cannot be."""
    from app.adapters.families.card import read_card

    family = read_card(folder).family
    if family not in FAMILIES:
        raise SettingsError(f"{folder}: no family is called {family!r}", field="TAGWRIGHT_MODEL")
    module, function = FAMILIES[family].split(":")
    try:
        open_model = getattr(importlib.import_module(module), function)
        opened: FamilyExtractor = open_model(folder, open_family) if family == "fusion" else open_model(folder)
    except ModuleNotFoundError as exc:
        hint = f"pip install 'tagwright[{FAMILY_EXTRAS.get(family, 'encoder')}]'"
        raise MissingExtra(f"family {family!r} needs {exc.name}", hint=hint) from exc
    return opened


def open_family_tagger(settings: Settings, folder: Path) -> ExtractingTagger:
    """Return the trained model in a folder as a tagger: its values under the taxonomy that the settings name."""
    from app.adapters.language import Py3LangId
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
            identifier=Py3LangId(frozenset(locale.split("-")[0] for locale in taxonomy.locales)),
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


def start_generator(settings: Settings) -> Future[Generator]:
    """Open the engine in a thread: it reads and checks weights outside Python's lock, beside everything else."""
    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="weights")
    loading = thread.submit(open_generator, settings)
    thread.shutdown(wait=False)
    return loading


def open_calibration(settings: Settings) -> Calibration:
    """Return the calibration that travels with the adapter, or cautious figures where there is none."""
    from app.adapters.engines.weights import adapter_folder

    try:
        folder = adapter_folder(settings.adapter)
    except TagwrightError:
        folder = None  # an adapter that a server knows by name
    path = folder / "calibration.json" if folder else None
    if path is None or not path.is_file():
        return UNCALIBRATED
    data = path.read_bytes()
    fields = json.loads(data)
    return Calibration(
        version=hashlib.sha256(data).hexdigest()[:12],
        table=fields["table"],
        accept=fields["accept"],
        review=fields["review"],
    )


async def open_service(
    settings: Settings,
    *,
    with_model: bool = True,
    with_store: bool = True,
    loading: Future[Generator] | None = None,
) -> Service:
    """Put everything together. ``with_model`` false gives rules alone; ``loading`` is a generator already started."""
    from app.adapters.codec import decode_tags, encode_tags
    from app.adapters.language import Py3LangId
    from app.adapters.prompt_files import read_prompt
    from app.pipeline.extractor import ListingExtractor
    from app.pipeline.fingerprint import taxonomy_version
    from app.pipeline.rules.engine import RuleEngine
    from app.pipeline.tagger import GenerativeTagger, Parts

    if with_model and loading is None:
        loading = start_generator(settings)
    ruleset = open_rules()
    normalizer, neighbours = open_matching(settings, ruleset)
    taxonomy = normalizer.taxonomy
    rules = RuleEngine(taxonomy, ruleset)
    prompt = read_prompt(prompt_file(settings))
    calibration = open_calibration(settings)
    closers: list[Callable[[], Any]] = []
    generator: Generator | None = None
    if loading is not None:
        generator = await asyncio.wrap_future(loading)
    if generator is not None:
        closers.append(generator.close)
    cache, flight, closing = _open_caches(settings)
    closers += closing
    store = await open_tag_store(settings) if with_store else None
    if store is not None:
        closers.append(store.close)
    identifier = Py3LangId(frozenset(locale.split("-")[0] for locale in taxonomy.locales))
    card = generator.card() if generator else None
    versions = Versions(
        model=f"{card.model}@{card.digest[:16]}" if card else "none",
        adapter=card.adapter if card else "none",
        prompt=f"{prompt.version}@{prompt.digest[:12]}",
        schema=prompt.digest[:12],
        rules=rules.version[:12],
        taxonomy=taxonomy_version(taxonomy),
        pipeline=f"{PIPELINE_VERSION}+{calibration.version}{'+ask-all' if settings.ask_all else ''}",
    )
    tagger = GenerativeTagger(
        Parts(
            taxonomy=taxonomy,
            rules=rules,
            normalizer=normalizer,
            prompt=prompt,
            calibration=calibration,
            generator=generator,
            identifier=identifier,
            cache=cache,
            flight=flight,
            encode=encode_tags,
            decode=decode_tags,
            store=store,
            versions=versions,
            answer_timeout_s=settings.answer_timeout_s,
            ask_all=settings.ask_all,
        )
    )
    extractor = ListingExtractor(
        taxonomy=taxonomy, rules=rules, prompt=prompt, generator=generator, identifier=identifier
    )
    return Service(
        settings=settings,
        taxonomy=taxonomy,
        normalizer=normalizer,
        neighbours=neighbours,
        tagger=tagger,
        extractor=extractor,
        generator=generator,
        cache=cache,
        store=store,
        versions=versions,
        closers=tuple(closers),
    )


async def open_extractor(
    settings: Settings, schema: Schema, *, train: Path | None = None, rules: bool = True, model: bool = True
) -> Opened:
    """Return what answers a caller's own attributes: a trained model of a family alone, or the service's extractor.

    ``train`` is gold that the latter takes demonstrations from, where its prompt shows some, or else values. Raises
    InvalidFile where a prompt needs it and it is missing.
    """
    from app.adapters.families.card import is_family

    if model and is_family(settings.model):
        family = await asyncio.to_thread(open_family, Path(settings.model))
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


def _open_caches(settings: Settings) -> tuple[Cache, SingleFlight, list[Callable[[], Any]]]:
    from app.adapters.caches.flight import LocalFlight, RedisFlight
    from app.adapters.caches.memory import MemoryCache

    most = settings.cache_mb * 1024 * 1024
    if settings.redis_url is None:
        memory = MemoryCache(ttl_s=settings.cache_ttl_s, max_bytes=most)
        return memory, LocalFlight(), [memory.close]

    from app.adapters.caches.layered import LayeredCache
    from app.adapters.caches.link import RedisLink
    from app.adapters.caches.redis import RedisCache

    link = RedisLink(settings.redis_url)
    layered = LayeredCache(RedisCache(link, ttl_s=settings.cache_ttl_s), max_bytes=most)
    return layered, RedisFlight(link), [layered.close, link.close]


async def open_tag_store(settings: Settings) -> SqlStore:
    """Return the store that the settings name, its tables brought to this version."""
    from app.adapters.stores import open_store

    if settings.database_url is None:
        settings.home.mkdir(parents=True, exist_ok=True)
    return await open_store(settings.database_url or f"sqlite:///{settings.home / 'tagwright.db'}")
