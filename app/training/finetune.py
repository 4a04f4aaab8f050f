"""LoRA fine-tuning of a causal language model, on CPU or GPU: base, adapter, search and folds.

What it shares with other kinds is in learning.py. Loss is taken on answers only; see objective.py. The adapter is
written in PEFT's format with a card beside it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file

from app.adapters.engines.checkpoints import load_base, load_folder
from app.adapters.engines.weights import BASES
from app.domain.errors import SettingsError
from app.training.batches import Tokens, collate, tokenize
from app.training.corpus import HeldOut, Pair
from app.training.learning import Reporter, device, learn, write_card
from app.training.loop import Held, named_trainable
from app.training.objective import Predict, Vocabulary, predicted_by_causal
from app.training.progress import printed
from app.training.recipe import Recipe, read_recipe

TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
END = {"gemma-3-270m": "<end_of_turn>", "smollm2-135m": "<|im_end|>"}
"""The token that ends an answer: one that llama.cpp takes as the end of a generation."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Base:
    """A model to be tuned, with what is known of it."""

    tokenizer: Any
    model: Any
    name: str
    licence: str
    digest: str
    end: int
    with_bos: bool


def train(config: Path, report: Reporter | None = None) -> Path:
    """Run a recipe and return the adapter's folder; goes on from the last checkpoint where there is one.

    With ``search`` the best settings are looked for first, with ``folds`` they are cross-validated; the adapter is then
    trained on everything. ``report`` is called after every step; a progress bar is drawn where it is None.
    """
    recipe = read_recipe(config)
    with printed(recipe.name, report) as reporter:
        if recipe.family == "t5":
            from app.training.seq2seq import train_seq2seq

            return train_seq2seq(recipe, reporter)
        notes: dict[str, Any] = {}
        if recipe.search is not None:
            from app.training.search import search

            recipe, notes["search"] = search(recipe, lambda tried, held: run(tried, reporter, held).held)
        if recipe.folds is not None:
            from app.training.folds import cross_validate

            notes["cross_validation"] = cross_validate(recipe, lambda one, held: run(one, reporter, held).held)
        return run(recipe, reporter, notes=notes).folder


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """A run that is done."""

    folder: Path
    held: Held | None


def run(recipe: Recipe, report: Reporter, held_out: HeldOut | None = None, notes: dict[str, Any] | None = None) -> Run:
    """Train once. ``held_out`` is kept from training and measured; without it early stopping takes what it needs."""
    torch.manual_seed(recipe.seed)
    base = open_base(recipe)
    model = get_peft_model(base.model, _lora(recipe, base.model)).to(device())

    def tokens_of(pair: Pair) -> Tokens:
        return tokenize(base.tokenizer, pair, base.end, with_bos=base.with_bos)

    def predict_for(sequences: Sequence[Tokens]) -> Predict:
        output = base.model.get_output_embeddings().weight.detach()
        vocabulary, pad = Vocabulary(output, sequences, recipe.seed), base.tokenizer.pad_token_id
        return lambda batch: predicted_by_causal(model, vocabulary, collate(batch, pad, device()))

    learned = learn(recipe, model, tokens_of, predict_for, held_out, report)
    folder = save(recipe, model)
    about = {"name": base.name, "licence": base.licence, "sha256": base.digest}
    write_card(recipe, learned, base=about, notes=notes or {})
    return Run(folder=folder, held=learned.outcome.held)


def open_base(recipe: Recipe) -> Base:
    """Return the base that a recipe names: a packaged one, or a folder in Hugging Face's format."""
    if recipe.base in BASES:
        packaged = BASES[recipe.base]
        tokenizer, model = load_base(packaged, recipe.out)
        end = tokenizer.convert_tokens_to_ids(END[recipe.base])
        licence, digest = packaged.licence, packaged.sha256
    else:
        if not Path(recipe.base).is_dir():
            known = ", ".join(BASES)
            raise SettingsError(f"no base {recipe.base!r}: neither a folder nor one of {known}", field="base")
        tokenizer, model = load_folder(Path(recipe.base))
        if model.config.is_encoder_decoder:
            raise SettingsError(f"{recipe.base} is an encoder-decoder: its family is `t5`", field="base")
        end, licence, digest = tokenizer.eos_token_id, "unknown", "unknown"
    return Base(
        tokenizer=tokenizer,
        model=model,
        name=recipe.base,
        licence=licence,
        digest=digest,
        end=end,
        with_bos=tokenizer.bos_token_id is not None and _puts_bos(tokenizer),
    )


def _puts_bos(tokenizer: Any) -> bool:
    """Say whether the tokenizer puts a BOS before a text: engines that serve the model do as it does."""
    return bool(tokenizer("a").input_ids[:1] == [tokenizer.bos_token_id])


def _lora(recipe: Recipe, model: Any) -> LoraConfig:
    names = {name.rsplit(".", 1)[-1] for name, _ in model.named_modules()}
    return LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        lora_dropout=recipe.dropout,
        target_modules=TARGETS if names.issuperset(TARGETS) else "all-linear",
        task_type="CAUSAL_LM",
    )


def save(recipe: Recipe, model: Any) -> Path:
    """Write the adapter in PEFT's format, float16, and return its folder."""
    folder = recipe.out / recipe.name
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {n: p.detach().half().contiguous().cpu() for n, p in named_trainable(model)}
    save_file(tensors, folder / "adapter_model.safetensors")
    targets = model.peft_config["default"].target_modules
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": recipe.base,
        "r": recipe.rank,
        "lora_alpha": recipe.alpha,
        "target_modules": TARGETS if set(targets) == set(TARGETS) else sorted(targets),
        "bias": "none",
    }
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    return folder
