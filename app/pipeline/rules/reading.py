"""Reads one field of a listing with every rule: match, state, split, put into context, measure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from app.domain.tags import Candidate, Evidence, Source
from app.domain.taxonomy import CATEGORY, Kind, Taxonomy
from app.pipeline.rules.accessories import FITS, fitted
from app.pipeline.rules.compounds import Splitter, beside
from app.pipeline.rules.contexts import Contexts, Effect
from app.pipeline.rules.document import TITLE, Field
from app.pipeline.rules.entries import BRAND
from app.pipeline.rules.matcher import Hit, Matcher, Span
from app.pipeline.rules.measures import Measure, Measurer
from app.pipeline.rules.quantities import Placed
from app.pipeline.rules.ruleset import CueKind, RuleSet
from app.pipeline.rules.stated import Stated

ATTRIBUTES, REVIEWS = "attributes.", "reviews["
COLOR = "color"
_SIZES = ("size", "shoe_size")
_WORDS_BEFORE_BRAND = 2
_LOOSE = " ,/-&+()[]"
"""What may stand around a value that stands alone, and between values that stand together."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in one field."""

    field: Field
    kept: tuple[Hit, ...] = ()
    categories: tuple[Hit, ...] = ()
    ambiguous: tuple[Hit, ...] = ()
    """Values by labels that count only in some categories."""
    suppressed: tuple[Evidence, ...] = ()
    measures: tuple[Placed, ...] = ()
    unmatched: tuple[Candidate, ...] = ()
    """Seller attributes of open kind whose value is no concept."""
    fits: frozenset[Hit] = frozenset()
    """Devices behind a cue of compatibility."""
    stated: bool = False
    """Whether the field is a seller attribute that the taxonomy knows by name."""


class Reader:
    """All rules of one language."""

    def __init__(
        self, taxonomy: Taxonomy, rules: RuleSet, matcher: Matcher, stated: Stated, locale: str | None
    ) -> None:
        self._taxonomy = taxonomy
        self._fields = rules.fields
        self._matcher = matcher
        self._stated = stated
        self._locale = locale
        self._head = rules.language(locale).head
        self._fillers = rules.wordings.of((locale or "").split("-")[0]).fillers
        self._contexts = Contexts(rules, locale)
        self._measurer = Measurer(rules.quantities, locale, rules.language(locale).decimal)
        self._measured = {a.id for a in taxonomy.attributes.values() if a.kind is Kind.QUANTITY} | set(_SIZES)
        self._compounds = rules.compounds.get(locale or "")
        split = self._compounds is not None and locale is not None and self._compounds.links
        self._splitter = Splitter(taxonomy, locale, self._compounds) if split and locale and self._compounds else None

    def read(self, field: Field) -> Reading:
        """Return what the rules find in a field."""
        if not field.name.startswith(ATTRIBUTES):
            return self._read_text(field)
        attributes = self._stated.attributes_of(field.name.removeprefix(ATTRIBUTES), self._locale)
        if attributes == ("",):
            return Reading(field)
        return self._read_seller(field, attributes) if attributes else self._read_text(field)

    def _read_seller(self, field: Field, attributes: tuple[str, ...]) -> Reading:
        """A seller attribute that names one of the taxonomy's: only values of that one."""
        hits = tuple(self._stated.seller_values(field, attributes, self._locale))
        measures: tuple[Placed, ...] = ()
        if self._measured.intersection(attributes):
            found = self._measurer.find_stated(field, attributes)
            measures = tuple(Placed(measure, field, attributes) for measure in found)
        unmatched = () if hits or measures else tuple(self._open_value(field, attributes[0]))
        fits = frozenset(hit for hit in hits if hit.attribute == FITS)
        return Reading(
            field, hits, tuple(_of_category(hits)), fits=fits, measures=measures, unmatched=unmatched, stated=True
        )

    def _open_value(self, field: Field, attribute_id: str) -> Iterator[Candidate]:
        """A value of an open attribute (brand) that is no concept is certain too: the seller says so."""
        attribute = self._taxonomy.attributes.get(attribute_id)
        value = field.text.strip(" .:-/")
        if attribute is None or attribute.kind is not Kind.OPEN or value in self._fields.no_values:
            return
        if any(c.isalnum() for c in value):
            whole = (0, len(field.text))
            yield Candidate(
                attribute=attribute.id,
                raw=field.raw(*whole).strip(),
                source=Source.RULE,
                evidence=(field.evidence(*whole),),
            )

    def _read_text(self, field: Field) -> Reading:
        review = field.name.startswith(REVIEWS)
        found = self._matcher.find(field, self._locale)
        strong = list(found.strong) if review else _claim(self._stated_hits(field), found.strong)
        strong = [h for h in strong if not self._in_name(field, h, strong)]
        strong += self._split(field, strong)
        strong = _renamed(strong, list(fitted(field, strong, self._fields.device_words, self._matcher, self._locale)))
        # an ambiguous word of another language is no value that would end a cue's reach: "no son impermeables"
        own = [hit for hit in found.weak if hit.label.locale == self._locale]
        effects = self._contexts.effects(field, [*strong, *own], found.shadows)
        if field.name == TITLE:
            effects = _of_product(effects, strong)
        kept = _meant(strong, effects)
        if review:
            kept = [hit for hit in kept if hit.attribute in self._fields.reviews]
        weak = self._possible(field, _meant(found.weak, effects), _spans(kept), found.shadows)
        return Reading(
            field,
            tuple(kept),
            (*_of_category(kept), *(replace(hit, sure=False) for hit in _of_category(weak))),
            tuple(hit for hit in weak if self._at_home(field, hit, [*kept, *_of_category(weak)])),
            tuple(dict.fromkeys(_suppressed(field, effects, strong, kept))),
            () if review else tuple(self._measures(field, kept, effects)),
            fits=frozenset(hit for hit in kept if hit.attribute == FITS and self._is_cued(field, hit, effects)),
        )

    def _measures(self, field: Field, kept: Sequence[Hit], effects: Iterable[Effect]) -> Iterator[Placed]:
        """Yield the measures of the product; a lone number is one where sizes stand: between known words, or last.

        The height of the person on the picture is none.
        """
        others = [effect for effect in effects if effect.kind is CueKind.OTHER]
        for measure in self._measurer.find(field):
            if any(effect.start <= field.at(measure.start) < effect.end for effect in others):
                continue
            if not measure.lone or (field.name == TITLE and self._in_size_position(field, measure, kept)):
                yield Placed(measure, field)

    def _in_size_position(self, field: Field, measure: Measure, kept: Sequence[Hit]) -> bool:
        start, end = field.at(measure.start), field.at(measure.end)
        behind = next((word for word in field.words if word[0] >= end), None)
        before = next((word for word in reversed(field.words) if word[1] <= start), None)
        known = [hit for hit in kept if hit.attribute != BRAND]
        if measure.value % 1:  # no name of a model, a half size
            return True
        last = behind is None or field.broken(end, behind[0] + 1)
        if before is None or not (last or (behind and _covered(behind, known))):
            return False
        word = field.text[slice(*before)]
        code = any(c.isdecimal() for c in word) and any(c.isalpha() for c in word)
        return _covered(before, known) or (last and (code or field.broken(before[1], start + 1)))

    def _is_cued(self, field: Field, hit: Hit, effects: Iterable[Effect]) -> bool:
        cued = any(e.kind is CueKind.COMPATIBILITY and e.start <= hit.start and hit.end <= e.end for e in effects)
        return cued or self._contexts.fits(field.text[hit.start : hit.end])

    def _in_name(self, field: Field, hit: Hit, hits: Sequence[Hit]) -> bool:
        """Say whether a colour that begins a title belongs to a brand nobody knows: "Red Chief Men Black Shoes".

        It does where an unknown name follows and the title states another colour. Where the title has no capitals,
        a name is what no word is that describes products.
        """
        if hit.attribute != COLOR or hit.start > 0 or field.name != TITLE:
            return False
        following = next((span for span in field.words if span[0] == hit.end + 1), None)
        if following is None or field.broken(hit.end, following[0]) or not self._may_be_name(field, following):
            return False
        known = any(h.start < following[1] and following[0] < h.end for h in hits)
        return not known and any(h.attribute == COLOR and h.start > hit.end for h in hits)

    def _may_be_name(self, field: Field, word: Span) -> bool:
        if any(char.isupper() for char in field.cleaned.text):
            return field.raw(*word)[0].isupper()
        return field.text[word[0] : word[1]] not in self._fillers

    def _possible(self, field: Field, weak: Sequence[Hit], taken: Iterable[Span], shadows: Sequence[Span]) -> list[Hit]:
        """Return the ambiguous labels worth a guess: those of a title in its own language that nothing else covers."""
        if field.name != TITLE:
            return []
        covered = {at for span in taken for at in range(*span)}
        own = [h for h in weak if h.label.locale == self._locale and covered.isdisjoint(range(h.start, h.end))]
        return [h for h in own if h.end - h.start > 1 and not _inside(h, shadows)]

    def _at_home(self, field: Field, hit: Hit, kept: Sequence[Hit]) -> bool:
        """Say whether an ambiguous value stands where values do: beside what it describes, or alone between commas."""
        if hit.attribute not in self._fields.trusted:
            return False
        if hit.attribute == BRAND:  # a maker's name comes first: "NEU Converse Chucks"
            return len(field.words_between(0, hit.start)) <= _WORDS_BEFORE_BRAND
        if joined(field, hit, kept):
            return True
        after, before = field.text[hit.end : hit.end + 1] == " ", field.text[hit.start - 1 : hit.start] == " "
        beside = any(h.start == hit.end + after for h in kept), any(h.end == hit.start - before for h in kept)
        low, high = field.clause(hit.start, hit.end)
        first, last = (not text.strip(_LOOSE) for text in (field.text[low : hit.start], field.text[hit.end : high]))
        return first and last and low > 0 or beside[0 if self._head == "last" else 1] or (last and beside[1])

    def _stated_hits(self, field: Field) -> list[Hit]:
        inline = self._stated.inline(field, self._locale)
        return [*inline, *self._stated.composition(field, self._locale), *self._stated.sizes(field, self._locale)]

    def _split(self, field: Field, hits: Sequence[Hit]) -> list[Hit]:
        if self._splitter is not None:
            return list(self._splitter.find(field, hits))
        if self._compounds is not None and self._compounds.beside and self._locale is not None:
            return list(beside(field, hits, self._compounds, self._taxonomy, self._locale))
        return []


def _covered(span: Span, hits: Iterable[Hit]) -> bool:
    return any(h.start < span[1] and span[0] < h.end for h in hits)


def joined(field: Field, hit: Hit, others: Iterable[Hit]) -> bool:
    """Say whether another value of the same attribute stands right beside a hit: "weiß / orange"."""
    for other in (o for o in others if o.attribute == hit.attribute and o.concept_id != hit.concept_id):
        first, second = sorted((other, hit), key=lambda h: h.start)
        # a shade may be the maker's name for another one: "Black Cocoa"
        parted = hit.label.preferred or field.broken(first.end, second.start + 1)
        if first.end <= second.start and parted and not field.text[first.end : second.start].strip(_LOOSE):
            return True
    return False


def _claim(stated: Sequence[Hit], matched: Sequence[Hit]) -> list[Hit]:
    """Return both, but what a name states leaves no other reading of the same words."""
    claimed = {at for hit in stated for at in range(hit.start, hit.end)}
    free = [h for h in matched if claimed.isdisjoint(range(h.start, h.end))]
    return [*dict.fromkeys(stated), *free]


def _of_product(effects: list[Effect], hits: Iterable[Hit]) -> list[Effect]:
    """Return the effects, but where a title names no product beside a part, the part is what it is about.

    "Rubber sole, hard-wearing" is about rubber, "leather boots with rubber sole" is not.
    """
    return effects if any(_of_category(hits)) else [e for e in effects if e.kind is not CueKind.PART]


def _inside(hit: Hit, spans: Iterable[Span]) -> bool:
    """Say whether a hit is only a part of one of the spans."""
    span = hit.start, hit.end
    return any(low <= span[0] and span[1] <= high and span != (low, high) for low, high in spans)


def _spans(hits: Iterable[Hit]) -> list[Span]:
    return [(hit.start, hit.end) for hit in hits]


def _meant(hits: Iterable[Hit], effects: Sequence[Effect]) -> list[Hit]:
    return [hit for hit in hits if not any(effect.concerns(hit) for effect in effects)]


def _renamed(hits: Sequence[Hit], fitted: Sequence[Hit]) -> list[Hit]:
    """Return both, but a word that is an accessory here is no other category: the bracelet of a watch."""
    taken = {at for hit in fitted for at in range(hit.start, hit.end)}
    others = [h for h in hits if h.attribute != CATEGORY or taken.isdisjoint(range(h.start, h.end))]
    return [*others, *fitted]


def _of_category(hits: Iterable[Hit]) -> Iterator[Hit]:
    return (hit for hit in hits if hit.attribute == CATEGORY)


def _suppressed(
    field: Field, effects: Sequence[Effect], strong: Sequence[Hit], kept: Sequence[Hit]
) -> Iterator[Evidence]:
    """Yield what is not meant: all of a negated stretch, but of "for iPhone" only the names in it."""
    for effect in effects:
        spans = [effect.words]
        if effect.kind is CueKind.COMPATIBILITY:
            saved = {(hit.start, hit.end) for hit in kept}
            spans = [(h.start, h.end) for h in strong if effect.concerns(h) and (h.start, h.end) not in saved]
        for start, end in spans:
            low = start + len(field.text[start:end]) - len(field.text[start:end].lstrip())
            if low < end:
                yield field.evidence(low, end)
