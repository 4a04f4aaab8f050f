"""Trains `tree`, `forest` and `linear`: TF-IDF and one scikit-learn classifier per attribute."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier
from skops import io

from app.adapters.families.classical import NONE, STATED, WEIGHTS, Classical, Fitted, document
from app.adapters.families.words import text_of
from app.adapters.schema_files import ANY
from app.training.families.gold import GoldListing, GoldSet, read_train
from app.training.families.recipe import FamilyRecipe, save
from app.training.families.scores import held_out_scores


class Recipe(FamilyRecipe):
    """What the classifiers may be like."""

    family: Literal["tree", "forest", "linear"]
    trees: int = Field(default=60, ge=1)
    """Of a forest."""
    loss: Literal["logistic", "hinge"] = "logistic"
    """Of the linear classifier: hinge (a support vector machine) is many times as fast with many values."""
    c: float = Field(default=20.0, gt=0)
    """Inverse strength of the linear classifier's regularisation; hinge wants less than 1."""
    features: int = Field(default=20_000, ge=10)
    """Of words and of characters, each."""
    closed_support: float = 5.0
    """An attribute is closed where its values stand in so many listings each, on average."""


def train(config: Mapping[str, Any]) -> Path:
    """Fit on all but the held-out listings for the score, then on all; return the model's folder."""
    recipe, began = Recipe(**config), time.perf_counter()
    gold = read_train(recipe.data, recipe.set)
    rest, held = gold.fold(0, recipe.folds, recipe.seed)
    scores = held_out_scores(Classical(fit(rest, gold, recipe)), held, gold.known)
    fitted = fit(gold.listings, gold, recipe)
    return save(
        recipe,
        [gold],
        seconds=time.perf_counter() - began,
        libraries=("scikit-learn", "skops"),
        licence="none",
        scores={"held_out": scores},
        write=lambda folder: io.dump(vars(fitted), folder / WEIGHTS, compression=8),
    )


def fit(listings: Sequence[GoldListing], gold: GoldSet, recipe: Recipe) -> Fitted:
    """Return what is served, fitted on listings."""
    vectorizer = _vectorizer(recipe)
    features = vectorizer.fit_transform([document(text_of(item.listing), item.category) for item in listings])
    classifiers = {}
    for attribute in sorted({name for names in gold.attributes.values() for name in names}):
        # Only listings of categories that have the attribute: others are never asked for it.
        rows = [n for n, item in enumerate(listings) if attribute in gold.known(item.category)]
        targets = _targets([listings[n] for n in rows], attribute, recipe)
        if set(targets) - {NONE}:
            classifiers[attribute] = _classifier(recipe, targets).fit(features[rows], targets)
    return Fitted(vectorizer=vectorizer, classifiers=classifiers, values=_values(listings))


def _targets(listings: Sequence[GoldListing], attribute: str, recipe: Recipe) -> list[str]:
    values = [next(iter(item.gold.get(attribute) or ()), NONE) for item in listings]
    counts = Counter(value for value in values if value != NONE)
    if counts and counts.total() / len(counts) >= recipe.closed_support:
        return values
    return [STATED if value else NONE for value in values]


def _vectorizer(recipe: Recipe) -> FeatureUnion:
    common = {"max_features": recipe.features, "sublinear_tf": True, "lowercase": True}
    return FeatureUnion(
        [
            ("words", TfidfVectorizer(token_pattern=r"\S+", ngram_range=(1, 2), **common)),
            ("characters", TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), **common)),
        ]
    )


def _classifier(recipe: Recipe, targets: Sequence[str]) -> Any:
    if len(set(targets)) == 1:
        return DummyClassifier(strategy="most_frequent")
    if recipe.family == "tree":
        return DecisionTreeClassifier(random_state=recipe.seed)
    if recipe.family == "forest":
        return RandomForestClassifier(n_estimators=recipe.trees, random_state=recipe.seed)
    if recipe.loss == "hinge":
        return LinearSVC(C=recipe.c, random_state=recipe.seed)
    return LogisticRegression(C=recipe.c, max_iter=300)


def _values(listings: Sequence[GoldListing]) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    for item in listings:
        for attribute, values in item.gold.items():
            for category in (item.category, ANY):
                found[category][attribute].update(dict.fromkeys(values or ()))
    return {c: {a: list(values) for a, values in by.items() if values} for c, by in found.items()}
