"""What one change consists of, and who may write when."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Executable, Table, delete, insert, select, update

from app.adapters.codec import encode_listing, encode_tag, encode_tags
from app.adapters.stores.database import Database
from app.adapters.stores.reading import known_and_locked
from app.adapters.stores.rows import terms, with_locks
from app.adapters.stores.schema import listings, locks, requeue, tag_index, tag_sets, tenants, unmatched
from app.adapters.stores.unmatched import put_unmatched
from app.domain.errors import NotFound, StoreUnavailable
from app.domain.listing import Listing
from app.domain.tags import Tag, TagSet
from app.domain.taxonomy import CATEGORY
from app.pipeline.ports import StoredTags

log = logging.getLogger(__name__)


class Writing:
    """The changes, each in one transaction that begins with `next_cursor`; why: see `SqlStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.insert = _upserting(database)
        """The dialect's own `insert`, which knows what to do where the row is there."""

    def unchanged(self, tenant: str, listing: Listing, tags: TagSet) -> StoredTags | None:
        """Return what is stored where saving this would change nothing."""
        with self._database.read() as connection:
            known, locked = known_and_locked(connection, tenant, str(listing.id))
        return known if known is not None and _is_same(known, listing, with_locks(tags, locked)) else None

    def save(self, tenant: str, listing: Listing, tags: TagSet) -> StoredTags:
        """Store as the next version, with the tags that are locked."""
        with self._database.write() as connection:
            cursor = self.next_cursor(connection, tenant)
            known, locked = known_and_locked(connection, tenant, str(listing.id))
            merged = with_locks(tags, locked)
            if known is not None and _is_same(known, listing, merged):
                return known
            return self.put(connection, tenant, known, listing, merged, cursor)

    def erase(self, tenant: str, listing_id: str) -> tuple[str, ...]:
        """Erase all but a tombstone; return the fingerprints; NotFound."""
        fingerprints = self._delete(tenant, listing_id)
        if self._database.path is not None:
            self._empty_log()
        return fingerprints

    def _delete(self, tenant: str, listing_id: str) -> tuple[str, ...]:
        with self._database.write() as connection:
            cursor = self.next_cursor(connection, tenant)
            # By the row and not by `known_and_locked`: what this version cannot read must be erasable too.
            here = (listings.c.tenant == tenant, listings.c.id == listing_id, listings.c.deleted.is_(False))
            old_cursor = connection.scalar(select(listings.c.cursor).where(*here))
            if old_cursor is None:
                raise unknown(listing_id)
            history = (
                select(tag_sets.c.fingerprint)
                .where(tag_sets.c.tenant == tenant, tag_sets.c.id == listing_id)
                .order_by(tag_sets.c.version)
            )
            fingerprints = tuple(dict.fromkeys(connection.scalars(history)))
            connection.execute(delete(tag_sets).where(tag_sets.c.tenant == tenant, tag_sets.c.id == listing_id))
            for table in (locks, requeue, unmatched):
                connection.execute(delete(table).where(table.c.tenant == tenant, table.c.id == listing_id))
            _unindex(connection, tenant, old_cursor)
            tombstone = {"cursor": cursor, "version": 0, "fingerprint": "", "deleted": True, "listing": None}
            connection.execute(update(listings).where(*here).values(tombstone))
            return fingerprints

    def _empty_log(self) -> None:
        # Copies of the erased pages stay in SQLite's write-ahead log until it is emptied.
        try:
            self._database.mapped(self._database.pragma, "PRAGMA wal_checkpoint(TRUNCATE)")
        except StoreUnavailable as exc:
            # The listing is gone for every reader; its pages are overwritten at the next checkpoint.
            log.warning("the write-ahead log could not be emptied after a deletion: %s", exc.message)

    def lock(self, tenant: str, listing_id: str, tag: Tag) -> StoredTags:
        """Put the tag on the listing for good; NotFound."""
        with self._database.write() as connection:
            cursor, known, locked = self._held(connection, tenant, listing_id)
            if tag in locked:
                return known
            replaced = [old for old in locked if _gives_way(old, tag)]
            forget_locks(connection, tenant, listing_id, replaced)
            add_lock(connection, tenant, listing_id, tag, cursor)
            merged = with_locks(known.tags, [*(old for old in locked if old not in replaced), tag])
            return self.put(connection, tenant, known, known.listing, merged, cursor)

    def unlock(self, tenant: str, listing_id: str, tag_id: str) -> None:
        """Take the lock away, not the tag; NotFound."""
        with self._database.write() as connection:
            cursor, known, locked = self._held(connection, tenant, listing_id)
            freed = [tag for tag in locked if tag.id == tag_id]
            if freed:
                forget_locks(connection, tenant, listing_id, freed)
                merged = with_locks(known.tags, [tag for tag in locked if tag not in freed])
                self.put(connection, tenant, known, known.listing, merged, cursor)

    def _held(self, connection: Connection, tenant: str, listing_id: str) -> tuple[int, StoredTags, Sequence[Tag]]:
        """Return the next cursor, the listing and its locked tags, for this change alone; NotFound."""
        cursor = self.next_cursor(connection, tenant)
        known, locked = known_and_locked(connection, tenant, listing_id)
        if known is None:
            raise unknown(listing_id)
        return cursor, known, locked

    def next_cursor(self, connection: Connection, tenant: str) -> int:
        """Take the tenant's next cursor, and with it the right to write, until the transaction ends."""
        statement = (
            self.insert(tenants)
            .values(tenant=tenant, cursor=1)
            .on_conflict_do_update(index_elements=["tenant"], set_={"cursor": tenants.c.cursor + 1})
            .returning(tenants.c.cursor)
        )
        return int(connection.execute(statement).scalar_one())

    def put(
        self,
        connection: Connection,
        tenant: str,
        known: StoredTags | None,
        listing: Listing,
        tags: TagSet,
        cursor: int,
    ) -> StoredTags:
        """Write a listing's next version: row, tag set, index, unmatched values; its locks are the caller's affair."""
        version = 1 if known is None else known.version + 1
        place = {"tenant": tenant, "id": listing.id}
        state = {"cursor": cursor, "version": version, "fingerprint": tags.fingerprint}
        connection.execute(
            self._upsert_listing(place, state | {"deleted": False, "listing": encode_listing(listing).decode()})
        )
        connection.execute(insert(tag_sets).values(place | state | {"tags": encode_tags(tags).decode()}))
        if known is not None:
            _unindex(connection, tenant, known.cursor)
        index = [{"tenant": tenant, "tag": term, "cursor": cursor} for term in sorted(terms(tags))]
        if index:
            connection.execute(insert(tag_index), index)
        put_unmatched(connection, tenant, str(listing.id), known.tags if known else None, tags)
        return StoredTags(listing=listing, tags=tags, version=version, cursor=cursor)

    def _upsert_listing(self, place: dict[str, str | None], values: dict[str, object]) -> Executable:
        # An insert meets a row where the listing is known, or was deleted and comes back.
        statement: Executable = (
            self.insert(listings)
            .values(place | values)
            .on_conflict_do_update(index_elements=["tenant", "id"], set_=values)
        )
        return statement


def _upserting(database: Database) -> Callable[[Table], Any]:
    """Return the dialect's own `insert`, which knows what to do where the row is there."""
    if database.is_sqlite:
        from sqlalchemy.dialects import sqlite

        return sqlite.insert
    from sqlalchemy.dialects import postgresql

    return postgresql.insert


def _unindex(connection: Connection, tenant: str, cursor: int) -> None:
    connection.execute(delete(tag_index).where(tag_index.c.tenant == tenant, tag_index.c.cursor == cursor))


def add_lock(connection: Connection, tenant: str, listing_id: str, tag: Tag, cursor: int) -> None:
    """Write the row of a lock."""
    row = {"tenant": tenant, "id": listing_id, "attribute": tag.attribute, "tag": tag.id, "cursor": cursor}
    connection.execute(insert(locks).values(row | {"body": encode_tag(tag).decode()}))


def forget_locks(connection: Connection, tenant: str, listing_id: str, tags: Iterable[Tag]) -> None:
    """Delete the rows of locks."""
    for tag in tags:
        connection.execute(
            delete(locks).where(
                locks.c.tenant == tenant,
                locks.c.id == listing_id,
                locks.c.attribute == tag.attribute,
                locks.c.tag == tag.id,
            )
        )


def _gives_way(old: Tag, new: Tag) -> bool:
    """Say whether a lock is replaced by another: the same tag, or both categories."""
    return old.attribute == new.attribute and (old.id == new.id or new.attribute == CATEGORY)


def _is_same(known: StoredTags, listing: Listing, tags: TagSet) -> bool:
    # The fingerprint is of the cleaned text: a listing that differs in spaces only has the same, but evidence
    # points into the text as sent, so that text is compared too. All of the tag set is: a partial answer and a
    # full one can carry the same tags.
    return known.tags == tags and known.listing == listing


def unknown(listing_id: str) -> NotFound:
    """Return the error for an id that nothing is stored under."""
    return NotFound(f"no listing has the id {listing_id[:80]!r}", field="id")
