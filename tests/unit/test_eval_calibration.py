"""Confidence and truth, on tables worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.harness.answers import GivenTag
from eval.harness.calibration import auroc, grade, reliability, selective, threshold_for
from eval.harness.crossfit import cross_fit, folds_of
from eval.harness.protocols import Judged

CONFIDENCE = np.array([0.95, 0.95, 0.95, 0.95, 0.5, 0.5])
RIGHT = np.array([True, True, True, False, True, False])


def test_reliability_by_hand() -> None:
    found = reliability(CONFIDENCE, RIGHT)
    assert [(b.tags, b.confidence, b.right) for b in found.bins] == [(2, 0.5, 0.5), (4, pytest.approx(0.95), 0.75)]
    assert found.ece == pytest.approx(4 / 6 * 0.2)
    assert found.brier == pytest.approx((3 * 0.05**2 + 0.95**2 + 2 * 0.5**2) / 6)
    assert found.base_brier == pytest.approx(4 / 6 * 2 / 6)
    assert found.auroc == pytest.approx((3 * 0.5 + 3 + 1 * 0 + 0.5) / 8)


@pytest.mark.parametrize(("confidence", "bin_low"), [(0.0, 0.0), (1 / 15, 0.0), (0.0667, 1 / 15), (1.0, 14 / 15)])
def test_bins_hold_their_upper_end(confidence: float, bin_low: float) -> None:
    assert reliability(np.array([confidence]), np.array([True])).bins[0].low == pytest.approx(bin_low)


@pytest.mark.parametrize(
    ("confidence", "right", "expected"),
    [
        ([0.9, 0.8, 0.2], [True, True, False], 1.0),
        ([0.2, 0.9], [True, False], 0.0),
        ([0.5, 0.5], [True, False], 0.5),
        ([0.5, 0.5], [True, True], None),
    ],
)
def test_auroc(confidence: list[float], right: list[bool], expected: float | None) -> None:
    assert auroc(np.array(confidence), np.array(right)) == expected


GRADED = st.lists(st.tuples(st.sampled_from([0.1, 0.3, 0.5, 0.7, 0.9]), st.booleans()), min_size=1, max_size=30)


@given(GRADED)
def test_auroc_is_the_share_of_pairs_in_order(pairs: list[tuple[float, bool]]) -> None:
    good = [c for c, right in pairs if right]
    bad = [c for c, right in pairs if not right]
    found = auroc(np.array([c for c, _ in pairs]), np.array([right for _, right in pairs]))
    if not good or not bad:
        assert found is None
    else:
        won = sum((g > b) + (g == b) / 2 for g in good for b in bad)
        assert found == pytest.approx(won / (len(good) * len(bad)))


@given(GRADED, st.sampled_from([0.5, 0.8, 0.9, 1.0]))
def test_a_threshold_is_the_lowest_that_keeps_the_promise(pairs: list[tuple[float, bool]], precision: float) -> None:
    def kept(threshold: float) -> float:
        of = [right for c, right in pairs if c >= threshold]
        return sum(of) / len(of)

    good = [c for c, _ in pairs if kept(c) >= precision - 1e-12]
    found = threshold_for(np.array([c for c, _ in pairs]), np.array([right for _, right in pairs]), precision)
    assert found == (min(good) if good else None)


def tag(concept_id: str, confidence: float | None, *, accepted: bool = True) -> GivenTag:
    """Return a tag that was given; its kind is its attribute."""
    attribute = concept_id.partition(":")[0]
    return GivenTag(id=concept_id, attribute=attribute, confidence=confidence, accepted=accepted, kinds=(attribute,))


def right(concept_id: str, confidence: float, *, accepted: bool = True) -> Judged:
    given = tag(concept_id, confidence, accepted=accepted)
    return Judged(given.attribute, "vc", concept_id, concept_id, given)


def extra(concept_id: str, confidence: float, *, accepted: bool = True) -> Judged:
    given = tag(concept_id, confidence, accepted=accepted)
    return Judged(given.attribute, "nv", None, concept_id, given)


def missed(concept_id: str) -> Judged:
    return Judged(concept_id.partition(":")[0], "vn", concept_id)


LISTINGS = [
    # three gold slots: colour (two values, one accepted), brand (a wrong one accepted), gender (only for review)
    [
        right("color:red", 0.9),
        missed("color:blue"),
        missed("brand:nike"),
        extra("brand:puma", 0.8),
        right("gender:men", 0.6, accepted=False),
    ],
    # one gold slot that nothing was given for, and a tag of an attribute that gold has not
    [missed("color:green"), extra("style:casual", 0.7)],
]


def test_coverage_is_of_gold_slots_and_accuracy_of_accepted_tags() -> None:
    graded = grade(LISTINGS)
    assert graded is not None
    found = selective(graded, ["en", "de"], 0.6)
    assert (found.accepted, found.slots) == (3, 4)
    assert found.coverage.value == 2 / 4
    assert found.accuracy.value == 1 / 3
    assert found.recall.value == 1 / 5
    assert {lang: (c.value, a.value) for lang, (c, a) in found.by_language.items()} == {
        "en": (2 / 3, 1 / 2),
        "de": (0.0, 0.0),
    }
    assert [(p.threshold, p.coverage, p.accuracy, p.accepted) for p in found.curve] == [
        (0.9, 1 / 4, 1.0, 1),
        (0.8, 2 / 4, 1 / 2, 2),
        (0.7, 2 / 4, 1 / 3, 3),
        (0.6, 3 / 4, 2 / 4, 4),
    ]
    assert found.threshold is not None
    assert found.threshold.threshold == 0.9
    assert selective(graded, ["en", "de"], 0.5).threshold.threshold == 0.6  # type: ignore[union-attr]


def test_tags_without_confidence_are_not_graded() -> None:
    assert grade([[Judged("color", "nv", None, "color:red", tag("color:red", None))]]) is None
    assert grade([[missed("color:red")]]) is None


def test_folds_are_equal_parts_and_the_same_each_time() -> None:
    folds = folds_of(23, 5)
    assert sorted(np.bincount(folds).tolist()) == [4, 4, 5, 5, 5]
    assert (folds == folds_of(23, 5)).all()


def test_cross_fitting_judges_only_what_it_has_not_seen() -> None:
    """A fit that knows its own listings by heart and nothing else is worth nothing on the others."""
    judged = [[right(f"color:c{n}", 0.5) if n % 2 else extra(f"color:c{n}", 0.5)] for n in range(40)]
    graded = grade(judged)
    assert graded is not None

    def by_heart(tags, rights):
        known = {one.id: float(good) for one, good in zip(tags, rights, strict=True)}
        return lambda one: known.get(one.id, 0.5)

    found = cross_fit(graded, ["en"] * 40, folds=4, stated=0.9, fit=by_heart)
    assert found.reliability.auroc == 0.5
    assert found.reliability.brier == 0.25
    assert (found.coverage.value, found.thresholds) == (0.0, (1.0,) * 4)


def test_cross_fitted_counting_learns_what_a_kind_is_worth() -> None:
    judged = [
        [right("color:red", 0.5), right("style:a", 0.5) if n % 10 == 0 else extra("style:b", 0.5)] for n in range(50)
    ]
    graded = grade(judged)
    assert graded is not None
    assert reliability(graded.confidence, graded.right).ece == pytest.approx(0.05)
    found = cross_fit(graded, ["en"] * 50, folds=5, stated=0.95)
    assert found.reliability.brier < found.reliability.base_brier
    assert found.accuracy.value == 1.0
    assert found.coverage.value == pytest.approx(50 / 55)


def test_a_tag_that_is_mostly_wrong_does_not_hide_among_right_ones() -> None:
    confidence = np.array([0.99] * 19 + [0.3])
    right = np.array([True] * 19 + [False])
    assert threshold_for(confidence, right, 0.92) == 0.3
    assert threshold_for(confidence, right, 0.92, least=0.7) == 0.99
    assert threshold_for(np.array([0.6]), np.array([True]), 0.92, least=0.7) is None
