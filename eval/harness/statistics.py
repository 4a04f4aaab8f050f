"""How sure a figure is: bootstrap intervals over listings, and the significance of a difference between two runs.

Listings are drawn with replacement, never single slots: slots of a listing depend on each other. Intervals are BCa
(bias-corrected and accelerated: Efron, Tibshirani, An Introduction to the Bootstrap, 1993, chapter 14), or percentiles
where BCa is not defined (no figure below or above the one observed, or the same one whichever listing is left out).
All draws are seeded. A measure takes sums of statistics over listings, of shape (..., K), and returns figures of shape
(...); it gives NaN for a share of nothing, and draws with NaN are left out.

What no listing varies in has an interval of no width: that ten of ten are right does not prove that all are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.harness.result import Estimate

Array = NDArray[np.float64]
Measure = Callable[[Array], Array]
ROUNDS = 2000
LEVEL = 0.95


@lru_cache(maxsize=8)
def _draws(size: int, rounds: int, seed: int) -> NDArray[np.float32]:
    """Return how often each listing is drawn in each round: (rounds, size)."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(size, np.full(size, 1 / size), size=rounds).astype(np.float32)


def resampled(stats: Array, *, rounds: int = ROUNDS, seed: int = 0) -> Array:
    """Return the sums over resampled listings: (listings, ...) -> (rounds, ...)."""
    flat = stats.reshape(len(stats), -1)
    sums: Array = _draws(len(stats), rounds, seed) @ flat
    return sums.reshape(rounds, *stats.shape[1:])


def estimate(stats: Array, measure: Measure, *, rounds: int = ROUNDS, seed: int = 0) -> Estimate:
    """Return ``measure`` of the sum of ``stats`` (listings, ...) with its interval.

    NaN becomes 0, without interval; nor has one what fewer than two listings tell something of.
    """
    return estimates(stats, [measure], rounds=rounds, seed=seed)[0]


def estimates(stats: Array, measures: Sequence[Measure], *, rounds: int = ROUNDS, seed: int = 0) -> list[Estimate]:
    """Return several measures of the same statistics, on the same draws; see `estimate`."""
    sums = stats.sum(0)
    several = np.count_nonzero(stats.reshape(len(stats), -1).any(-1)) > 1
    drawn, left_out = (resampled(stats, rounds=rounds, seed=seed), sums - stats) if several else (None, None)
    found = []
    for measure in measures:
        observed = float(measure(sums))
        if np.isnan(observed) or drawn is None or left_out is None:
            found.append(Estimate(value=0.0 if np.isnan(observed) else observed))
            continue
        low, high = bca(observed, _known(measure(drawn)), _known(measure(left_out)))
        found.append(Estimate(value=observed, low=low, high=high))
    return found


def _known(figures: Array) -> Array:
    return figures[~np.isnan(figures)]


def bca(observed: float, drawn: Array, left_out: Array) -> tuple[float, float]:
    """Return the ends of the BCa interval, from figures of resampled listings and those with one listing left out."""
    normal = NormalDist()
    share = (np.sum(drawn < observed - 1e-12) + 0.5 * np.sum(np.abs(drawn - observed) <= 1e-12)) / len(drawn)
    apart = left_out.mean() - left_out
    spread = float((apart**2).sum()) ** 1.5
    tail = (1 - LEVEL) / 2
    if not 0 < share < 1 or spread < 1e-30:
        low, high = np.quantile(drawn, (tail, 1 - tail))
        return float(low), float(high)
    bias, acceleration = normal.inv_cdf(float(share)), float((apart**3).sum()) / (6 * spread)

    def level(z: float) -> float:
        shifted = bias + z
        return normal.cdf(bias + shifted / (1 - acceleration * shifted))

    low, high = np.quantile(drawn, (level(normal.inv_cdf(tail)), level(normal.inv_cdf(1 - tail))))
    return float(low), float(high)


def difference(a: Array, b: Array, measure: Measure, *, rounds: int = ROUNDS, seed: int = 0) -> Estimate:
    """Return ``measure(b) - measure(a)`` with its interval; both count the same listings in the same order."""

    def minus(sums: Array) -> Array:
        first, second = np.moveaxis(sums, -1, 0)
        apart: Array = measure(second) - measure(first)
        return apart

    return estimate(np.stack([a, b], -1), minus, rounds=rounds, seed=seed)


def randomisation_p(a: Array, b: Array, measure: Measure, *, rounds: int = ROUNDS, seed: int = 0) -> float:
    """Return the chance of a difference at least as large if both runs were alike (two-sided).

    Approximate randomisation: which of the two answers is whose is drawn anew for each listing (Noreen 1989; Yeh 2000).
    """
    observed = abs(float(measure(b.sum(0)) - measure(a.sum(0))))
    if np.isnan(observed):
        return 1.0
    swapped = np.random.default_rng(seed).integers(0, 2, size=(rounds, len(a))).astype(np.float32)
    moved = (swapped @ (b - a).reshape(len(a), -1)).reshape(rounds, *a.shape[1:])
    apart = np.abs(measure(b.sum(0) - moved) - measure(a.sum(0) + moved))
    return float((1 + np.sum(apart >= observed - 1e-9)) / (rounds + 1))


def share(part: Any, whole: Any) -> Array:
    """Return part / whole, NaN where there is no whole."""
    part, whole = np.asarray(part, float), np.asarray(whole, float)
    nothing = np.full(np.broadcast(part, whole).shape, np.nan)
    shares: Array = np.divide(part, whole, out=nothing, where=whole > 0)
    return shares
