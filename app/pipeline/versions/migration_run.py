"""Takes a migration through a store: only listings that carry a touched id are read, a page at a time.

It can be broken off anywhere and run again: what is done is not touched by the migration any longer, or is on the
re-queue list already. A listing that somebody else changes meanwhile comes by again with its new cursor.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from app.pipeline.ports import Rewrite, StoredTags, TagMigration
from app.pipeline.versions.tag_migration import Migration, Outcome

PAGE = 500
"""Listings read, and written in one transaction, at once."""

Done = Callable[[str, Outcome, tuple[str, ...]], None]
"""Told of each listing that was changed: its id, what became of it, the reasons that are new on the list."""


@dataclass(slots=True)
class Totals:
    """What a run did, or would do."""

    looked_at: int = 0
    """Listings read, some more than once."""
    rewritten: int = 0
    requeued: Counter[str] = field(default_factory=Counter)
    """Reason -> listings."""
    listings_requeued: int = 0
    migrated: Counter[str] = field(default_factory=Counter)
    """Tags by how: published, successor, exact_match, label, moved."""
    unmapped: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(id, why) -> tags that nothing stands for."""

    def count(self, outcome: Outcome, *, stored: bool, requeued: Sequence[str]) -> None:
        """Take in what became of a listing."""
        self.rewritten += stored
        self.requeued.update(requeued)
        self.listings_requeued += bool(requeued)
        if not stored:
            return
        for change in outcome.changes:
            if change.after is None:
                self.unmapped[change.before, change.how] += 1
            else:
                self.migrated[change.how] += 1


@dataclass(frozen=True, kw_only=True, slots=True)
class InUse:
    """The ids that a tenant's listings carry, as far as a migration is concerned."""

    touched: tuple[str, ...]
    unknown: tuple[str, ...]
    """Ids that neither version knows; their tags are left alone."""


async def look(store: TagMigration, tenant: str, migration: Migration) -> InUse:
    """Return the ids to go through."""
    ids = await store.tags_in_use(tenant)
    touched = tuple(filter(migration.touches, ids))
    unknown = tuple(one for one in ids if not migration.touches(one) and not migration.known(one))
    return InUse(touched=touched, unknown=unknown)


async def migrate(
    store: TagMigration,
    tenant: str,
    migration: Migration,
    ids: Sequence[str],
    *,
    dry_run: bool = False,
    done: Done = lambda *_: None,
    advance: Callable[[int], None] = lambda _: None,
) -> Totals:
    """Migrate the tags of the listings that carry one of ``ids``; ``advance`` is told of each that is finished."""
    totals = Totals()
    seen = _Seen() if dry_run else None
    for tag_id in ids:
        after = 0
        while page := await store.carrying(tenant, tag_id, after=after, limit=PAGE):
            after = page[-1].cursor
            totals.looked_at += len(page)
            await _page(store, tenant, page, migration, totals, done, seen)
        advance(1)
    return totals


async def _page(
    store: TagMigration,
    tenant: str,
    page: Sequence[StoredTags],
    migration: Migration,
    totals: Totals,
    done: Done,
    seen: _Seen | None,
) -> None:
    outcomes = [(stored, migration.apply(stored.tags)) for stored in page]
    touched = [(stored, outcome) for stored, outcome in outcomes if outcome.changes or outcome.reasons]
    if seen is not None:
        for stored, outcome in touched:
            if seen.is_new(stored.cursor):
                _tell(stored, outcome, bool(outcome.changes), outcome.reasons, totals, done)
        return
    rewrites = [Rewrite(stored=stored, tags=outcome.tags, reasons=outcome.reasons) for stored, outcome in touched]
    results = await store.rewrite(tenant, rewrites)
    for (stored, outcome), result in zip(touched, results, strict=True):
        if result.stored or result.requeued:
            _tell(stored, outcome, result.stored, result.requeued, totals, done)


def _tell(
    stored: StoredTags, outcome: Outcome, written: bool, requeued: Sequence[str], totals: Totals, done: Done
) -> None:
    totals.count(outcome, stored=written, requeued=requeued)
    done(str(stored.listing.id), outcome, tuple(requeued))


class _Seen:
    """Cursors that have come by, a bit for each: a dry run changes nothing that would tell."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def is_new(self, cursor: int) -> bool:
        """Say whether a cursor comes by for the first time."""
        place, bit = cursor >> 3, 1 << (cursor & 7)
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 1 - len(self._bits)))
        if self._bits[place] & bit:
            return False
        self._bits[place] |= bit
        return True
