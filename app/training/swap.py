"""Mention replacement: a value in a title gives way to another one that train has for the same attribute and category.

Dai, Adel: An Analysis of Simple Data Augmentation for Named Entity Recognition (COLING 2020). A model that sees a title
several times learns the title; what it must learn is where a value begins and ends.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from app.training.generator.example import Example

Values = Mapping[tuple[str, str], Sequence[str]]
"""(category, attribute) -> the values that train has, each as often as it stands there."""


def values_of(examples: Iterable[Example]) -> Values:
    """Return what values may be replaced by."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for example in examples:
        for attribute, values in example.gold.items():
            found[example.category, attribute].extend(values)
    return found


def swapped(example: Example, values: Values, share: float, rng: random.Random) -> Example:
    """Return the example with about ``share`` of the values in its title replaced.

    An example whose values overlap, or stand anywhere but once in the title alone, is returned as it is.
    """
    title = example.texts["title"]
    mentions = sorted((title.find(v), v, a) for a, vs in example.gold.items() for v in vs)
    ends = [start + len(value) for start, value, _ in mentions]
    if any(title.count(value) != 1 for _, value, _ in mentions) or any(
        end > following[0] for end, following in zip(ends, mentions[1:], strict=False)
    ):
        return example
    parts, gold, place = [], defaultdict[str, list[str]](list), 0
    for (start, value, attribute), end in zip(mentions, ends, strict=True):
        other = rng.choice(values[example.category, attribute]) if rng.random() < share else value
        parts += [title[place:start], other]
        gold[attribute].append(other)
        place = end
    text = "".join([*parts, title[place:]])
    return replace(example, texts={**example.texts, "title": text}, gold=dict(gold))
