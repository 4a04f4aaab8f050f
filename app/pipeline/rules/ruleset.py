"""Rule data as types: what taxonomy/rules-*/ says, read by app/adapters/rule_files.py.

Words and phrases are folded (app.pipeline.text.fold_label) when they are read, so matching never folds a rule again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from app.pipeline.matching.wording import Wordings


class CueKind(StrEnum):
    """What words around a value can mean for it."""

    NEGATION = "negation"
    """The product has it not: "without leather"."""
    IMITATION = "imitation"
    """It only looks like it: "leather look"."""
    COMPATIBILITY = "compatibility"
    """Another product that this one is made for: "case for iPhone"."""
    PART = "part"
    """Only a part of it is so: "rubber sole", "cotton lining"."""
    OTHER = "other"
    """Another product or variant altogether: "also available in", "sold separately", "my black jeans"."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cue:
    """Words that change what stands before or after them.

    ``reach`` is the most words (characters in Chinese and Japanese) between the cue and the first value concerned;
    0 means directly beside it. ``whole`` lets the cue reach over commas to the end of its sentence.
    """

    kind: CueKind
    lang: str
    before: tuple[str, ...] = ()
    """Cues that stand before what they concern."""
    after: tuple[str, ...] = ()
    """Cues that stand after it."""
    reach: int = 3
    whole: bool = False
    fields: tuple[str, ...] = ()
    """Field names it holds in ("reviews"); empty: all."""
    product: bool = False
    """It counts only where another product is named: 搭配牛仔裤 goes with jeans, 搭配圆领 has a round neck."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Language:
    """What the rules know about the grammar of a language."""

    head: str = "last"
    """Where the noun that names the product stands in a noun phrase: "first" or "last"."""
    decimal: str = "."
    breaks: frozenset[str] = frozenset()
    """Words after which no longer the product itself is named: "with", "for", "in"."""
    stops: frozenset[str] = frozenset()
    """Words that end the reach of a cue: "but", "with"."""
    joiners: frozenset[str] = frozenset()
    """Words that carry it on: "and", "or"."""
    foreign: frozenset[str] = frozenset()
    """English labels that are ordinary words here ("hat" in German) and so never fire."""
    english_min: int = 1
    """Least length of a single English word that may fire in this language."""
    shadows: frozenset[str] = frozenset()
    """Phrases whose words mean something else ("black friday"): no label inside them fires."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Compounds:
    """How closed compounds come apart."""

    parts: Mapping[str, str] = field(default_factory=dict)
    """Part as it stands in a compound -> concept id: "baumwoll" -> material:cotton; "" where it only qualifies."""
    links: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()
    """Endings that leave the head as it is: "set"."""
    attributes: tuple[str, ...] = ()
    """Attributes whose labels may be parts."""
    beside: Mapping[str, str] = field(default_factory=dict)
    """Chinese: single characters beside or in a category -> concept id."""
    beside_not: frozenset[str] = frozenset()
    """Characters that may not follow such a character (女王 is no gender)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """A unit of a dimension. Where a name stands for two units (oz) both are tried.

    ``number * factor + offset`` is the number in ``base``, the unit of the dimension that all are compared in.
    """

    unit: str
    """Its one name in code and in definitions; a unit may have a second row with the names of one language."""
    dimension: str
    base: str
    factor: float
    offset: float = 0.0
    names: tuple[str, ...] = ()
    strict: tuple[str, ...] = ()
    """Names that are case-sensitive ("m" is a metre, "M" a size)."""
    values: tuple[str, ...] = ()
    """Names that are read only in the value of one attribute: "in" is an inch there, and a word in running text."""
    lang: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class QuantityRules:
    """Numbers: units, counts, which length is meant, what is no property of the product."""

    units: tuple[Unit, ...]
    composites: tuple[tuple[str, str], ...]
    """(larger unit, smaller unit) that are written one after the other: feet and inches."""
    number_words: Mapping[str, Mapping[str, int]]
    """Locale -> "dual" -> 2; read only where a count is asked for."""
    counts: tuple[str, ...]
    """Patterns of pack sizes with {n} for the number."""
    sides: Mapping[str, tuple[str, ...]]
    """Attribute of dimension length -> words that name it ("long"); "" -> those of something else ("heel")."""
    letters: Mapping[str, Mapping[str, str]]
    """Locale or "*" -> letter in "L x W x H" -> attribute; "" for one that the taxonomy has not."""
    not_before: Mapping[str, tuple[str, ...]]
    """Locale or "*" -> words before a number that make it something else: "up to", "pro"."""
    not_after: tuple[str, ...]
    kinds: Mapping[str, tuple[str, ...]]
    """Attribute -> words beside a number that say it is meant: memory -> "RAM"."""
    forms: Mapping[str, tuple[str, ...]]
    """Attribute -> words of a title that say which of two attributes a unit (oz) is of: volume -> "liquid"."""
    limits: Mapping[str, tuple[float, float]]
    """Attribute -> least and greatest value, in the base unit, that is believed."""
    shoe_systems: Mapping[str, tuple[str, ...]]
    """eu, us, uk -> words beside the number."""
    shoe_before: Mapping[str, tuple[str, ...]]
    """Locale -> words before a size without a system ("Gr."): European there."""
    shoe_after: Mapping[str, tuple[str, ...]]
    shoe_limits: Mapping[str, tuple[float, float]]
    size_before: tuple[str, ...]
    size_after: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldRules:
    """Which attributes are read in which field."""

    category_names: frozenset[str]
    """Names of seller attributes that hold the category."""
    names: Mapping[str, str]
    """Further names of seller attributes -> attribute id; "" for a name whose value is ignored."""
    ambiguous: frozenset[str]
    """Attribute labels that do not count as a cue before a colon in running text."""
    no_values: frozenset[str]
    """What sellers write where they have nothing to say: "n/a"."""
    reviews: frozenset[str]
    """Attributes that a customer's words may state."""
    universal: tuple[str, ...]
    """Attributes that are looked for where the category is not known."""
    concerned: Mapping[CueKind, frozenset[str]]
    """Kind of cue -> the attributes it concerns, where it does not concern all."""
    devices: Mapping[str, str]
    """Value of compatible_with that is a product itself -> its category."""
    device_words: Mapping[str, tuple[str, ...]]
    """The same -> words by which labels of accessories call it: "phone" for a Galaxy."""
    trusted: Mapping[str, frozenset[str]]
    """Attribute -> categories below which its ambiguous labels count in a title: a top in "Olive" is no food."""
    specific: frozenset[str]
    """Attributes for which a broader value is dropped beside a narrower one."""
    makers: Mapping[str, str]
    """Device that can be the product itself -> the brand it is always of."""
    together: Mapping[str, frozenset[str]]
    """Value -> the values that mean it when one field names them all: women and men is unisex."""
    keeps: frozenset[str]
    """Attributes that keep the category that alone has them from yielding: the sport of sports shoes."""
    fitted: Mapping[str, frozenset[str]]
    """Category of what fits a device -> the makers of devices: their names say what it fits, not who made it."""
    yields: Mapping[str, frozenset[str]]
    """Category by a general word -> those that say more about a product called both: sneakers, running shoes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Maker:
    """What a brand is known for, where the title states an attribute too; without brands, whatever the brand."""

    category: str
    stated: str
    brands: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownFor:
    """What implies a category where no text names one."""

    lines: Mapping[str, str] = field(default_factory=dict)
    """Name of a product line, or of a part -> category."""
    makers: tuple[Maker, ...] = ()
    unless: frozenset[str] = frozenset()
    """Words of what is made for such a product."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleExample:
    """A listing and what the rules must and must not find in it; every one is a test."""

    lang: str
    text: str
    field: str = "title"
    title: str | None = None
    """The title, where ``field`` is another one."""
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    category: str | None = None
    """The category that must be guessed first; its relevant attributes are then the ones looked for."""
    source: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleSet:
    """All rule data of one version."""

    version: str
    digest: str
    """SHA-256 of the files: part of every cache key."""
    languages: Mapping[str, Language]
    cues: tuple[Cue, ...]
    compounds: Mapping[str, Compounds]
    quantities: QuantityRules
    fields: FieldRules
    words: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """Locale -> concept -> further words of sellers for it, which replace what labels of that locale say; "" for
    words that say nothing."""
    wordings: Wordings = field(default_factory=Wordings)
    known_for: KnownFor = field(default_factory=KnownFor)
    examples: Sequence[RuleExample] = ()

    def language(self, locale: str | None) -> Language:
        """Return the language's rules; without any, those that hold for no language in particular."""
        return self.languages.get(locale or "", _NEUTRAL)


_NEUTRAL = Language()
