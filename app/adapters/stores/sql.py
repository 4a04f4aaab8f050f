"""The store over SQL: the ports, each method one trip to a thread (a save that changes something: two)."""

from __future__ import annotations

from collections.abc import Sequence

from app.adapters.stores import migrating, reading, requeue, search, unmatched
from app.adapters.stores.database import Database
from app.adapters.stores.rows import fixed, is_key, require_keys
from app.adapters.stores.writing import Writing, unknown
from app.domain.listing import Listing
from app.domain.tags import Tag, TagSet
from app.pipeline.ports import Page, Rewrite, Rewritten, StoredTags, UnmatchedValue, Waiting


class SqlStore:
    """Ports `ListingStore`, `ListingIndex`, `TagLocks`, `TagMigration`, `RequeueList` and
    `UnmatchedValues`.

    All methods raise StoreUnavailable.

    Every change takes its cursor from the tenant's row and keeps that row until it is committed: changes of a
    tenant become visible in the order of their cursors, so a reader that has seen cursor n has missed none below.
    A change that has begun is finished, even where its caller goes away.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._writing = Writing(database)

    async def save(self, tenant: str, listing: Listing, tags: TagSet) -> StoredTags:
        """Store as the next version and return what is stored; equal to the current version, nothing is written.

        Raises InvalidListing for an id that cannot be stored (see `is_key`).
        """
        require_keys(tenant, listing, tags.tags)
        return await self._database.finish(self._settle(tenant, listing, tags))

    async def get_many(self, tenant: str, ids: Sequence[str]) -> dict[str, StoredTags]:
        """Return the current version of each id that is known and not deleted, in the order of ``ids``."""
        wanted = [listing_id for listing_id in dict.fromkeys(ids) if is_key(listing_id)]
        if not wanted or not is_key(tenant):
            return {}
        return await self._database.run(reading.get_many, self._database, tenant, wanted)

    async def delete(self, tenant: str, listing_id: str) -> tuple[str, ...]:
        """Erase a listing and all that was derived from it; return its fingerprints, oldest first; or NotFound."""
        _require_known(tenant, listing_id)
        return await self._database.change(self._writing.erase, tenant, listing_id)

    async def lock(self, tenant: str, listing_id: str, tag: Tag) -> StoredTags:
        """Put the tag on the listing for good; NotFound for an unknown listing.

        A listing has one category: a newly locked one replaces one that was locked before.
        """
        _require_known(tenant, listing_id)
        require_keys(tenant, Listing(title="", id=listing_id), (tag,))
        return await self._database.change(self._writing.lock, tenant, listing_id, fixed(tag))

    async def unlock(self, tenant: str, listing_id: str, tag_id: str) -> None:
        """Let the tag follow re-tagging again; it stays until then. NotFound for an unknown listing."""
        _require_known(tenant, listing_id)
        if is_key(tag_id):
            await self._database.change(self._writing.unlock, tenant, listing_id, tag_id)

    async def search(self, tenant: str, tags: Sequence[str], *, after: int = 0, limit: int = 50) -> Page:
        """Return listings that carry every tag (a category's ancestors count); see `search.search`."""
        return await self._database.run(search.search, self._database, tenant, tags, after=after, limit=limit)

    async def changes(self, tenant: str, *, since: int = 0, limit: int = 100) -> tuple[StoredTags, ...]:
        """Return the last change of each listing that changed after a cursor, oldest first."""
        return await self._database.run(search.changes, self._database, tenant, since=since, limit=limit)

    async def tags_in_use(self, tenant: str) -> tuple[str, ...]:
        """Return every id that a listing is found by, once and in order; see `TagMigration`."""
        return await self._database.run(migrating.tags_in_use, self._database, tenant) if is_key(tenant) else ()

    async def carrying(self, tenant: str, tag_id: str, *, after: int = 0, limit: int = 500) -> tuple[StoredTags, ...]:
        """Return a page of the listings that are found by an id; ``limit`` is brought into 1..1000."""
        if not (is_key(tenant) and is_key(tag_id)):
            return ()
        limit = min(max(limit, 1), search.PAGE_LIMIT)
        return await self._database.run(migrating.carrying, self._database, tenant, tag_id, after=after, limit=limit)

    async def rewrite(self, tenant: str, rewrites: Sequence[Rewrite]) -> tuple[Rewritten, ...]:
        """Store next versions and put listings on the re-queue list, all or nothing; see `TagMigration`.

        Raises InvalidListing for a tag's id that cannot be stored.
        """
        for one in rewrites:
            require_keys(tenant, one.stored.listing, one.tags.tags)
        if not rewrites:
            return ()
        return await self._database.change(migrating.rewrite, self._database, self._writing, tenant, rewrites)

    async def requeue(self, tenant: str, listing_ids: Sequence[str], reason: str) -> int:
        """Put listings on the re-queue list; return how many are new on it. Unknown ids are left out."""
        ids = [one for one in dict.fromkeys(listing_ids) if is_key(one)]
        if not ids or not is_key(tenant):
            return 0
        return await self._database.change(requeue.requeue, self._database, self._writing, tenant, ids, reason)

    async def waiting(self, tenant: str, *, limit: int = 100) -> tuple[Waiting, ...]:
        """Return what waits longest on the re-queue list; ``limit`` is brought into 1..1000."""
        if not is_key(tenant):
            return ()
        limit = min(max(limit, 1), search.PAGE_LIMIT)
        return await self._database.run(requeue.waiting, self._database, tenant, limit=limit)

    async def release(self, tenant: str, done: Sequence[Waiting]) -> None:
        """Take off the re-queue list what was tagged again."""
        if done:
            await self._database.change(requeue.release, self._database, tenant, done)

    async def unmatched(
        self, tenant: str, *, attribute: str | None = None, lang: str | None = None, limit: int = unmatched.MOST_COUNTED
    ) -> tuple[UnmatchedValue, ...]:
        """Return the spellings of values that fit no concept, most frequent first; ``limit`` is 1..200,000."""
        if not all(one is None or is_key(one) for one in (tenant, attribute, lang)):
            return ()
        limit = min(max(limit, 1), unmatched.MOST_COUNTED)
        return await self._database.run(
            unmatched.counted, self._database, tenant, attribute=attribute, lang=lang, limit=limit
        )

    async def close(self) -> None:
        """Finish what has begun and close the connections."""
        await self._database.close()

    async def _settle(self, tenant: str, listing: Listing, tags: TagSet) -> StoredTags:
        # Most saves of a re-run change nothing; they are settled without waiting for a writer's turn.
        same = await self._database.run(self._writing.unchanged, tenant, listing, tags)
        if same is not None:
            return same
        return await self._database.change(self._writing.save, tenant, listing, tags)


def _require_known(tenant: str, listing_id: str) -> None:
    if not (is_key(tenant) and is_key(listing_id)):
        raise unknown(listing_id)
