"""Trains the family `encoder`: one logit per frequent value, binary cross-entropy, thresholds on held-out listings."""

from __future__ import annotations

import json
import random
import shutil
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Literal

import torch
from pydantic import Field
from rich.console import Console
from rich.progress import track
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - as everywhere

from app.adapters.families.classifier import Classifier
from app.adapters.families.encoder import CONFIG, WEIGHTS, Encoder, Label
from app.adapters.families.readers import EncoderReader
from app.adapters.families.tagging import Read
from app.training.families.encoders import (
    DEFAULT,
    ENCODER_FILES,
    encoder_folder,
    encoder_licence,
    rates,
    warm_then_fall,
)
from app.training.families.gold import GoldListing, held_out, read_train, split
from app.training.families.recipe import FamilyRecipe, save
from app.training.families.scores import held_out_scores

_GRID = tuple(n / 20 for n in range(2, 19))
_ENOUGH = 3
"""Held-out listings with a value that its own threshold needs; values with fewer share one."""


class Recipe(FamilyRecipe):
    """How the encoder is trained."""

    family: Literal["encoder"]
    encoder: str = DEFAULT
    """A packaged encoder, or a folder with one; see encoders.py."""
    support: int = Field(default=3, ge=1)
    """Listings that a value needs to become a label."""
    epochs: int = Field(default=10, ge=1)
    batch: int = Field(default=24, ge=1)
    learning_rate: float = 3e-4
    layer_decay: float = 0.9
    head_rate: float = 2e-3
    threads: int = 2


def train(config: Mapping[str, Any]) -> Path:
    """Train on all but the held-out listings, fit thresholds on half of these, score on the other half."""
    recipe, began = Recipe(**config), time.perf_counter()
    torch.set_num_threads(recipe.threads)
    torch.manual_seed(recipe.seed)
    gold = read_train(recipe.data, recipe.set)
    rest, held = gold.fold(0, recipe.folds, recipe.seed)
    network, labels = _fit(recipe, rest)
    tuning, judging = split(held, held_out(len(held), 0, 2, recipe.seed))
    categories = {category: list(names) for category, names in gold.attributes.items()}
    scored = Encoder(network, _with_thresholds(network, labels, tuning), categories)
    scores = held_out_scores(scored, judging, gold.known)
    labels = _with_thresholds(network, labels, held)

    def write(folder: Path) -> None:
        content = {"labels": [asdict(label) for label in labels], "categories": categories}
        (folder / CONFIG).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        tensors = {name: tensor.to(torch.float16).contiguous() for name, tensor in network.state_dict().items()}
        save_file(tensors, folder / WEIGHTS)
        for name in ENCODER_FILES:
            shutil.copyfile(encoder_folder(recipe.encoder) / name, folder / name)

    return save(
        recipe,
        [gold],
        seconds=time.perf_counter() - began,
        libraries=("torch", "transformers", "tokenizers"),
        licence=encoder_licence(recipe.encoder),
        scores={"held_out": scores},
        write=write,
    )


def _fit(recipe: Recipe, listings: Sequence[GoldListing]) -> tuple[Classifier, list[Label]]:
    counts = Counter((a, v) for item in listings for a, vs in item.gold.items() for v in dict.fromkeys(vs or ()))
    labels = [Label(attribute=a, value=v) for (a, v), n in sorted(counts.items()) if n >= recipe.support]
    reads = [Read.of(item.listing, item.category) for item in listings]
    targets = _targets(listings, labels)
    network = Classifier(EncoderReader.new(encoder_folder(recipe.encoder)), len(labels)).train()
    head = [*network.hidden.parameters(), *network.out.parameters()]
    groups = [*rates(network.reader.encoder, recipe.learning_rate, recipe.layer_decay)]
    optimizer = torch.optim.AdamW([*groups, {"params": head, "lr": recipe.head_rate}], weight_decay=0.01, fused=True)
    per_epoch = -(-len(reads) // recipe.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, warm_then_fall(recipe.epochs * per_epoch))
    rng, console = random.Random(recipe.seed), Console(stderr=True)  # noqa: S311 - not for secrets
    for epoch in range(recipe.epochs):
        order = rng.sample(range(len(reads)), len(reads))
        total = 0.0
        for start in track(range(0, len(order), recipe.batch), f"epoch {epoch + 1}", console=console):
            rows = order[start : start + recipe.batch]
            logits = network([reads[n] for n in rows])
            # The sum over labels: their mean would be lost among the hundreds that are absent.
            loss = F.binary_cross_entropy_with_logits(logits, targets[rows], reduction="sum") / len(rows)
            loss.backward()
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            total += loss.item()
        console.print(f"epoch {epoch + 1}: loss {total / per_epoch:.3f}")
    return network, labels


def _targets(listings: Sequence[GoldListing], labels: Sequence[Label]) -> Tensor:
    """Return 1 where a listing has a value, (listings, labels)."""
    places = {(label.attribute, label.value): n for n, label in enumerate(labels)}
    targets = torch.zeros(len(listings), len(labels))
    for row, item in enumerate(listings):
        for attribute, values in item.gold.items():
            for value in values or ():
                if (place := places.get((attribute, value))) is not None:
                    targets[row, place] = 1
    return targets


def _with_thresholds(network: Classifier, labels: Sequence[Label], held: Sequence[GoldListing]) -> list[Label]:
    """Return labels with the thresholds that give the best F1 on held-out listings."""
    tagger = Encoder(network, labels, {})
    parts = [held[n : n + 32] for n in range(0, len(held), 32)]
    chances = torch.cat([tagger.chances([i.listing for i in p], [i.category for i in p]) for p in parts])
    targets = _targets(held, labels)
    shared = max(_GRID, key=lambda least: _f1(chances >= least, targets))
    found = []
    for n, label in enumerate(labels):
        enough = targets[:, n].sum() >= _ENOUGH
        own = max(_GRID, key=lambda t: (_f1(chances[:, n] >= t, targets[:, n]), -abs(t - shared))) if enough else shared
        found.append(replace(label, least=own))
    return found


def _f1(made: Tensor, wanted: Tensor) -> float:
    right = float((made * wanted).sum())
    return 2 * right / max(1.0, float(made.sum() + wanted.sum()))
