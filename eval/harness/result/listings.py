"""Single listings: how each one went, and the mistakes that tell most."""

from __future__ import annotations

from dataclasses import dataclass

from eval.harness.result.scores import Outcomes


@dataclass(frozen=True, kw_only=True, slots=True)
class ListingResult:
    """One listing: what groups it belongs to, how it went, and its outcomes, so that results can be compared."""

    id: str
    lang: str
    category: str
    length: int
    """Characters of all its text."""
    error: str | None = None
    """Why there is no answer."""
    partial: bool = False
    """The model did not answer, rules alone did."""
    latency_ms: float | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    outcomes: dict[str, dict[str, Outcomes]]
    """Protocol -> attribute -> outcomes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """Evidence: a span of a field, in code points, and its text."""

    field: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Mistake:
    """One wrong, superfluous or missing value."""

    protocol: str
    listing: str
    """Id."""
    lang: str
    category: str
    text: str
    """The title."""
    attribute: str
    gold: tuple[str, ...]
    """Values of the attribute in gold; empty where it has none."""
    given: str | None
    """The wrong value; None where ``gold`` was missed."""
    times: int
    """How often this confusion (attribute, gold, given) occurs in the whole file."""
    confidence: float | None
    source: str | None
    """rule, model or rule+model."""
    method: str | None
    """How the value was mapped."""
    raw: str | None
    """As read from the text."""
    evidence: tuple[Span, ...] = ()
