"""LoRA fine-tuning of a GGUF base, on CPU or GPU. Reads top to bottom: recipe, examples, batches, steps, adapter.

Loss is taken on answers only, and over a part of the vocabulary: every token that occurs in the data and some that do
not. With all 262,144 the output layer was 57 % of the work on two cores; the layer itself is not trained.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import yaml
from peft import LoraConfig, get_peft_model
from pydantic import BaseModel, ConfigDict
from safetensors.torch import load_file, save_file
from torch import Tensor

from app.adapters.engines.checkpoints import load_base
from app.adapters.engines.weights import BASES
from app.adapters.taxonomy_files import load_yaml
from app.bootstrap import data_folder, open_service
from app.settings import load_settings
from app.training.data import as_pair, as_served, gold_examples, written_examples
from app.training.synthesize import TEMPLATES, Synthesizer

TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
END = {"gemma-3-270m": "<end_of_turn>", "smollm2-135m": "<|im_end|>"}
"""The token that ends an answer: one that llama.cpp takes as the end of a generation."""


WRITTEN = Path(__file__).with_name("written")


class Gold(BaseModel):
    """A gold set and how often it is seen."""

    model_config = ConfigDict(extra="forbid")
    set: str
    repeat: int = 1
    limit: int | None = None


class Recipe(BaseModel):
    """A training run; see app/training/recipes/*.yaml."""

    model_config = ConfigDict(extra="forbid")
    name: str
    base: str
    prompt: str
    taxonomy: str
    data: Path = Path("../shared/data")
    gold: list[Gold] = []
    synthetic: int = 0
    """Listings drawn from templates, languages in turn."""
    written: int = 0
    """How often the listings that the project wrote itself are seen."""
    rank: int = 16
    alpha: int = 32
    learning_rate: float
    batch: int = 8
    seed: int = 0
    save_every: int = 50
    out: Path


@dataclass(frozen=True, slots=True)
class Tokens:
    """Token ids of a prompt and of its answer."""

    prompt: list[int]
    answer: list[int]

    def __len__(self) -> int:
        return len(self.prompt) + len(self.answer)


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """One step: its number from 0, how many there are, its loss, and tokens a second since this run began."""

    step: int
    steps: int
    loss: float
    tokens_per_s: float


def print_progress(progress: Progress) -> None:
    """Print every tenth step."""
    if progress.step % 10 == 0:
        print(f"step {progress.step} loss {progress.loss:.3f} {progress.tokens_per_s:.0f} tokens/s", flush=True)


def train(config: Path, report: Callable[[Progress], None] = print_progress) -> Path:
    """Run a recipe and return the adapter's folder; goes on from the last checkpoint where there is one.

    ``report`` is called after every step.
    """
    recipe = Recipe.model_validate(yaml.safe_load(config.read_text(encoding="utf-8")))
    torch.manual_seed(recipe.seed)
    tokenizer, model = load_base(BASES[recipe.base], recipe.out)
    model = get_peft_model(
        model, LoraConfig(r=recipe.rank, lora_alpha=recipe.alpha, target_modules=TARGETS, task_type="CAUSAL_LM")
    )
    sequences = [tokenize(tokenizer, recipe.base, *pair) for pair in pairs(recipe)]
    steps = batches(sequences, recipe)
    vocabulary = Vocabulary(model, sequences, recipe.seed)
    print(f"{len(sequences)} examples, {sum(map(len, sequences))} tokens, {len(steps)} steps", flush=True)
    optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=1.0, weight_decay=0.0)
    done = _resume(recipe.out, model, optimizer)
    began, seen = time.time(), 0
    for step in range(done, len(steps)):
        for group in optimizer.param_groups:
            group["lr"] = recipe.learning_rate * _schedule(step, len(steps))
        loss = answer_loss(model, vocabulary, [sequences[i] for i in steps[step]], tokenizer.pad_token_id)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        seen += sum(len(sequences[i]) for i in steps[step])
        rate = seen / (time.time() - began)
        report(Progress(step=step, steps=len(steps), loss=loss.item(), tokens_per_s=rate))
        if (step + 1) % recipe.save_every == 0:
            _checkpoint(recipe.out, model, optimizer, step + 1)
    return save(recipe, model)


def pairs(recipe: Recipe) -> list[tuple[str, str]]:
    """Return all (prompt, answer) pairs of a recipe, shuffled.

    Half of the synthetic listings, and the written ones every other time, are asked about as the service asks.
    """
    settings = load_settings(prompt=recipe.prompt, taxonomy=data_folder("taxonomy") / recipe.taxonomy)
    service = asyncio.run(open_service(settings, with_model=False, with_store=False))
    taxonomy, prompt = service.taxonomy, service.tagger.parts.prompt
    synthesizer = Synthesizer(taxonomy, load_yaml(TEMPLATES.read_bytes()), recipe.seed)
    examples = list(synthesizer.draw(recipe.synthetic // 2))
    served = list(synthesizer.draw(recipe.synthetic // 2, plainly=True))
    for turn in range(recipe.written):
        (served if turn % 2 else examples).extend(written_examples(WRITTEN, taxonomy, seed=recipe.seed + turn))
    for gold in recipe.gold:
        for turn in range(gold.repeat):
            examples += list(gold_examples(recipe.data / gold.set, "train", seed=recipe.seed + turn))[: gold.limit]
    made = [as_pair(example, prompt) for example in examples]
    made += [as_served(example, service.tagger.prompt_for) for example in served]
    random.Random(recipe.seed).shuffle(made)  # noqa: S311 - not for secrets
    return made


def tokenize(tokenizer: Any, base: str, prompt: str, answer: str) -> Tokens:
    """Return token ids as llama.cpp makes them of the same prompt (with BOS where the base has one)."""
    bos = [tokenizer.bos_token_id] if base.startswith("gemma") else []
    end = tokenizer.convert_tokens_to_ids(END[base])
    return Tokens(
        bos + tokenizer(prompt, add_special_tokens=False).input_ids,
        [*tokenizer(answer, add_special_tokens=False).input_ids, end],
    )


def batches(sequences: Sequence[Tokens], recipe: Recipe) -> list[list[int]]:
    """Return batches of indices, of like lengths within windows of 20 batches, so that little is padding."""
    rng = random.Random(recipe.seed)  # noqa: S311 - not for secrets
    made: list[list[int]] = []
    window = recipe.batch * 20
    for start in range(0, len(sequences), window):
        ordered = sorted(range(start, min(start + window, len(sequences))), key=lambda i: len(sequences[i]))
        chunk = [ordered[i : i + recipe.batch] for i in range(0, len(ordered), recipe.batch)]
        rng.shuffle(chunk)
        made += chunk
    return made


class Vocabulary:
    """The tokens among which the next one is to be told: V' of them, with their rows of the output layer."""

    STRANGERS = 8_000
    """Tokens that do not occur in the data, so that the model learns to leave those alone too."""

    def __init__(self, model: Any, sequences: Sequence[Tokens], seed: int) -> None:
        weight: Tensor = model.base_model.model.lm_head.weight.detach()
        rng = random.Random(seed)  # noqa: S311 - not for secrets
        known = {token for s in sequences for token in (*s.prompt, *s.answer)}
        strangers = rng.sample(range(len(weight)), min(self.STRANGERS, len(weight)))
        ids = torch.tensor(sorted(known.union(strangers)), device=weight.device)
        self.rows = weight[ids].contiguous()
        self.index = torch.full((len(weight),), -100, device=weight.device)
        self.index[ids] = torch.arange(len(ids), device=weight.device)


def answer_loss(model: Any, vocabulary: Vocabulary, batch: Sequence[Tokens], pad: int | None) -> Tensor:
    """Return the mean cross-entropy over answer tokens. Shapes: ids (B, T), hidden (B, T, d), logits (answers, V')."""
    causal = model.base_model.model
    length = max(map(len, batch))
    ids = torch.full((len(batch), length), pad or 0)
    mask = torch.zeros((len(batch), length), dtype=torch.long)
    labels = torch.full((len(batch), length), -100)
    for row, sequence in enumerate(batch):
        tokens = torch.tensor(sequence.prompt + sequence.answer)
        ids[row, : len(tokens)] = tokens
        mask[row, : len(tokens)] = 1
        labels[row, len(sequence.prompt) : len(tokens)] = tokens[len(sequence.prompt) :]
    device = vocabulary.rows.device
    ids, mask, labels = ids.to(device), mask.to(device), labels.to(device)
    hidden = causal.model(input_ids=ids, attention_mask=mask, use_cache=False).last_hidden_state
    predicted = labels[:, 1:] != -100
    logits = hidden[:, :-1][predicted] @ vocabulary.rows.T
    return torch.nn.functional.cross_entropy(logits.float(), vocabulary.index[labels[:, 1:][predicted]])


def save(recipe: Recipe, model: Any) -> Path:
    """Write the adapter in PEFT's format, float16, and return its folder."""
    folder = recipe.out / recipe.name
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {n: p.detach().half().contiguous().cpu() for n, p in _trainable(model)}
    save_file(tensors, folder / "adapter_model.safetensors")
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": recipe.base,
        "r": recipe.rank,
        "lora_alpha": recipe.alpha,
        "target_modules": TARGETS,
        "bias": "none",
    }
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=1) + "\n")
    return folder


def _trainable(model: Any) -> Iterator[tuple[str, Tensor]]:
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            yield name.replace(".default.", "."), parameter


def _schedule(step: int, steps: int) -> float:
    """Return the share of the peak learning rate: 3 % warm-up, then a cosine to zero."""
    warm = max(1, steps * 3 // 100)
    return min(1.0, (step + 1) / warm) * 0.5 * (1 + math.cos(math.pi * step / steps))


def _checkpoint(out: Path, model: Any, optimizer: Any, step: int) -> None:
    save_file({n: p.detach().contiguous() for n, p in _trainable(model)}, out / "checkpoint.safetensors.part")
    torch.save({"optimizer": optimizer.state_dict(), "step": step}, out / "checkpoint.pt.part")
    (out / "checkpoint.safetensors.part").replace(out / "checkpoint.safetensors")
    (out / "checkpoint.pt.part").replace(out / "checkpoint.pt")


def _resume(out: Path, model: Any, optimizer: Any) -> int:
    if not (out / "checkpoint.pt").is_file():
        return 0
    saved = load_file(out / "checkpoint.safetensors")
    with torch.no_grad():
        for name, parameter in _trainable(model):
            parameter.copy_(saved[name])
    state = torch.load(out / "checkpoint.pt", weights_only=True)
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"])
