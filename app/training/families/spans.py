"""Gold as what a span tagger learns from: labels per word and a target span per attribute."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - as everywhere

from app.adapters.families.tagging import LONGEST, Labels, Read, Scores
from app.training.families.gold import GoldListing

_IGNORED = -100
"""A target that `cross_entropy` leaves out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """A listing and its values by attribute number, as (first word, last word); () for "not stated".

    Attributes that are not in ``values`` may be stated or not: nobody looked, and nothing is learned of them.
    """

    read: Read
    values: dict[int, tuple[tuple[int, int], ...]]
    complete: bool
    """Everything that is stated is in ``values``: words without a label are outside of all values."""


def example(item: GoldListing, labels: Labels, *, absent_is_none: bool) -> Example:
    """Return a listing's example; a value that is not whole words of the text is left out of it."""
    read = Read.of(item.listing, item.category)
    values: dict[int, tuple[tuple[int, int], ...]] = {}
    for number in labels.allowed(item.category):
        name = labels.attributes[number]
        stated = item.gold.get(name)
        spans = tuple(span for value in stated or () if (span := _span(value, read)))
        if spans or (stated is None and (absent_is_none or name in item.gold)):
            values[number] = spans
    return Example(read=read, values=values, complete=absent_is_none)


def _span(value: str, read: Read) -> tuple[int, int] | None:
    """Return the first place of a value as (first word, last word)."""
    firsts = {word.start: n for n, word in enumerate(read.words)}
    lasts = {word.end: n for n, word in enumerate(read.words)}
    for found in re.finditer(re.escape(value), read.text):
        first, last = firsts.get(found.start()), lasts.get(found.end())
        if first is not None and last is not None and last - first < LONGEST:
            return first, last
    return None


def loss(scores: Scores, batch: Sequence[Example]) -> Tensor:
    """Return the sum of both heads' mean cross-entropies."""
    rows, size, _ = scores.bio.shape
    bio = torch.full((rows, size), _IGNORED)
    lengths = min(LONGEST, size)
    spans = torch.full((rows, scores.spans.shape[2]), _IGNORED)
    for row, each in enumerate(batch):
        if each.complete:
            bio[row, : len(each.read.words)] = 0
        for attribute, places in each.values.items():
            spans[row, attribute] = size * lengths  # not stated
            if places:
                first, last = places[0]
                spans[row, attribute] = first * lengths + last - first
            for first, last in places if each.complete else ():
                if bool((bio[row, first : last + 1] == 0).all()):  # of values that overlap the first counts
                    bio[row, first] = 1 + 2 * attribute
                    bio[row, first + 1 : last + 1] = 2 + 2 * attribute
    device = scores.bio.device
    by_span = F.cross_entropy(
        scores.spans.transpose(1, 2).flatten(0, 1), spans.flatten().to(device), ignore_index=_IGNORED
    )
    if not bool((bio >= 0).any()):
        return by_span
    return by_span + F.cross_entropy(scores.bio.flatten(0, 1), bio.flatten().to(device), ignore_index=_IGNORED)


def batches(examples: Sequence[Example], size: int, rng: random.Random) -> list[list[Example]]:
    """Return all examples once, in a new order, ``size`` at a time; those of a batch are about as long as each other.

    Padding is work too: a third of it, in titles drawn at random.
    """
    order = rng.sample(range(len(examples)), len(examples))
    window = 16 * size
    made = []
    for start in range(0, len(order), window):
        alike = sorted(order[start : start + window], key=lambda n: len(examples[n].read.words))
        made += [[examples[n] for n in alike[at : at + size]] for at in range(0, len(alike), size)]
    rng.shuffle(made)
    return made
