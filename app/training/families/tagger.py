"""Trains `bilstm` and `ner`: an ensemble of span taggers, each of which leaves out another part of train.

The part that a member has not seen says which of its epochs was best and, over all members, which probability a value
needs; the scores on the card are those of single members on these parts, a little flattered by that choice. A member
that is finished stays: a run that was broken off goes on after it. Dev is never read.
A student is trained in the same way: fewer layers or word pieces, a trained model to start from, teachers beside gold.
"""

from __future__ import annotations

import json
import random
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.progress import track
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from app.adapters.families.card import read_card
from app.adapters.families.extractor import Ranked
from app.adapters.families.readers import EncoderReader, LstmReader
from app.adapters.families.tagger import SpanTagger, load_tagger, save_tagger, sure
from app.adapters.families.tagging import Labels, Network
from app.adapters.whole_files import replacing
from app.domain.errors import InvalidFile
from app.training.compress.distil import Teacher, saw_held_out
from app.training.compress.layers import cut_layers
from app.training.compress.vocabulary import cut_vocabulary, labels_in
from app.training.families.encoders import encoder_folder, encoder_licence, rates, warm_then_fall
from app.training.families.gold import GoldListing, read_train
from app.training.families.lessons import Lessons
from app.training.families.recipe import save
from app.training.families.scores import Known, f1
from app.training.families.spans import batches
from app.training.families.tagger_recipe import Recipe


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
    cards = [read_card(folder) for folder in recipe.teacher]
    teacher = Teacher.open(recipe.teacher, labels) if cards else None
    networks: list[Network] = []
    ranked: list[tuple[GoldListing, Ranked]] = []
    finished, seconds = recipe.out / f".{recipe.name}-members", 0.0
    for member in range(recipe.members):
        rest, held = gold.fold(member % recipe.folds, recipe.folds, recipe.seed)
        lessons = Lessons(
            listings=rest,
            more=[item for each in more for item in each.listings],
            labels=labels,
            absent_is_none=recipe.absent == "none",
            swap=recipe.swap,
            teacher=teacher,
            taught=recipe.taught,
        )
        torch.manual_seed(recipe.seed + member)
        network = _network(recipe, lessons)
        seconds += _trained(recipe, network, lessons, held, member, finished / f"{member}.safetensors")
        networks.append(network)
        ranked += _held_out(recipe, network, held)
    least, scores = _best(recipe, ranked, gold.known)
    tagger = SpanTagger(networks, several=recipe.several, least=least)

    flattered = [
        card.name
        for card in cards
        if any(saw_held_out(card, seed=recipe.seed, folds=recipe.folds, number=n) for n in range(recipe.members))
    ]
    seen_by = {"held_out_seen_by": flattered} if flattered else {}
    folder = save(
        recipe,
        [gold, *more],
        seconds=seconds,
        libraries=("torch", *(("transformers", "tokenizers") if recipe.family == "ner" else ())),
        licence=_licence(recipe),
        scores={"held_out": scores, "least": least, **seen_by},
        write=lambda part: save_tagger(part, tagger, recipe.stored),
        taught_on=[each for card in cards for each in card.data],
    )
    shutil.rmtree(finished)
    return folder


def _trained(
    recipe: Recipe, network: Network, lessons: Lessons, held: Sequence[GoldListing], member: int, path: Path
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
    train_member(recipe, network, lessons, held, member)
    seconds = time.perf_counter() - began
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as part:
        save_file(network.state_dict(), part, {"recipe": pinned, "seconds": str(seconds)})
    return seconds


def train_member(recipe: Recipe, network: Network, lessons: Lessons, held: Sequence[GoldListing], member: int) -> None:
    """Train a network; it stays as it was after the epoch in which it did best on the listings held out."""
    rng = random.Random(recipe.seed + member)  # noqa: S311 - not for secrets
    groups = list(_groups(recipe, network))
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
    per_epoch = -(-len(lessons.examples()) // recipe.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, warm_then_fall(recipe.epochs * per_epoch))
    best, kept = -1.0, _copy(network)
    console, known = Console(stderr=True), network.labels.names
    for epoch in range(recipe.epochs):
        network.train()
        total = 0.0
        examples = lessons.examples(epoch, recipe.seed + member)
        for batch in track(batches(examples, recipe.batch, rng), f"epoch {epoch + 1}", console=console):
            value = lessons.loss(network([each.read for each in batch]), batch)
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


def _network(recipe: Recipe, lessons: Lessons) -> Network:
    """Return the network that a member starts as, cut to the size that the recipe names."""
    reads = [each.read for each in lessons.examples()]
    if recipe.start:
        network: Network = load_tagger(recipe.start, recipe.family).networks[0]
        if network.labels != lessons.labels:
            raise InvalidFile(f"{recipe.start} was trained for other attributes", field="start")
        network.heads.dropout.p = recipe.dropout
    else:
        lstm = recipe.family == "bilstm"
        reader = LstmReader.of(reads) if lstm else EncoderReader.new(encoder_folder(recipe.encoder))
        network = Network(reader, lessons.labels, dropout=recipe.dropout)
    if recipe.layers is not None:
        cut_layers(network, recipe.layers)
    if recipe.pieces is not None:
        cut_vocabulary(network, reads, recipe.pieces, labels_in({each.listing.lang for each in lessons.listings}))
    return network


def _licence(recipe: Recipe) -> str:
    if recipe.start:
        return read_card(recipe.start).licence
    return encoder_licence(recipe.encoder) if recipe.family == "ner" else "none"


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
