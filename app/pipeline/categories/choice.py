"""From a listing to the categories of a large tree that it may belong to, best first.

Every category is scored by a linear model over what its name, its path and its attributes' values have in common with
the title: words (terms.py), meaning (the multilingual encoder's cosines with English names and paths), values
that only few categories have (values.py), and how well what stands above it fits. The weights are fitted by
app/training/categories.py, so that the softmax of the scores is the probability of being right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from app.domain.taxonomy import Taxonomy
from app.pipeline.categories.terms import CategoryTerms, Floats
from app.pipeline.categories.values import ValueEvidence
from app.pipeline.matching.label_index import Labels
from app.pipeline.ports import Encoder
from app.pipeline.rules.ruleset import RuleSet

FEATURES = (
    "name_meaning", "path_meaning", "parent_meaning", "branch_meaning", "name_words", "name_weight", "parent_words",
    "path_words", "path_weight", "named", "head", "values", "depth", "length",
)  # fmt: skip
"""What a category is scored by, in the order of `CategoryChooser.features`."""
WHY = {
    "name_meaning": "means the same",
    "path_meaning": "fits the path",
    "parent_meaning": "fits what is above",
    "branch_meaning": "fits the branch",
    "name_words": "shares words",
    "name_weight": "shares words",
    "parent_words": "shares words above",
    "path_words": "shares words of the path",
    "path_weight": "shares words of the path",
    "named": "named in the title",
    "head": "is the title's noun",
    "values": "has the values named",
}
_SCORED = 300
"""Categories that share the probability; what is behind them has none."""
_LANGUAGES = 4
"""Languages whose names are held ready, besides English; about 10 MB each."""
_SHARPNESS = 12.0
"""Of the softmax over cosines that says how much of the likeness a branch has."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A category that a listing may belong to."""

    id: str
    path: tuple[str, ...]
    """Ids from the root down to the category."""
    confidence: float
    """Probability of being right, 0..1, as fitted; those of all categories sum to 1."""
    why: tuple[str, ...]
    """What spoke for it, most first: values of `WHY`."""


class CategoryTree(Protocol):
    """Names, places and vectors of the usable categories of a taxonomy, by number."""

    @property
    def ids(self) -> Sequence[str]:
        """The categories; parents come before what is below them."""
        ...

    @property
    def parents(self) -> NDArray[np.int32]:
        """(categories,): the number of the one above, its own for a root."""
        ...

    @property
    def relevant(self) -> Mapping[str, NDArray[np.int32]]:
        """Attribute -> the categories for which it is relevant."""
        ...

    @property
    def name_vectors(self) -> Floats:
        """(categories, dimension), rows of length 1, of the English names."""
        ...

    @property
    def path_vectors(self) -> Floats:
        """The same of the English paths, written "A > B > C"."""
        ...

    def labels(self, lang: str) -> Sequence[Sequence[str]] | None:
        """Return the labels in a language (ISO 639-1), names first; None where the taxonomy does not have it."""
        ...


class CategoryChooser:
    """Ranks the categories of one taxonomy."""

    def __init__(
        self,
        taxonomy: Taxonomy,
        tree: CategoryTree,
        *,
        labels: Labels,
        encoder: Encoder,
        rules: RuleSet,
        weights: Mapping[str, float],
    ) -> None:
        self.taxonomy, self.ids = taxonomy, tree.ids
        self.weights = np.array([weights[name] for name in FEATURES], np.float32)
        self._tree, self._encoder, self._rules = tree, encoder, rules
        self._values = ValueEvidence(taxonomy, labels, tree.relevant, len(tree.ids))
        self._terms = lru_cache(maxsize=_LANGUAGES)(self._terms_of)

    def candidates(self, title: str, lang: str, limit: int = 10) -> tuple[Candidate, ...]:
        """Return the best categories for a cleaned title in a language (ISO 639-1), best first."""
        features = self.features(title, lang)
        scores = self.weights @ features
        scored = np.argsort(-scores)[:_SCORED]
        odds = np.exp(scores[scored] - scores[scored[0]])
        shares = odds / odds.sum()
        spoke = (features[:, scored].T - features[:, scored].mean(axis=1)) * self.weights
        return tuple(
            Candidate(
                id=self.ids[row],
                path=self.taxonomy.path(self.ids[row]),
                confidence=round(float(share), 4),
                why=_reasons(parts),
            )
            for row, share, parts in zip(scored[:limit].tolist(), shares, spoke, strict=False)
        )

    def features(self, title: str, lang: str) -> Floats:
        """Return what every category is scored by, (features, categories)."""
        tree, parents = self._tree, self._tree.parents
        terms = self._english.scores(title)
        own = self._terms(lang) if lang != "en" else None
        if own is not None:
            terms = terms.best(own.scores(title))
        vector = self._encoder.encode([title])[0]
        # not `@`: BLAS would take several threads for it, which fight with an engine's
        name = np.einsum("ij,j->i", tree.name_vectors, vector)
        path = np.einsum("ij,j->i", tree.path_vectors, vector)
        likeness = np.bincount(self._roots, np.exp(_SHARPNESS * (name + path)), minlength=len(parents))
        branch = np.log(likeness[self._roots] / likeness.sum() + 1e-6) / 10
        return np.stack(
            (
                name, path, name[parents], branch, terms.cover, terms.mass, terms.cover[parents],
                terms.path_cover, terms.path_mass, terms.named, terms.head,
                self._values.scores(title, lang), self._depths, self._lengths,
            )
        ).astype(np.float32)  # fmt: skip

    @cached_property
    def _paths(self) -> list[tuple[int, ...]]:
        paths: list[tuple[int, ...]] = []
        for row, parent in enumerate(self._tree.parents.tolist()):
            paths.append((row,) if parent == row else (*paths[parent], row))
        return paths

    @cached_property
    def _roots(self) -> NDArray[np.int64]:
        return np.array([path[0] for path in self._paths], np.int64)

    @cached_property
    def _depths(self) -> Floats:
        return np.array([len(path) / 5 for path in self._paths], np.float32)

    @cached_property
    def _lengths(self) -> Floats:
        """Words of the English name: the longer it is, the more it leaves out."""
        return np.array([len(name.split()) / 5 for name, *_ in self._tree.labels("en") or ()], np.float32)

    @cached_property
    def _english(self) -> CategoryTerms:
        return CategoryTerms(self._tree.labels("en") or (), self._paths, self._rules.language("en"))

    def _terms_of(self, lang: str) -> CategoryTerms | None:
        labels = self._tree.labels(lang)
        return None if labels is None else CategoryTerms(labels, self._paths, self._rules.language(lang))


def _reasons(parts: Floats) -> tuple[str, ...]:
    order = np.argsort(-parts).tolist()
    named = (WHY[FEATURES[at]] for at in order if parts[at] > 0 and FEATURES[at] in WHY)
    return tuple(dict.fromkeys(named))[:3]
