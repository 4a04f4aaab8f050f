"""A controlled, multilingual taxonomy (vocabulary of SKOS: concept, prefLabel, altLabel, broader)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from app.domain.errors import NotFound

CATEGORY = "category"
"""The attribute under which categories are tags too."""


class Kind(StrEnum):
    """How an attribute's values are known."""

    CLOSED = "closed"
    """Every value is a concept."""
    OPEN = "open"
    """Known values are concepts, others are kept as unmatched."""
    QUANTITY = "quantity"
    """Values are numbers with a unit; no concepts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """A label of a concept; ``standalone`` is false where it is too ambiguous to fire in running text."""

    text: str
    locale: str
    preferred: bool = False
    standalone: bool = True
    layer: str = ""
    """The overlay that brought it; empty: the taxonomy itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Concept:
    """A value, a category or an attribute, with its labels in every locale."""

    id: str
    attribute: str
    labels: tuple[Label, ...]
    broader: str | None = None
    google_id: int | None = None
    exact_match: tuple[str, ...] = ()
    """URIs of the same concept elsewhere (skos:exactMatch), its id in the source of an import first."""
    relevant: tuple[str, ...] = ()
    """Categories only: ids of the attributes that become relevant at this node and below."""
    kind: Kind = Kind.CLOSED
    dimension: str | None = None
    """Attributes of kind quantity only: mass, length, ..."""
    values_from: str | None = None
    """Attributes only: the attribute whose values this one has too ("frame material" has those of "material")."""
    successor: str | None = None
    retired: bool = False
    hidden: bool = False
    """An overlay has taken it out of use: it keeps its id and labels, and is neither found nor given."""

    @property
    def usable(self) -> bool:
        """Say whether the concept may be found and given."""
        return not (self.retired or self.hidden)

    def label(self, locale: str) -> str | None:
        """Return the prefLabel in exactly this locale."""
        return next((x.text for x in self.labels if x.preferred and x.locale == locale), None)


class Place(NamedTuple):
    """Where a concept stands: what can be known of it without reading its labels."""

    id: str
    attribute: str
    broader: str | None


@dataclass(frozen=True, kw_only=True)
class Taxonomy:
    """One version of a taxonomy, whole and immutable. Concepts are found by id in O(1).

    ``concepts`` may read them from a file when they are asked for: `values`, `path` and `children` find their ids
    without that.
    """

    name: str
    version: str
    locales: tuple[str, ...]
    concepts: Mapping[str, Concept]
    attributes: Mapping[str, Concept]
    sources: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    """Names of the overlays over it, lowest first."""
    digest: str = ""
    """SHA-256 of the data it was read from: part of every cache key."""
    places: Sequence[Place] = field(default=(), repr=False, compare=False)
    """Where each concept stands, in file order; worked out from the concepts where it is not given."""

    def __post_init__(self) -> None:
        if not self.places:
            places = [Place(c.id, c.attribute, c.broader) for c in self.concepts.values()]
            object.__setattr__(self, "places", places)

    def concept(self, concept_id: str) -> Concept:
        """Return a value, category or attribute; raise NotFound for an unknown id."""
        found = self.concepts.get(concept_id) or self.attributes.get(concept_id)
        if found is None:
            raise NotFound(f"no concept has the id {concept_id!r}", field="id")
        return found

    def values(self, attribute: str) -> Iterator[Concept]:
        """Yield the concepts of one attribute (``category`` gives the categories)."""
        for concept_id in self._by_attribute.get(self.values_of(attribute), ()):
            yield self.concepts[concept_id]

    def values_of(self, attribute: str) -> str:
        """Return the attribute whose values this one has: itself, or the one it shares them with."""
        known = self.attributes.get(attribute)
        return known.values_from or attribute if known else attribute

    def children(self, concept_id: str) -> tuple[Concept, ...]:
        """Return the narrower concepts, in file order."""
        return tuple(self.concepts[c] for c in self._children.get(concept_id, ()))

    def path(self, concept_id: str) -> tuple[str, ...]:
        """Return the ids from the root down to the concept, itself included."""
        path: list[str] = []
        current: str | None = concept_id
        while current is not None and current not in path:
            path.append(current)
            current = self._broader.get(current)  # attributes stand alone
        return tuple(reversed(path))

    def is_within(self, one: str, other: str) -> bool:
        """Say whether a concept is another one or narrower than it."""
        return other in self.path(one)

    def related(self, one: str, other: str) -> bool:
        """Say whether one of two concepts is the other or narrower than it."""
        return self.is_within(one, other) or self.is_within(other, one)

    def relevant(self, category_id: str) -> tuple[str, ...]:
        """Return the attributes relevant to a category: its own and its ancestors', nearest first."""
        if category_id not in self._relevant:
            ordered: dict[str, None] = {}
            for node in reversed(self.path(category_id)):
                ordered.update(dict.fromkeys(self.concepts[node].relevant))
            self._relevant[category_id] = tuple(ordered)
        return self._relevant[category_id]

    @cached_property
    def _by_attribute(self) -> dict[str, list[str]]:
        return _grouped((place.attribute, place.id) for place in self.places)

    @cached_property
    def _children(self) -> dict[str, list[str]]:
        return _grouped((place.broader, place.id) for place in self.places if place.broader is not None)

    @cached_property
    def _broader(self) -> dict[str, str | None]:
        return {place.id: place.broader for place in self.places}

    @cached_property
    def _relevant(self) -> dict[str, tuple[str, ...]]:
        return {}


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups


def index_by_id(concepts: Iterable[Concept]) -> dict[str, Concept]:
    """Return concepts by id, in order."""
    return {concept.id: concept for concept in concepts}
