"""Counts, on cases counted by hand."""

import pytest

from eval.metrics import Counts, paired_bootstrap, total


def test_micro_sums() -> None:
    counts = total([Counts(1, 2, 4), Counts(3, 4, 4)])
    assert (counts.precision, counts.recall, counts.f1) == (4 / 6, 0.5, 8 / 14)


def test_nothing_predicted_is_zero_not_an_error() -> None:
    assert (Counts().precision, Counts().recall, Counts().f1) == (0, 0, 0)


def test_bootstrap_sees_a_difference_and_its_absence() -> None:
    good = [Counts(9, 10, 10)] * 20 + [Counts(7, 10, 10)] * 20
    bad = [Counts(4, 10, 10)] * 20 + [Counts(6, 10, 10)] * 20
    found, low, high = paired_bootstrap(good, bad, lambda c: c.recall, rounds=500)
    assert found == pytest.approx(0.3)
    assert 0 < low < found < high
    assert paired_bootstrap(good, good, lambda c: c.recall, rounds=500) == (0, 0, 0)


def test_bootstrap_refuses_different_listings() -> None:
    with pytest.raises(ValueError, match="same listings"):
        paired_bootstrap([Counts()], [], lambda c: c.recall)
