"""Two results on the same gold, side by side."""

from __future__ import annotations

from dataclasses import dataclass

from eval.harness.result.circumstances import Environment
from eval.harness.result.scores import Estimate


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """B beside A on the same listings."""

    name: str
    a: float
    b: float
    difference: Estimate
    """B - A with its interval (paired bootstrap over listings)."""
    p_value: float
    """Of a difference as large by chance (approximate randomisation, two-sided; Noreen 1989)."""
    slots: int
    """Gold slots of this part."""

    @property
    def verdict(self) -> str:
        """Return ``better`` or ``worse`` where the interval leaves out 0 and p is below 0.05, else ``same``.

        Of a part with few listings the interval alone says too much: both must agree.
        """
        low, high = self.difference.low, self.difference.high
        if low is None or high is None or low <= 0 <= high or self.p_value >= 0.05:
            return "same"
        return "better" if low > 0 else "worse"


@dataclass(frozen=True, kw_only=True, slots=True)
class ProtocolComparison:
    """What got better and what got worse under one protocol."""

    name: str
    overall: tuple[Change, ...]
    """precision, recall, f1, accuracy, macro f1"""
    by: dict[str, tuple[Change, ...]]
    """F1 by attribute and by language, the largest loss first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """An offline A/B test of two results on the same gold."""

    a: Environment
    b: Environment
    listings: int
    """Listings that both answer."""
    protocols: dict[str, ProtocolComparison]
