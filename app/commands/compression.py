"""`tagwright model measure`: what compressing a span tagger costs and gains, in one table.

Variants are made of the first folder (app/training/compress/folder.py); further ones, students for example, are
measured as they lie. Quality is measured on listings of train that no member has seen; with ``--dev`` on dev, and every
such run is one look at it. Latency is of one listing at a time, through the contract of families.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.adapters.families.extractor import FamilyExtractor
from app.adapters.schema_files import Schema, read_schema
from app.bootstrap_extractors import open_family
from app.domain.errors import InvalidFile, TagwrightError
from app.domain.listing import Listing
from app.pipeline.extractor import Question
from app.training.compress.folder import compress, parts, span_tagger, trained_on
from app.training.families.gold import GoldListing
from eval.harness.gold import Surface
from eval.harness.protocols import Judged, judge_slots

if TYPE_CHECKING:
    from app.adapters.families.tagging import Network

_TIMED = 50
"""Listings that latency is measured on, after one that warms up."""
HEAD = ("variant", "listings", "slots", "strict", "MB", "p50 ms")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Listings as questions, with their gold."""

    gold: tuple[Surface, ...]
    questions: tuple[Question, ...]


def unseen(folders: Sequence[Path], data: Path, name: str) -> Asked:
    """Return the listings of train that no member of any model has seen; InvalidFile where there are none."""
    held: list[GoldListing] = []
    for number, folder in enumerate(folders):
        card = span_tagger(folder)
        left_out = [item for each in trained_on(card, data) if each.name == name for item in parts(card, each)[1]]
        held = [item for item in left_out if item in held or number == 0]
        if not held:
            hint = "measure models of one member that left out the same part, or dev with --dev"
            raise InvalidFile(f"{folder}: nothing of {name} is unseen", field="folder", hint=hint)
    schema = read_schema(data / name / "schema.json")
    return Asked(
        gold=tuple(item.gold for item in held),
        questions=tuple(_question(item.listing, item.category, schema) for item in held),
    )


def dev(data: Path, name: str) -> Asked:
    """Return a set's dev split; InvalidFile where it is missing."""
    path = data / name / "dev.jsonl"
    if not path.is_file():
        raise InvalidFile(f"gold data is missing: {path}", field="data")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    schema = read_schema(data / name / "schema.json")
    listings = [Listing(title=row["title"], description=row.get("description") or "", lang=row["lang"]) for row in rows]
    pairs = zip(rows, listings, strict=True)
    return Asked(
        gold=tuple(row["gold"] for row in rows),
        questions=tuple(_question(listing, row["category"] or "", schema) for row, listing in pairs),
    )


def _question(listing: Listing, category: str, schema: Schema) -> Question:
    return Question(listing=listing, category=category, attributes=schema.attributes(category))


async def measure(variant: str, model: FamilyExtractor, folder: Path, asked: Asked) -> tuple[str, ...]:
    """Return a row of the table; closes the model."""
    try:
        answers = await model.extract_many(asked.questions)
        times = []
        for question in asked.questions[: _TIMED + 1]:
            began = time.perf_counter()
            await model.extract_many([question])
            times.append(1000 * (time.perf_counter() - began))
    finally:
        await model.close()
    slots, strict = [], []
    for gold, question, answer in zip(asked.gold, asked.questions, answers, strict=True):
        predicted = {} if isinstance(answer, TagwrightError) else answer.predicted
        slots += judge_slots(gold, predicted)
        strict += judge_slots(gold, predicted, [attribute.name for attribute in question.attributes])
    size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    latency = statistics.median(times[1:] or times)
    return (variant, str(len(answers)), _f1(slots), _f1(strict), f"{size:.1f}", f"{latency:.1f}")


def _f1(judged: Sequence[Judged]) -> str:
    right = sum(one.outcome == "vc" for one in judged)
    given_or_gold = sum((one.given is not None) + (one.gold is not None) for one in judged)
    return f"{200 * right / given_or_gold:.1f}" if given_or_gold else "-"


def variants(folder: Path, work: Path, data: Path, pieces: Sequence[int]) -> Iterator[tuple[str, Path]]:
    """Yield (what it is, folder) of a model and of what is made of it in ``work``."""
    yield f"{folder.name}, as stored", folder
    yield "int8 weights", compress(folder, work / "int8", data=data)
    for number in pieces:
        made = compress(folder, work / f"pieces-{number}", data=data, pieces=number)
        yield f"int8 weights, known and {number} commonest pieces", made


def computing_in_int8(folder: Path) -> FamilyExtractor:
    """Return a model whose linear layers multiply in int8."""
    from app.adapters.families.tagger import load_tagger

    card = span_tagger(folder)
    tagger = load_tagger(folder, card.family)
    tagger.networks = [int8_linear(network) for network in tagger.networks]
    return FamilyExtractor(card, tagger)


def int8_linear(network: Network) -> Network:
    """Return a copy whose linear layers multiply in int8, activations quantised by one scale of a whole batch.

    It is measured here and not served: an answer depends on what else is in the batch, and without VNNI activations
    have seven bits. torch calls the interface deprecated in favour of torchao, whose product (`torch._int_mm`) is far
    slower than float32 on such a CPU; the pinned torch has it.
    """
    from torch import nn

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch.ao.quantization import per_channel_dynamic_qconfig, quantize_dynamic

        fast: Network = quantize_dynamic(network.eval(), {nn.Linear: per_channel_dynamic_qconfig})
    return fast


async def table(folders: Sequence[Path], asked: Asked, *, data: Path, pieces: Sequence[int]) -> list[tuple[str, ...]]:
    """Return the rows, the head first; the last variant and every further model also compute in int8."""
    rows: list[tuple[str, ...]] = [HEAD]
    with tempfile.TemporaryDirectory() as work:
        own = list(variants(folders[0], Path(work), data, pieces))
        made = [*own, *((folder.name, folder) for folder in folders[1:])]
        for variant, folder in made:
            rows.append(await measure(variant, open_family(folder), folder, asked))
        for variant, folder in made[len(own) - 1 :]:
            rows.append(await measure(f"{variant}, computed in int8", computing_in_int8(folder), folder, asked))
    return rows


def run(
    name: str, folders: Sequence[Path], *, data: Path, on_dev: bool, pieces: Sequence[int], threads: int | None
) -> int:
    """Print the table, columns aligned."""
    if threads:
        import torch

        torch.set_num_threads(threads)
    asked = dev(data, name) if on_dev else unseen(folders, data, name)
    rows = asyncio.run(table(folders, asked, data=data, pieces=pieces))
    widths = [max(len(row[n]) for row in rows) for n in range(len(HEAD))]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return 0
