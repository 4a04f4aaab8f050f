"""What else is true of a product that has a tag: a parka is outerwear, for winter.

Two sources: the tree (a concept implies what it is narrower than) and the rules of taxonomy/rules-*/implications.yaml.
What follows is for filters, feeds and people. It never becomes evidence and never enters a confidence: it says no more
about a listing than the tag that it follows from.

Rules are applied level by level, in file order, to what was given and to what followed (forward chaining). A rule's
`unless` looks at the given tags alone, so nothing that was concluded is ever taken back and each concept is reached
once: cycles end by themselves. Of an exclusive attribute one value holds, the given one before all others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from app.domain.taxonomy import Taxonomy
from app.pipeline.fuse import SINGLE_VALUED

TREE = "broader"
"""Stands for the name of a rule where the tree says so."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ImplicationExample:
    """Given tags, and what must and must not follow; every one is a test."""

    tags: tuple[str, ...]
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Implication:
    """If one of ``any`` is there, all of ``all`` are, and none of ``unless`` was given, ``then`` follows.

    A concept is there where it, or a narrower one, was given or followed.
    """

    name: str
    any: tuple[str, ...]
    then: tuple[str, ...]
    why: str
    all: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    examples: tuple[ImplicationExample, ...] = ()
    line: int = 0

    def concepts(self) -> tuple[str, ...]:
        """Return every concept that the rule names."""
        return (*self.any, *self.all, *self.unless, *self.then)


@dataclass(frozen=True, kw_only=True)
class Implications:
    """The rules of one version."""

    version: str
    digest: str
    """SHA-256 of the file; no part of a cache key, since no cached answer depends on it."""
    rules: Sequence[Implication]
    exclusive: frozenset[str] = frozenset()
    """Attributes of which one value is implied at most, and none that contradicts a given one."""

    @cached_property
    def by_premise(self) -> Mapping[str, Sequence[Implication]]:
        """Concept id -> rules that may hold when it is there, in file order."""
        found: dict[str, list[Implication]] = {}
        for rule in self.rules:
            for premise in dict.fromkeys((*rule.any, *rule.all)):
                found.setdefault(premise, []).append(rule)
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class ImpliedTag:
    """A concept that follows, and why."""

    id: str
    attribute: str
    rule: str
    """Name of the rule, or `broader`."""
    why: str
    premises: tuple[str, ...]
    """What it follows from directly: given or implied concepts."""
    chain: tuple[str, ...]
    """Ids from a given tag to this concept, both included."""


@dataclass(slots=True)
class _Known:
    """What holds so far."""

    taxonomy: Taxonomy
    exclusive: frozenset[str]
    given: frozenset[str] = frozenset()
    chains: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Concept id -> how it was reached; a given one by itself."""
    by_attribute: dict[str, list[str]] = field(default_factory=dict)

    def add(self, concept_id: str, chain: tuple[str, ...]) -> str:
        """Let a concept hold; return its attribute."""
        self.chains[concept_id] = chain
        attribute = self.taxonomy.concepts[concept_id].attribute
        self.by_attribute.setdefault(attribute, []).append(concept_id)
        return attribute

    def admits(self, concept_id: str) -> bool:
        """Say whether a concept is new, in the taxonomy and in no contradiction to what holds."""
        concept = self.taxonomy.concepts.get(concept_id)
        if concept is None or concept.retired or concept_id in self.chains:
            return False
        if concept.attribute not in self.exclusive:
            return True
        mine = self.taxonomy.path(concept_id)
        held = self.by_attribute.get(concept.attribute, ())
        # narrower and broader values of one attribute agree: "sneakers" and "shoes"
        return all(one in mine or concept_id in self.taxonomy.path(one) for one in held)


def implied(tags: Iterable[str], taxonomy: Taxonomy, rules: Implications) -> tuple[ImpliedTag, ...]:
    """Return what follows from tags (concept ids), nearest first; ids that the taxonomy lacks imply nothing.

    Concepts of rules that the taxonomy lacks do not follow: the rules are written for the default one.
    """
    known = _Known(taxonomy, rules.exclusive | SINGLE_VALUED)
    level = [tag for tag in dict.fromkeys(tags) if tag in taxonomy.concepts]
    for tag in level:
        known.add(tag, (tag,))
    known.given = frozenset(above for tag in level for above in taxonomy.path(tag))
    found: list[ImpliedTag] = []
    while level:
        reached: list[str] = []
        for concept_id, rule, why, premises in (each for one in level for each in _follows(one, known, rules)):
            if known.admits(concept_id):
                chain = (*known.chains[premises[0]], concept_id)
                attribute = known.add(concept_id, chain)
                found.append(
                    ImpliedTag(id=concept_id, attribute=attribute, rule=rule, why=why, premises=premises, chain=chain)
                )
                reached.append(concept_id)
        level = reached
    return tuple(found)


def _follows(one: str, known: _Known, rules: Implications) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Yield (concept id, rule, why, premises) of what follows from one concept and what else is there."""
    broader = known.taxonomy.concepts[one].broader
    if broader is not None:
        yield broader, TREE, f"the taxonomy has {one} below it", (one,)
    for rule in rules.by_premise.get(one, ()):
        held = one if one in rule.any else next((each for each in rule.any if each in known.chains), None)
        if held is None or not known.chains.keys() >= set(rule.all) or known.given.intersection(rule.unless):
            continue
        for concept_id in rule.then:
            yield concept_id, rule.name, rule.why, (held, *rule.all)
