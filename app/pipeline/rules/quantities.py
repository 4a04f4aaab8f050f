"""What measures say about a product of a category: "42 mm" is the width of a watch and nothing at all of a shirt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.domain.tags import Candidate, Match, Method, Quantity, Source
from app.domain.taxonomy import Taxonomy
from app.pipeline.rules.document import Field
from app.pipeline.rules.measures import COUNT, DATA, LENGTH, SHOE, Measure
from app.pipeline.rules.ruleset import QuantityRules

PACK, SHOE_SIZE, SCREEN, MEMORY, STORAGE = "pack_quantity", "shoe_size", "screen_size", "memory", "storage_capacity"
LENGTH_SIDE, WIDTH, HEIGHT = "length", "width", "height"
_SIDES = (LENGTH_SIDE, WIDTH, HEIGHT)
_ONLY_ONE = frozenset({*_SIDES, SCREEN})
_INCHES = frozenset({"inch", "inches", "in", '"', "″", "''", "zoll", "英寸", "寸", "インチ", "型"})
_MILLIMETRES = frozenset({"mm", "毫米", "ミリ", "㎜"})
_LEAST_STORAGE_GB = 32
"""A phone or a computer with less would be older than this taxonomy: a smaller bare number may be its memory."""
_SHOE_CM = (21.0, 31.0)


@dataclass(frozen=True, slots=True)
class Placed:
    """A measure and the field it stands in; ``hint`` is the attribute a seller's field is named after."""

    measure: Measure
    field: Field
    hint: tuple[str, ...] = ()


class Quantities:
    """Turns measures into candidates for the attributes that are relevant."""

    def __init__(self, taxonomy: Taxonomy, rules: QuantityRules) -> None:
        self._dimensions = {a.id: a.dimension for a in taxonomy.attributes.values() if a.dimension}
        self._limits = rules.limits
        self._forms = rules.forms

    def candidates(self, placed: Sequence[Placed], relevant: Sequence[str], locale: str | None) -> Iterator[Candidate]:
        """Yield one candidate per attribute and value, with all its evidence."""
        found: dict[str, dict[str, list[Placed]]] = {}
        for item in placed:
            attribute = self._attribute(item, placed, relevant, locale)
            if attribute is not None and self._believable(attribute, item.measure):
                key = concept_id(attribute, item.measure)
                found.setdefault(attribute, {}).setdefault(key, []).append(item)
        for attribute, values in found.items():
            for key in _leading(attribute, values):
                yield _candidate(key, attribute, values[key], locale)

    def _attribute(
        self, item: Placed, placed: Sequence[Placed], relevant: Sequence[str], locale: str | None
    ) -> str | None:
        measure = item.measure
        if measure.dimension == SHOE:
            return SHOE_SIZE if SHOE_SIZE in relevant else None
        usable = [a for a in relevant if self._dimensions.get(a) == measure.dimension]
        if item.hint:
            return next((a for a in usable if a in item.hint), None)
        if measure.attribute is not None:
            return measure.attribute if measure.attribute in usable else None
        if self._two_ways(item, placed, relevant):
            named = self._named_by_form(item.field)
            return named if named in usable else None
        if measure.dimension == LENGTH:
            return _length(item, usable, placed, relevant, locale)
        if measure.dimension == DATA and len(usable) > 1:
            return STORAGE if STORAGE in usable and measure.value >= _LEAST_STORAGE_GB else None
        return usable[0] if len(usable) == 1 else None

    def _two_ways(self, item: Placed, placed: Sequence[Placed], relevant: Sequence[str]) -> bool:
        """Say whether the same number is read in two units (oz) that both could be meant."""
        spans = [p.measure.dimension for p in placed if p.field is item.field and p.measure.start == item.measure.start]
        read = {d for d in spans if d != COUNT}
        return len(read) > 1 and len(read & {self._dimensions.get(a) for a in relevant}) > 1

    def _named_by_form(self, field: Field) -> str | None:
        """Return the attribute whose words alone a field has: coffee in a bag is weighed, a spray is not."""
        text = f" {' '.join(field.words_between(0, len(field.text)))} "
        named = [attribute for attribute, words in self._forms.items() if any(f" {word} " in text for word in words)]
        return named[0] if len(named) == 1 else None

    def _believable(self, attribute: str, measure: Measure) -> bool:
        least, most = self._limits.get(attribute, (0.0, float("inf")))
        return least <= measure.value <= most


def _length(
    item: Placed, usable: list[str], placed: Sequence[Placed], relevant: Sequence[str], locale: str | None
) -> str | None:
    """Return the attribute of a length that nothing names."""
    measure, sides = item.measure, [a for a in usable if a in _SIDES]
    if measure.place is not None:
        return _box_side(item, sides, placed)
    if measure.written in _INCHES and SCREEN in usable:
        return SCREEN
    shoe = locale == "ja" and SHOE_SIZE in relevant and measure.written == "cm"
    if shoe and measure.upper is None and _SHOE_CM[0] <= measure.value <= _SHOE_CM[1]:
        return SHOE_SIZE
    if len(sides) != 1 or SCREEN in usable or measure.upper is not None:
        return None
    # a bare number in millimetres is a thickness or a pearl, save where only the width counts (a watch)
    return sides[0] if sides[0] == (WIDTH if measure.written in _MILLIMETRES else LENGTH_SIDE) else None


def _box_side(item: Placed, sides: list[str], placed: Sequence[Placed]) -> str | None:
    """Return the side of "40 x 60 cm": width, then height; without a height, the longer one is the length."""
    measure = item.measure
    if len(sides) != 2:
        return None
    if HEIGHT in sides:
        other = next(side for side in sides if side != HEIGHT)
        return other if measure.place == 0 else HEIGHT
    pair = [p.measure for p in placed if p.field is item.field and p.measure.start == measure.start]
    longest = max(pair, key=lambda m: (m.value, m.place or 0))
    return LENGTH_SIDE if measure is longest else WIDTH


def concept_id(attribute: str, measure: Measure) -> str:
    """Return the id of a quantity: ``volume:330_ml``, ``shoe_size:42_eu``; a range goes by its lower end."""
    return f"{attribute}:{measure.value:g}_{measure.unit}".lower()


def _leading(attribute: str, values: Mapping[str, Sequence[Placed]]) -> list[str]:
    """Return the values that count: those in the seller's field, else in the title, else the rest.

    A product has one length; two voltages or volumes may both be meant.
    """
    standing = {key: min(map(_standing, items)) for key, items in values.items()}
    best = [key for key in values if standing[key] == min(standing.values())]
    return best[:1] if attribute in _ONLY_ONE else best


def _standing(item: Placed) -> int:
    return 0 if item.hint else 1 if item.field.name == "title" else 2


def _candidate(key: str, attribute: str, items: Sequence[Placed], locale: str | None) -> Candidate:
    measure, field = items[0].measure, items[0].field
    raw = field.cleaned.text[measure.start : measure.end]
    evidence = dict.fromkeys(i.field.evidence_of_cleaned(i.measure.start, i.measure.end) for i in items)
    return Candidate(
        attribute=attribute,
        raw=raw,
        source=Source.RULE,
        evidence=tuple(evidence),
        concept_id=key,
        match=Match(method=Method.QUANTITY, score=100.0, label=raw, locale=locale or "en"),
        quantity=Quantity(value=measure.value, unit=measure.unit, upper=measure.upper),
    )
