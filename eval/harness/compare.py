"""An offline A/B test: two results on the same listings, by attribute and by language."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.domain.errors import InvalidFile
from eval.harness.result import Change, Comparison, ListingResult, ProtocolComparison, Result
from eval.harness.scores import MEASURES, f1, matrix, mean_over_attributes
from eval.harness.statistics import Array, Measure, difference, randomisation_p


def compare(a: Result, b: Result) -> Comparison:
    """Return what changed from A to B on the listings of both; InvalidFile where they are not about the same gold."""
    if a.subject.gold_sha256 != b.subject.gold_sha256:
        message = f"A was measured on {a.subject.gold}, B on {b.subject.gold} or another version of it"
        raise InvalidFile(message, field="compare", hint="measure both on the same gold file")
    of = {one.id: one for one in b.listings}
    pairs = [(one, of[one.id]) for one in a.listings if one.id in of]
    shared = [name for name in a.protocols if name in b.protocols]
    if not pairs or not shared:
        raise InvalidFile("the two results have no listing or no protocol in common", field="compare")
    return Comparison(
        a=a.environment,
        b=b.environment,
        listings=len(pairs),
        protocols={name: _under(name, pairs) for name in shared},
    )


def _under(name: str, pairs: Sequence[tuple[ListingResult, ListingResult]]) -> ProtocolComparison:
    names, counts = matrix([one.outcomes[name] for pair in pairs for one in pair])
    ours, theirs = counts[0::2], counts[1::2]
    whole = ours.sum(1), theirs.sum(1)
    macro = mean_over_attributes(f1, counts)
    langs = [one.lang for one, _ in pairs]
    by_attribute = [_change(attribute, ours[:, at], theirs[:, at], f1) for at, attribute in enumerate(names)]
    masks = {lang: np.array([one == lang for one in langs])[:, None] for lang in dict.fromkeys(langs)}
    by_language = [_change(lang, whole[0] * mask, whole[1] * mask, f1) for lang, mask in masks.items()]
    return ProtocolComparison(
        name=name,
        overall=(
            *(_change(measure, *whole, MEASURES[measure]) for measure in ("precision", "recall", "f1", "accuracy")),
            _change("macro f1", ours, theirs, macro),
        ),
        by={"attribute": _ranked(by_attribute), "language": _ranked(by_language)},
    )


def _change(name: str, a: Array, b: Array, measure: Measure) -> Change:
    first, second = (float(np.nan_to_num(measure(of.sum(0)))) for of in (a, b))
    return Change(
        name=name,
        a=first,
        b=second,
        difference=difference(a, b, measure),
        p_value=randomisation_p(a, b, measure),
        slots=int(a[..., [0, 1, 3]].sum()),
    )


def _ranked(changes: Sequence[Change]) -> tuple[Change, ...]:
    return tuple(sorted(changes, key=lambda change: (change.difference.value, change.name)))
