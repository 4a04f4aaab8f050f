"""Who is served worse, and what is said about persons without a reason."""

from __future__ import annotations

from dataclasses import dataclass

from eval.harness.result.scores import Estimate


@dataclass(frozen=True, kw_only=True, slots=True)
class LanguageErrors:
    """Error rates of one language."""

    language: str
    listings: int
    wrong: Estimate
    """Share of what was given that is wrong (1 - precision)."""
    missed: Estimate
    """Share of gold that is missed (1 - recall)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unfounded:
    """Statements about a person that the text does not bear out."""

    attribute: str
    given: int
    without_evidence: int
    """Of these, values that no words of the listing stand for."""
    wrong: int
    """Of those without evidence, how many gold has not."""
    listings: tuple[str, ...]
    """Ids of up to 20 listings with one that has no evidence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fairness:
    """Who is served worse, and what is said about persons without a reason. Counted under ``protocol``."""

    protocol: str
    languages: tuple[LanguageErrors, ...]
    unfounded: tuple[Unfounded, ...]
