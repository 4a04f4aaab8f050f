"""Metrics of attribute extraction and of tagging, each defined once.

*slots*: per annotated slot one value (the first predicted), exact and case-sensitive; a slot annotated n/a must stay
empty (Brinkmann, Shraga, Bizer, "ExtractGPT", arXiv 2310.12537). *strict*: every other attribute known for the category
counts as n/a. *sets*: micro over (attribute, value) pairs, stripped and case-folded; every predicted pair that is not
gold is wrong.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

Gold = Mapping[str, Sequence[str] | None]
Predicted = Mapping[str, Sequence[str]]


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


def slots(gold: Gold, predicted: Predicted, known: Iterable[str] = ()) -> Counts:
    """Count one listing's slots; ``known`` names further attributes that count as n/a (the strict variant)."""
    right = made = stated = 0
    for attribute in dict.fromkeys((*gold, *known)):
        values = gold.get(attribute)
        answer = next(iter(predicted.get(attribute, ())), None)
        made += answer is not None
        stated += bool(values)
        right += answer is not None and answer in (values or ())
    return Counts(right, made, stated)


def sets(gold: Gold, predicted: Predicted) -> Counts:
    """Count one listing's (attribute, value) pairs."""
    wanted = {(a, v.strip().casefold()) for a, values in gold.items() for v in values or ()}
    made = {(a, v.strip().casefold()) for a, values in predicted.items() for v in values}
    return Counts(len(wanted & made), len(made), len(wanted))


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

    Both are counted on the same listings in the same order (Efron, Tibshirani: An Introduction to the Bootstrap, 1993).
    """
    if len(one) != len(other) or not one:
        raise ValueError("both must be counted on the same listings, and on one at least")
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    size = len(one)
    differences = []
    for _ in range(rounds):
        drawn = rng.choices(range(size), k=size)
        differences.append(measure(total(one[i] for i in drawn)) - measure(total(other[i] for i in drawn)))
    differences.sort()
    observed = measure(total(one)) - measure(total(other))
    return observed, differences[int(0.025 * rounds)], differences[int(0.975 * rounds) - 1]
