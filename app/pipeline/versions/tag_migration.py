"""Brings the tags of one listing from one version of a taxonomy to another, and says whether it must be tagged again.

Nothing is dropped: a tag that no concept stands for becomes an unmatched value, with a warning that names its id; one
that a person locked stays, under its old id, until a person decides. What was migrated carries a warning too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from app.domain.mapping import Mapped, Relation, TaxonomyMapping
from app.domain.tags import Tag, TagSet, Unmatched, Warning
from app.domain.taxonomy import CATEGORY, Taxonomy
from app.domain.taxonomy_changes import TaxonomyDiff
from app.pipeline.fingerprint import taxonomy_version
from app.pipeline.text import fold_label
from app.pipeline.versions.diff import find
from app.pipeline.versions.touches import Touched, touched


class Reason(StrEnum):
    """Why a listing has to be tagged again."""

    UNMAPPED = "unmapped"
    """A tag of it stands for nothing any longer."""
    BROADER = "broader"
    """A tag became a more general one."""
    SPLIT = "split"
    """A tag's concept became several."""
    LABEL = "label"
    """A tag was found by a label that its concept has no longer."""
    RELEVANCE = "relevance"
    """Its category asks for other attributes."""
    ATTRIBUTE = "attribute"
    """An attribute of it has another kind, dimension or set of values."""
    REUSED = "reused"
    """A tag's id seems to stand for something else now."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TagChange:
    """What became of one tag.

    ``after`` is None where nothing stands for it: it became an unmatched value or, locked, stays. ``how`` says why.
    """

    attribute: str
    before: str
    after: str | None
    how: str
    raw: str
    locked: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """The tags as they are to be stored (the very same where nothing changed) and what to do with the listing."""

    tags: TagSet
    changes: tuple[TagChange, ...] = ()
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class _Step:
    """One tag's way: ``tag`` is None where it becomes unmatched."""

    tag: Tag | None
    change: TagChange | None = None
    reasons: tuple[Reason, ...] = ()

    @property
    def stays(self) -> bool:
        """Say whether this is a locked tag that stands for nothing."""
        return self.tag is not None and self.change is not None and self.change.after is None


class Migration:
    """The way from one version to another, worked out once; `apply` is for each listing that `touches` finds."""

    def __init__(self, old: Taxonomy, new: Taxonomy, mapping: TaxonomyMapping, diff: TaxonomyDiff) -> None:
        self._new = new
        self._rows = mapping.rows
        self._touched: Touched = touched(old, new, mapping, diff)
        self._version = taxonomy_version(new)
        self._old = old

    def touches(self, tag_id: str) -> bool:
        """Say whether listings that carry this id have to be looked at; an id that neither version has is let be."""
        return tag_id in self._touched.ids or tag_id.partition(":")[0] in self._touched.quantities

    def known(self, tag_id: str) -> bool:
        """Say whether either version has the concept, or the quantity's attribute."""
        head = tag_id.partition(":")[0]
        return any(find(one, tag_id) or head in one.attributes for one in (self._old, self._new))

    def apply(self, tags: TagSet) -> Outcome:
        """Return what becomes of a listing's tags; applied to its own result, it changes nothing."""
        # What was tagged with the new version, or migrated to it, needs no second look at what means something else.
        current = tags.versions.taxonomy == self._version
        steps = [self._step(tag, current=current) for tag in tags.tags]
        steps = [_Step(tag) if current and step.stays else step for tag, step in zip(tags.tags, steps, strict=True)]
        changes = tuple(step.change for step in steps if step.change is not None)
        reasons = tuple(dict.fromkeys(reason for step in steps for reason in step.reasons))
        if not changes:
            return Outcome(tags=tags, reasons=reasons)
        pairs = list(zip(tags.tags, steps, strict=True))
        lost = [_as_unmatched(before) for before, step in pairs if step.tag is None]
        warnings = [self._warning(change) for change in changes if change.after != change.before]
        migrated = replace(
            tags,
            tags=_merged([step.tag for step in steps if step.tag is not None]),
            unmatched=tuple(dict.fromkeys((*tags.unmatched, *lost))),
            warnings=tuple(dict.fromkeys((*tags.warnings, *warnings))),
            versions=replace(tags.versions, taxonomy=self._version),
        )
        return Outcome(tags=migrated, changes=changes, reasons=reasons)

    def _step(self, tag: Tag, *, current: bool) -> _Step:
        attribute = self._attribute(tag.attribute)
        if attribute is None:
            return self._lose(tag, self._rows[tag.attribute])
        if tag.quantity is not None:
            return self._quantity(tag, attribute, current=current)
        row = self._rows.get(tag.id)
        if row is None or row.targets == (tag.id,) or (current and self._in_use(tag.id)):
            return self._keep(tag, attribute, current=current)
        return self._follow(tag, row, attribute)

    def _attribute(self, attribute: str) -> str | None:
        """Return what an attribute became; None where it is gone."""
        row = self._rows.get(attribute)
        if row is None or self._in_use(attribute):
            return attribute
        return row.targets[0] if len(row.targets) == 1 else None

    def _in_use(self, concept_id: str) -> bool:
        concept = find(self._new, concept_id)
        return concept is not None and not concept.retired

    def _quantity(self, tag: Tag, attribute: str, *, current: bool) -> _Step:
        reasons = (Reason.ATTRIBUTE,) if not current and tag.attribute in self._touched.attributes else ()
        if attribute == tag.attribute:
            return _Step(tag, reasons=reasons)
        moved = replace(tag, attribute=attribute, id=f"{attribute}:{tag.id.partition(':')[2]}")
        return _Step(moved, _change(tag, moved.id, "attribute renamed"), reasons)

    def _keep(self, tag: Tag, attribute: str, *, current: bool) -> _Step:
        """A concept that is still in use, or that neither version knows."""
        reasons = () if current else tuple(self._reasons(tag))
        kept = self._placed(tag, tag.id, attribute)
        if kept == tag:
            return _Step(tag, reasons=reasons)
        return _Step(kept, _change(tag, tag.id, "moved"), reasons)

    def _reasons(self, tag: Tag) -> Iterator[Reason]:
        if tag.id in self._touched.reused:
            yield Reason.REUSED
        if fold_label(tag.match.label) in self._touched.labels.get(tag.id, ()):
            yield Reason.LABEL
        if tag.id in self._touched.relevance and tag.attribute == CATEGORY:
            yield Reason.RELEVANCE
        if tag.attribute in self._touched.attributes:
            yield Reason.ATTRIBUTE

    def _follow(self, tag: Tag, row: Mapped, attribute: str) -> _Step:
        """A concept that became another, or several, or nothing."""
        targets: Sequence[str] = row.targets
        if len(targets) > 1:
            targets = self._named(tag, targets) or targets
        if len(targets) != 1:
            return self._lose(tag, row, Reason.SPLIT if targets else Reason.UNMAPPED)
        if row.relation not in (Relation.EXACT, Relation.BROADER):
            return self._lose(tag, row)  # the target says more than, or something else than, what was found
        (target,) = targets
        reasons: list[Reason] = []
        if row.relation is Relation.BROADER:
            reasons.append(Reason.BROADER)
        if tag.id in self._touched.split:
            reasons.append(Reason.SPLIT)
        if tag.attribute == CATEGORY and self._touched.asks_else(tag.id, target):
            reasons.append(Reason.RELEVANCE)
        return _Step(self._placed(tag, target, attribute), _change(tag, target, row.origin.value), tuple(reasons))

    def _named(self, tag: Tag, targets: Sequence[str]) -> tuple[str, ...]:
        """Return those of several targets that the listing's own words name."""
        words = {fold_label(tag.raw), fold_label(tag.match.label)}
        named = [one for one in targets if any(fold_label(x.text) in words for x in self._new.concept(one).labels)]
        return tuple(named) if len(named) == 1 else ()

    def _placed(self, tag: Tag, concept_id: str, attribute: str) -> Tag:
        """Return the tag under a concept of the new version, at its place in the tree."""
        concept = self._new.concepts.get(concept_id)
        if concept is None:
            return tag
        if self._new.values_of(attribute) != concept.attribute:
            attribute = concept.attribute
        path = self._new.path(concept_id) if attribute == CATEGORY else ()
        return replace(tag, attribute=attribute, id=concept_id, path=path)

    def _lose(self, tag: Tag, row: Mapped, reason: Reason = Reason.UNMAPPED) -> _Step:
        how = row.reason or f"{row.relation.value}: {', '.join(row.targets)}"
        return _Step(tag if tag.locked else None, _change(tag, None, how), (reason,))

    def _warning(self, change: TagChange) -> Warning:
        if change.after is None:
            message = f"{change.before} is not in use in {self._version} ({change.how})"
            return Warning(code="unmapped", field="tags", message=message)
        message = f"{change.before} became {change.after} in {self._version} ({change.how})"
        return Warning(code="migrated", field="tags", message=message)


def _change(tag: Tag, after: str | None, how: str) -> TagChange:
    return TagChange(attribute=tag.attribute, before=tag.id, after=after, how=how, raw=tag.raw, locked=tag.locked)


def _as_unmatched(tag: Tag) -> Unmatched:
    return Unmatched(attribute=tag.attribute, raw=tag.raw, source=tag.source, evidence=tag.evidence)


def _merged(tags: Sequence[Tag]) -> tuple[Tag, ...]:
    """Return one tag per concept: a person's, else the surest, with the evidence of all."""
    kept: dict[tuple[str, str], Tag] = {}
    for tag in tags:
        key = (tag.attribute, tag.id)
        other = kept.get(key)
        if other is not None:
            evidence = tuple(dict.fromkeys((*other.evidence, *tag.evidence)))
            best = max(other, tag, key=lambda one: (one.locked, one.confidence))
            tag = replace(best, evidence=evidence)
        kept[key] = tag
    return tuple(kept.values())
