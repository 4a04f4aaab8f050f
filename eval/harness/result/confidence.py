"""What confidences are worth: reliability, and what accepting above a threshold leads to."""

from __future__ import annotations

from dataclasses import dataclass

from eval.harness.result.scores import Estimate


@dataclass(frozen=True, kw_only=True, slots=True)
class ReliabilityBin:
    """Tags whose confidence is above ``low`` and at most ``high``."""

    low: float
    high: float
    tags: int
    confidence: float
    """Mean confidence."""
    right: float
    """Share that is right."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reliability:
    """Is a confidence the share of right tags?"""

    tags: int
    bins: tuple[ReliabilityBin, ...]
    """Those of 15 bins of equal width that hold tags."""
    ece: float
    """Expected calibration error: mean distance of confidence and share right over bins (Guo et al. 2017)."""
    brier: float
    """Mean squared distance of confidence and truth."""
    base_brier: float
    """The same of always saying the share of right tags."""
    auroc: float | None
    """Chance that a right tag has more confidence than a wrong one, ties counting half; None where all are alike."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CurvePoint:
    """What accepting at a threshold leads to."""

    threshold: float
    """Tags of this confidence or more are accepted."""
    coverage: float
    accuracy: float
    accepted: int
    """Tags."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Selective:
    """Accepted decisions alone.

    Coverage: of the gold slots (listing and attribute), the share in which a tag is accepted, right or wrong.
    Accuracy: of all accepted tags, the share that is right; tags of slots that gold has not are wrong.
    """

    coverage: Estimate
    accuracy: Estimate
    recall: Estimate
    """Of all gold tags, the share that is given and accepted."""
    accepted: int
    slots: int
    """Gold slots."""
    by_language: dict[str, tuple[Estimate, Estimate]]
    """(coverage, accuracy)"""
    curve: tuple[CurvePoint, ...]
    """By falling threshold."""
    stated: float
    """The precision that a threshold is sought for."""
    threshold: CurvePoint | None
    """The lowest threshold at which accuracy is at least ``stated``; None where none is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CrossFit:
    """Confidence and threshold of each listing fitted on the other folds: what can be expected on new listings."""

    folds: int
    reliability: Reliability
    coverage: Estimate
    accuracy: Estimate
    """Of tags accepted at the threshold that reaches the stated precision on the other folds."""
    thresholds: tuple[float, ...]
    """One per fold."""
    by_language: dict[str, tuple[Estimate, Estimate]]
    """(coverage, accuracy)"""
