"""Is confidence the share of right tags, and what does accepting at a threshold lead to?

ECE: Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks" (2017). Brier (1950): mean squared error.
AUROC: the Mann-Whitney statistic. Coverage and accuracy: see result.Selective.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.harness.answers import GivenTag
from eval.harness.protocols import Judged
from eval.harness.result import CurvePoint, Estimate, Reliability, ReliabilityBin, Selective
from eval.harness.statistics import Array, estimate, share

BINS = 15
MOST_POINTS = 60
"""Points of a curve that are reported."""


@dataclass(frozen=True, kw_only=True)
class Graded:
    """Tags with confidence and truth, and the gold slots of the listings that they were given to."""

    confidence: Array
    right: NDArray[np.bool_]
    accepted: NDArray[np.bool_]
    listing: NDArray[np.int64]
    """Number of the listing, of each tag."""
    slot: NDArray[np.int64]
    """Number of the tag's gold slot (listing and attribute); -1 where gold has none."""
    tags: tuple[GivenTag, ...]
    slot_listing: NDArray[np.int64]
    """Number of the listing, of each gold slot."""
    gold: NDArray[np.int64]
    """Gold tags, of each listing."""


def grade(judged: Sequence[Sequence[Judged]]) -> Graded | None:
    """Return the tags of judged listings; None where any has no confidence, or none was given."""
    rows: list[tuple[GivenTag, bool, int, int]] = []
    slots: dict[tuple[int, str], int] = {}
    gold = np.zeros(len(judged), np.int64)
    for number, of in enumerate(judged):
        for one in of:
            if one.gold is not None:
                slots.setdefault((number, one.attribute), len(slots))
                gold[number] += 1
        for one in of:
            if one.tag is not None:
                rows.append((one.tag, one.outcome == "vc", number, slots.get((number, one.attribute), -1)))
    if not rows or any(tag.confidence is None for tag, *_ in rows):
        return None
    tags, right, listing, slot = zip(*rows, strict=True)
    return Graded(
        confidence=np.array([tag.confidence for tag in tags], float),
        right=np.array(right, bool),
        accepted=np.array([tag.accepted for tag in tags], bool),
        listing=np.array(listing, np.int64),
        slot=np.array(slot, np.int64),
        tags=tags,
        slot_listing=np.array([number for number, _ in slots], np.int64),
        gold=gold,
    )


def reliability(confidence: Array, right: NDArray[np.bool_], base: Array | float | None = None) -> Reliability:
    """Return how well confidences (tags,) tell right from wrong, and how far they are from the share right.

    ``base`` is the constant that Brier is compared with; the share of right tags where it is not given.
    """
    which = np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1)
    bins = []
    for number in np.unique(which):
        of = which == number
        bins.append(
            ReliabilityBin(
                low=float(number / BINS),
                high=float((number + 1) / BINS),
                tags=int(of.sum()),
                confidence=float(confidence[of].mean()),
                right=float(right[of].mean()),
            )
        )
    return Reliability(
        tags=len(right),
        bins=tuple(bins),
        ece=sum(one.tags * abs(one.confidence - one.right) for one in bins) / len(right),
        brier=float(((confidence - right) ** 2).mean()),
        base_brier=float((((right.mean() if base is None else base) - right) ** 2).mean()),
        auroc=auroc(confidence, right),
    )


def auroc(confidence: Array, right: NDArray[np.bool_]) -> float | None:
    """Return the chance that a right one has more confidence than a wrong one, ties counting half."""
    wrong = np.sort(confidence[~right])
    good = confidence[right]
    if not len(wrong) or not len(good):
        return None
    below = np.searchsorted(wrong, good, "left") + np.searchsorted(wrong, good, "right")
    return float(below.sum() / (2 * len(wrong) * len(good)))


def threshold_for(confidence: Array, right: NDArray[np.bool_], precision: float, *, least: float = 0.0) -> float | None:
    """Return the lowest confidence such that of all tags with it or more, that share is right; None where none is.

    It is ``least`` or more: where nearly all tags are right, a few that are mostly wrong would hide among them.
    """
    order = np.argsort(-confidence, kind="stable")
    shares = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    last = np.append(np.diff(confidence[order]) != 0, True)  # ties are accepted together
    reached = np.flatnonzero(last & (shares >= precision - 1e-12) & (confidence[order] >= least))
    return float(confidence[order][reached[-1]]) if len(reached) else None


def selective(graded: Graded, langs: Sequence[str], stated: float) -> Selective:
    """Return coverage and accuracy of what was accepted, and what other thresholds would lead to."""
    per = _per_listing(graded, graded.accepted)
    points = _points(graded)
    wanted = threshold_for(graded.confidence, graded.right, stated)
    coverage, accuracy = _estimates(per)
    return Selective(
        coverage=coverage,
        accuracy=accuracy,
        recall=estimate(per, lambda sums: share(sums[..., 2], sums[..., 4])),
        accepted=int(graded.accepted.sum()),
        slots=len(graded.slot_listing),
        by_language=by_language(per, langs),
        curve=tuple(points[at] for at in _thinned(len(points))),
        stated=stated,
        threshold=next((point for point in points if point.threshold == wanted), None),
    )


def accepted_at(
    graded: Graded, accepted: NDArray[np.bool_], langs: Sequence[str]
) -> tuple[Estimate, Estimate, dict[str, tuple[Estimate, Estimate]]]:
    """Return coverage and accuracy of any choice of tags, and both by language."""
    per = _per_listing(graded, accepted)
    return *_estimates(per), by_language(per, langs)


def by_language(per: Array, langs: Sequence[str]) -> dict[str, tuple[Estimate, Estimate]]:
    """Return (coverage, accuracy) of each language, the most frequent first."""
    of = np.array(langs)
    return {name: _estimates(per * (of == name)[:, None]) for name, _ in Counter(langs).most_common()}


def _estimates(per: Array) -> tuple[Estimate, Estimate]:
    coverage = estimate(per, lambda sums: share(sums[..., 0], sums[..., 1]))
    accuracy = estimate(per, lambda sums: share(sums[..., 2], sums[..., 3]))
    return coverage, accuracy


def _per_listing(graded: Graded, accepted: NDArray[np.bool_]) -> Array:
    """Return (listings, 5): slots covered, gold slots, accepted and right, accepted, gold tags."""
    size = len(graded.gold)
    covered = np.unique(graded.slot[accepted & (graded.slot >= 0)])
    columns = (
        np.bincount(graded.slot_listing[covered], minlength=size),
        np.bincount(graded.slot_listing, minlength=size),
        np.bincount(graded.listing[accepted & graded.right], minlength=size),
        np.bincount(graded.listing[accepted], minlength=size),
        graded.gold,
    )
    return np.stack(columns, -1).astype(float)


def _points(graded: Graded) -> list[CurvePoint]:
    """Return what each threshold leads to, by falling threshold."""
    thresholds = np.unique(graded.confidence)[::-1]
    surest = np.full(len(graded.slot_listing), -np.inf)
    held = graded.slot >= 0
    np.maximum.at(surest, graded.slot[held], graded.confidence[held])
    rising, right = np.sort(graded.confidence), np.sort(graded.confidence[graded.right])
    surest.sort()
    accepted = len(rising) - np.searchsorted(rising, thresholds, "left")
    good = len(right) - np.searchsorted(right, thresholds, "left")
    covered = len(surest) - np.searchsorted(surest, thresholds, "left")
    return [
        CurvePoint(threshold=float(t), coverage=float(c / max(1, len(surest))), accuracy=float(g / a), accepted=int(a))
        for t, c, g, a in zip(thresholds, covered, good, accepted, strict=True)
    ]


def _thinned(count: int) -> list[int]:
    return sorted({round(at) for at in np.linspace(0, count - 1, min(count, MOST_POINTS)).tolist()})
