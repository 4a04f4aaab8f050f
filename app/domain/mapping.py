"""Which concept of one taxonomy, or version of it, stands for which of another (SKOS mapping relations)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Relation(StrEnum):
    """What the target is to the source: skos:exactMatch, broadMatch, narrowMatch, relatedMatch."""

    EXACT = "exact"
    BROADER = "broader"
    NARROWER = "narrower"
    RELATED = "related"


class Origin(StrEnum):
    """Who says so; the first that says anything is believed."""

    PUBLISHED = "published"
    SUCCESSOR = "successor"
    EXACT_MATCH = "exact_match"
    LABEL = "label"
    NONE = "none"
    """Nobody knows a target."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mapped:
    """Where a concept goes. No target: nowhere; several: it was split, and a tag's own words must say which it is."""

    source: str
    targets: tuple[str, ...]
    origin: Origin
    relation: Relation = Relation.EXACT
    reason: str = ""
    candidates: tuple[str, ...] = ()
    """Targets that were considered and are not certain."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TaxonomyMapping:
    """Every concept, and every attribute, that cannot stay what it is."""

    rows: Mapping[str, Mapped]

    def unmapped(self) -> tuple[Mapped, ...]:
        """Return what has no target."""
        return tuple(row for row in self.rows.values() if not row.targets)
