"""Questions across listings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from app.adapters.stores.database import Database
from app.adapters.stores.rows import current, is_key, stored
from app.adapters.stores.schema import listings, tag_index
from app.domain.errors import TooLarge
from app.pipeline.ports import Page, StoredTags

TAGS_LIMIT = 32
"""Tags in one search: each is a join, and SQLite joins 64 tables at most."""
PAGE_LIMIT = 1000
_COUNT_LIMIT = 5000
"""Above this a tag counts as frequent, without saying how frequent."""
_LAST_CURSOR = 2**63 - 1


def search(database: Database, tenant: str, tags: Sequence[str], *, after: int, limit: int) -> Page:
    """Return the listings that carry all of ``tags``, by cursor; no tags, all listings.

    ``limit`` is brought into 1..1000. The total and the facets are of all hits, whatever ``after`` is, and of the
    same moment as the items. Raises TooLarge for more than 32 different tags.
    """
    wanted = list(dict.fromkeys(tags))
    if len(wanted) > TAGS_LIMIT:
        raise TooLarge(f"a search takes {TAGS_LIMIT} tags, not {len(wanted)}", field="tags")
    if not all(map(is_key, (tenant, *wanted))):
        return Page(items=(), total=0, facets={}, next_cursor=None)
    limit = _page(limit)
    with database.read() as connection:
        hits = _hits(tenant, _rarest_first(connection, tenant, wanted))
        total = connection.scalar(select(func.count()).select_from(hits.subquery()))
        rows = _items(connection, tenant, hits, after, limit + 1) if total else []
        facets = _facets(connection, tenant, hits if wanted else None) if total else {}
    items = tuple(stored(row) for row in rows[:limit])
    return Page(
        items=items,
        total=total or 0,
        facets=facets,
        next_cursor=items[-1].cursor if len(rows) > limit else None,
    )


def changes(database: Database, tenant: str, *, since: int, limit: int) -> tuple[StoredTags, ...]:
    """Return what changed after a cursor, oldest first; ``limit`` is brought into 1..1000."""
    if not is_key(tenant):
        return ()
    query = (
        current()
        .where(listings.c.tenant == tenant, listings.c.cursor > _cursor(since))
        .order_by(listings.c.cursor)
        .limit(_page(limit))
    )
    with database.read() as connection:
        return tuple(stored(row) for row in connection.execute(query))


def _page(limit: int) -> int:
    return min(max(limit, 1), PAGE_LIMIT)


def _cursor(number: int) -> int:
    return min(max(number, 0), _LAST_CURSOR)


def _rarest_first(connection: Connection, tenant: str, tags: Sequence[str]) -> Sequence[str]:
    """Return the tags in the order in which they narrow: SQLite, which keeps no statistics, joins in this order."""
    if len(tags) < 2:
        return tags
    counts = [
        select(func.count())
        .select_from(
            select(tag_index.c.cursor)
            .where(tag_index.c.tenant == tenant, tag_index.c.tag == tag)
            .limit(_COUNT_LIMIT)
            .subquery()
        )
        .scalar_subquery()
        for tag in tags
    ]
    row = connection.execute(select(*counts)).one()
    return [tag for _, tag in sorted(zip(row, tags, strict=True))]


def _hits(tenant: str, tags: Sequence[str]) -> Select[tuple[int]]:
    """Return the query for the cursors of all hits."""
    if not tags:
        return select(listings.c.cursor).where(listings.c.tenant == tenant, listings.c.deleted.is_(False))
    first, *others = (tag_index.alias(f"t{number}") for number in range(len(tags)))
    query = select(first.c.cursor).where(first.c.tenant == tenant, first.c.tag == tags[0])
    for table, tag in zip(others, tags[1:], strict=True):
        query = query.join(table, and_(table.c.tenant == tenant, table.c.tag == tag, table.c.cursor == first.c.cursor))
    return query


def _items(connection: Connection, tenant: str, hits: Select[tuple[int]], after: int, limit: int) -> Sequence[Any]:
    cursor = hits.selected_columns[0]
    page = hits.where(cursor > _cursor(after)).order_by(cursor).limit(limit).subquery()
    query = current().where(listings.c.tenant == tenant, listings.c.cursor.in_(select(page.c.cursor)))
    return connection.execute(query.order_by(listings.c.cursor)).all()


def _facets(connection: Connection, tenant: str, hits: Select[tuple[int]] | None) -> dict[str, int]:
    """Count the tags of all hits (None: of all listings), most frequent first."""
    count = func.count()
    if hits is None:
        query = select(tag_index.c.tag, count).where(tag_index.c.tenant == tenant).group_by(tag_index.c.tag)
    else:
        # As an expression, so that SQLite does not walk the whole index to have its groups in order.
        tag = func.coalesce(tag_index.c.tag, "")
        query = select(tag, count).where(tag_index.c.tenant == tenant, tag_index.c.cursor.in_(hits)).group_by(tag)
    rows = sorted(connection.execute(query), key=lambda row: (-row[1], row[0]))
    return {str(tag): int(number) for tag, number in rows}
