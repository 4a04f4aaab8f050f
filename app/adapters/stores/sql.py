"""The store over SQL: who may write when, and what one change consists of."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from sqlalchemy import Insert, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.codec import encode_listing, encode_tag, encode_tags
from app.adapters.stores import search
from app.adapters.stores.database import Database
from app.adapters.stores.rows import current, fixed, is_key, locked_tag, require_keys, stored, terms, with_locks
from app.adapters.stores.schema import listings, locks, tag_index, tag_sets, tenants
from app.domain.errors import NotFound, StoreUnavailable
from app.domain.listing import Listing
from app.domain.tags import Tag, TagSet
from app.domain.taxonomy import CATEGORY
from app.pipeline.ports import Page, StoredTags

log = logging.getLogger(__name__)

_IDS_PER_QUERY = 500
"""Databases bound the parameters of a statement (SQLite and PostgreSQL at about 32,000)."""


class SqlStore:
    """Ports `ListingStore`, `ListingIndex` and `TagLocks`. All methods raise StoreUnavailable.

    Every change takes its cursor from the tenant's row and keeps that row until it is committed: changes of a
    tenant become visible in the order of their cursors, so a reader that has seen cursor n has missed none below.
    A change that has begun is finished, even where its caller goes away.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._insert = sqlite.insert if database.is_sqlite else postgresql.insert

    async def save(self, tenant: str, listing: Listing, tags: TagSet) -> StoredTags:
        """Store as the next version and return what is stored; equal to the current version, nothing is written.

        Raises InvalidListing for an id that cannot be stored (see `is_key`).
        """
        require_keys(tenant, listing, tags.tags)
        return await self._database.run(self._save(tenant, listing, tags))

    async def get_many(self, tenant: str, ids: Sequence[str]) -> dict[str, StoredTags]:
        """Return the current version of each id that is known and not deleted, in the order of ``ids``."""
        wanted = [listing_id for listing_id in dict.fromkeys(ids) if is_key(listing_id)]
        if not wanted or not is_key(tenant):
            return {}
        return await self._database.run(self._get_many(tenant, wanted))

    async def delete(self, tenant: str, listing_id: str) -> tuple[str, ...]:
        """Erase a listing and all that was derived from it; return its fingerprints, oldest first; or NotFound."""
        _require_known(tenant, listing_id)
        fingerprints = await self._database.run(self._delete(tenant, listing_id))
        if self._database.path is not None:
            await self._empty_log()
        return fingerprints

    async def lock(self, tenant: str, listing_id: str, tag: Tag) -> StoredTags:
        """Put the tag on the listing for good; NotFound for an unknown listing.

        A listing has one category: a newly locked one replaces one that was locked before.
        """
        _require_known(tenant, listing_id)
        require_keys(tenant, Listing(title="", id=listing_id), (tag,))
        return await self._database.run(self._lock(tenant, listing_id, fixed(tag)))

    async def unlock(self, tenant: str, listing_id: str, tag_id: str) -> None:
        """Let the tag follow re-tagging again; it stays until then. NotFound for an unknown listing."""
        _require_known(tenant, listing_id)
        if is_key(tag_id):
            await self._database.run(self._unlock(tenant, listing_id, tag_id))

    async def search(self, tenant: str, tags: Sequence[str], *, after: int = 0, limit: int = 50) -> Page:
        """Return listings that carry every tag (a category's ancestors count); see `search.search`."""
        return await self._database.run(search.search(self._database, tenant, tags, after=after, limit=limit))

    async def changes(self, tenant: str, *, since: int = 0, limit: int = 100) -> tuple[StoredTags, ...]:
        """Return the last change of each listing that changed after a cursor, oldest first."""
        return await self._database.run(search.changes(self._database, tenant, since=since, limit=limit))

    async def close(self) -> None:
        """Finish what has begun and close the connections."""
        await self._database.close()

    async def _save(self, tenant: str, listing: Listing, tags: TagSet) -> StoredTags:
        # Most saves of a re-run change nothing; they are settled here, without waiting for the tenant's row.
        async with self._database.read() as connection:
            known, locked = await _known(connection, tenant, str(listing.id))
            if known is not None and _is_same(known, listing, with_locks(tags, locked)):
                return known
        async with self._database.write() as connection:
            cursor = await self._next_cursor(connection, tenant)
            known, locked = await _known(connection, tenant, str(listing.id))
            merged = with_locks(tags, locked)
            if known is not None and _is_same(known, listing, merged):
                return known
            return await self._write(connection, tenant, known, listing, merged, cursor)

    async def _get_many(self, tenant: str, ids: Sequence[str]) -> dict[str, StoredTags]:
        found: dict[str, StoredTags] = {}
        async with self._database.read() as connection:
            for start in range(0, len(ids), _IDS_PER_QUERY):
                chosen = listings.c.id.in_(ids[start : start + _IDS_PER_QUERY])
                query = current().where(listings.c.tenant == tenant, chosen, listings.c.deleted.is_(False))
                found.update({row.id: stored(row) for row in await connection.execute(query)})
        return {listing_id: found[listing_id] for listing_id in ids if listing_id in found}

    async def _delete(self, tenant: str, listing_id: str) -> tuple[str, ...]:
        async with self._database.write() as connection:
            cursor = await self._next_cursor(connection, tenant)
            # By the row and not by `_known`: what this version cannot read must be erasable too.
            here = (listings.c.tenant == tenant, listings.c.id == listing_id, listings.c.deleted.is_(False))
            old_cursor = await connection.scalar(select(listings.c.cursor).where(*here))
            if old_cursor is None:
                raise _unknown(listing_id)
            history = (
                select(tag_sets.c.fingerprint)
                .where(tag_sets.c.tenant == tenant, tag_sets.c.id == listing_id)
                .order_by(tag_sets.c.version)
            )
            fingerprints = tuple(dict.fromkeys(await connection.scalars(history)))
            await connection.execute(delete(tag_sets).where(tag_sets.c.tenant == tenant, tag_sets.c.id == listing_id))
            await connection.execute(delete(locks).where(locks.c.tenant == tenant, locks.c.id == listing_id))
            await _unindex(connection, tenant, old_cursor)
            tombstone = {"cursor": cursor, "version": 0, "fingerprint": "", "deleted": True, "listing": None}
            await connection.execute(update(listings).where(*here).values(tombstone))
            return fingerprints

    async def _empty_log(self) -> None:
        # Copies of the erased pages stay in SQLite's write-ahead log until it is emptied.
        try:
            await self._database.run(self._database.pragma("PRAGMA wal_checkpoint(TRUNCATE)"))
        except StoreUnavailable as exc:
            # The listing is gone for every reader; its pages are overwritten at the next checkpoint.
            log.warning("the write-ahead log could not be emptied after a deletion: %s", exc.message)

    async def _lock(self, tenant: str, listing_id: str, tag: Tag) -> StoredTags:
        async with self._database.write() as connection:
            cursor = await self._next_cursor(connection, tenant)
            known, locked = await _known(connection, tenant, listing_id)
            if known is None:
                raise _unknown(listing_id)
            if tag in locked:
                return known
            replaced = [old for old in locked if _gives_way(old, tag)]
            await _forget_locks(connection, tenant, listing_id, replaced)
            row = {"tenant": tenant, "id": listing_id, "attribute": tag.attribute, "tag": tag.id, "cursor": cursor}
            await connection.execute(insert(locks).values(row | {"body": encode_tag(tag).decode()}))
            merged = with_locks(known.tags, [*(old for old in locked if old not in replaced), tag])
            return await self._write(connection, tenant, known, known.listing, merged, cursor)

    async def _unlock(self, tenant: str, listing_id: str, tag_id: str) -> None:
        async with self._database.write() as connection:
            cursor = await self._next_cursor(connection, tenant)
            known, locked = await _known(connection, tenant, listing_id)
            if known is None:
                raise _unknown(listing_id)
            freed = [tag for tag in locked if tag.id == tag_id]
            if freed:
                await _forget_locks(connection, tenant, listing_id, freed)
                merged = with_locks(known.tags, [tag for tag in locked if tag not in freed])
                await self._write(connection, tenant, known, known.listing, merged, cursor)

    async def _next_cursor(self, connection: AsyncConnection, tenant: str) -> int:
        """Take the tenant's next cursor, and with it the right to write, until the transaction ends."""
        statement = (
            self._insert(tenants)
            .values(tenant=tenant, cursor=1)
            .on_conflict_do_update(index_elements=["tenant"], set_={"cursor": tenants.c.cursor + 1})
            .returning(tenants.c.cursor)
        )
        return int((await connection.execute(statement)).scalar_one())

    async def _write(
        self,
        connection: AsyncConnection,
        tenant: str,
        known: StoredTags | None,
        listing: Listing,
        tags: TagSet,
        cursor: int,
    ) -> StoredTags:
        version = 1 if known is None else known.version + 1
        place = {"tenant": tenant, "id": listing.id}
        state = {"cursor": cursor, "version": version, "fingerprint": tags.fingerprint}
        await connection.execute(
            self._upsert_listing(place, state | {"deleted": False, "listing": encode_listing(listing).decode()})
        )
        await connection.execute(insert(tag_sets).values(place | state | {"tags": encode_tags(tags).decode()}))
        if known is not None:
            await _unindex(connection, tenant, known.cursor)
        index = [{"tenant": tenant, "tag": term, "cursor": cursor} for term in sorted(terms(tags))]
        if index:
            await connection.execute(insert(tag_index), index)
        return StoredTags(listing=listing, tags=tags, version=version, cursor=cursor)

    def _upsert_listing(self, place: dict[str, str | None], values: dict[str, object]) -> Insert:
        # An insert meets a row where the listing is known, or was deleted and comes back.
        return (
            self._insert(listings)
            .values(place | values)
            .on_conflict_do_update(index_elements=["tenant", "id"], set_=values)
        )


async def _known(connection: AsyncConnection, tenant: str, listing_id: str) -> tuple[StoredTags | None, Sequence[Tag]]:
    """Return the listing, unless deleted, and its locked tags in the order in which they were locked."""
    here = (listings.c.tenant == tenant, listings.c.id == listing_id, listings.c.deleted.is_(False))
    row = (await connection.execute(current().where(*here))).one_or_none()
    if row is None:
        return None, ()
    bodies = select(locks.c.body).where(locks.c.tenant == tenant, locks.c.id == listing_id).order_by(locks.c.cursor)
    return stored(row), [locked_tag(body, listing_id) for body in await connection.scalars(bodies)]


async def _unindex(connection: AsyncConnection, tenant: str, cursor: int) -> None:
    await connection.execute(delete(tag_index).where(tag_index.c.tenant == tenant, tag_index.c.cursor == cursor))


async def _forget_locks(connection: AsyncConnection, tenant: str, listing_id: str, tags: Iterable[Tag]) -> None:
    for tag in tags:
        await connection.execute(
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


def _require_known(tenant: str, listing_id: str) -> None:
    if not (is_key(tenant) and is_key(listing_id)):
        raise _unknown(listing_id)


def _unknown(listing_id: str) -> NotFound:
    return NotFound(f"no listing has the id {listing_id[:80]!r}", field="id")
