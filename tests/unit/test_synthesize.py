"""Synthetic listings: gold stands in the text, distractors are no gold, the seed decides."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from app.adapters.taxonomy_files import load_yaml, read_taxonomy
from app.bootstrap import TAXONOMY, data_folder
from app.domain.taxonomy import CATEGORY, Kind, Taxonomy
from app.training.synthesize import TEMPLATES, Example, Synthesizer

SEEDS = range(3)


@pytest.fixture(scope="module")
def templates() -> Mapping[str, Any]:
    return load_yaml(TEMPLATES.read_bytes())


@pytest.fixture(scope="module")
def shipped() -> Taxonomy:
    return read_taxonomy(data_folder("taxonomy") / TAXONOMY)


@pytest.fixture(scope="module", params=["small", "shipped"])
def taxonomy(request: pytest.FixtureRequest) -> Taxonomy:
    """The small one has two or three values an attribute: coincidences are frequent there."""
    taxonomy: Taxonomy = request.getfixturevalue(request.param)
    return taxonomy


@pytest.fixture(scope="module")
def drawn(taxonomy: Taxonomy, templates: Mapping[str, Any]) -> list[Example]:
    return [example for seed in SEEDS for example in Synthesizer(taxonomy, templates, seed).draw(150)]


def denials(example: Example, templates: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the description's distractors name, as it stands there."""
    for piece in templates[example.lang]["distractors"]:
        pattern = re.sub(r"\\\{\w+:other\\\}", "(.+?)", re.escape(piece))
        for found in re.finditer(pattern, example.texts["description"]):
            yield from found.groups()


def test_every_gold_value_stands_in_the_text(drawn: list[Example]) -> None:
    checked = 0
    for example in drawn:
        text = "\n".join(example.texts.values())
        for values in example.gold.values():
            for value in values:
                checked += 1
                assert value in text, example
    assert checked > len(drawn)


def test_what_a_distractor_names_is_never_gold(drawn: list[Example], templates: Mapping[str, Any]) -> None:
    checked = 0
    for example in drawn:
        gold = {value.casefold() for values in example.gold.values() for value in values}
        for denied in denials(example, templates):
            checked += 1
            assert denied.casefold() not in gold, example
    assert checked > 20


def test_only_what_is_asked_is_gold_and_the_category_is_always_asked(drawn: list[Example]) -> None:
    for example in drawn:
        assert example.asked[0] == CATEGORY
        assert len(set(example.asked)) == len(example.asked)
        assert set(example.gold) <= set(example.asked)
    assert any(set(e.asked) - set(e.gold) - {CATEGORY} for e in drawn)  # some of what is asked is not stated


def test_languages_come_in_turn(taxonomy: Taxonomy, templates: Mapping[str, Any]) -> None:
    count = len(taxonomy.locales)
    langs = [example.lang for example in Synthesizer(taxonomy, templates, 0).draw(2 * count)]
    assert langs == list(taxonomy.locales) * 2


def test_the_same_seed_gives_the_same_listings(taxonomy: Taxonomy, templates: Mapping[str, Any]) -> None:
    first, again, other = (list(Synthesizer(taxonomy, templates, seed).draw(30)) for seed in (5, 5, 6))
    assert first == again
    assert first != other


def test_templates_use_known_slots_and_have_every_language(shipped: Taxonomy, templates: Mapping[str, Any]) -> None:
    """A slot that names no attribute would silently leave its sentence out of every listing."""
    assert set(templates) == set(shipped.locales)
    askable = {a for a, concept in shipped.attributes.items() if concept.kind is not Kind.QUANTITY}
    for locale, parts in templates.items():
        pieces = [*parts["sentences"], *parts["distractors"], *parts["reviews"], *sum(parts["titles"], [])]
        slots = {slot for piece in pieces for slot in re.findall(r"\{(\w+)", piece)}
        assert slots <= askable | {CATEGORY, "name", "size", "noise"}, locale
