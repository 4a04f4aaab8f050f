"""What calibration promises on listings it has not seen: fitted on k-1 folds of listings, judged on the one left out.

The fit is that of counting.py (what is served); another one can be handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from eval.harness.answers import GivenTag
from eval.harness.calibration import Graded, accepted_at, reliability, threshold_for
from eval.harness.counting import counted
from eval.harness.result import CrossFit

Confidence = Callable[[GivenTag], float]
Fit = Callable[[Sequence[GivenTag], Sequence[bool]], Confidence]
"""Tags and which of them are right -> the confidence of a tag."""
ACCEPTED_LEAST, SHOWN_LEAST = 0.7, 0.4
"""Confidence below which a tag is not accepted, and not shown, however right the others are."""


def by_counting(tags: Sequence[GivenTag], right: Sequence[bool], *, languages: bool = False) -> Confidence:
    """Return the confidence that counting gives: the share of right tags of the narrowest kind seen often enough."""
    table = counted([(tag.kinds, good) for tag, good in zip(tags, right, strict=True)], languages=languages)
    return lambda tag: next((table[kind] for kind in tag.kinds if kind in table), 0.5)


def folds_of(listings: int, folds: int, seed: int = 0) -> NDArray[np.int64]:
    """Return the fold of each listing: equal parts, at random."""
    return np.random.default_rng(seed).permutation(listings) % folds


def cross_fit(
    graded: Graded,
    langs: Sequence[str],
    *,
    folds: int,
    stated: float,
    least: float = ACCEPTED_LEAST,
    fit: Fit = by_counting,
    seed: int = 0,
) -> CrossFit:
    """Return what out-of-fold confidences and thresholds for a ``stated`` precision are worth; none below ``least``."""
    fold = folds_of(len(graded.gold), folds, seed)[graded.listing]
    confidence = np.zeros(len(fold))
    base = np.zeros(len(fold))
    accepted = np.zeros(len(fold), bool)
    thresholds = []
    for number in range(folds):
        held, rest = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        tags = [graded.tags[at] for at in rest]
        confident = fit(tags, graded.right[rest].tolist())
        known = np.array([confident(tag) for tag in tags])
        threshold = threshold_for(known, graded.right[rest], stated, least=least)
        thresholds.append(1.0 if threshold is None else threshold)
        confidence[held] = [confident(graded.tags[at]) for at in held]
        base[held] = graded.right[rest].mean()
        accepted[held] = threshold is not None and confidence[held] >= threshold
    coverage, accuracy, by_language = accepted_at(graded, accepted, langs)
    return CrossFit(
        folds=folds,
        reliability=reliability(confidence, graded.right, base),
        coverage=coverage,
        accuracy=accuracy,
        thresholds=tuple(thresholds),
        by_language=by_language,
    )
