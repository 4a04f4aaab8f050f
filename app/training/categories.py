"""Fits the weights of the category chooser (pipeline/categories/choice.py) and says how well they hold.

`python -m app.training.categories TAXONOMY_FOLDER --oa-mine FOLDER --map CATEGORY_MAP.jsonl [--out WEIGHTS.yaml]`

Three sources, all of which may be used for weights that ship: titles of oa-mine's train part (Apache-2.0) by the map
to Shopify ids, listings that the project wrote itself (written/, by written_categories.jsonl), and titles put together
from the taxonomy's own names and values. The model is a softmax over the categories of a listing (McFadden's
conditional logit, 1974): the probability of all acceptable ones together is maximised, with a small L2 penalty.
Before the final fit it is fitted on half of the categories and tried on the other half, both ways.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from app.bootstrap import open_category_chooser
from app.domain.taxonomy import CATEGORY, Taxonomy
from app.pipeline.categories.choice import FEATURES, CategoryChooser
from app.settings import load_settings

HERE = Path(__file__).parent
OA_MINE, MADE_UP = 300, 300
"""Titles taken of oa-mine, and made up."""
SHARES = {"oa-mine": 0.5, "written": 1.0, "made up": 0.25}
"""How much a title of each source counts."""
MADE_UP_LANGS = ("en", "de", "fr", "es", "it", "id", "ja", "zh")
SCORED, RIGHT_AT_LEAST, ROUNDS, STEP, PENALTY = 300, 5, 300, 0.05, 1e-3


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """A title and the categories that are right for it."""

    source: str
    title: str
    lang: str
    group: str
    """Titles of one group are never on both sides of a split."""
    right: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Questions:
    """The features of the categories that are in question for each title, and which of them are right."""

    features: NDArray[np.float32]
    """(titles, categories, features)."""
    right: NDArray[np.bool_]
    """(titles, categories)."""
    shares: NDArray[np.float32]
    """(titles,): how much each counts."""

    def only(self, chosen: NDArray[np.bool_]) -> Questions:
        """Return some of them."""
        return Questions(features=self.features[chosen], right=self.right[chosen], shares=self.shares[chosen])


def read(path: Path) -> Iterator[dict[str, object]]:
    """Yield the rows of a file."""
    yield from map(json.loads, path.read_text(encoding="utf-8").splitlines())


def acceptable(taxonomy: Taxonomy, ids: Sequence[str], row: Mapping[str, object]) -> frozenset[str]:
    """Return the ids that a row of a category map accepts: those listed, and what is below them where it says so."""
    listed = {f"{CATEGORY}:{one}" for one in row["shopify"]}  # type: ignore[attr-defined]
    if not row.get("below"):
        return frozenset(listed)
    return frozenset(one for one in ids if listed.intersection(taxonomy.path(one)))


def from_oa_mine(taxonomy: Taxonomy, ids: Sequence[str], folder: Path, category_map: Path) -> list[Labelled]:
    """Return a sample of oa-mine's train part."""
    rows = (row for row in read(category_map) if row["dataset"] == "oa-mine")
    right = {row["category"]: acceptable(taxonomy, ids, row) for row in rows}
    found = [
        Labelled(
            source="oa-mine", title=str(row["title"]), lang="en", group=str(row["category"]),
            right=right[row["category"]],
        )
        for row in read(folder / "train.jsonl")
    ]  # fmt: skip
    return random.Random(0).sample(found, OA_MINE)  # noqa: S311 - not for secrets


def from_written(taxonomy: Taxonomy, ids: Sequence[str]) -> list[Labelled]:
    """Return the listings that the project wrote, where their category has a counterpart."""
    right = {row["category"]: acceptable(taxonomy, ids, row) for row in read(HERE / "written_categories.jsonl")}
    return [
        Labelled(
            source="written", title=str(row["title"]), lang=str(row["lang"]).partition("-")[0],
            group=str(row["category"]), right=right[row["category"]],
        )
        for path in sorted((HERE / "written").glob("*.jsonl"))
        for row in read(path)
        if row["category"] in right
    ]  # fmt: skip


def made_up(taxonomy: Taxonomy, known: Sequence[str]) -> list[Labelled]:
    """Return titles of two values and a name each, in an order that the language has."""
    rng = random.Random(0)  # noqa: S311 - not for secrets
    ids = [one for one in known if len(taxonomy.path(one)) > 1]
    found = []
    for one in rng.sample(ids, MADE_UP):
        lang = rng.choice(MADE_UP_LANGS)
        locale = next((x for x in taxonomy.locales if x.partition("-")[0] == lang), "en")
        concept = taxonomy.concept(one)
        name = concept.label(locale) or concept.label("en") or ""
        parts = [part.strip() for part in name.replace(" & ", ",").split(",")]
        words = [rng.choice(parts), *_values(taxonomy, one, locale, rng)]
        if lang in ("en", "de", "ja", "zh"):
            words.reverse()
        brand = "".join(rng.choices("bcdfglmnprst", k=2) + rng.choices("aeio", k=2)).title()
        title = ("" if lang in ("ja", "zh") else " ").join([brand, *words])
        found.append(Labelled(source="made up", title=title, lang=lang, group=one, right=frozenset((one,))))
    return found


def _values(taxonomy: Taxonomy, category: str, locale: str, rng: random.Random) -> list[str]:
    attributes = list(taxonomy.relevant(category))
    named = []
    for attribute in rng.sample(attributes, min(2, len(attributes))):
        values = list(taxonomy.values(attribute))[:40]
        if values:
            value = rng.choice(values)
            named.append(value.label(locale) or value.label("en") or "")
    return named


def questions(chooser: CategoryChooser, labelled: Sequence[Labelled]) -> Questions:
    """Return what is fitted on: the best categories by the chooser's present weights, and the best right ones."""
    row = {one: number for number, one in enumerate(chooser.ids)}
    features, right = [], []
    for one in labelled:
        found = chooser.features(one.title, one.lang)
        order = np.argsort(-(chooser.weights @ found))
        wanted = np.zeros(len(row), bool)
        wanted[[row[each] for each in one.right]] = True
        missed = order[SCORED:][wanted[order[SCORED:]]][:RIGHT_AT_LEAST]
        kept = np.concatenate((order[: SCORED - len(missed)], missed))
        features.append(found[:, kept].T)
        right.append(wanted[kept])
    shares = np.array([SHARES[one.source] for one in labelled], np.float32)
    return Questions(features=np.stack(features), right=np.stack(right), shares=shares)


def fit(asked: Questions) -> NDArray[np.float64]:
    """Return the weights, by Adam (Kingma, Ba 2015) over all titles at once."""
    weights, mean, square = (np.zeros(len(FEATURES)) for _ in range(3))
    for turn in range(1, ROUNDS + 1):
        scores = asked.features @ weights.astype(np.float32)
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        of_right = odds * asked.right
        pull = odds / odds.sum(1, keepdims=True) - of_right / (of_right.sum(1, keepdims=True) + 1e-12)
        slope = 2 * PENALTY * weights + np.einsum(
            "t,tc,tcf->f", asked.shares / asked.shares.sum(), pull, asked.features, optimize=True
        )
        mean = 0.9 * mean + 0.1 * slope
        square = 0.99 * square + 0.01 * slope**2
        weights -= STEP * (mean / (1 - 0.9**turn)) / (np.sqrt(square / (1 - 0.99**turn)) + 1e-8)
    return weights


def hits(asked: Questions, weights: NDArray[np.float64]) -> tuple[float, float]:
    """Return the shares of titles whose best category, and one of whose best five, is right."""
    order = np.argsort(-(asked.features @ weights), axis=1)
    ranked = np.take_along_axis(asked.right, order, axis=1)
    return float(ranked[:, 0].mean()), float(ranked[:, :5].any(axis=1).mean())


def main() -> None:
    """Fit, print and write."""
    parser = argparse.ArgumentParser(description="Fit the weights of the category chooser.")
    parser.add_argument("taxonomy", type=Path)
    parser.add_argument("--oa-mine", type=Path, required=True, help="Folder with train.jsonl")
    parser.add_argument("--map", type=Path, required=True, help="Its categories in the taxonomy, jsonl")
    parser.add_argument("--out", type=Path, help="YAML file for the weights")
    arguments = parser.parse_args()
    chooser = open_category_chooser(load_settings(taxonomy=arguments.taxonomy))
    taxonomy = chooser.taxonomy
    labelled = [
        *from_oa_mine(taxonomy, chooser.ids, arguments.oa_mine, arguments.map),
        *from_written(taxonomy, chooser.ids),
        *made_up(taxonomy, chooser.ids),
    ]
    asked = questions(chooser, labelled)
    side = np.array([sum(map(ord, one.group)) % 2 for one in labelled])
    source = np.array([one.source for one in labelled])
    for half in (0, 1):
        weights = fit(asked.only(side == half))
        for name in SHARES:
            held = asked.only((side != half) & (source == name))
            first, five = hits(held, weights)
            print(
                f"fitted on half {half}, {name} of the other: top-1 {first:.3f}, top-5 {five:.3f} of {len(held.right)}"
            )
    weights = fit(asked)
    table = {name: round(float(weight), 3) for name, weight in zip(FEATURES, weights, strict=True)}
    print(yaml.safe_dump(table, sort_keys=False))
    if arguments.out:
        head = (
            "# Weights of the category chooser (app/pipeline/categories/choice.py): app/training/categories.py\n"
            f"# fitted them on {taxonomy.name} {taxonomy.version}: {OA_MINE} titles of oa-mine's train part\n"
            f"# (Apache-2.0), {(source == 'written').sum()} listings written for this project,\n"
            f"# {MADE_UP} titles made of the taxonomy's names and values.\n"
        )
        arguments.out.write_text(head + yaml.safe_dump(table, sort_keys=False), encoding="utf-8")


if __name__ == "__main__":
    main()
