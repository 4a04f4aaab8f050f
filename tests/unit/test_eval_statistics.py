"""Intervals and significance, against values worked out by hand or by scipy."""

from __future__ import annotations

import numpy as np
import pytest

from eval.harness.result import Estimate
from eval.harness.statistics import bca, difference, estimate, estimates, randomisation_p, resampled, share

LSAT = [576, 635, 558, 578, 666, 580, 555, 661, 651, 605, 653, 575, 545, 572, 594]
GPA = [3.39, 3.30, 2.81, 3.03, 3.44, 3.07, 3.00, 3.43, 3.36, 3.13, 3.12, 2.74, 2.76, 2.88, 2.96]
"""The law schools of Efron and Tibshirani (1993), table 3.1."""


def ratio(sums):
    """Return the first statistic over the second."""
    return share(sums[..., 0], sums[..., 1])


def correlation(sums):
    """Return Pearson's r from n, x, y, xx, yy and xy."""
    n, x, y, xx, yy, xy = np.moveaxis(sums, -1, 0)
    return (xy - x * y / n) / np.sqrt((xx - x * x / n) * (yy - y * y / n))


def test_bca_of_the_law_schools() -> None:
    x, y = np.array(LSAT, float), np.array(GPA)
    stats = np.stack([np.ones(15), x, y, x * x, y * y, x * y], -1)
    found = estimate(stats, correlation, rounds=20_000)
    assert found.value == pytest.approx(0.776374, abs=1e-6)
    # scipy.stats.bootstrap(method="BCa", n_resamples=100_000): 0.332 to 0.941; percentiles would be 0.460 to 0.961
    assert (found.low, found.high) == (pytest.approx(0.332, abs=0.02), pytest.approx(0.941, abs=0.005))


def test_bca_of_a_ratio() -> None:
    stats = np.array([[3, 4], [0, 2], [2, 3], [5, 5], [1, 4], [4, 4], [2, 5], [2, 2], [0, 1], [6, 7]], float)
    found = estimate(stats, ratio, rounds=20_000)
    # scipy.stats.bootstrap(method="BCa", n_resamples=100_000): 0.4516 to 0.8485
    assert found.value == 25 / 37
    assert (found.low, found.high) == (pytest.approx(0.4516, abs=0.01), pytest.approx(0.8485, abs=0.01))


@pytest.mark.parametrize(
    ("stats", "expected"),
    [
        ([[1, 1]] * 5, Estimate(value=1.0, low=1.0, high=1.0)),
        ([[0, 1]] * 5, Estimate(value=0.0, low=0.0, high=0.0)),
        ([[0, 0]] * 5, Estimate(value=0.0)),
        ([[1, 2]], Estimate(value=0.5)),
    ],
)
def test_what_cannot_vary_has_no_width(stats: list[list[int]], expected: Estimate) -> None:
    assert estimate(np.array(stats, float), ratio) == expected


def test_draws_in_which_there_is_nothing_are_left_out() -> None:
    stats = np.array([[1, 1], [2, 2], [0, 0], [0, 0]], float)
    assert estimate(stats, ratio) == Estimate(value=1.0, low=1.0, high=1.0)


def test_one_listing_of_many_tells_no_interval() -> None:
    stats = np.array([[1, 2], [0, 0], [0, 0], [0, 0]], float)
    assert estimate(stats, ratio) == Estimate(value=0.5)


def test_percentiles_where_bca_is_not_defined() -> None:
    drawn = np.linspace(0, 1, 1001)
    assert bca(-1.0, drawn, np.array([0.4, 0.6])) == (pytest.approx(0.025), pytest.approx(0.975))


def test_resampling_keeps_the_number_of_listings_and_the_seed() -> None:
    stats = np.ones((7, 2, 3))
    sums = resampled(stats, rounds=50)
    assert sums.shape == (50, 2, 3)
    assert (sums == 7).all()
    once, again = (resampled(np.arange(6.0).reshape(6, 1), rounds=20, seed=3) for _ in range(2))
    assert (once == again).all()
    assert len(np.unique(once)) > 1


def test_several_measures_share_their_draws() -> None:
    stats = np.array([[1, 2], [2, 2], [0, 2], [2, 2]], float)
    one, other = estimates(stats, [ratio, lambda sums: 1 - ratio(sums)])
    assert one.low is not None
    assert other.high == pytest.approx(1 - one.low, abs=0.02)


def test_a_difference_is_seen_and_its_absence() -> None:
    good = np.array([[9, 10]] * 20 + [[7, 10]] * 20, float)
    bad = np.array([[4, 10]] * 20 + [[6, 10]] * 20, float)
    found = difference(bad, good, ratio)
    assert found.value == pytest.approx(0.3)
    assert found.low is not None
    assert found.high is not None
    assert 0 < found.low < 0.3 < found.high < 0.5
    assert randomisation_p(bad, good, ratio) == pytest.approx(1 / 2001)
    assert difference(good, good, ratio) == Estimate(value=0.0, low=0.0, high=0.0)
    assert randomisation_p(good, good, ratio) == 1.0


def test_randomisation_is_the_exact_test_where_all_swaps_can_be_counted() -> None:
    """Three listings, each won by B: 2 of 8 ways to swap lead to a difference as large."""
    a, b = np.array([[0, 1]] * 3, float), np.array([[1, 1]] * 3, float)
    assert randomisation_p(a, b, ratio, rounds=20_000) == pytest.approx(0.25, abs=0.01)


def test_an_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    covered = 0
    for number in range(200):
        slots = rng.integers(1, 6, size=60)
        right = rng.binomial(slots, 0.8)
        found = estimate(np.stack([right, slots], -1).astype(float), ratio, rounds=400, seed=number)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 0.8 <= found.high
    assert 180 <= covered <= 198
