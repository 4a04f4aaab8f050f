"""Counts of parts of a listing, and what follows from them; slots, value sets and tags are judged by eval/harness."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass

import numpy as np

from eval.harness.statistics import resampled


@dataclass(frozen=True, slots=True)
class Counts:
    """True positives, and all that was predicted and all that is gold."""

    right: int = 0
    predicted: int = 0
    gold: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.right + other.right, self.predicted + other.predicted, self.gold + other.gold)

    @property
    def precision(self) -> float:
        """Share of what was predicted that is right; 0 where nothing was predicted."""
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of gold that was found; 0 where there is none."""
        return self.right / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.predicted + self.gold
        return 2 * self.right / total if total else 0.0


def total(counts: Iterable[Counts]) -> Counts:
    """Return the micro sum."""
    return sum(counts, Counts())


def paired_bootstrap(
    one: Sequence[Counts],
    other: Sequence[Counts],
    measure: Callable[[Counts], float],
    *,
    rounds: int = 10_000,
    seed: int = 0,
) -> tuple[float, float, float]:
    """Return (difference, low, high): ``measure(one) - measure(other)`` with its 95 % interval over resampled listings.

    Both are counted on the same listings in the same order (Efron, Tibshirani: An Introduction to the Bootstrap, 1993;
    percentiles).
    """
    if len(one) != len(other) or not one:
        raise ValueError("both must be counted on the same listings, and on one at least")
    pairs = np.array([[astuple(a), astuple(b)] for a, b in zip(one, other, strict=True)], float)
    drawn = resampled(pairs, rounds=rounds, seed=seed).astype(int).tolist()
    differences = np.array([measure(Counts(*a)) - measure(Counts(*b)) for a, b in drawn])
    low, high = np.quantile(differences, (0.025, 0.975))
    return measure(total(one)) - measure(total(other)), float(low), float(high)
