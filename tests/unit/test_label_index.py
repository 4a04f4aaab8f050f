"""Lookups of labels: what is found, and that looking at a few finds what looking at all would."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from app.adapters.taxonomy_files import read_taxonomy
from app.bootstrap import TAXONOMY, data_folder
from app.domain.taxonomy import Taxonomy
from app.pipeline.matching.gram_index import GramIndex
from app.pipeline.matching.label_index import LabelIndex
from app.pipeline.text import fold_value

LETTERS = "abcdeéß棉布ワン "


@pytest.fixture(scope="module")
def shipped() -> Taxonomy:
    return read_taxonomy(data_folder("taxonomy") / TAXONOMY)


@pytest.fixture(scope="module")
def index(shipped: Taxonomy) -> LabelIndex:
    return LabelIndex.of(shipped)


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("stanless steeel", "material:stainless_steel"),  # a letter left out, one too many
        ("steel stainless", "material:stainless_steel"),  # words swapped
        ("runing sheos", "category:running_shoes"),
        ("trunschuhe", "category:sneakers"),  # neighbours swapped
        ("baumowlle", "material:cotton"),
        ("フルツグラノーラ", "category:breakfast_cereal"),
    ],
)
def test_what_is_nearly_a_label_finds_it(index: LabelIndex, query: str, meant: str) -> None:
    assert index.key(fold_value(query)) is None, "a label by now: choose another"
    key, _ = index.alike(fold_value(query), None, 60.0)[0]
    assert meant in {entry.concept_id for entry in index.entries(key)}


def test_all_labels_are_found_whatever_their_number(index: LabelIndex) -> None:
    """Without an attribute the candidates come from the grams: a label itself must always be among them."""
    for key in range(0, 20_000, 37):
        text = index.text(key)
        if len(text) >= 3:
            assert index.text(index.alike(text, None, 60.0)[0][0]) == text


def test_scope(index: LabelIndex) -> None:
    assert {entry.attribute for entry in index.equal("leather", "material")} == {"material"}
    assert index.equal("leather", "color") == []
    assert index.alike("leahter", "nope", 60.0) == []
    assert [index.text(k) for k, _ in index.alike("leahter", "material", 80.0)][:1] == ["leather"]


def test_pieces_come_shortest_first(index: LabelIndex) -> None:
    texts = [text for text, _ in index.holding("leather", None)]
    assert texts[0] == "leather"
    assert all("leather" in text for text in texts)
    assert [len(text) for text in texts] == sorted(len(text) for text in texts)


@settings(max_examples=150, deadline=None)
@given(
    texts=st.lists(st.text(LETTERS, min_size=3, max_size=14).map(str.strip).filter(lambda t: len(t) > 2), min_size=1),
    query=st.text(LETTERS, min_size=4, max_size=14).map(str.strip).filter(lambda t: len(t) > 3),
    edits=st.integers(1, 2),
)
def test_no_text_within_the_edits_is_overlooked(texts: list[str], query: str, edits: int) -> None:
    """The promise of the prefix filter, wherever a text is long enough to keep a run of three through the edits."""
    texts = sorted({" ".join(text.split()) for text in texts}, key=lambda text: (len(text), text))
    query = " ".join(query.split())
    near = set(GramIndex.of(texts).near(query, edits, len(texts)).tolist())
    for number, text in enumerate(texts):
        runs = {f" {query} "[i : i + 3] for i in range(len(query)) if f" {query} "[i + 1] != " "}
        kept = {run for run in runs if run in f" {text} " and run[1] != " "}
        if OSA.distance(query, text) <= edits and kept and len(runs) <= 3 * edits + 1:
            assert number in near
