"""What callers get: models for the documentation. present.py renders, tests hold the two together."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from app.api.examples import ANSWER
from app.domain.tags import Decision, Source


class Answer(BaseModel):
    """Base of what is sent."""

    model_config = ConfigDict(extra="forbid")


class EvidenceOut(Answer):
    """A span of a field as it was sent: code points, `end` exclusive."""

    field: str
    start: int
    end: int


class MatchOut(Answer):
    """How, and by which label, the raw value was mapped; score 0..100."""

    method: Literal["exact", "alias", "fuzzy", "semantic", "rule", "quantity", "known_for"]
    score: float
    label: str
    locale: str


class QuantityOut(Answer):
    """A number in the attribute's base unit; `upper` ends a range."""

    value: float
    unit: str
    upper: float | None = None


class TagOut(Answer):
    """A value of the taxonomy that the listing has."""

    attribute: str
    id: str
    labels: dict[str, str]
    raw: str
    confidence: float
    decision: Decision
    match: MatchOut
    evidence: list[EvidenceOut]
    source: Source
    path: list[str] | None = Field(default=None, description="Categories: the ids of the ancestors, root first")
    quantity: QuantityOut | None = None
    locked: bool | None = Field(default=None, description="True where a person fixed this tag")
    inferred: bool | None = Field(default=None, description="True where nothing in the text says so")


class UnmatchedOut(Answer):
    """A value that fits no concept."""

    attribute: str
    raw: str
    source: Source
    evidence: list[EvidenceOut]


class WarningOut(Answer):
    """Something to know about an answer that was still given."""

    code: str
    field: str
    message: str


class VersionsOut(Answer):
    """What the answer depends on."""

    model: str
    adapter: str
    prompt: str
    schema_: str = Field(alias="schema")
    rules: str
    taxonomy: str
    pipeline: str


class TagResponse(Answer):
    """The tags of one listing, surest first within an attribute, the category first of all."""

    model_config = ConfigDict(json_schema_extra={"example": ANSWER})

    id: str | None
    lang: str
    tags: list[TagOut]
    unmatched: list[UnmatchedOut]
    partial: bool = Field(description="True where rules alone answered because the model could not")
    cache: Literal["hit", "miss", "shared", "stored"]
    timings_ms: dict[str, float]
    versions: VersionsOut
    warnings: list[WarningOut]


class FieldError(Answer):
    """One thing that is wrong with a request."""

    pointer: str = Field(description="JSON pointer (RFC 6901) as a fragment: #/reviews/0")
    field: str
    detail: str


class Problem(Answer):
    """RFC 9457. `type` is stable: programs may rely on it, and on nothing in `detail`."""

    type: str
    title: str
    status: int
    detail: str
    field: str | None = None
    hint: str | None = None
    errors: list[FieldError] | None = None
    id: str | None = Field(default=None, description="In a batch: the id of the listing, where it has one")


class BatchResponse(Answer):
    """One result per listing, in order."""

    results: list[TagResponse | Problem]


class ExtractResponse(Answer):
    """Values as they stand in the listing, by the caller's names; those without a value are left out."""

    predicted: dict[str, list[str]]
    evidence: dict[str, list[EvidenceOut]]
    partial: bool
    warnings: list[WarningOut]
    timings_ms: dict[str, float]
    versions: VersionsOut


class ManyResponse(Answer):
    """Stored tags of several listings, in the order asked for."""

    results: list[TagResponse]
    unknown: list[str]


class Facet(Answer):
    """How many of the hits carry a tag."""

    id: str
    count: int
    labels: dict[str, str]


class SearchResponse(Answer):
    """Listings that carry all the tags asked for; `next` goes into `after` for the next page."""

    results: list[TagResponse]
    total: int
    facets: list[Facet]
    next: int | None
    warnings: list[WarningOut]


class Change(Answer):
    """The last change of one listing; a deleted one has no tags."""

    id: str
    cursor: int
    deleted: bool
    tags: list[TagOut]


class ChangesResponse(Answer):
    """Changes, oldest first; `next` goes into `since` for what comes after."""

    items: list[Change]
    next: int
    warnings: list[WarningOut]


class TaxonomyOut(Answer):
    """The taxonomy that is served."""

    name: str
    version: str
    digest: str
    locales: list[str]
    sources: list[str]
    counts: dict[str, int]


class LocalesOut(Answer):
    """Languages that have labels, and how many labels (synonyms included) each has."""

    locales: dict[str, int]


class AttributeOut(Answer):
    """An attribute, and how many values it has."""

    id: str
    kind: str
    dimension: str | None
    labels: dict[str, str]
    values: int


class AttributesOut(Answer):
    """All attributes; the category is one of them."""

    attributes: list[AttributeOut]


class ConceptOut(Answer):
    """A value, a category or an attribute."""

    id: str
    attribute: str
    labels: dict[str, str]
    alt_labels: dict[str, list[str]] = Field(alias="altLabels")
    path: list[str] = Field(description="Ids from the root down to this concept")
    broader: str | None
    narrower: int = Field(description="How many concepts stand directly below")
    attributes: list[str] = Field(description="Categories: the attributes that are relevant, nearest first")
    google_id: int | None
    retired: bool
    successor: str | None


class ConceptsOut(Answer):
    """Concepts, in file order; `total` counts those on all pages."""

    concepts: list[ConceptOut]
    total: int


class ImpliedOut(Answer):
    """A concept that follows from another, and why."""

    id: str
    attribute: str
    labels: dict[str, str]
    rule: str = Field(description="Name of the rule, or `broader` where the tree says so")
    why: str
    premises: list[str] = Field(description="Ids of what it follows from directly")
    chain: list[str] = Field(description="Ids from the concept asked about to this one")


class ImpliedTagsOut(Answer):
    """What else is true of a product that has a tag, nearest first."""

    id: str
    implied: list[ImpliedOut]
    rules: str = Field(description="Version and digest of the rules")


class FoundBy(Answer):
    """The label by which a concept was found; score 0..100, for pieces the share of the label that was typed.

    `layer` names the overlay that has the label; empty: the taxonomy itself.
    """

    method: Literal["exact", "alias", "prefix", "fuzzy", "substring", "semantic"]
    score: float
    label: str
    locale: str
    layer: str


class Hit(Answer):
    """A concept that a search found, and by what."""

    id: str
    attribute: str
    labels: dict[str, str]
    match: FoundBy


class HitsOut(Answer):
    """Concepts, best first."""

    results: list[Hit]


class NearestOut(Answer):
    """A concept that a value is like; score 0..100."""

    id: str
    attribute: str
    method: Literal["exact", "alias", "fuzzy", "semantic", "contained"]
    score: float
    label: str
    locale: str


class SuggestionOut(Answer):
    """A value that fits no concept, and what it seems to be."""

    kind: Literal["alias", "other_attribute", "new_value", "known", "noise"]
    attribute: str
    value: str = Field(description="The most frequent spelling")
    count: int = Field(description="Listings that have it")
    languages: dict[str, int]
    spellings: list[str] = Field(description="The most frequent ones")
    listings: list[str] = Field(description="Ids of some of the listings")
    certainty: float = Field(description="0..1: how certainly it is what it seems to be")
    reason: str
    nearest: NearestOut | None = Field(description="What it is an alias of; of a new value, what comes nearest")


class SuggestionsOut(Answer):
    """Suggestions, those of most use first: listings times certainty."""

    suggestions: list[SuggestionOut]
    values: int = Field(description="How many different spellings were looked at")


class HealthOut(Answer):
    """The process answers."""

    status: Literal["ok"]
    version: str


class PartOut(Answer):
    """A part of the service."""

    status: Literal["ok", "failing", "off"]
    detail: str


class ReadyOut(Answer):
    """Whether listings can be tagged; `degraded`: they can, more slowly."""

    status: Literal["ready", "degraded", "not-ready"]
    parts: dict[str, PartOut]


class ProblemKind(Answer):
    """What all problems of one type have in common."""

    type: str
    title: str
    status: int
