"""Another taxonomy for what is stored: who carries an id, and the next versions."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from app.adapters.stores.database import Database
from app.adapters.stores.requeue import put_on
from app.adapters.stores.rows import current, stored
from app.adapters.stores.schema import listings, tag_index, tenants
from app.adapters.stores.writing import Writing, add_lock, forget_locks
from app.domain.tags import TagSet
from app.pipeline.ports import Rewrite, Rewritten, StoredTags

_IDS_PER_QUERY = 500
_UNCHANGED = Rewritten(stored=False, requeued=())


def tags_in_use(database: Database, tenant: str) -> tuple[str, ...]:
    """Return every id in the index of tags once, in order.

    From one id the index leads straight to the next: a DISTINCT would walk all entries of each, in both databases.
    """
    of_tenant = tag_index.c.tenant == tenant
    used = select(func.min(tag_index.c.tag).label("tag")).where(of_tenant).cte("used", recursive=True)
    following = select(func.min(tag_index.c.tag)).where(of_tenant, tag_index.c.tag > used.c.tag)
    used = used.union_all(select(following.scalar_subquery()).where(used.c.tag.is_not(None)))
    with database.read() as connection:
        return tuple(connection.scalars(select(used.c.tag).where(used.c.tag.is_not(None))))


def carrying(database: Database, tenant: str, tag_id: str, *, after: int, limit: int) -> tuple[StoredTags, ...]:
    """Return a page of the listings that the index has under an id, by cursor."""
    page = (
        select(tag_index.c.cursor)
        .where(tag_index.c.tenant == tenant, tag_index.c.tag == tag_id, tag_index.c.cursor > after)
        .order_by(tag_index.c.cursor)
        .limit(limit)
        .subquery()
    )
    query = current().where(listings.c.tenant == tenant, listings.c.cursor.in_(select(page.c.cursor)))
    with database.read() as connection:
        return tuple(stored(row) for row in connection.execute(query.order_by(listings.c.cursor)))


def rewrite(database: Database, writing: Writing, tenant: str, rewrites: Sequence[Rewrite]) -> tuple[Rewritten, ...]:
    """Do all of it in one transaction, or nothing."""
    with database.write() as connection:
        # The right to write without a cursor: a run that only finds what is done already must change nothing.
        connection.execute(select(tenants.c.cursor).where(tenants.c.tenant == tenant).with_for_update())
        now = _cursors(connection, tenant, [str(one.stored.listing.id) for one in rewrites])
        return tuple(
            _rewrite(connection, writing, tenant, one)
            if now.get(str(one.stored.listing.id)) == one.stored.cursor
            else _UNCHANGED
            for one in rewrites
        )


def _cursors(connection: Connection, tenant: str, ids: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(ids), _IDS_PER_QUERY):
        query = select(listings.c.id, listings.c.cursor).where(
            listings.c.tenant == tenant,
            listings.c.id.in_(ids[start : start + _IDS_PER_QUERY]),
            listings.c.deleted.is_(False),
        )
        found |= {row.id: row.cursor for row in connection.execute(query)}
    return found


def _rewrite(connection: Connection, writing: Writing, tenant: str, one: Rewrite) -> Rewritten:
    before, listing_id = one.stored, str(one.stored.listing.id)
    if one.tags != before.tags:
        cursor = writing.next_cursor(connection, tenant)
        _relock(connection, tenant, listing_id, before.tags, one.tags, cursor)
        writing.put(connection, tenant, before, before.listing, one.tags, cursor)
    requeued = [reason for reason in one.reasons if put_on(connection, writing.insert, tenant, [listing_id], reason)]
    return Rewritten(stored=one.tags != before.tags, requeued=tuple(requeued))


def _relock(connection: Connection, tenant: str, listing_id: str, before: TagSet, after: TagSet, cursor: int) -> None:
    """Bring the locks to what the tags have become: those of a tag set are marked in it."""
    had = [tag for tag in before.tags if tag.locked]
    has = [tag for tag in after.tags if tag.locked]
    forget_locks(connection, tenant, listing_id, [tag for tag in had if tag not in has])
    for tag in has:
        if tag not in had:
            add_lock(connection, tenant, listing_id, tag, cursor)
