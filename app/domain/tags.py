"""Tags and everything that travels with them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Source(StrEnum):
    """Who said so."""

    RULE = "rule"
    MODEL = "model"
    BOTH = "rule+model"


class Decision(StrEnum):
    """What to do with a tag; rejected ones are not in a tag set."""

    ACCEPT = "accept"
    REVIEW = "review"
    REJECT = "reject"


class Method(StrEnum):
    """How a raw value was mapped onto a concept, surest first."""

    EXACT = "exact"
    ALIAS = "alias"
    FUZZY = "fuzzy"
    SEMANTIC = "semantic"
    RULE = "rule"
    QUANTITY = "quantity"
    KNOWN_FOR = "known_for"
    """A category that no text names: it follows from a product line, a part, or a brand and a size."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """A span of a field as the caller sent it: code points, ``end`` exclusive."""

    field: str
    start: int
    end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """How and by which label a raw value matched; score 0..100."""

    method: Method
    score: float
    label: str
    locale: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Quantity:
    """A number in the attribute's base unit (g, ml, cm, W, V, GB, mAh, count), as written and as normalised."""

    value: float
    unit: str
    upper: float | None = None
    """Upper end of a range, else None."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A value that a producer proposes, before it is mapped onto the taxonomy.

    ``concept_id`` is set where the producer already knows it (a rule); ``evidence`` is empty where
    the raw value does not stand in the text.
    """

    attribute: str
    raw: str
    source: Source
    evidence: tuple[Evidence, ...] = ()
    concept_id: str | None = None
    match: Match | None = None
    quantity: Quantity | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Tag:
    """A canonical value of a listing. ``id`` of a quantity is ``ATTRIBUTE:NUMBER_UNIT``."""

    attribute: str
    id: str
    raw: str
    confidence: float
    decision: Decision
    match: Match
    source: Source
    evidence: tuple[Evidence, ...] = ()
    path: tuple[str, ...] = ()
    """Categories: ids from the root down to this node."""
    quantity: Quantity | None = None
    locked: bool = False

    @property
    def inferred(self) -> bool:
        """A tag without evidence in the text is inferred."""
        return not self.evidence


@dataclass(frozen=True, kw_only=True, slots=True)
class Unmatched:
    """A proposed value that fits no concept: kept, counted, offered for the taxonomy."""

    attribute: str
    raw: str
    source: Source
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Warning:
    """Something the caller should know about an answer that was still given."""

    code: str
    field: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Versions:
    """Everything that could change an answer; part of the cache key."""

    model: str
    adapter: str
    prompt: str
    schema: str
    rules: str
    taxonomy: str
    pipeline: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TagSet:
    """The canonical answer for one listing: no labels, so one serves every language."""

    fingerprint: str
    lang: str
    tags: tuple[Tag, ...]
    unmatched: tuple[Unmatched, ...]
    partial: bool
    versions: Versions
    warnings: tuple[Warning, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Belonging:
    """A value of a listing of several items, and the item that it describes; both are spans of the title."""

    attribute: str
    value: Evidence
    item: Evidence


@dataclass(frozen=True, kw_only=True, slots=True)
class Extraction:
    """The answer to a caller's own schema: surface values per attribute, with evidence."""

    predicted: dict[str, list[str]]
    evidence: dict[str, list[Evidence]]
    belongings: tuple[Belonging, ...] = ()
    """Which item of a set each value belongs to, where the title names several."""
    partial: bool = False
    warnings: tuple[Warning, ...] = ()
