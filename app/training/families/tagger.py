"""Trains `bilstm` and `ner`: an ensemble of span taggers, each of which leaves out another part of train.

The part that a member has not seen says which of its epochs was best and, over all members, which probability a value
needs; the scores on the card are those of single members on these parts, a little flattered by that choice. A member
that is finished stays: a run that was broken off goes on after it. Dev is never read.
"""

from __future__ import annotations

import json
import random
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import torch
from pydantic import Field
from rich.console import Console
from rich.progress import track
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from app.adapters.families.extractor import Ranked
from app.adapters.families.readers import EncoderReader, LstmReader
from app.adapters.families.tagger import SpanTagger, save_tagger, sure
from app.adapters.families.tagging import Labels, Network
from app.adapters.whole_files import replacing
from app.training.families.gold import GoldListing, fold, read_train
from app.training.families.minilm import ENCODER_FILES, encoder_folder, encoder_licence, rates, warm_then_fall
from app.training.families.recipe import FamilyRecipe, save
from app.training.families.scores import Known, f1
from app.training.families.spans import Example, batches, example, loss


class Recipe(FamilyRecipe):
    """How a tagger is trained."""

    family: Literal["bilstm", "ner"]
    encoder: Path | None = None
    """Folder of an encoder (config.json, tokenizer.json, model.safetensors); the packaged MiniLM when left out."""
    more: list[str] = []
    """Further sets with the same attributes; what they do not annotate is not learned from."""
    absent: Literal["none", "unknown"] = "none"
    """What it means that gold lacks an attribute of the category: not stated, or nobody looked."""
    several: bool = False
    """An attribute may have several values."""
    metric: Literal["slots", "strict", "sets"] = "strict"
    """What the best epoch and the least probability are chosen by."""
    members: int = Field(default=1, ge=1)
    epochs: int = Field(default=12, ge=1)
    batch: int = Field(default=24, ge=1)
    learning_rate: float = 3e-4
    """Of the encoder's last layer; of each below it ``layer_decay`` times as much."""
    layer_decay: float = 0.9
    head_rate: float = 1e-3
    """Of everything that starts from nothing."""
    dropout: float = 0.2
    threads: int = 2


def train(config: Mapping[str, Any]) -> Path:
    """Train all members; return the model's folder."""
    recipe = Recipe(**config)
    torch.set_num_threads(recipe.threads)
    gold = read_train(recipe.data, recipe.set)
    more = [read_train(recipe.data, name) for name in recipe.more]
    labels = Labels(
        attributes=tuple(sorted({name for names in gold.attributes.values() for name in names})),
        categories=dict(gold.attributes),
    )
    networks: list[Network] = []
    ranked: list[tuple[GoldListing, Ranked]] = []
    finished, seconds = recipe.out / f".{recipe.name}-members", 0.0
    for member in range(recipe.members):
        rest, held = fold(gold.listings, member % recipe.folds, recipe.folds, recipe.seed)
        examples = [example(item, labels, absent_is_none=recipe.absent == "none") for item in rest]
        for item in (item for each in more for item in each.listings):
            examples += [one for one in (example(item, labels, absent_is_none=False),) if one.values]
        torch.manual_seed(recipe.seed + member)
        network = Network(_reader(recipe, examples), labels, dropout=recipe.dropout)
        seconds += _trained(recipe, network, examples, held, member, finished / f"{member}.safetensors")
        networks.append(network)
        ranked += _held_out(recipe, network, held)
    least, scores = _best(recipe, ranked, gold.known)
    tagger = SpanTagger(networks, several=recipe.several, least=least)

    def write(folder: Path) -> None:
        save_tagger(folder, tagger)
        if recipe.family == "ner":
            for name in ENCODER_FILES:
                shutil.copyfile(encoder_folder(recipe.encoder) / name, folder / name)

    folder = save(
        recipe,
        [gold, *more],
        seconds=seconds,
        libraries=("torch", *(("transformers", "tokenizers") if recipe.family == "ner" else ())),
        licence=encoder_licence(recipe.encoder) if recipe.family == "ner" else "none",
        scores={"held_out": scores, "least": least},
        write=write,
    )
    shutil.rmtree(finished)
    return folder


def _trained(
    recipe: Recipe, network: Network, examples: Sequence[Example], held: Sequence[GoldListing], member: int, path: Path
) -> float:
    """Train a member, or load it where a run that was broken off had finished it; return how many seconds it took."""
    pinned = json.dumps(recipe.model_dump(mode="json", exclude={"members"}), sort_keys=True)
    if path.is_file():
        with safe_open(path, "pt") as file:
            about = file.metadata()
            if about["recipe"] == pinned:
                network.load_state_dict({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118
                return float(about["seconds"])
    began = time.perf_counter()
    train_member(recipe, network, examples, held, member)
    seconds = time.perf_counter() - began
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as part:
        save_file(network.state_dict(), part, {"recipe": pinned, "seconds": str(seconds)})
    return seconds


def train_member(
    recipe: Recipe, network: Network, examples: Sequence[Example], held: Sequence[GoldListing], member: int
) -> None:
    """Train a network; it stays as it was after the epoch in which it did best on the listings held out."""
    rng = random.Random(recipe.seed + member)  # noqa: S311 - not for secrets
    groups = list(_groups(recipe, network))
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
    per_epoch = -(-len(examples) // recipe.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, warm_then_fall(recipe.epochs * per_epoch))
    best, kept = -1.0, _copy(network)
    console, known = Console(stderr=True), network.labels.names
    for epoch in range(recipe.epochs):
        network.train()
        total = 0.0
        for batch in track(batches(examples, recipe.batch, rng), f"epoch {epoch + 1}", console=console):
            value = loss(network([each.read for each in batch]), batch)
            value.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            total += value.item()
        score = _best(recipe, list(_held_out(recipe, network, held)), known)[1][recipe.metric]
        console.print(f"member {member + 1}, epoch {epoch + 1}: loss {total / per_epoch:.3f}, held out {score:.1f}")
        if score > best:
            best, kept = score, _copy(network)
    network.load_state_dict(kept)


def _reader(recipe: Recipe, examples: Sequence[Example]) -> LstmReader | EncoderReader:
    if recipe.family == "bilstm":
        return LstmReader.of([each.read for each in examples])
    return EncoderReader.new(encoder_folder(recipe.encoder))


def _groups(recipe: Recipe, network: Network) -> Iterator[dict[str, Any]]:
    encoder = network.reader.encoder if isinstance(network.reader, EncoderReader) else None
    pretrained = set() if encoder is None else {id(p) for p in encoder.parameters()}
    if encoder is not None:
        yield from rates(encoder, recipe.learning_rate, recipe.layer_decay)
    yield {"params": [p for p in network.parameters() if id(p) not in pretrained], "lr": recipe.head_rate}


def _copy(network: Network) -> dict[str, Tensor]:
    return {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}


def _held_out(recipe: Recipe, network: Network, held: Sequence[GoldListing]) -> Iterator[tuple[GoldListing, Ranked]]:
    """Yield what a network says of listings that it has not seen."""
    tagger = SpanTagger([network], several=recipe.several, least=0.0)
    yield from zip(held, tagger.rank([i.listing for i in held], [i.category for i in held]), strict=True)


def _best(recipe: Recipe, ranked: Sequence[tuple[GoldListing, Ranked]], known: Known) -> tuple[float, dict[str, float]]:
    """Return the probability that gives the best F1, and the scores; of several values there is none to fit."""
    grid = [0.0] if recipe.several else [n / 20 for n in range(4, 14)]
    scored = [(least, f1([(item, sure(row, least)) for item, row in ranked], known)) for least in grid]
    return max(scored, key=lambda each: each[1][recipe.metric])
