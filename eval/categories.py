"""How well are listings put into a large category tree? `python -m eval.categories TAXONOMY_FOLDER`.

Gold are the dev listings whose category a person mapped to Shopify's (gold/category_map.jsonl), at most 150 a set,
drawn evenly over their categories, and 80 listings written for this in eight languages (gold/category_listings.jsonl).
A row of the map may accept several categories, and with `below` whatever stands under them.

top-1, top-5: the share of listings whose best, or one of whose best five, is accepted. Hierarchical precision, recall
and F1 are those of Kiritchenko et al. (2006), which Kosmopoulos et al. (2015) call set-based: of predicted and right
category the sets of all ancestors, themselves included, are intersected, and counted over all listings. Of several
accepted categories the one that agrees best counts; a prediction below an accepted one that allows it counts as that
one, being no less right.

The baseline is what one would do without this project: the cosine of TF-IDF vectors of the title's words and of the
words of each category's path in English (log tf, smoothed idf, as scikit-learn has it; terms are lower-cased words).
With runs of 3 to 5 letters for terms it bears inflections, and is a stronger one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.bootstrap import open_category_chooser, open_category_model
from app.domain.taxonomy import CATEGORY, Taxonomy
from app.pipeline.categories.choice import FEATURES, Candidate, CategoryChooser
from app.settings import load_settings
from eval.metrics import Counts, paired_bootstrap, total

GOLD = Path(__file__).parent / "gold"
SETS = ("wdc-pave", "oa-mine", "ae-110k", "fashion-en")
MOST = 150
ALONE = {
    "encoder alone": {"name_meaning": 1.0, "path_meaning": 1.0},
    "words alone": {"name_words": 1.0, "name_weight": 1.0, "path_weight": 1.0, "named": 1.0, "head": 1.0},
}
"""Weights of single parts, for what each is worth: the others are 0."""
Ranking = Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A listing and what is right for it."""

    dataset: str
    title: str
    lang: str
    listed: frozenset[str]
    below: bool

    def accepts(self, taxonomy: Taxonomy, category: str) -> bool:
        """Say whether a category is right."""
        return bool(self.listed.intersection(taxonomy.path(category) if self.below else (category,)))

    def counts(self, taxonomy: Taxonomy, category: str) -> Counts:
        """Count ancestors, against the accepted category that agrees best."""
        path = taxonomy.path(category)
        if self.below:
            cut = [at for at, node in enumerate(path) if node in self.listed]
            path = path[: cut[-1] + 1] if cut else path
        golds = (taxonomy.path(one) for one in sorted(self.listed))
        return max(
            (Counts(len({*path} & {*gold}), len(path), len(gold)) for gold in golds), key=lambda counts: counts.f1
        )


def cases(shared: Path) -> list[Case]:
    """Return the gold of all sets that are there, and the project's own."""
    rows = list(_rows(GOLD / "category_map.jsonl"))
    mapped = {(row["dataset"], row["category"], row.get("product_type")): row for row in rows}
    found = []
    for dataset in SETS:
        path = shared / dataset / "dev.jsonl"
        if not path.is_file():
            print(f"{dataset} is left out: {path} is missing")
            continue
        known = [(row, entry) for row in _rows(path) if (entry := _entry(mapped, dataset, row)) is not None]
        found += [_case(dataset, row, entry) for row, entry in _evenly(known)]
    found += [_case("own", row, row) for row in _rows(GOLD / "category_listings.jsonl")]
    return found


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    yield from map(json.loads, path.read_text(encoding="utf-8").splitlines())


def _entry(mapped: Mapping[Any, dict[str, Any]], dataset: str, row: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the map's row for a listing: the closest that there is."""
    if dataset == "fashion-en":
        return mapped.get((dataset, row["gold"]["article_type"][0], None))
    kinds = (row.get("gold_normalized") or {}).get("Product Type") or []
    finer = mapped.get((dataset, row["category"], kinds[0])) if len(kinds) == 1 else None
    return finer or mapped.get((dataset, row["category"], None))


def _evenly(known: list[tuple[dict[str, Any], dict[str, Any]]]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return at most MOST, taking one of each category in turn."""
    random.Random(0).shuffle(known)  # noqa: S311 - not for secrets
    turn: dict[int, int] = {}
    order: list[tuple[int, int, tuple[dict[str, Any], dict[str, Any]]]] = []
    for pair in known:
        turn[id(pair[1])] = turn.get(id(pair[1]), -1) + 1
        order.append((turn[id(pair[1])], len(order), pair))
    return [pair for _, _, pair in sorted(order, key=lambda one: one[:2])[:MOST]]


def _case(dataset: str, row: Mapping[str, Any], entry: Mapping[str, Any]) -> Case:
    return Case(
        dataset=dataset,
        title=row["title"],
        lang=row["lang"].partition("-")[0],
        listed=frozenset(f"{CATEGORY}:{one}" for one in entry["shopify"]),
        below=bool(entry.get("below")),
    )


class TfIdf:
    """The baseline; ``split`` gives a text's terms."""

    def __init__(self, taxonomy: Taxonomy, ids: Sequence[str], split: Callable[[str], list[str]]) -> None:
        self._split = split
        names = {one: taxonomy.concept(one).label("en") or "" for one in ids}
        texts = [" ".join(names[node] for node in taxonomy.path(one)) for one in ids]
        found = [set(split(text)) for text in texts]
        frequency: dict[str, int] = {}
        for words in found:
            for word in words:
                frequency[word] = frequency.get(word, 0) + 1
        self._ids = ids
        self._idf = {word: np.log((1 + len(ids)) / (1 + count)) + 1 for word, count in frequency.items()}
        self._rows: dict[str, list[tuple[int, float]]] = {}
        for row, text in enumerate(texts):
            for word, weight in self._vector(text).items():
                self._rows.setdefault(word, []).append((row, weight))

    def rank(self, title: str) -> Ranking:
        """Return the best ten ids."""
        scores = np.zeros(len(self._ids))
        for word, weight in self._vector(title).items():
            for row, other in self._rows[word]:
                scores[row] += weight * other
        return [self._ids[row] for row in np.argsort(-scores, kind="stable")[:10]]

    def _vector(self, text: str) -> dict[str, float]:
        counted: dict[str, int] = {}
        for word in self._split(text):
            if word in self._idf:
                counted[word] = counted.get(word, 0) + 1
        weights = {word: (1 + np.log(count)) * self._idf[word] for word, count in counted.items()}
        norm = float(np.sqrt(sum(weight**2 for weight in weights.values()))) or 1.0
        return {word: weight / norm for word, weight in weights.items()}


def _words(text: str) -> list[str]:
    return re.findall(r"\w\w+", text.lower())


def _letters(text: str) -> list[str]:
    """Return the runs of 3 to 5 letters within words, blanks around them included."""
    words = [f" {word} " for word in re.findall(r"\w+", text.lower())]
    return [word[at : at + n] for word in words for n in (3, 4, 5) for at in range(len(word) - n + 1)]


def alone(chooser: CategoryChooser, weights: Mapping[str, float], case: Case) -> Ranking:
    """Return the ranking by some of the features."""
    scores = np.array([weights.get(name, 0.0) for name in FEATURES], np.float32) @ chooser.features(
        case.title, case.lang
    )
    return [chooser.ids[row] for row in np.argsort(-scores)[:10].tolist()]


def report(taxonomy: Taxonomy, gold: Sequence[Case], name: str, ranked: Sequence[Ranking]) -> None:
    """Print a line per set and one over all."""
    groups = [*dict.fromkeys(case.dataset for case in gold), "all"]
    for group in groups:
        picked = [(c, r) for c, r in zip(gold, ranked, strict=True) if group in (c.dataset, "all")]
        first = [c.accepts(taxonomy, r[0]) for c, r in picked]
        five = [any(c.accepts(taxonomy, one) for one in r[:5]) for c, r in picked]
        tree = total(c.counts(taxonomy, r[0]) for c, r in picked)
        print(
            f"{name:16} {group:11} n {len(picked):3}"
            f"  top-1 {100 * np.mean(first):5.1f}  top-5 {100 * np.mean(five):5.1f}"
            f"  hP {100 * tree.precision:5.1f}  hR {100 * tree.recall:5.1f}  hF1 {100 * tree.f1:5.1f}"
        )


def compare(taxonomy: Taxonomy, gold: Sequence[Case], ours: Sequence[Ranking], theirs: Sequence[Ranking]) -> None:
    """Print the differences with their 95 % intervals."""
    measures: tuple[tuple[str, Callable[[Case, Ranking], Counts], Callable[[Counts], float]], ...] = (
        ("top-1", lambda c, r: Counts(int(c.accepts(taxonomy, r[0])), 1, 1), lambda n: n.precision),
        ("top-5", lambda c, r: Counts(int(any(c.accepts(taxonomy, x) for x in r[:5])), 1, 1), lambda n: n.precision),
        ("hF1", lambda c, r: c.counts(taxonomy, r[0]), lambda n: n.f1),
    )
    for group in (*dict.fromkeys(case.dataset for case in gold), "all"):
        picked = [at for at, case in enumerate(gold) if group in (case.dataset, "all")]
        parts = []
        for name, count, measure in measures:
            one, other = ([count(gold[at], ranked[at]) for at in picked] for ranked in (ours, theirs))
            difference, low, high = (100 * x for x in paired_bootstrap(one, other, measure, rounds=2000))
            parts.append(f"{name} {difference:+.1f} [{low:+.1f}, {high:+.1f}]")
        print(f"  {group:11} {'  '.join(parts)}")


def reliability(taxonomy: Taxonomy, gold: Sequence[Case], found: Sequence[Sequence[Candidate]]) -> None:
    """Print how often the best is right, by its confidence."""
    for low, high in ((0.0, 0.3), (0.3, 0.6), (0.6, 0.8), (0.8, 1.01)):
        within = [(c, f[0]) for c, f in zip(gold, found, strict=True) if low <= f[0].confidence < high]
        if within:
            right = np.mean([c.accepts(taxonomy, one.id) for c, one in within])
            mean = np.mean([one.confidence for _, one in within])
            print(
                f"  confidence {low:.1f} to {min(high, 1):.1f}: {len(within)} listings,"
                f" mean {mean:.2f}, right {right:.2f}"
            )


async def by_model(
    taxonomy: Taxonomy, gold: Sequence[Case], found: Sequence[Sequence[Candidate]], form: str
) -> list[Ranking]:
    """Return the rankings after the model's choice."""
    choice, close = open_category_model(load_settings(), taxonomy, form)
    began = time.perf_counter()
    chosen = [await choice.choose(case.title, one) for case, one in zip(gold, found, strict=True)]
    print(f"the model's choice: {1000 * (time.perf_counter() - began) / len(gold):.0f} ms a listing")
    await close()
    return [[one.id for one in each] for each in chosen]


def main() -> None:
    """Run the measurement."""
    parser = argparse.ArgumentParser(description="Category choice, beside a TF-IDF baseline.")
    parser.add_argument("taxonomy", type=Path, help="Folder of the imported Shopify taxonomy")
    parser.add_argument("--shared", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", choices=("tuned", "instructed"), help="Let the model choose too, asked in this form")
    parser.add_argument("--at-most", type=int, help="Only so many listings, evenly drawn, for a slow model")
    arguments = parser.parse_args()
    gold = cases(arguments.shared)
    if arguments.at_most:
        gold = gold[:: max(1, len(gold) // arguments.at_most)]
    chooser = open_category_chooser(load_settings(taxonomy=arguments.taxonomy))
    taxonomy = chooser.taxonomy
    theirs = {}
    for name, split in (("TF-IDF, words", _words), ("TF-IDF, letters", _letters)):
        baseline = TfIdf(taxonomy, chooser.ids, split)
        theirs[name] = [baseline.rank(case.title) for case in gold]
        report(taxonomy, gold, name, theirs[name])
    for name, weights in ALONE.items():
        report(taxonomy, gold, name, [alone(chooser, weights, case) for case in gold])
    found, spent = [], []
    for case in gold:
        began = time.perf_counter()
        found.append(chooser.candidates(case.title, case.lang))
        spent.append(1000 * (time.perf_counter() - began))
    ours = [[one.id for one in each] for each in found]
    report(taxonomy, gold, "fused", ours)
    print(f"  {np.median(spent):.1f} ms a listing (median), {np.percentile(spent, 95):.1f} (p95)")
    for name, ranked in theirs.items():
        print(f"fused against {name}, with 95 % intervals (paired bootstrap):")
        compare(taxonomy, gold, ours, ranked)
    reliability(taxonomy, gold, found)
    if arguments.model:
        chosen = asyncio.run(by_model(taxonomy, gold, found, arguments.model))
        report(taxonomy, gold, f"+ {arguments.model}", chosen)
        print("with the model's choice against without:")
        compare(taxonomy, gold, chosen, ours)


if __name__ == "__main__":
    main()
