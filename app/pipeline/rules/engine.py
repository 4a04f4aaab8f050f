"""The rule layer: finds in a listing what is certain.

`RuleEngine.find` reads the text once; `RuleFindings.candidates` then answers for the category that was decided on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.domain.tags import Candidate, Evidence, Method, Source
from app.domain.taxonomy import CATEGORY, Taxonomy
from app.pipeline.rules.document import TITLE, Field
from app.pipeline.rules.entries import BRAND
from app.pipeline.rules.head import (
    ATTRIBUTE,
    DESCRIPTION,
    DEVICE,
    DEVICE_WITH_STORAGE,
    REVIEW,
    SELLER_CATEGORY,
    CategoryGuess,
    Mention,
    rank,
    title_mentions,
)
from app.pipeline.rules.known_for import KnownCategories
from app.pipeline.rules.matcher import CJK_LOCALES, Hit, Matcher
from app.pipeline.rules.measures import DATA
from app.pipeline.rules.quantities import Quantities
from app.pipeline.rules.reading import REVIEWS, Reader, Reading, joined
from app.pipeline.rules.ruleset import RuleSet
from app.pipeline.rules.stated import Stated
from app.pipeline.text import MappedText

__all__ = ["CategoryGuess", "RuleEngine", "RuleFindings"]

_MOST_CHARACTERS = 20_000
"""A field is read up to here: what is certain about a product stands at its beginning."""
_WORDS_BEFORE_DEVICE = 2
_DESCRIPTION = "description"
_BREAKS_BEFORE_PARTS, _DEEP = 2, 0.55
"""Clauses of a description that may name the product; the factor of what is named behind them."""


@dataclass(frozen=True, kw_only=True)
class RuleFindings:
    """What the rules found in one listing."""

    categories: tuple[CategoryGuess, ...]
    """Best first."""
    suppressed: tuple[Evidence, ...]
    """Spans that are negated or name another product: a model's candidates inside them are wrong too."""
    _readings: tuple[Reading, ...] = field(repr=False)
    _engine: RuleEngine = field(repr=False, compare=False)
    _locale: str | None = field(repr=False)

    def candidates(self, category_id: str | None, relevant: Sequence[str]) -> tuple[Candidate, ...]:
        """Return the values of the relevant attributes; with neither category nor any, of those all products have.

        A value found in several places is one candidate with several spans.
        """
        wanted = tuple(relevant) if relevant or category_id is not None else self._engine.universal
        return self._engine.candidates(self._readings, category_id, wanted, self._locale)


class RuleEngine:
    """Finds categories and values by label, grammar and unit. Build it once; `find` may be called from any thread."""

    def __init__(self, taxonomy: Taxonomy, rules: RuleSet) -> None:
        self.version = rules.digest
        self.universal = rules.fields.universal
        self._taxonomy = taxonomy
        self._rules = rules
        self._matcher = Matcher(taxonomy, rules)
        self._stated = Stated(taxonomy, self._matcher, rules.fields, rules.quantities)
        self._quantities = Quantities(taxonomy, rules.quantities)
        self._known = KnownCategories(taxonomy, rules.known_for)
        self._readers: dict[str | None, Reader] = {}

    def find(self, texts: Mapping[str, MappedText], lang: str) -> RuleFindings:
        """Read a listing: cleaned text by evidence field name ("title", "attributes.Farbe", "reviews[0]").

        ``lang`` is a language tag; where the taxonomy has no labels for it, English labels and brand names count.
        """
        locale = self._locale(lang)
        reader = self._reader(locale)
        fields = (Field.of(name, text.cut(_MOST_CHARACTERS)) for name, text in texts.items())
        readings = tuple(reader.read(field) for field in fields if field.text)
        said = {hit.attribute for reading in readings if reading.field.name == TITLE for hit in reading.kept}
        said &= self._rules.fields.keeps
        named = rank(self._mentions(readings, locale), self._taxonomy, self._rules.fields.yields, said)
        return RuleFindings(
            categories=named or tuple(self._guesses(readings, locale)),
            suppressed=tuple(span for reading in readings for span in reading.suppressed),
            _readings=readings,
            _engine=self,
            _locale=locale,
        )

    def candidates(
        self, readings: Sequence[Reading], category_id: str | None, wanted: Sequence[str], locale: str | None
    ) -> tuple[Candidate, ...]:
        """Return what the readings hold of the wanted attributes: values, then quantities."""
        places: dict[str, list[tuple[Field, Hit]]] = {}
        wanted = [attribute for attribute in wanted if attribute != CATEGORY]
        for reading in readings:
            for hit in self._together((*reading.kept, *self._trusted(reading, category_id))):
                said = self._made_by(hit) if self._is_itself(hit, reading, category_id) else hit
                if said is not None and said.attribute in wanted:
                    places.setdefault(said.concept_id, []).append((reading.field, said))
        others = self._rules.fields.fitted.get(category_id or "", frozenset())
        values = [_candidate(places[c]) for c in places if c not in others and not self._said_better(c, places)]
        unmatched = [c for reading in readings for c in reading.unmatched if c.attribute in wanted]
        measures = [p for reading in readings for p in reading.measures if category_id or not p.measure.bare]
        return (*values, *unmatched, *self._quantities.candidates(measures, wanted, locale))

    def _is_itself(self, hit: Hit, reading: Reading, category_id: str | None) -> bool:
        """Say whether a device is the product, not what it fits: an iPhone is not compatible with iPhone."""
        device = self._rules.fields.devices.get(hit.concept_id)
        if device is None or hit in reading.fits:
            return False
        return category_id is None or category_id in self._taxonomy.path(device)

    def _made_by(self, device: Hit) -> Hit | None:
        """Return the brand of a device that is the product: a Galaxy is a Samsung."""
        maker = self._rules.fields.makers.get(device.concept_id)
        return replace(device, concept_id=maker, attribute=BRAND, method=Method.RULE) if maker else None

    def _together(self, hits: Sequence[Hit]) -> list[Hit]:
        """Return the hits of one field, where several stand for one value that value instead: "Damen Herren"."""
        found = {hit.concept_id for hit in hits}
        meant = {
            part: whole for whole, parts in self._rules.fields.together.items() if parts <= found for part in parts
        }
        return [_as(hit, meant[hit.concept_id]) if hit.concept_id in meant else hit for hit in hits]

    def _device(self, reading: Reading) -> list[Mention]:
        """Return the category of the device that a title begins with and that nothing else explains."""
        devices = self._rules.fields.devices
        for hit in reading.kept:
            named = hit.concept_id in devices and hit not in reading.fits
            if named and len(reading.field.words_between(0, hit.start)) <= _WORDS_BEFORE_DEVICE:
                guess = replace(hit, concept_id=devices[hit.concept_id], attribute=CATEGORY, method=Method.RULE)
                stores = any(placed.measure.dimension == DATA for placed in reading.measures)
                return [Mention(reading.field, guess, DEVICE_WITH_STORAGE if stores else DEVICE)]
        return []

    def _trusted(self, reading: Reading, category_id: str | None) -> list[Hit]:
        """Return ambiguous values that this category makes certain, where the title states no other of theirs."""
        if category_id is None or category_id not in self._taxonomy.concepts:
            return []
        path = set(self._taxonomy.path(category_id))
        stated = {hit.attribute for hit in reading.kept}
        trusted = self._rules.fields.trusted
        fresh = (h for h in reading.ambiguous if h.attribute not in stated or joined(reading.field, h, reading.kept))
        return [hit for hit in fresh if not path.isdisjoint(trusted[hit.attribute])]

    def _said_better(self, concept_id: str, found: Iterable[str]) -> bool:
        """Say whether a narrower value is there too: beside navy, blue adds nothing."""
        if self._taxonomy.concepts[concept_id].attribute not in self._rules.fields.specific:
            return False
        return any(concept_id in self._taxonomy.path(other)[:-1] for other in found if other != concept_id)

    def _mentions(self, readings: Sequence[Reading], locale: str | None) -> list[Mention]:
        language = self._rules.language(locale)
        mentions: list[Mention] = []
        for reading in readings:
            if reading.field.name == TITLE:
                named = title_mentions(reading.field, reading.categories, reading.kept, language)
                mentions += named or self._device(reading)
            else:
                weight = _weight(reading)
                mentions += [Mention(reading.field, h, weight * _depth(reading, h)) for h in reading.categories]
        return mentions

    def _guesses(self, readings: Sequence[Reading], locale: str | None) -> Iterator[CategoryGuess]:
        """Yield what the title implies, where no field names a category."""
        language, cjk = self._rules.language(locale), locale in CJK_LOCALES
        for reading in readings:
            if reading.field.name == TITLE and (guess := self._known.guess(reading, language, cjk=cjk)):
                yield guess

    def _reader(self, locale: str | None) -> Reader:
        if locale not in self._readers:
            self._readers[locale] = Reader(self._taxonomy, self._rules, self._matcher, self._stated, locale)
        return self._readers[locale]

    def _locale(self, lang: str) -> str | None:
        """Return the taxonomy's locale for a language tag: zh-TW and zh read zh-CN, pt reads pt-BR."""
        wanted = lang.replace("_", "-").lower()
        by_tag = {locale.lower(): locale for locale in self._taxonomy.locales}
        by_language = {locale.lower().split("-")[0]: locale for locale in self._taxonomy.locales}
        return by_tag.get(wanted) or by_language.get(wanted.split("-")[0])


def _depth(reading: Reading, hit: Hit) -> float:
    """Return what is left of a category's weight deep in a description: parts and tools are listed there."""
    if reading.field.name != _DESCRIPTION:
        return 1.0
    return 1.0 if sum(at < hit.start for at, _ in reading.field.breaks) <= _BREAKS_BEFORE_PARTS else _DEEP


def _as(hit: Hit, concept_id: str) -> Hit:
    return replace(hit, concept_id=concept_id, method=Method.RULE)


def _weight(reading: Reading) -> float:
    if reading.stated:
        return SELLER_CATEGORY
    if reading.field.name == _DESCRIPTION:
        return DESCRIPTION
    return REVIEW if reading.field.name.startswith(REVIEWS) else ATTRIBUTE


def _candidate(places: Sequence[tuple[Field, Hit]]) -> Candidate:
    field, hit = places[0]
    evidence = dict.fromkeys(where.evidence(h.start, h.end) for where, h in places)
    return Candidate(
        attribute=hit.attribute,
        raw=field.raw(hit.start, hit.end),
        source=Source.RULE,
        evidence=tuple(evidence),
        concept_id=hit.concept_id,
        match=hit.match,
    )
