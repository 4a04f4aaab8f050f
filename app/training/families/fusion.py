"""Trains the family `fusion`: how much each part counts, and from which score a value is taken.

Both are fitted on listings of train that no part that answers has seen. A span tagger's members leave out a fold each,
so a member answers for its own fold alone; a dictionary is counted anew for every fold. What is fitted on are listings
of which this holds for all parts: parts that hold out other folds share fewer. A member's best epoch was chosen by its
fold, so its score there is a little flattered; a part's own member is judged, not its ensemble. Dev is never read.
"""

from __future__ import annotations

import itertools
import json
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from app.adapters.families.dictionary import Dictionary
from app.adapters.families.extractor import FamilyExtractor, Ranked
from app.adapters.families.fusion import CONFIG, MOST, chosen, pooled
from app.bootstrap_extractors import open_family
from app.domain.errors import InvalidFile
from app.training.families.dictionary import count
from app.training.families.gold import GoldListing, GoldSet, read_train
from app.training.families.recipe import FamilyRecipe, save
from app.training.families.scores import Known, f1

LEAST_SHARED = 30
"""Listings that a rule can be fitted on."""
_WEIGHTS = (0.0, 0.25, 0.5, 1.0)
_LEAST = tuple(n / 20 for n in range(1, 19))


class Recipe(FamilyRecipe):
    """What is fused, and what is fitted by."""

    family: Literal["fusion"]
    parts: list[str] = Field(min_length=2)
    """Folders of trained models (bilstm, ner, dictionary): a path, or a name under ``out``."""
    several: bool = False
    """An attribute may have several values."""
    metric: Literal["slots", "strict", "sets"] = "strict"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How parts are fused."""

    weights: tuple[float, ...]
    """Of each part; they add up to 1."""
    least: float


Case = tuple[GoldListing, tuple[Ranked, ...]]
"""A listing, and what each part says of it without having seen it."""


def train(config: Mapping[str, Any]) -> Path:
    """Fit, copy the parts, and return the model's folder."""
    recipe, began = Recipe(**config), time.perf_counter()
    gold = read_train(recipe.data, recipe.set)
    folders = [_folder(recipe, name) for name in recipe.parts]
    parts = [open_family(folder) for folder in folders]
    answers = [dict(_unseen(part, gold, recipe)) for part in parts]
    shared = sorted(set.intersection(*(set(of) for of in answers)))
    if len(shared) < LEAST_SHARED:
        message = f"only {len(shared)} listings of train were held out of all parts"
        raise InvalidFile(message, field="parts", hint="train them with the same seed and folds, and with more members")
    cases = [(gold.listings[n], tuple(of[n] for of in answers)) for n in shared]
    rule = fit(cases, recipe, gold.known)
    names = [f"part-{n}-{part.card.name}" for n, part in enumerate(parts)]
    content = {
        "weights": dict(zip(names, rule.weights, strict=True)),
        "least": rule.least,
        "several": recipe.several,
    }

    def write(folder: Path) -> None:
        (folder / CONFIG).write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
        for source, name in zip(folders, names, strict=True):
            shutil.copytree(source, folder / name)

    sets = dict.fromkeys(str(each["set"]) for part in parts for each in part.card.data if each["set"] != recipe.set)
    return save(
        recipe,
        [gold, *(read_train(recipe.data, name) for name in sets)],
        seconds=time.perf_counter() - began + sum(part.card.train_seconds for part in parts),
        libraries=(),
        licence="; ".join(dict.fromkeys(part.card.licence for part in parts)),
        scores={
            "held_out": cross_fitted(cases, recipe, gold.known),
            "parts": {
                part.card.name: cross_fitted([(item, (rows[n],)) for item, rows in cases], recipe, gold.known)[
                    recipe.metric
                ]
                for n, part in enumerate(parts)
            },
        },
        write=write,
    )


def fit(cases: Sequence[Case], recipe: Recipe, known: Known) -> Rule:
    """Return the rule that gives the best F1 on listings that the parts have not seen; of equals the evenest."""
    return max(_tried(cases, recipe, known), key=lambda one: one[0])[1]


def cross_fitted(cases: Sequence[Case], recipe: Recipe, known: Known) -> dict[str, float]:
    """Return F1 in per cent where either half is judged by the rule that the other half gives."""
    halves = cases[0::2], cases[1::2]
    judged = []
    for fitted_on, judged_on in (halves, halves[::-1]):
        rule = fit(fitted_on, recipe, known)
        for item, rows in judged_on:
            judged.append((item, chosen(pooled(rows, rule.weights), rule.least, several=recipe.several)))
    return f1(judged, known)


def _tried(cases: Sequence[Case], recipe: Recipe, known: Known) -> Iterator[tuple[float, Rule]]:
    for weights in _mixtures(len(cases[0][1])):
        scored = [(item, pooled(rows, weights)) for item, rows in cases]
        for least in _LEAST:
            taken = [(item, chosen(row, least, several=recipe.several)) for item, row in scored]
            yield f1(taken, known)[recipe.metric], Rule(weights=weights, least=least)


def _mixtures(parts: int) -> list[tuple[float, ...]]:
    """Return distinct weights that add up to 1, the evenest first."""
    products = (each for each in itertools.product(_WEIGHTS, repeat=parts) if any(each))
    found = {tuple(round(weight / sum(each), 4) for weight in each) for each in products}
    return sorted(found, key=lambda each: (max(each), each))


def _folder(recipe: Recipe, name: str) -> Path:
    return next((path for path in (recipe.out / name, Path(name)) if path.is_dir()), recipe.out / name)


def _unseen(part: FamilyExtractor, gold: GoldSet, recipe: Recipe) -> Iterator[tuple[int, Ranked]]:
    """Yield the places of listings of train, and what the part says of them without having been trained on them."""
    if gold.described["sha256"] not in [each["sha256"] for each in part.card.data]:
        message = f"{part.card.name} was trained on other listings of {gold.name} than are there: its folds are others"
        raise InvalidFile(message, field="parts", hint="train it again")
    others = (each["set"] for each in part.card.data if each["set"] != gold.name)
    elsewhere = {item.listing.title for name in others for item in read_train(recipe.data, name).listings}
    for ranker, places in _rankers(part, gold):
        kept = [n for n in places if gold.listings[n].listing.title not in elsewhere]
        items = [gold.listings[n] for n in kept]
        yield from zip(kept, ranker.rank([i.listing for i in items], [i.category for i in items], MOST), strict=True)


def _rankers(part: FamilyExtractor, gold: GoldSet) -> Iterator[tuple[Any, list[int]]]:
    """Yield predictors of a part's kind, and the places of the listings that each has not seen."""
    made_by = part.card.recipe
    if part.card.family == "dictionary":
        for number in range(made_by["folds"]):
            places = gold.held_out(number, made_by["folds"], made_by["seed"])
            rest = [item for n, item in enumerate(gold.listings) if n not in set(places)]
            yield Dictionary(count(rest, gold.known), made_by["least"]), places
        return
    if part.card.family not in ("bilstm", "ner"):
        message = f"{part.card.name}: models of family {part.card.family} say nothing of listings they have not seen"
        raise InvalidFile(message, field="parts", hint="parts are of families bilstm, ner and dictionary")
    from app.adapters.families.tagger import SpanTagger

    for member, network in enumerate(part.predictor.networks[: made_by["folds"]]):  # type: ignore[attr-defined]
        places = gold.held_out(member, made_by["folds"], made_by["seed"])
        yield SpanTagger([network], several=part.predictor.several, least=0.0), places  # type: ignore[attr-defined]
