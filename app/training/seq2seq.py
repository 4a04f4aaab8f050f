"""Fine-tuning of an encoder-decoder (T5 and its kin) on the same pairs as a causal model; all weights are trained.

The checkpoint is a folder in Hugging Face's format. What is written is another such folder, which the engine
`transformers` serves (`--engine transformers --model FOLDER`), with a card beside the weights.
Raffel et al.: Exploring the Limits of Transfer Learning (JMLR 2020).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from app.adapters.engines.checkpoints import load_folder
from app.domain.errors import SettingsError
from app.training.batches import IGNORED, Batch, Tokens, batches, collate
from app.training.card import CARD, Card, draw_losses
from app.training.corpus import Corpus, HeldOut, Pair
from app.training.loop import Held, Plan, Progress, autocast, fit
from app.training.recipe import Recipe


def train_seq2seq(recipe: Recipe, report: Callable[[Progress], None]) -> Path:
    """Run a recipe and return the checkpoint's folder; goes on from the last checkpoint where there is one."""
    if recipe.search is not None or recipe.folds is not None:
        raise SettingsError("an encoder-decoder is trained once: without `search` and `folds`", field="family")
    torch.manual_seed(recipe.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    tokenizer, model = _open(recipe)
    model = model.to(device).train()
    stop = recipe.stop
    corpus = Corpus(recipe, HeldOut(low=0, high=stop.share) if stop and stop.on == "held-out" else None)
    sequences: list[Tokens] = []
    epochs = []
    for number in range(recipe.epochs):
        drawn = [_tokens(tokenizer, pair) for pair in corpus.epoch(number)]
        epochs.append([[len(sequences) + i for i in b] for b in batches(drawn, recipe.batch, recipe.seed)])
        sequences += drawn
    pairs = corpus.dev() if stop and stop.on == "dev" else corpus.held_out()
    watched = [_tokens(tokenizer, pair) for pair in pairs]

    def batch_of(tokens: Sequence[Tokens], chosen: Sequence[int]) -> tuple[Batch, torch.Tensor]:
        return _collate([tokens[i] for i in chosen], tokenizer.pad_token_id, device)

    def loss_of(chosen: Sequence[int]) -> torch.Tensor:
        batch, labels = batch_of(sequences, chosen)
        with autocast(recipe.precision, device):
            loss: torch.Tensor = model(input_ids=batch.ids, attention_mask=batch.mask, labels=labels).loss
        return loss

    def held() -> Held:
        return _measure(model, [batch_of(watched, b) for b in batches(watched, 16, 0)])

    outcome = fit(
        model,
        Plan.of(recipe, epochs),
        loss_of,
        lambda chosen: sum(len(sequences[i]) for i in chosen),
        held if watched else None,
        report,
    )
    folder = recipe.out / recipe.name
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    card = Card.of(recipe, outcome, data=corpus.counts, device=device, notes={})
    card.write(folder / CARD, base={"name": recipe.base, "licence": "unknown", "sha256": "unknown"})
    draw_losses(recipe.out, folder)
    return folder


def _open(recipe: Recipe) -> tuple[Any, Any]:
    if not Path(recipe.base).is_dir():
        raise SettingsError(f"no checkpoint's folder {recipe.base!r}", field="base")
    tokenizer, model = load_folder(Path(recipe.base))
    if not model.config.is_encoder_decoder:
        raise SettingsError(f"{recipe.base} is no encoder-decoder: its family is `causal`", field="base")
    return tokenizer, model


def _tokens(tokenizer: Any, pair: Pair) -> Tokens:
    """Return what the encoder reads, as the engine gives it, and what the decoder is to say, with its end."""
    return Tokens(tokenizer(pair[0]).input_ids, tokenizer(pair[1]).input_ids)


def _collate(sequences: Sequence[Tokens], pad: int | None, device: Any) -> tuple[Batch, torch.Tensor]:
    """Return the prompts as a batch, and the answers as labels (B, answer tokens)."""
    prompts = collate([Tokens(one.prompt, []) for one in sequences], pad, device)
    length = max(len(one.answer) for one in sequences)
    labels = torch.tensor([one.answer + [IGNORED] * (length - len(one.answer)) for one in sequences])
    return prompts, labels.to(device)


def _measure(model: Any, watched: Sequence[tuple[Batch, torch.Tensor]]) -> Held:
    loss = right = tokens = whole = listings = 0.0
    model.eval()
    with torch.no_grad():
        for batch, labels in watched:
            answered = model(input_ids=batch.ids, attention_mask=batch.mask, labels=labels)
            known = labels != IGNORED
            hit = (answered.logits.argmax(dim=-1) == labels) | ~known
            loss += answered.loss.item() * known.sum().item()
            right += (hit & known).sum().item()
            tokens += known.sum().item()
            whole += hit.all(dim=1).sum().item()
            listings += len(labels)
    model.train()
    return Held(loss=loss / tokens, tokens=right / tokens, answers=whole / listings, listings=int(listings))
