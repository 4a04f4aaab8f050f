"""The shipped taxonomy and rules, read once, and what they find in a listing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from app.adapters.rule_files import read_rules
from app.adapters.taxonomy_files import read_taxonomy
from app.bootstrap import data_folder
from app.domain.tags import Candidate
from app.domain.taxonomy import Taxonomy
from app.pipeline.rules.engine import RuleEngine, RuleFindings
from app.pipeline.rules.ruleset import RuleSet
from app.pipeline.text import clean


@lru_cache(maxsize=1)
def taxonomy() -> Taxonomy:
    """Return the newest default taxonomy."""
    return read_taxonomy(max(data_folder("taxonomy").glob("tagwright-*")))


@lru_cache(maxsize=1)
def rules() -> RuleSet:
    """Return the newest rule data."""
    return read_rules(max(data_folder("taxonomy").glob("rules-*")))


@lru_cache(maxsize=1)
def engine() -> RuleEngine:
    """Return the engine over both."""
    return RuleEngine(taxonomy(), rules())


def find(lang: str, title: str = "", **texts: str) -> RuleFindings:
    """Return the findings in a title and other fields (description=, review=, or attributes as ``Name``)."""
    named = {"title": title, **{_field(name): text for name, text in texts.items()}}
    return find_in(lang, {name: text for name, text in named.items() if text})


def find_in(lang: str, texts: Mapping[str, str]) -> RuleFindings:
    """Return the findings in texts by evidence field name."""
    return engine().find({name: clean(text) for name, text in texts.items()}, lang)


def _field(name: str) -> str:
    if name == "description":
        return name
    return "reviews[0]" if name == "review" else f"attributes.{name}"


def category(findings: RuleFindings) -> str | None:
    """Return the best category, or None."""
    return findings.categories[0].concept_id if findings.categories else None


def candidates(findings: RuleFindings, *attributes: str) -> tuple[Candidate, ...]:
    """Return candidates of the attributes, of all that are relevant to the best category when none is named."""
    guess = category(findings)
    relevant = attributes or (taxonomy().relevant(guess) if guess else ())
    return findings.candidates(guess, relevant)


def ids(findings: RuleFindings, *attributes: str) -> set[str]:
    """Return the ids of `candidates`."""
    return {c.concept_id for c in candidates(findings, *attributes) if c.concept_id is not None}
