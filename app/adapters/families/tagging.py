"""A span tagger over words: what families `bilstm` and `ner` share.

Two heads read the same word vectors. BIO labels (a softmax per word, decoded under the constraint that I follows B or
I of its attribute) give any number of values; a score for every span and for "not stated", one softmax per attribute,
gives the one value that fits best, which is what a slot is (Ratinov, Roth 2009 for the first; Lee et al. 2017 for the
scoring of spans). Only attributes of the listing's category compete.
Shapes: B listings, L words, K span lengths, A attributes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - as everywhere

from app.adapters.families.words import SHAPES, Word, shape, text_of, words_of
from app.domain.listing import Listing

LONGEST = 12
"""Words of a value, K."""
NEVER = -1e4
"""A logit that no softmax lets through, and that float16 can hold."""


@dataclass(frozen=True, kw_only=True)
class Labels:
    """What can be said: attributes, and which of them belong to a category."""

    attributes: tuple[str, ...]
    categories: dict[str, tuple[str, ...]]

    def allowed(self, category: str) -> list[int]:
        """Return the numbers of a category's attributes; all of them where the category is new."""
        names = self.categories.get(category) or self.categories.get("*") or self.attributes
        return [self.attributes.index(name) for name in names]

    def names(self, category: str) -> list[str]:
        """Return the names of a category's attributes."""
        return [self.attributes[number] for number in self.allowed(category)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """A listing as words."""

    text: str
    words: tuple[Word, ...]
    category: str

    @classmethod
    def of(cls, listing: Listing, category: str) -> Read:
        """Return what is read of a listing."""
        text = text_of(listing)
        return cls(text=text, words=tuple(words_of(text)), category=category)

    def surface(self, first: int, last: int) -> str:
        """Return the text from a word to another, both included, as it was sent."""
        return self.text[self.words[first].start : self.words[last].end]


@dataclass(frozen=True, kw_only=True)
class Scores:
    """What a network says of a batch, as logits; what is not allowed or is padding is NEVER."""

    bio: Tensor
    """(B, L, 1 + 2 A): O, then B and I of each attribute."""
    spans: Tensor
    """(B, L K + 1, A): spans by first word, then length; last comes "not stated"."""


class Heads(nn.Module):  # type: ignore[misc]
    """Word vectors (B, L, D) to Scores."""

    def __init__(self, width: int, attributes: int, *, rank: int = 128, dropout: float = 0.2) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.bio = nn.Linear(width, 1 + 2 * attributes)
        self.first, self.last = nn.Linear(width, rank), nn.Linear(width, rank)
        self.whole = nn.Linear(width, rank)
        self.length = nn.Embedding(LONGEST, rank)
        self.span = nn.Linear(rank, attributes)
        self.span_first, self.span_last = nn.Linear(width, attributes), nn.Linear(width, attributes)
        self.none = nn.Linear(width, attributes)

    def forward(self, words: Tensor, mask: Tensor, allowed: Tensor) -> Scores:
        """``mask`` (B, L) is 1 where there is a word, ``allowed`` (B, A) where the category has the attribute."""
        x = self.dropout(words)
        mean = (x * mask[..., None]).sum(1) / mask.sum(1, keepdim=True).clamp(min=1)
        first, last, whole = self.first(x), self.last(x), self.whole(mean)[:, None]
        one, other = self.span_first(x), self.span_last(x)
        size = x.shape[1]
        by_length = []
        for k in range(min(LONGEST, size)):
            joined = F.gelu(first[:, : size - k] + last[:, k:] + self.length.weight[k] + whole)
            score = self.span(self.dropout(joined)) + one[:, : size - k] + other[:, k:]
            score = score.masked_fill(mask[:, k:, None] == 0, NEVER)
            by_length.append(F.pad(score, (0, 0, 0, k), value=NEVER))
        spans = torch.cat([torch.stack(by_length, 2).flatten(1, 2), self.none(mean)[:, None]], 1)
        may = torch.cat([torch.ones_like(allowed[:, :1]), allowed.repeat_interleave(2, 1)], 1)
        return Scores(bio=self.bio(x).masked_fill(may[:, None] == 0, NEVER), spans=spans)


class Reader(nn.Module):  # type: ignore[misc]
    """Words to vectors; ``width`` is D. Every family has its own."""

    width: int

    def encode(self, batch: Sequence[Read]) -> dict[str, Tensor]:
        """Return the tensors that `forward` takes."""
        raise NotImplementedError

    def description(self) -> dict[str, Any]:
        """Return what, beside the weights, it takes to build this reader again, as JSON."""
        raise NotImplementedError


class Network(nn.Module):  # type: ignore[misc]
    """A reader and the heads, with what every reader lacks: the shape of words."""

    def __init__(self, reader: Reader, labels: Labels, *, dropout: float = 0.2) -> None:
        super().__init__()
        self.labels = labels
        self.reader = reader
        self.shape = nn.Embedding(SHAPES, 32, padding_idx=0)
        self.heads = Heads(reader.width + 32, len(labels.attributes), dropout=dropout)

    def forward(self, batch: Sequence[Read]) -> Scores:
        """Read a batch."""
        vectors = self.reader(**self.reader.encode(batch))
        size = vectors.shape[1]
        shapes = torch.zeros(len(batch), size, dtype=torch.long)
        allowed = torch.zeros(len(batch), len(self.labels.attributes))
        for row, read in enumerate(batch):
            shapes[row, : len(read.words)] = torch.tensor([shape(word.text) for word in read.words])
            allowed[row, self.labels.allowed(read.category)] = 1
        shapes, allowed = shapes.to(vectors.device), allowed.to(vectors.device)
        scores: Scores = self.heads(torch.cat([vectors, self.shape(shapes)], -1), (shapes > 0).float(), allowed)
        return scores
