"""Scores of judged listings: all together, and by attribute, language, category, length and kind of value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.domain.taxonomy import CATEGORY, Taxonomy
from eval.harness.protocols import Judged
from eval.harness.result import Confusion, Estimate, Group, Hierarchy, MacroScore, Outcomes, Score
from eval.harness.statistics import Array, Measure, estimate, estimates, share

ORDER = ("vc", "vw", "nv", "vn", "nn")
LENGTHS = (40, 80, 160, 400)
"""Upper ends of the buckets of length, in characters; longer is a bucket too."""
MOST_LABELS = 25
"""Rows of a confusion matrix; what is rarer is put together."""
OTHERS = "…"


def precision(sums: Array) -> Array:
    """VC / (NV + VC + VW)"""
    return share(sums[..., 0], sums[..., 0] + sums[..., 1] + sums[..., 2])


def recall(sums: Array) -> Array:
    """VC / (VN + VC + VW)"""
    return share(sums[..., 0], sums[..., 0] + sums[..., 1] + sums[..., 3])


def f1(sums: Array) -> Array:
    """2 VC / (what was given and what is gold)"""
    return share(2 * sums[..., 0], 2 * (sums[..., 0] + sums[..., 1]) + sums[..., 2] + sums[..., 3])


def accuracy(sums: Array) -> Array:
    """(VC + NN) / all"""
    return share(sums[..., 0] + sums[..., 4], sums.sum(-1))


MEASURES: dict[str, Measure] = {"accuracy": accuracy, "precision": precision, "recall": recall, "f1": f1}


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What a listing belongs to."""

    lang: str
    category: str
    length: int


def matrix(tallies: Sequence[Mapping[str, Outcomes]]) -> tuple[list[str], Array]:
    """Return attributes, the most frequent in gold first, and outcomes: (listings, attributes, 5)."""
    gold = Counter[str]()
    for tally in tallies:
        for attribute, outcomes in tally.items():
            gold[attribute] += outcomes.gold
    names = [name for name, _ in gold.most_common()]
    at = {name: number for number, name in enumerate(names)}
    counts = np.zeros((len(tallies), len(names), len(ORDER)))
    for row, tally in enumerate(tallies):
        for attribute, outcomes in tally.items():
            counts[row, at[attribute]] = [getattr(outcomes, name) for name in ORDER]
    return names, counts


def score(counts: Array) -> Score:
    """Return the score of outcomes (listings, 5)."""
    found = dict(zip(MEASURES, estimates(counts, list(MEASURES.values())), strict=True))
    outcomes = Outcomes(**{name: int(n) for name, n in zip(ORDER, counts.sum(0), strict=True)})
    return Score(outcomes=outcomes, **found)


def mean_over_attributes(measure: Measure, counts: Array) -> Measure:
    """Return the mean of a measure over the attributes that have gold: what sums (..., A, 5) are given to.

    An attribute of which a draw has nothing is left out of that draw's mean; nothing given is a precision of 0.
    """
    held = counts.sum(0)[:, [0, 1, 3]].sum(-1) > 0

    def macro(sums: Array) -> Array:
        kept = sums[..., held, :]
        figures = np.nan_to_num(measure(kept))
        there = kept[..., [0, 1, 3]].sum(-1) > 0
        return share((figures * there).sum(-1), there.sum(-1))

    return macro


def macro(counts: Array) -> MacroScore:
    """Return means over attributes of outcomes (listings, attributes, 5)."""
    measures = [mean_over_attributes(MEASURES[name], counts) for name in ("precision", "recall", "f1")]
    found = estimates(counts, measures)
    held = int((counts.sum(0)[:, [0, 1, 3]].sum(-1) > 0).sum())
    return MacroScore(attributes=held, precision=found[0], recall=found[1], f1=found[2])


def exact(counts: Array) -> Estimate:
    """Return the share of listings of which nothing is wrong, too much or missing."""
    whole = (counts.sum(1)[:, 1:4].sum(-1) == 0).astype(float)
    return estimate(np.stack([whole, np.ones_like(whole)], -1), lambda sums: share(sums[..., 0], sums[..., 1]))


def breakdown(
    names: Sequence[str],
    counts: Array,
    parts: Sequence[Part],
    judged: Sequence[Sequence[Judged]],
    seen: Callable[[str, str], bool] | None,
) -> dict[str, tuple[Group, ...]]:
    """Return groups by kind of part; ``seen`` says of an attribute and value whether train has it."""
    whole = counts.sum(1)
    by = {"attribute": tuple(_group(name, counts[:, at]) for at, name in enumerate(names))}
    kinds: dict[str, list[str]] = {
        "language": [part.lang for part in parts],
        "category": [part.category for part in parts],
        "length": [bucket(part.length) for part in parts],
    }
    for kind, of in kinds.items():
        found = Counter(of)
        order = [bucket(end) for end in (*LENGTHS, LENGTHS[-1] + 1)] if kind == "length" else [*_ordered(found)]
        masks = {name: np.array([one == name for one in of]) for name in order if found[name]}
        by[kind] = tuple(_group(name, whole * mask[:, None], int(mask.sum())) for name, mask in masks.items())
    if seen is not None:
        by["value"] = tuple(_group(name, _of_values(judged, seen, wanted)) for name, wanted in _SEEN)
    return by


_SEEN = (("seen", True), ("unseen", False))


def _ordered(found: Counter[str]) -> list[str]:
    return [name for name, _ in found.most_common()]


def bucket(length: int) -> str:
    """Return the name of the bucket that a length falls into."""
    low = 0
    for end in LENGTHS:
        if length <= end:
            return f"{low}-{end}"
        low = end + 1
    return f"{low}+"


def _group(name: str, counts: Array, listings: int | None = None) -> Group:
    there = int((counts.sum(-1) > 0).sum()) if listings is None else listings
    return Group(name=name, listings=there, score=score(counts))


def _of_values(judged: Sequence[Sequence[Judged]], seen: Callable[[str, str], bool], wanted: bool) -> Array:
    """Return outcomes of slots whose gold value, or without one the given value, is seen in train or not."""
    counts = np.zeros((len(judged), len(ORDER)))
    for row, of in enumerate(judged):
        for one in of:
            value = one.gold if one.gold is not None else one.given
            if value is not None and seen(one.attribute, value) is wanted:
                counts[row, ORDER.index(one.outcome)] += 1
    return counts


def confusions(judged: Sequence[Sequence[Judged]], closed: Sequence[str]) -> tuple[Confusion, ...]:
    """Return a matrix for each closed attribute of which no listing has more than one gold value."""
    pairs: dict[str, Counter[tuple[str, str]]] = {name: Counter() for name in closed}
    several: set[str] = set()
    for of in judged:
        by: dict[str, list[Judged]] = {}
        for one in of:
            if one.attribute in pairs:
                by.setdefault(one.attribute, []).append(one)
        for attribute, found in by.items():
            gold = [one.gold for one in found if one.gold is not None]
            given = [one.given for one in found if one.given is not None]
            if len(gold) > 1:
                several.add(attribute)
            pairs[attribute][gold[0] if gold else "", given[0] if given else ""] += 1
    return tuple(_confusion(name, of) for name, of in pairs.items() if name not in several and of)


def _confusion(attribute: str, pairs: Counter[tuple[str, str]]) -> Confusion:
    gold, given = Counter[str](), Counter[str]()
    for (wanted, made), times in pairs.items():
        gold[wanted] += times
        given[made] += times
    values = [name for name, _ in (gold + given).most_common() if name]
    values.sort(key=lambda name: (-gold[name], -given[name], name))
    labels = (*values[:MOST_LABELS], *((OTHERS,) if len(values) > MOST_LABELS else ()), "")
    at = {name: number for number, name in enumerate(labels)}
    other = at.get(OTHERS, 0)
    counts = [[0] * len(labels) for _ in labels]
    for (wanted, made), times in pairs.items():
        counts[at.get(wanted, other)][at.get(made, other)] += times
    return Confusion(attribute=attribute, labels=labels, counts=tuple(map(tuple, counts)))


def hierarchy(gold: Sequence[frozenset[str]], judged: Sequence[Sequence[Judged]], taxonomy: Taxonomy) -> Hierarchy:
    """Return precision and recall of categories over all ancestors, themselves included (Kiritchenko et al. 2006).

    Of several gold categories the one counts that agrees best with what was given.
    """
    rows = []
    for tags, of in zip(gold, judged, strict=True):
        given = {node for one in of if one.given is not None for node in taxonomy.path(one.given)}
        wanted = [set(taxonomy.path(one)) for one in sorted(tags) if one.partition(":")[0] == CATEGORY] or [set()]
        best = max(wanted, key=lambda path: len(path & given) / max(1, len(path) + len(given)))
        rows.append((len(best & given), len(given), len(best)))
    found = estimates(
        np.array(rows, float),
        [
            lambda sums: share(sums[..., 0], sums[..., 1]),
            lambda sums: share(sums[..., 0], sums[..., 2]),
            lambda sums: share(2 * sums[..., 0], sums[..., 1] + sums[..., 2]),
        ],
    )
    return Hierarchy(precision=found[0], recall=found[1], f1=found[2])
