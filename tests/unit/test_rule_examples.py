"""Every example that the rule data carries is a test of it."""

from __future__ import annotations

from collections import Counter

import pytest

from app.domain.taxonomy import CATEGORY
from app.pipeline.rules.ruleset import CueKind, RuleExample
from tests.unit.rule_data import category, find_in, rules, taxonomy


def _name(example: RuleExample) -> str:
    return f"{example.source.removesuffix('.yaml')}-{example.lang}-{example.text[:40]}"


@pytest.mark.parametrize("example", rules().examples, ids=_name)
def test_example(example: RuleExample) -> None:
    texts = {"title": example.title} if example.title else {}
    findings = find_in(example.lang, {**texts, example.field: example.text})
    relevant = taxonomy().relevant(example.category) if example.category else tuple(taxonomy().attributes)
    found = {c.concept_id for c in findings.candidates(category(findings), relevant)}
    guesses = {guess.concept_id for guess in findings.categories}

    if example.category:
        assert category(findings) == example.category
    assert set(example.has) <= found
    assert not set(example.lacks) & (found | guesses)


@pytest.mark.parametrize("example", rules().examples, ids=_name)
def test_example_checks_something_that_exists(example: RuleExample) -> None:
    known = set(taxonomy().concepts)
    named = [*example.has, *example.lacks, *([example.category] if example.category else [])]
    assert named, "an example that expects nothing is no test"
    for concept_id in named:
        attribute = concept_id.split(":")[0]
        is_quantity = attribute in taxonomy().attributes and concept_id.split(":")[1][0].isdecimal()
        assert concept_id in known or is_quantity, f"{concept_id} is no concept"
        assert attribute == CATEGORY or attribute in taxonomy().attributes


def test_rule_data_points_at_concepts_that_exist() -> None:
    known, attributes = taxonomy().concepts, taxonomy().attributes
    fields, quantities = rules().fields, rules().quantities
    for compounds in rules().compounds.values():
        for concept_id in (*compounds.parts.values(), *compounds.beside.values()):
            assert not concept_id or concept_id in known, concept_id
    for concept_id in (*fields.devices, *fields.devices.values(), *fields.device_words):
        assert concept_id in known, concept_id
    for concepts in (*fields.trusted.values(), *fields.yields.values(), *fields.fitted.values()):
        assert concepts <= set(known)
    for whole, parts in fields.together.items():
        assert {whole, *parts} <= set(known)
    assert {*fields.makers, *fields.makers.values(), *fields.yields, *fields.fitted} <= set(known)
    assert {concept for words in rules().words.values() for concept in words if concept} <= set(known)
    known_for = rules().known_for
    brands = {brand for maker in known_for.makers for brand in maker.brands}
    assert {*known_for.lines.values(), *(maker.category for maker in known_for.makers), *brands} <= set(known)
    named = {
        *(maker.stated for maker in known_for.makers),
        *(a for a in fields.names.values() if a), *fields.reviews, *fields.universal, *fields.specific,
        *fields.trusted, *fields.keeps, *(a for a in quantities.sides if a), *quantities.kinds, *quantities.limits,
    }  # fmt: skip
    assert named <= set(attributes), named - set(attributes)


def test_every_language_has_examples_of_negation_and_compatibility() -> None:
    locales = set(taxonomy().locales)
    assert {example.lang for example in rules().examples} >= locales
    kinds = Counter((cue.kind, cue.lang) for cue in rules().cues)
    for kind in CueKind:
        assert {lang for known, lang in kinds if known is kind} >= locales, kind
