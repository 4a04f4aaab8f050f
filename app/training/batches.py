"""Token ids of examples, and how they are put together into batches.

Batches are of like lengths instead of packed: 3.4 % of what is read is then padding (oa-mine, batches of 8; 27.5 % in
shuffled order), which is all that packing could save, and attention needs no block-diagonal mask.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

IGNORED = -100
"""The label of what takes no part in the loss."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Token ids of a prompt and of its answer."""

    prompt: list[int]
    answer: list[int]

    def __len__(self) -> int:
        return len(self.prompt) + len(self.answer)


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """Shapes: ids, mask and labels (B, T); labels are -100 in the prompt and in padding."""

    ids: Tensor
    mask: Tensor
    labels: Tensor


def tokenize(tokenizer: Any, pair: tuple[str, str], end: int, *, with_bos: bool) -> Tokens:
    """Return token ids as llama.cpp makes them of the same prompt; ``end`` follows the answer."""
    prompt, answer = pair
    bos = [tokenizer.bos_token_id] if with_bos else []
    return Tokens(
        bos + tokenizer(prompt, add_special_tokens=False).input_ids,
        [*tokenizer(answer, add_special_tokens=False).input_ids, end],
    )


def batches(sequences: Sequence[Tokens], size: int, seed: int) -> list[list[int]]:
    """Return batches of indices, of like lengths within windows of 20 batches."""
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    made: list[list[int]] = []
    window = size * 20
    for start in range(0, len(sequences), window):
        ordered = sorted(range(start, min(start + window, len(sequences))), key=lambda i: len(sequences[i]))
        chunk = [ordered[i : i + size] for i in range(0, len(ordered), size)]
        rng.shuffle(chunk)
        made += chunk
    return made


def collate(sequences: Sequence[Tokens], pad: int | None, device: Any) -> Batch:
    """Return a batch, padded at the right."""
    length = max(map(len, sequences))
    ids = torch.full((len(sequences), length), pad or 0)
    mask = torch.zeros((len(sequences), length), dtype=torch.long)
    labels = torch.full((len(sequences), length), IGNORED)
    for row, sequence in enumerate(sequences):
        tokens = torch.tensor(sequence.prompt + sequence.answer)
        ids[row, : len(tokens)] = tokens
        mask[row, : len(tokens)] = 1
        labels[row, len(sequence.prompt) : len(tokens)] = tokens[len(sequence.prompt) :]
    return Batch(ids=ids.to(device), mask=mask.to(device), labels=labels.to(device))
