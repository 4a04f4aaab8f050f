"""Overlays: a shop's labels, names and values over a taxonomy that stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.adapters.overlay_files import read_overlay
from app.domain.errors import InvalidTaxonomy
from app.domain.taxonomy import Taxonomy
from app.pipeline.matching.label_index import LabelIndex
from app.pipeline.matching.lookup import LabelSearch
from app.pipeline.matching.normalize import Normalizer
from app.pipeline.matching.overlay import lay_over

ACME = """
name: acme
aliases: {color:navy: {de: [nachtblau], en: [midnight]}, material: {en: [fabric]}}
rename: {category:sneakers: {en: Trainers}, color:red: {de: rote}}
hide: [color:rust]
add:
  color: [{id: color:acme_red, broader: color:red, en: [Acme Red], de: [Acme-Rot], zh-CN: [艾克红]}]
"""
SEASON = """
name: season
aliases: {color:acme_red: {en: [poppy]}}
rename: {category:sneakers: {en: Kicks}}
"""


def normalizer(taxonomy: Taxonomy, folder: Path, *texts: str) -> Normalizer:
    overlays = []
    for number, text in enumerate(texts):
        (folder / f"{number}.yaml").write_text(text, encoding="utf-8")
        overlays.append(read_overlay(folder / f"{number}.yaml", taxonomy.locales))
    above, labels = lay_over(taxonomy, LabelIndex.of(taxonomy), overlays)
    return Normalizer(above, None, labels)


@pytest.mark.parametrize(
    ("raw", "attribute", "lang", "expected"),
    [
        ("Nachtblau", "color", "de", "color:navy"),
        ("midnigt", "color", "en", "color:navy"),  # a typo in an alias
        ("Navy", "color", "en", "color:navy"),  # what the taxonomy says still holds
        ("Trainers", "category", "en", "category:sneakers"),
        ("Sneakers", "category", "en", "category:sneakers"),  # the former name is an alias now
        ("rote", "color", "de", "color:red"),
        ("Acme Red", "color", "en", "color:acme_red"),
        ("艾克红", "color", "zh", "color:acme_red"),
        ("Rust", "color", "en", None),  # hidden
    ],
)
def test_what_an_overlay_says_holds(
    small: Taxonomy, tmp_path: Path, raw: str, attribute: str, lang: str, expected: str | None
) -> None:
    found = normalizer(small, tmp_path, ACME).match(raw, attribute, lang)
    assert (found and found[0]) == expected


def test_the_taxonomy_below_stays_as_it_is(small: Taxonomy, tmp_path: Path) -> None:
    above = normalizer(small, tmp_path, ACME).taxonomy
    assert (small.concept("category:sneakers").label("en"), "color:acme_red" in small.concepts) == ("Sneakers", False)
    assert above.concept("category:sneakers").label("en") == "Trainers"
    assert above.concept("color:rust").hidden
    assert above.path("color:acme_red") == ("color:red", "color:acme_red")
    assert "color:acme_red" in [c.id for c in above.values("color")]
    assert above.layers == ("acme",)
    assert above.digest != small.digest


def test_the_later_overlay_wins_and_the_search_says_which(small: Taxonomy, tmp_path: Path) -> None:
    search = LabelSearch(normalizer(small, tmp_path, ACME, SEASON))
    layers = {
        query: (found := search.find(query)[0]).layer + "/" + found.concept.id
        for query in ("kicks", "trainers", "poppy", "midnight", "navy")
    }
    assert layers == {
        "kicks": "season/category:sneakers",
        "trainers": "acme/category:sneakers",
        "poppy": "season/color:acme_red",
        "midnight": "acme/color:navy",
        "navy": "/color:navy",
    }
    assert search._taxonomy.concept("category:sneakers").label("en") == "Kicks"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: [", "is no YAML"),
        ("aliases: {}", "has no name"),
        ("name: x\nremove: [color:red]", "keys that no overlay has"),
        ("name: x\nhide: color:red", "hide must be a list"),
        ("name: x\nhide: [color:mauve]", "no concept has the id 'color:mauve'"),
        ("name: x\naliases: {color:red: {xx: [rouge]}}", "must be a mapping by locale: en, de, zh-CN"),
        ("name: x\naliases: {color:red: {de: rouge}}", "must be a list of texts"),
        ("name: x\nadd: {color: [{id: 'color:red', en: [Red]}]}", "color:red is there already"),
        ("name: x\nadd: {finish: [{id: 'finish:matt', en: [Matt]}]}", "unknown attribute 'finish'"),
        ("name: x\nadd: {color: [{id: 'color:x', broader: 'color:y', en: [X]}]}", "unknown broader 'color:y'"),
        ("name: x\nadd: {color: [{en: [X]}]}", "holds no concept"),
    ],
)
def test_what_does_not_fit_is_named(small: Taxonomy, tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidTaxonomy, match=said):
        normalizer(small, tmp_path, text)
