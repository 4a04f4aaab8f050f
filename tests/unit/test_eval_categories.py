"""How a predicted category is counted against what is right."""

from __future__ import annotations

import pytest

from app.domain.taxonomy import Taxonomy
from eval.categories import Case, TfIdf, _letters, _words
from eval.metrics import Counts


def case(*listed: str, below: bool = False) -> Case:
    return Case(dataset="d", title="t", lang="en", listed=frozenset(f"category:{x}" for x in listed), below=below)


@pytest.mark.parametrize(
    ("gold", "predicted", "right", "counts"),
    [
        (case("sneakers"), "sneakers", True, Counts(2, 2, 2)),
        (case("sneakers"), "shoes", False, Counts(1, 1, 2)),
        (case("sneakers"), "shirts", False, Counts(0, 2, 2)),
        (case("shoes"), "sneakers", False, Counts(1, 2, 1)),
        (case("shoes", below=True), "sneakers", True, Counts(1, 1, 1)),
        (case("shoes", below=True), "apparel", False, Counts(0, 1, 1)),
        (case("shirts", "sneakers"), "shoes", False, Counts(1, 1, 2)),
        (case("shirts", "shoes", below=True), "sneakers", True, Counts(1, 1, 1)),
    ],
)
def test_counts(small: Taxonomy, gold: Case, predicted: str, right: bool, counts: Counts) -> None:
    assert gold.accepts(small, f"category:{predicted}") is right
    assert gold.counts(small, f"category:{predicted}") == counts


def test_the_baseline_knows_words_and_letters(small: Taxonomy) -> None:
    ids = [one.id for one in small.values("category")]
    assert TfIdf(small, ids, _words).rank("white SNEAKERS size 9")[0] == "category:sneakers"
    assert TfIdf(small, ids, _letters).rank("white sneaker size 9")[0] == "category:sneakers"
