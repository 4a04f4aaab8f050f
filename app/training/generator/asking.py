"""Listings as a model is asked about them: for some attributes, by some name, under a more or less exact category."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from app.domain.taxonomy import CATEGORY, Concept, Kind, Taxonomy
from app.training.generator.example import Example, gold_of


def asking(taxonomy: Taxonomy, examples: Iterable[Example], seed: int, *, plainly: bool = False) -> Iterator[Example]:
    """Yield generated listings asked for what they state and some of what they do not, never for quantities.

    ``plainly``: for all that they state, by English names; otherwise some for less, or in their language.
    """
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    categories = {concept.label("en") or concept.id: concept for concept in taxonomy.values(CATEGORY)}
    for example in examples:
        yield _asked(example, taxonomy, categories[example.category], rng, plainly)


def _asked(example: Example, taxonomy: Taxonomy, category: Concept, rng: random.Random, plainly: bool) -> Example:
    askable = [a for a in example.asked if a != CATEGORY and taxonomy.attributes[a].kind is not Kind.QUANTITY]
    askable = [a for a in askable if next(taxonomy.values(a), None) is not None]
    names = _names(example, askable, taxonomy, rng, plainly)
    spans = [replace(s, attribute=names[s.attribute]) for s in example.spans if s.attribute in names]
    shown = rng.choice(["", *(taxonomy.concepts[c].label("en") or c for c in taxonomy.path(category.id))])
    return replace(
        example,
        category=shown,
        asked=list(names.values()),
        gold=gold_of(example.texts, spans),
        spans=tuple(spans),
    )


def _names(
    example: Example, askable: Sequence[str], taxonomy: Taxonomy, rng: random.Random, plainly: bool
) -> dict[str, str]:
    """Return attribute id -> the name that it is asked by, the category first."""
    stated = [a for a in askable if a in example.gold]
    missing = [a for a in askable if a not in example.gold]
    chosen = {*stated, *rng.sample(missing, min(len(missing), rng.choice((2, 4, 6, 10, 20))))}
    if not plainly and stated and rng.random() < 0.25:
        chosen.remove(rng.choice(stated))
    locale = example.lang if not plainly and rng.random() < 0.25 else None
    labels = {a: taxonomy.attributes[a].label(locale or "en") or a for a in askable if a in chosen}
    return {CATEGORY: CATEGORY, **{a: label if locale else label.lower() for a, label in labels.items()}}
