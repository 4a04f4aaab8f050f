"""Writes values the way a shop wants them: "24 in" as "61.0", "516814-B21" as "516814B21", "Tacori" as "TACORI".

How an attribute is written is data (a value format, read by app/adapters/format_files.py); nothing here knows a shop. A
value that its format cannot read, or could read in two ways, stays as it is and says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache

from app.pipeline.quantities.canonical import Canonical, Learns, learn
from app.pipeline.quantities.quantity_values import QuantityReader, ReadQuantity
from app.pipeline.quantities.units import Units

ANY = "*"
CASES: Mapping[str, Callable[[str], str]] = {"upper": str.upper, "lower": str.lower, "title": str.title}


class By(StrEnum):
    """What wrote a value."""

    QUANTITY = "quantity"
    WORDS = "words"
    """Abbreviations were written out."""
    CHARACTERS = "characters"
    LEARNED = "learned"
    CASE = "case"
    NOTHING = "nothing"
    """It stands as it was: it is right already, or the format could not read it."""
    AMBIGUOUS = "ambiguous"
    """It stands as it was: its format can read it in more than one way."""


class Several(StrEnum):
    """What becomes of a value with more than one quantity."""

    ALL = "all"
    """Each is a value."""
    SUM = "sum"
    IN_PLACE = "in_place"
    """Each is written anew where it stands, and the text between them stays: "40/80GB"."""


@dataclass(frozen=True, kw_only=True, slots=True)
class QuantityFormat:
    """How quantities are written."""

    dimension: str
    unit: str | None = None
    """The unit to write in; None for the one that the seller wrote."""
    bare: str | None = None
    """The unit of numbers without any."""
    decimals: int | None = None
    """Digits behind the point; None for as many as the number has."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Unit -> how it is written behind the number; a unit without a name is left out."""
    upper: bool = False
    """Of a range write only the upper end."""
    several: Several = Several.ALL


@dataclass(frozen=True, kw_only=True, slots=True)
class CharacterFormat:
    """Which characters of a code are kept: those of ``keep``, and of them the places from ``first`` to ``last``."""

    keep: str
    """The inside of a character class: "0-9A-Za-z"."""
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueFormat:
    """How values of some attributes, in some or all categories, are written."""

    attributes: frozenset[str]
    categories: frozenset[str] = frozenset({ANY})
    expand: Mapping[str, str] = field(default_factory=dict)
    """Abbreviation -> words. ``{n}`` stands for digits beside it: "G{n}" -> "Generation {n}"."""
    quantity: QuantityFormat | None = None
    characters: CharacterFormat | None = None
    learned: Learns | None = None
    canonical: Canonical | None = None
    """What was learned; without examples, nothing."""
    case: str | None = None

    def covers(self, attribute: str, category: str) -> bool:
        """Say whether the format is for an attribute of a category."""
        return attribute in self.attributes and not self.categories.isdisjoint((category, ANY))


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenValue:
    """A value as the shop writes it, the one it came from, and what did it."""

    text: str
    raw: str
    by: By


class ValueWriter:
    """Writes values under formats; the first that covers an attribute of a category counts."""

    def __init__(self, formats: Sequence[ValueFormat], reader: QuantityReader, units: Units) -> None:
        self._formats = formats
        self._reader = reader
        self._units = units

    def write(self, attribute: str, category: str, values: Sequence[str]) -> tuple[WrittenValue, ...]:
        """Return the values of one attribute as the shop writes them; what becomes the same is one value."""
        chosen = next((f for f in self._formats if f.covers(attribute, category)), None)
        written: dict[str, WrittenValue] = {}
        for value in values:
            for text, by in self._forms(chosen, value) if chosen else [(value, By.NOTHING)]:
                written.setdefault(text, WrittenValue(text=text, raw=value, by=by))
        return tuple(written.values())

    def _forms(self, chosen: ValueFormat, value: str) -> Iterator[tuple[str, By]]:
        text = value
        for abbreviation, words in chosen.expand.items():
            text = _abbreviated(abbreviation).sub(words.replace("{n}", r"\g<n>"), text)
        if chosen.quantity:
            yield from self._quantities(chosen.quantity, text)
            return
        by = By.WORDS if text != value else By.NOTHING
        known = chosen.canonical.of(text) if chosen.canonical else None
        if known is not None:
            text, by = known, By.LEARNED
        if chosen.characters:
            text, by = _kept(chosen.characters, text), By.CHARACTERS
        if chosen.case:
            text, by = CASES[chosen.case](text), By.CASE if by is By.NOTHING else by
        yield text, by if text != value else By.NOTHING

    def _quantities(self, wanted: QuantityFormat, text: str) -> Iterator[tuple[str, By]]:
        found = self._reader.read_all(text, wanted.dimension, bare=wanted.bare)
        read = [one for one in found if isinstance(one, ReadQuantity)]
        if not found or len(read) < len(found):
            yield text, By.AMBIGUOUS if found else By.NOTHING
        elif wanted.several is Several.IN_PLACE:
            yield self._in_place(wanted, read), By.QUANTITY
        elif wanted.several is Several.SUM:
            unit = wanted.unit or read[0].unit
            whole = sum(self._units.convert(one.total, one.unit, unit) for one in read)
            yield _named(_digits(whole, wanted.decimals), unit, wanted), By.QUANTITY
        else:
            yield from ((self._quantity(wanted, one), By.QUANTITY) for one in read)

    def _in_place(self, wanted: QuantityFormat, found: Sequence[ReadQuantity]) -> str:
        """Write every quantity where it stands; one that borrowed its unit from the next stays without it."""
        raw, parts, at = found[0].raw, [], 0
        for one in found:
            own = one.written in raw[one.start : one.end]
            parts += [raw[at : one.start], self._quantity(wanted if own else replace(wanted, names={}), one)]
            at = one.end
        return "".join((*parts, raw[at:]))

    def _quantity(self, wanted: QuantityFormat, read: ReadQuantity) -> str:
        unit = wanted.unit or read.unit
        ends = [read.total] if read.upper is None else [read.upper] if wanted.upper else [read.value, read.upper]
        digits = (_digits(self._units.convert(number, read.unit, unit), wanted.decimals) for number in ends)
        return _named("-".join(digits), unit, wanted)


def taught(
    formats: Sequence[ValueFormat], examples: Iterable[tuple[str, str, Sequence[str], Sequence[str]]]
) -> tuple[ValueFormat, ...]:
    """Return the formats with what they learn from (attribute, category, raw values, the same as the shop writes them).

    A format learns from the attributes and categories that it covers, all together.
    """
    known = list(examples)

    def covered(chosen: ValueFormat) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
        return ((raw, written) for attribute, category, raw, written in known if chosen.covers(attribute, category))

    return tuple(replace(f, canonical=learn(covered(f), f.learned)) if f.learned else f for f in formats)


@lru_cache(maxsize=512)
def _abbreviated(abbreviation: str) -> re.Pattern[str]:
    """Return the pattern of an abbreviation as a word of its own, or directly before digits where it has ``{n}``."""
    before, number, after = abbreviation.partition("{n}")
    digits, ends = (r"[ -]?(?P<n>\d+)", "") if number else ("", r"(?![^\W_])")
    return re.compile(rf"(?<![^\W_]){re.escape(before)}{digits}{re.escape(after)}{ends}")


def _kept(wanted: CharacterFormat, text: str) -> str:
    kept = re.sub(rf"[^{wanted.keep}]", "", text)
    return kept[(wanted.first or 1) - 1 : wanted.last]


def _digits(number: float, decimals: int | None) -> str:
    return f"{number:.6f}".rstrip("0").rstrip(".") if decimals is None else f"{number:.{decimals}f}"


def _named(digits: str, unit: str, wanted: QuantityFormat) -> str:
    return f"{digits} {wanted.names[unit]}" if unit in wanted.names else digits
