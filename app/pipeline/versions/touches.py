"""Which concepts a change of the taxonomy touches, beyond those that are no longer in use.

A new label or concept touches nothing here: no stored tag says which listings would carry it now. What is in a store's
`unmatched` values does.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from app.domain.mapping import TaxonomyMapping
from app.domain.taxonomy import CATEGORY, Kind, Taxonomy
from app.domain.taxonomy_changes import Relabelled, TaxonomyDiff
from app.pipeline.text import fold_label
from app.pipeline.versions.diff import find


@dataclass(frozen=True, kw_only=True)
class Touched:
    """Ids to look for in a store, and why."""

    old: Taxonomy
    new: Taxonomy
    mapping: TaxonomyMapping
    ids: Collection[str]
    """Concepts that listings are found by."""
    quantities: Collection[str]
    """Attributes of kind quantity; the ids of their tags begin with the attribute's."""
    attributes: Collection[str]
    """Attributes whose kind, dimension or values changed."""
    labels: Mapping[str, frozenset[str]]
    """Concept -> folded labels that it has lost, or that no longer fire in running text."""
    relevance: Collection[str]
    """Categories, of both versions, that ask for other attributes."""
    reused: Collection[str]
    split: Collection[str]

    def asks_else(self, before: str, after: str) -> bool:
        """Say whether a category asks for other attributes than another one did."""
        if before not in self.old.concepts or after not in self.new.concepts:
            return False
        return _asked(self.old, before, self.mapping) != frozenset(self.new.relevant(after))


def touched(old: Taxonomy, new: Taxonomy, mapping: TaxonomyMapping, diff: TaxonomyDiff) -> Touched:
    """Return what a change touches."""
    labels: dict[str, frozenset[str]] = {}
    for row in diff.relabelled:
        if lost := _lost(row):
            labels[row.id] = labels.get(row.id, frozenset()) | lost
    moved, relevance = _categories(old, new, mapping)
    reused = frozenset(row.id for row in diff.reused)
    altered = frozenset(
        row.id for row in diff.altered if row.id in old.attributes and _matters(old, new, row.id, row.field)
    ) | (reused & old.attributes.keys())
    gone = frozenset(row for row in mapping.rows if row in old.attributes)
    shared = {concept.id for attribute in altered | gone for concept in old.values(attribute)}
    reattributed = {row.id for row in diff.altered if row.field == "attribute"}
    return Touched(
        old=old,
        new=new,
        mapping=mapping,
        ids={*mapping.rows, *labels, *moved, *relevance, *reused, *shared, *reattributed},
        quantities={one for one in altered | gone if Kind.QUANTITY in _kinds(old, new, one)},
        attributes=altered,
        labels=labels,
        relevance=relevance,
        reused=reused,
        split=frozenset(row.id for row in diff.split),
    )


def _lost(row: Relabelled) -> frozenset[str]:
    """Return the labels that are not a concept's any longer, in one locale."""
    has = {fold_label(text) for text in (row.after, *row.added) if text is not None}
    had = {fold_label(text) for text in (row.before, *row.removed) if text is not None}
    return frozenset(had - has) | {fold_label(text) for text in row.restricted}


def _categories(old: Taxonomy, new: Taxonomy, mapping: TaxonomyMapping) -> tuple[set[str], set[str]]:
    """Return categories in use in both versions that stand elsewhere in the tree, and that ask for other attributes."""
    moved: set[str] = set()
    relevance: set[str] = set()
    for before in old.values(CATEGORY):
        after = new.concepts.get(before.id)
        if after is None or after.retired:
            continue
        if old.path(before.id) != new.path(before.id):
            moved.add(before.id)
        if _asked(old, before.id, mapping) != frozenset(new.relevant(before.id)):
            relevance.add(before.id)
    return moved, relevance


def _asked(old: Taxonomy, category: str, mapping: TaxonomyMapping) -> frozenset[str]:
    """Return the attributes that a category of the old version asks for, by what they are called in the new one."""
    asked: set[str] = set()
    for attribute in old.relevant(category):
        row = mapping.rows.get(attribute)
        asked.update((attribute,) if row is None else row.targets)
    return frozenset(asked)


def _matters(old: Taxonomy, new: Taxonomy, attribute: str, field: str) -> bool:
    """Say whether a changed field of an attribute makes its tags doubtful: from closed to open does not."""
    if field == "kind":
        return Kind.QUANTITY in _kinds(old, new, attribute)
    return field in ("dimension", "values_from")


def _kinds(old: Taxonomy, new: Taxonomy, attribute: str) -> set[Kind]:
    return {found.kind for one in (old, new) if (found := find(one, attribute)) is not None}
