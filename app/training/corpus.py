"""What a recipe trains on: gold sets without what stands in dev, generated and written listings, anew each epoch."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.adapters.prompt_files import read_prompt
from app.bootstrap import data_folder, open_service
from app.pipeline.prompting import PromptTemplate
from app.settings import load_settings
from app.training.augment import Augmenter
from app.training.data import as_pair, as_served, gold_examples, written_examples
from app.training.dedup import distinct
from app.training.generator.asking import asking
from app.training.generator.example import Example
from app.training.generator.generator import Generator
from app.training.leaks import TRAIN, dev_titles, without_leaks
from app.training.recipe import Gold, Recipe
from app.training.swap import swapped, values_of

WRITTEN = Path(__file__).with_name("written")
Pair = tuple[str, str]
"""(prompt, answer)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldOut:
    """The gold listings of train that are kept from training: those whose title falls into a share of all hashes."""

    low: float
    high: float
    seed: int = 0

    def holds(self, example: Example) -> bool:
        """Say whether a listing is held out; the same title always is or is not."""
        digest = hashlib.blake2b(f"{self.seed}\n{example.texts['title']}".encode(), digest_size=8).digest()
        return self.low <= int.from_bytes(digest) / 2**64 < self.high


class Corpus:
    """The (prompt, answer) pairs of a recipe."""

    def __init__(self, recipe: Recipe, held_out: HeldOut | None = None) -> None:
        self._recipe = recipe
        self._held_out = held_out
        self._dev = dev_titles(recipe.data) if recipe.gold else None
        self.counts: dict[str, Mapping[str, int]] = {}
        """Per set: how many listings there were, how many stood in dev or nearly, how many were kept."""

    def epoch(self, number: int) -> list[Pair]:
        """Return the pairs of an epoch, shuffled."""
        recipe = self._recipe
        pairs = list(self._own(number)) if recipe.generated or recipe.written else []
        prompt = self.prompt()
        for gold in recipe.gold:
            for turn in range(gold.repeat):
                seed = recipe.seed + turn + number * gold.repeat
                pairs += [as_pair(example, prompt) for example in self._seen(gold, seed)]
        random.Random(recipe.seed + number).shuffle(pairs)  # noqa: S311 - not for secrets
        return pairs

    def held_out(self) -> list[Pair]:
        """Return the pairs of the gold listings that are held out, asked for all of their attributes."""
        prompt, held = self.prompt(), self._held_out
        if held is None:
            return []
        return [
            as_pair(example, prompt)
            for gold in self._recipe.gold
            for example in self._gold(gold.model_copy(update={"partly": 0.0}), self._recipe.seed)
            if held.holds(example)
        ]

    def dev(self) -> list[Pair]:
        """Return the pairs of the sets' dev files, for early stopping alone."""
        prompt, sets = self.prompt(), dict.fromkeys(gold.set for gold in self._recipe.gold)
        folders = (self._recipe.data / name for name in sets)
        return [
            as_pair(example, prompt)
            for folder in folders
            if (folder / "dev.jsonl").is_file()
            for example in gold_examples(folder, "dev", seed=0, partly=0.0)
        ]

    def prompt(self) -> PromptTemplate:
        """Return the prompt that the recipe names."""
        return read_prompt(data_folder("prompts") / f"{self._recipe.prompt}.yaml")

    def _seen(self, gold: Gold, seed: int) -> list[Example]:
        """Return a set's listings as one turn shows them."""
        seen = [e for e in self._gold(gold, seed) if self._held_out is None or not self._held_out.holds(e)]
        if not gold.swap:
            return seen
        values, rng = values_of(seen), random.Random(seed)  # noqa: S311 - not for secrets
        return [swapped(example, values, gold.swap, rng) for example in seen]

    def _gold(self, gold: Gold, seed: int) -> list[Example]:
        """Return a set's listings of train but for those that stand in a dev file."""
        drawn = list(gold_examples(self._recipe.data / gold.set, TRAIN, seed=seed, partly=gold.partly))[: gold.limit]
        if self._dev is None:
            return drawn
        kept, self.counts[gold.set] = without_leaks([example.texts["title"] for example in drawn], self._dev)
        return [drawn[place] for place in kept]

    def _own(self, number: int) -> Iterator[Pair]:
        """Yield pairs of what the project made itself.

        Half of the generated listings, and the written ones every other time, are asked about as the service asks.
        """
        recipe = self._recipe
        seed = recipe.seed + number
        settings = load_settings(prompt=recipe.prompt, taxonomy=data_folder("taxonomy") / recipe.taxonomy)
        service = asyncio.run(open_service(settings, with_model=False, with_store=False))
        taxonomy, prompt = service.taxonomy, service.tagger.parts.prompt
        drawn = distinct(Generator(taxonomy, seed).draw(recipe.generated))
        listings = list(Augmenter(recipe.augment, taxonomy, seed)(drawn))
        self.counts["generated"] = {"drawn": recipe.generated, "kept": len(listings)}
        examples = list(asking(taxonomy, listings[::2], seed))
        served = list(asking(taxonomy, listings[1::2], seed, plainly=True))
        for turn in range(recipe.written):
            chosen = served if turn % 2 else examples
            chosen.extend(written_examples(WRITTEN, taxonomy, seed=seed + turn))
        yield from (as_pair(example, prompt) for example in examples)
        yield from (as_served(example, service.tagger.prompt_for) for example in served)


def fold(number: int, folds: int, seed: int) -> HeldOut:
    """Return one fold of a cross-validation."""
    return HeldOut(low=number / folds, high=(number + 1) / folds, seed=seed)
