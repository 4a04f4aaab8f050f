"""The loss of a causal model on answers, over a part of the vocabulary, and what is measured on listings held out.

With all 262,144 tokens of Gemma the output layer was 57 % of the work on two cores; the layer itself is not trained.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from app.training.batches import IGNORED, Batch, Tokens
from app.training.loop import Held

STRANGERS = 8_000
"""Tokens that do not occur in the data, so that the model learns to leave those alone too."""


class Vocabulary:
    """The tokens among which the next one is to be told: V' of them, with their rows of the output layer."""

    def __init__(self, output: Tensor, sequences: Sequence[Tokens], seed: int) -> None:
        rng = random.Random(seed)  # noqa: S311 - not for secrets
        known = {token for s in sequences for token in (*s.prompt, *s.answer)}
        strangers = rng.sample(range(len(output)), min(STRANGERS, len(output)))
        ids = torch.tensor(sorted(known.union(strangers)), device=output.device)
        self.rows = output[ids].contiguous()
        self.index = torch.full((len(output),), IGNORED, device=output.device)
        self.index[ids] = torch.arange(len(ids), device=output.device)


def answer_loss(model: Any, vocabulary: Vocabulary, batch: Batch) -> Tensor:
    """Return the mean cross-entropy over the answer tokens of a batch."""
    logits, wanted, _ = _answer_logits(model, vocabulary, batch)
    return torch.nn.functional.cross_entropy(logits, wanted)


def measure(model: Any, vocabulary: Vocabulary, batches: Sequence[Batch]) -> Held:
    """Return loss and accuracy on listings that are not trained on; the model is left in the mode that it was in."""
    loss = right = tokens = whole = listings = 0.0
    training = model.training
    model.eval()
    with torch.no_grad():
        for batch in batches:
            logits, wanted, rows = _answer_logits(model, vocabulary, batch)
            loss += torch.nn.functional.cross_entropy(logits, wanted, reduction="sum").item()
            hit = logits.argmax(dim=1) == wanted
            right += hit.sum().item()
            tokens += len(wanted)
            whole += len(batch.ids) - len(rows[~hit].unique())
            listings += len(batch.ids)
    model.train(training)
    return Held(loss=loss / tokens, tokens=right / tokens, answers=whole / listings, listings=int(listings))


def _answer_logits(model: Any, vocabulary: Vocabulary, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
    """Return the logits (N, V') of the batch's N answer tokens, their places in V' (N), and their rows (N)."""
    causal = model.get_base_model()
    hidden = causal.model(input_ids=batch.ids, attention_mask=batch.mask, use_cache=False).last_hidden_state
    answers = batch.labels[:, 1:] != IGNORED
    logits = hidden[:, :-1][answers].to(vocabulary.rows.dtype) @ vocabulary.rows.T
    return logits.float(), vocabulary.index[batch.labels[:, 1:][answers]], answers.nonzero()[:, 0]
