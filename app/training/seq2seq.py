"""Fine-tuning of an encoder-decoder (T5 and its kin) on the same pairs as a causal model; all weights are trained.

The checkpoint is a folder in Hugging Face's format. What is written is another such folder, which the engine
`transformers` serves (`--engine transformers --model FOLDER`), with a card beside the weights.
Raffel et al.: Exploring the Limits of Transfer Learning (JMLR 2020).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from app.adapters.engines.checkpoints import load_folder
from app.domain.errors import SettingsError
from app.training.batches import IGNORED, Batch, Tokens, collate
from app.training.corpus import Pair
from app.training.learning import Reporter, device, learn, write_card
from app.training.objective import Predicted
from app.training.recipe import Recipe


def train_seq2seq(recipe: Recipe, report: Reporter) -> Path:
    """Run a recipe and return the checkpoint's folder; goes on from the last checkpoint where there is one."""
    if recipe.search is not None or recipe.folds is not None:
        raise SettingsError("an encoder-decoder is trained once: without `search` and `folds`", field="family")
    torch.manual_seed(recipe.seed)
    tokenizer, model = _open(recipe)
    model = model.to(device()).train()

    def tokens_of(pair: Pair) -> Tokens:
        # What the encoder reads, as the engine gives it, and what the decoder is to say, with its end.
        return Tokens(tokenizer(pair[0]).input_ids, tokenizer(pair[1]).input_ids)

    def predict(batch: Sequence[Tokens]) -> Predicted:
        return _predicted(model, *_collate(batch, tokenizer.pad_token_id))

    learned = learn(recipe, model, tokens_of, lambda _: predict, None, report)
    folder = recipe.out / recipe.name
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    write_card(recipe, learned, base={"name": recipe.base, "licence": "unknown", "sha256": "unknown"}, notes={})
    return folder


def _open(recipe: Recipe) -> tuple[Any, Any]:
    if not Path(recipe.base).is_dir():
        raise SettingsError(f"no checkpoint's folder {recipe.base!r}", field="base")
    tokenizer, model = load_folder(Path(recipe.base))
    if not model.config.is_encoder_decoder:
        raise SettingsError(f"{recipe.base} is no encoder-decoder: its family is `causal`", field="base")
    return tokenizer, model


def _collate(sequences: Sequence[Tokens], pad: int | None) -> tuple[Batch, torch.Tensor]:
    """Return the prompts as a batch, and the answers as labels (B, answer tokens)."""
    prompts = collate([Tokens(one.prompt, []) for one in sequences], pad, device())
    length = max(len(one.answer) for one in sequences)
    labels = torch.tensor([one.answer + [IGNORED] * (length - len(one.answer)) for one in sequences])
    return prompts, labels.to(device())


def _predicted(model: Any, batch: Batch, labels: torch.Tensor) -> Predicted:
    """Return what an encoder-decoder predicts of a batch; V is its whole vocabulary."""
    logits = model(input_ids=batch.ids, attention_mask=batch.mask, labels=labels).logits
    answers = labels != IGNORED
    return Predicted(logits=logits[answers].float(), wanted=labels[answers], rows=answers.nonzero()[:, 0])
