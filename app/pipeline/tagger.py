"""The way of a listing to its tags, on one screen.

listing -> intake -> fingerprint -(cache)-> findings of rules -> prompt -> completion -> candidates -> tags
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from app.domain.errors import CacheUnavailable, EngineError, ServiceError, TagwrightError
from app.domain.listing import Listing
from app.domain.tags import Candidate, Evidence, Source, TagSet, Versions, Warning
from app.domain.taxonomy import CATEGORY, Taxonomy
from app.pipeline.completion import Locator, parse
from app.pipeline.fingerprint import fingerprint
from app.pipeline.fuse import SINGLE_VALUED, Calibration, asked_attributes, fuse
from app.pipeline.intake import Intake, take_in
from app.pipeline.matching.normalize import Normalizer
from app.pipeline.ports import Cache, Generator, LanguageIdentifier, ListingStore, Prompt, SingleFlight
from app.pipeline.prompting import PromptTemplate, model_texts
from app.pipeline.rules.engine import RuleEngine

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a tagger is made of."""

    taxonomy: Taxonomy
    rules: RuleEngine
    normalizer: Normalizer
    prompt: PromptTemplate
    calibration: Calibration
    generator: Generator | None
    """None: rules alone, and nothing is `partial`."""
    identifier: LanguageIdentifier
    cache: Cache
    flight: SingleFlight
    encode: Callable[[TagSet], bytes]
    decode: Callable[[bytes], TagSet | None]
    """Tag sets as bytes and back; None for bytes of another version."""
    store: ListingStore | None
    versions: Versions
    answer_timeout_s: float
    ask_all: bool = False
    """Ask the model for every attribute of the category, also those that rules have filled."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tagged:
    """A tag set, and how it came about."""

    tags: TagSet
    cache: str
    """``hit``, ``miss``, or ``shared`` (another caller's decoding was awaited)."""
    timings_ms: Mapping[str, float]
    version: int | None = None
    """Of the stored tag set, where the listing has an id."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What rules say: the category, None where nothing names one; values; spans that are not about the product."""

    category: str | None
    candidates: tuple[Candidate, ...]
    suppressed: tuple[Evidence, ...]


_AT_ONCE = 4
"""Listings that an engine surely decodes at once: a batch of so many waits no longer than one listing."""


@dataclass(slots=True)
class _Clock:
    """How long a listing may wait for the model, and where its time went."""

    patience_s: float
    spent: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def time(self, step: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self.spent[step] = self.spent.get(step, 0.0) + round(1000 * (time.perf_counter() - began), 3)


class GenerativeTagger:
    """Tags listings with rules and a generative model."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._supported = frozenset(locale.split("-")[0] for locale in parts.taxonomy.locales)

    async def tag_one(self, listing: Listing, tenant: str = "default", *, ahead: int = 0) -> Tagged:
        """Tag one listing; InvalidListing names the field that is unusable.

        ``ahead`` is how many listings of the same batch share the model with it: it waits longer for its answer.
        """
        clock = _Clock(patience_s=self.parts.answer_timeout_s * (1 + ahead / _AT_ONCE))
        with clock.time("read"):
            intake = take_in(listing, self.parts.identifier, self._supported)
            key = fingerprint(listing, intake, self.parts.versions)
        tags, how = await self._cached(key, listing, intake, clock)
        stored = await self._stored(tenant, listing, tags, clock)
        tags = replace(stored[0], warnings=(*intake.warnings, *stored[0].warnings))
        return Tagged(tags=tags, cache=how, timings_ms=clock.spent, version=stored[1])

    async def tag_many(self, listings: Sequence[Listing], tenant: str = "default") -> list[Tagged | TagwrightError]:
        """Tag listings at once, in order; one that fails is an error in its place and harms no other."""

        async def one(listing: Listing) -> Tagged | TagwrightError:
            try:
                return await self.tag_one(listing, tenant, ahead=len(listings) - 1)
            except TagwrightError as exc:
                return exc

        return await asyncio.gather(*(one(listing) for listing in listings))

    async def tag(self, listings: Sequence[Listing]) -> Sequence[TagSet]:
        """Tag listings at once, in order; see ports.Tagger. Raises the first error."""
        ahead = len(listings) - 1
        return [tagged.tags for tagged in await asyncio.gather(*(self.tag_one(x, ahead=ahead) for x in listings))]

    async def compute(self, key: str, listing: Listing, intake: Intake, clock: _Clock) -> TagSet:
        """Decode and fuse, whatever caches say."""
        with clock.time("rules"):
            found = self._find(intake)
        with clock.time("model"):
            proposed, problem = await self._propose(listing, intake, found, clock.patience_s)
        with clock.time("fuse"):
            fused = fuse(
                [*found.candidates, *proposed],
                found.suppressed,
                lang=intake.lang,
                taxonomy=self.parts.taxonomy,
                normalizer=self.parts.normalizer,
                calibration=self.parts.calibration,
            )
        return TagSet(
            fingerprint=key,
            lang=intake.lang,
            tags=fused.tags,
            unmatched=fused.unmatched,
            partial=problem is not None,
            versions=self.parts.versions,
            warnings=(problem,) if problem else (),
        )

    async def _propose(
        self, listing: Listing, intake: Intake, found: _Found, patience_s: float
    ) -> tuple[list[Candidate], Warning | None]:
        """Return the model's candidates, or none and the reason why rules alone answer."""
        parts = self.parts
        if parts.generator is None:
            return [], None
        names, prompt = self._prompt(listing, intake, found)
        try:
            async with asyncio.timeout(patience_s):
                completion = (await parts.generator.generate([prompt]))[0]
            answer = parse(completion, prompt)
        except (EngineError, TimeoutError) as exc:
            reason = str(exc) or f"no answer within {patience_s:g} s"
            logger.warning("rules alone answered: %s", reason)
            return [], Warning(code="partial", field="model", message=reason)
        locator = Locator(intake.texts)
        return [
            Candidate(attribute=names[name], raw=value, source=Source.MODEL, evidence=locator.find(value))
            for name, values in answer.items()
            for value in values
        ], None

    def prompt_for(self, listing: Listing) -> Prompt:
        """Return the prompt that a listing leads to: what a benchmark gives to the raw engine."""
        intake = take_in(listing, self.parts.identifier, self._supported)
        return self._prompt(listing, intake, self._find(intake))[1]

    def _prompt(self, listing: Listing, intake: Intake, found: _Found) -> tuple[dict[str, str], Prompt]:
        """Return the attributes asked for, by the name they are asked by, and the prompt.

        Tokens are time: unless told to, the model is not asked again for attributes that rules have filled.
        """
        taxonomy = self.parts.taxonomy
        filled = set() if self.parts.ask_all else {candidate.attribute for candidate in found.candidates}
        names = {CATEGORY: CATEGORY}
        for attribute in asked_attributes(taxonomy, found.category):
            if attribute not in filled:
                names[(taxonomy.attributes[attribute].label("en") or attribute).lower()] = attribute
        category = (taxonomy.concepts[found.category].label("en") if found.category else "") or ""
        single = {name for name, attribute in names.items() if attribute in SINGLE_VALUED}
        return names, self.parts.prompt.render(category, list(names), model_texts(listing, intake.texts), single)

    def _find(self, intake: Intake) -> _Found:
        """Return what rules find, for the category that they take the listing to be."""
        findings = self.parts.rules.find(intake.texts, intake.lang)
        category = findings.categories[0].concept_id if findings.categories else None
        relevant = self.parts.taxonomy.relevant(category) if category else ()
        candidates = list(findings.candidates(category, relevant))
        for best in findings.categories[:1]:
            candidates.append(
                Candidate(
                    attribute=CATEGORY,
                    raw=best.label,
                    source=Source.RULE,
                    evidence=best.evidence,
                    concept_id=best.concept_id,
                    match=best.match,
                )
            )
        return _Found(category, tuple(candidates), findings.suppressed)

    async def _cached(self, key: str, listing: Listing, intake: Intake, clock: _Clock) -> tuple[TagSet, str]:
        """Return the answer from the cache, from another caller who is computing it, or computed here."""
        parts = self.parts
        computed: list[TagSet] = []

        async def lookup() -> bytes | None:
            try:
                return await parts.cache.get(key)
            except CacheUnavailable as exc:
                logger.warning("cache: %s", exc)
                return None

        async def work() -> bytes:
            tags = await self.compute(key, listing, intake, clock)
            computed.append(tags)
            data = parts.encode(tags)
            if not tags.partial:
                try:
                    await parts.cache.put(key, data)
                except CacheUnavailable as exc:
                    logger.warning("cache: %s", exc)
            return data

        with clock.time("cache"):
            data = await lookup()
            found = parts.decode(data) if data is not None else None
        if found is not None:
            return found, "hit"
        data = await parts.flight.once(key, lookup, work)
        if computed:
            return computed[0], "miss"
        return parts.decode(data) or await self.compute(key, listing, intake, clock), "shared"

    async def _stored(self, tenant: str, listing: Listing, tags: TagSet, clock: _Clock) -> tuple[TagSet, int | None]:
        """Store the tags of a listing that has an id; what a person locked comes back with them."""
        if listing.id is None or self.parts.store is None:
            return tags, None
        with clock.time("store"):
            try:
                stored = await self.parts.store.save(tenant, listing, tags)
            except ServiceError as exc:
                logger.warning("store: %s", exc)
                lost = Warning(
                    code="not-stored", field="id", message="the tags were not stored: send the listing again"
                )
                return replace(tags, warnings=(*tags.warnings, lost)), None
        return stored.tags, stored.version
