"""Counts, and what follows from them; slots and value sets of single listings (defined in harness/protocols.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass

import numpy as np

from eval.harness.answers import Predicted
from eval.harness.gold import Surface
from eval.harness.protocols import Judged, judge_sets, judge_slots
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


def slots(gold: Surface, predicted: Predicted, known: Iterable[str] = ()) -> Counts:
    """Count one listing's slots; with ``known`` the strict variant."""
    return _counts(judge_slots(gold, predicted, known))


def sets(gold: Surface, predicted: Predicted) -> Counts:
    """Count one listing's (attribute, value) pairs."""
    return _counts(judge_sets(gold, predicted))


def _counts(judged: Sequence[Judged]) -> Counts:
    return Counts(
        sum(one.outcome == "vc" for one in judged),
        sum(one.outcome in ("vc", "vw", "nv") for one in judged),
        sum(one.outcome in ("vc", "vw", "vn") for one in judged),
    )


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
