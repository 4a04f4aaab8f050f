"""Extraction and normalisation apart: was the wording of a gold tag read, and does it lead to the right concept?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from app.domain.taxonomy import Taxonomy
from app.pipeline.completion import Locator
from app.pipeline.text import clean, fold_label
from eval.harness.answers import Answer
from eval.harness.gold import Gold, GoldListing, text_of
from eval.harness.result import Stages
from eval.harness.statistics import estimate, share

Normalise = Callable[[str, str, str], str | None]
"""(wording, attribute, language) -> concept id"""
KINDS = ("right", "unread", "unmatched", "mismapped")


def stages(gold: Gold, answers: Sequence[Answer], taxonomy: Taxonomy, normalise: Normalise | None) -> Stages:
    """Return where gold tags are lost."""
    counts = np.zeros((len(answers), len(KINDS)))
    handed: list[bool] = []
    for number, (item, answer) in enumerate(zip(gold.listings, answers, strict=True)):
        for concept_id, wordings in _worded(item, gold.scope, taxonomy):
            counts[number, KINDS.index(_fate(concept_id, wordings, answer))] += 1
            # a label leads to its concept by definition: only wordings that people gave say something
            if normalise is not None and concept_id in item.wordings:
                attribute, lang = concept_id.partition(":")[0], item.lang.partition("-")[0]
                handed.append(any(normalise(wording, attribute, lang) == concept_id for wording in wordings))
    totals = {name: int(n) for name, n in zip(KINDS, counts.sum(0), strict=True)}
    return Stages(
        known=int(counts.sum()),
        **totals,
        extraction=estimate(counts, lambda sums: share(sums.sum(-1) - sums[..., 1], sums.sum(-1))),
        normalisation=estimate(counts, lambda sums: share(sums[..., 0], sums.sum(-1) - sums[..., 1])),
        oracle=sum(handed) / len(handed) if handed else None,
    )


def _worded(
    item: GoldListing, scope: frozenset[str] | None, taxonomy: Taxonomy
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the gold tags that are concepts, with their wordings, where any is known."""
    locator = Locator({"text": clean(text_of(item.listing))})
    for concept_id in sorted(item.tags or ()):
        concept = taxonomy.concepts.get(concept_id)
        if concept is None or (scope is not None and concept.attribute not in scope):
            continue
        wordings = item.wordings.get(concept_id) or tuple(
            dict.fromkeys(label.text for label in concept.labels if locator.find(label.text))
        )
        if wordings:
            yield concept_id, wordings


def _fate(concept_id: str, wordings: Sequence[str], answer: Answer) -> str:
    attribute = concept_id.partition(":")[0]
    tags = answer.tags or ()
    if any(tag.id == concept_id for tag in tags):
        return "right"
    folded = [fold_label(wording) for wording in wordings]
    if any(tag.attribute == attribute and _overlaps(tag.raw or "", folded) for tag in tags):
        return "mismapped"
    if any(name == attribute and _overlaps(raw, folded) for name, raw in answer.unmatched):
        return "unmatched"
    return "unread"


def _overlaps(raw: str, wordings: Sequence[str]) -> bool:
    read = fold_label(raw)
    return bool(read) and any(read in wording or wording in read for wording in wordings if wording)
