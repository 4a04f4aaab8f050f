"""Families `tree`, `forest` and `linear`: scikit-learn on TF-IDF of words and characters.

Per attribute one classifier. A closed attribute (few values, each often): which value, or none. An open one: whether
the listing states it; the value is then the longest of train's values that stand in the text, or none does.
Kept in skops' format, which, other than pickle, runs no code when it is opened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.adapters.families.card import read_card
from app.adapters.families.dictionary import phrases
from app.adapters.families.extractor import FamilyExtractor, Values
from app.adapters.families.words import text_of
from app.domain.errors import WeightsMismatch
from app.domain.listing import Listing

WEIGHTS = "model.skops"
NONE = ""
"""The class of listings that do not state an attribute."""
STATED = "*"
"""The class of listings that state an open attribute."""
_ARRAYS = frozenset({"sklearn.tree._tree.Tree"})
"""A tree's nodes: arrays, which run no code either; skops asks because nothing checks that they are a tree."""


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """What is kept: plain containers and scikit-learn's own objects."""

    vectorizer: Any
    """Documents of `document` -> sparse (n, features)."""
    classifiers: Mapping[str, Any]
    """Attribute -> classifier over its values, NONE and, of open attributes, STATED."""
    values: Mapping[str, Mapping[str, Sequence[str]]]
    """Category -> attribute -> its values in train."""


class Classical:
    """Classifies listings; see extractor.Predictor."""

    def __init__(self, fitted: Fitted) -> None:
        self._fitted = fitted
        self._values = {c: {a: frozenset(vs) for a, vs in known.items()} for c, known in fitted.values.items()}

    def predict(self, listings: Sequence[Listing], categories: Sequence[str]) -> list[Values]:
        """Return at most one value per attribute of the category."""
        if not listings:
            return []
        texts = [text_of(listing) for listing in listings]
        documents = [document(text, category) for text, category in zip(texts, categories, strict=True)]
        features = self._fitted.vectorizer.transform(documents)
        pieces = [tuple(dict.fromkeys(phrases(text))) for text in texts]
        known = [self._values.get(category, self._values["*"]) for category in categories]
        found: list[Values] = [{} for _ in listings]
        for attribute, classifier in self._fitted.classifiers.items():
            rows = [row for row, values in enumerate(known) if attribute in values]
            answers = classifier.predict(features[rows]) if rows else ()
            for row, answer in zip(rows, answers, strict=True):
                if value := self._value(str(answer), known[row][attribute], pieces[row]):
                    found[row][attribute] = [value]
        return found

    def _value(self, answer: str, known: frozenset[str], pieces: Sequence[str]) -> str:
        if answer != STATED:
            return answer
        return max((piece for piece in pieces if piece in known), key=len, default=NONE)


def document(text: str, category: str) -> str:
    """Return what TF-IDF reads: the text, and its category as a word of its own."""
    return f"category={category.replace(' ', '_')} {text}"


def open_model(folder: Path) -> FamilyExtractor:
    """Return the model in a folder; WeightsMismatch where it holds anything but scikit-learn's own types."""
    from skops import io

    card = read_card(folder)
    if foreign := set(io.get_untrusted_types(file=folder / WEIGHTS)) - _ARRAYS:
        raise WeightsMismatch(f"{folder / WEIGHTS} holds {', '.join(foreign)}", field="TAGWRIGHT_MODEL")
    return FamilyExtractor(card, Classical(Fitted(**io.load(folder / WEIGHTS, trusted=sorted(_ARRAYS)))))
