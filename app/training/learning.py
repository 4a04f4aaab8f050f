"""One run over a recipe's pairs, the same for causal models and encoder-decoders: corpus, batches, steps, card.

A kind of model says how a pair becomes tokens, and what it predicts of a batch of them.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from app.training.batches import Tokens, batches
from app.training.card import CARD, Card, draw_losses
from app.training.corpus import Corpus, HeldOut, Pair
from app.training.loop import Held, Outcome, Plan, Progress, autocast, fit
from app.training.objective import Predict, cross_entropy, measure
from app.training.recipe import Recipe

Reporter = Callable[[Progress], None]
_WATCHED_AT_ONCE = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Learned:
    """What a run came to, and which listings it was shown."""

    outcome: Outcome
    corpus: Corpus


def device() -> str:
    """Return where models are trained: on a GPU where there is one."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def learn(
    recipe: Recipe,
    model: Any,
    tokens_of: Callable[[Pair], Tokens],
    predict_for: Callable[[Sequence[Tokens]], Predict],
    held_out: HeldOut | None,
    report: Reporter,
) -> Learned:
    """Train a model, which is on `device` already; goes on from the last checkpoint where there is one.

    ``predict_for`` is given all sequences of the run. ``held_out`` is kept from training and measured; without it early
    stopping takes what it needs.
    """
    stop = recipe.stop
    if held_out is None and stop is not None and stop.on == "held-out":
        held_out = HeldOut(low=0, high=stop.share, seed=recipe.seed)
    corpus = Corpus(recipe, held_out)
    sequences, epochs = _epochs(recipe, corpus, tokens_of)
    on_dev = held_out is None and stop is not None
    watched = [tokens_of(pair) for pair in (corpus.dev() if on_dev else corpus.held_out())]
    predict = predict_for([*sequences, *watched])

    def loss_of(chosen: Sequence[int]) -> torch.Tensor:
        with autocast(recipe.precision, device()):
            return cross_entropy(predict([sequences[i] for i in chosen]))

    def held() -> Held:
        chosen = batches(watched, _WATCHED_AT_ONCE, 0)
        with autocast(recipe.precision, device()):
            return measure(model, predict, [[watched[i] for i in batch] for batch in chosen])

    outcome = fit(
        model,
        Plan.of(recipe, epochs),
        loss_of,
        lambda chosen: sum(len(sequences[i]) for i in chosen),
        held if watched else None,
        report,
    )
    return Learned(outcome=outcome, corpus=corpus)


def _epochs(
    recipe: Recipe, corpus: Corpus, tokens_of: Callable[[Pair], Tokens]
) -> tuple[list[Tokens], list[list[list[int]]]]:
    """Return the sequences of all epochs, and each epoch's batches of their indices."""
    sequences: list[Tokens] = []
    epochs = []
    for number in range(recipe.epochs):
        drawn = [tokens_of(pair) for pair in corpus.epoch(number)]
        chosen = batches(drawn, recipe.batch, recipe.seed)
        epochs.append([[len(sequences) + i for i in batch] for batch in chosen])
        sequences += drawn
    return sequences, epochs


def write_card(recipe: Recipe, learned: Learned, *, base: Mapping[str, str], notes: Mapping[str, Any]) -> None:
    """Write card and losses beside what was trained; ``base`` is the name, licence and sha256 of what it started as."""
    folder = recipe.out / recipe.name
    card = Card.of(recipe, learned.outcome, data=learned.corpus.counts, device=device(), notes=notes)
    card.write(folder / CARD, base=base)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        draw_losses(recipe.out, folder)
