"""What can differ between two versions of a taxonomy."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """A concept that came or went, with a prefLabel to read it by."""

    id: str
    attribute: str
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Retired:
    """A concept that was in use and is no longer; None where it names no successor."""

    id: str
    attribute: str
    label: str
    successor: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reused:
    """An id whose labels share nothing with those it had: it seems to stand for something else now."""

    id: str
    attribute: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """A concept with another broader one; None: a root."""

    id: str
    attribute: str
    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Relabelled:
    """A concept's labels in one locale: the prefLabel before and after, and altLabels."""

    id: str
    attribute: str
    locale: str
    before: str | None
    after: str | None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    freed: tuple[str, ...] = ()
    """Labels that fire in running text now and did not."""
    restricted: tuple[str, ...] = ()
    """The other way round."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Altered:
    """Any other field of a concept: kind, dimension, values_from, relevant, attribute, google_id, exact_match."""

    id: str
    attribute: str
    field: str
    before: Any
    after: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelMoved:
    """A label that stood at one concept and stands at another now."""

    attribute: str
    locale: str
    label: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Merged:
    """Several concepts that retired in favour of one."""

    into: str
    attribute: str
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Split:
    """A concept whose labels went to several others."""

    id: str
    attribute: str
    into: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TaxonomyDiff:
    """Everything that differs, each list in the order of the files. ``old`` and ``new`` are "NAME VERSION"."""

    old: str
    new: str
    locales_added: tuple[str, ...] = ()
    locales_removed: tuple[str, ...] = ()
    added: tuple[Named, ...] = ()
    retired: tuple[Retired, ...] = ()
    restored: tuple[Named, ...] = ()
    """In use again after having been retired."""
    removed: tuple[Named, ...] = ()
    """Ids that vanished, which no id may: the concept has to stay, retired."""
    reused: tuple[Reused, ...] = ()
    moved: tuple[Moved, ...] = ()
    relabelled: tuple[Relabelled, ...] = ()
    """In locales that both versions have."""
    altered: tuple[Altered, ...] = ()
    labels_moved: tuple[LabelMoved, ...] = ()
    merged: tuple[Merged, ...] = ()
    split: tuple[Split, ...] = ()

    def counts(self) -> dict[str, dict[str, int]]:
        """Return attribute -> kind of change -> number of concepts (of labels for ``labels_moved``)."""
        counted: dict[str, Counter[str]] = {}
        for kind in KINDS:
            changes = getattr(self, kind)
            if kind in ("relabelled", "altered"):  # several to a concept
                changes = {change.id: change for change in changes}.values()
            for change in changes:
                counted.setdefault(change.attribute, Counter())[kind] += 1
        return {attribute: dict(counts) for attribute, counts in sorted(counted.items())}


KINDS = (
    *("added", "retired", "restored", "removed", "reused", "moved"),
    *("relabelled", "altered", "labels_moved", "merged", "split"),
)
"""The lists of a diff."""
