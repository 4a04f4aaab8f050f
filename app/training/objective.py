"""What is learned and measured: the cross-entropy of answer tokens; of a causal model, over a part of its vocabulary.

With all 262,144 tokens of Gemma the output layer was 57 % of the work on two cores; the layer itself is not trained.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from app.training.batches import IGNORED, Batch, Tokens
from app.training.loop import Held

STRANGERS = 8_000
"""Tokens that do not occur in the data, so that the model learns to leave those alone too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Predicted:
    """The N answer tokens of a batch, each predicted from the right ones before it."""

    logits: Tensor
    """(N, V)"""
    wanted: Tensor
    """(N): the right token's place in V."""
    rows: Tensor
    """(N): the row of the batch that a token belongs to."""


Predict = Callable[[Sequence[Tokens]], Predicted]


def cross_entropy(predicted: Predicted) -> Tensor:
    """Return the mean cross-entropy over the answer tokens of a batch."""
    return torch.nn.functional.cross_entropy(predicted.logits, predicted.wanted)


def measure(model: Any, predict: Predict, batches: Sequence[Sequence[Tokens]]) -> Held:
    """Return loss and accuracy on listings that are not trained on; the model is left in the mode that it was in."""
    loss = right = tokens = whole = listings = 0.0
    training = model.training
    model.eval()
    with torch.no_grad():
        for batch in batches:
            predicted = predict(batch)
            hit = predicted.logits.argmax(dim=1) == predicted.wanted
            loss += cross_entropy(predicted).item() * len(hit)
            right += hit.sum().item()
            tokens += len(hit)
            whole += len(batch) - len(predicted.rows[~hit].unique())
            listings += len(batch)
    model.train(training)
    return Held(loss=loss / tokens, tokens=right / tokens, answers=whole / listings, listings=int(listings))


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


def predicted_by_causal(model: Any, vocabulary: Vocabulary, batch: Batch) -> Predicted:
    """Return what a causal model predicts of a batch; V is the vocabulary's V'."""
    causal = model.get_base_model()
    hidden = causal.model(input_ids=batch.ids, attention_mask=batch.mask, use_cache=False).last_hidden_state
    answers = batch.labels[:, 1:] != IGNORED
    logits = hidden[:, :-1][answers].to(vocabulary.rows.dtype) @ vocabulary.rows.T
    return Predicted(
        logits=logits.float(),
        wanted=vocabulary.index[batch.labels[:, 1:][answers]],
        rows=answers.nonzero()[:, 0],
    )
