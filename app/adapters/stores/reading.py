"""What is stored of listings whose ids are known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from app.adapters.stores.database import Database
from app.adapters.stores.rows import current, locked_tag, stored
from app.adapters.stores.schema import listings, locks
from app.domain.tags import Tag
from app.pipeline.ports import StoredTags

_IDS_PER_QUERY = 500
"""Databases bound the parameters of a statement (SQLite and PostgreSQL at about 32,000)."""

# Made once: to put such a statement together takes longer than SQLite needs to answer it.
_OF_TENANT = current().where(listings.c.tenant == bindparam("tenant"), listings.c.deleted.is_(False))
_ONE = _OF_TENANT.where(listings.c.id == bindparam("id"))
_SEVERAL = _OF_TENANT.where(listings.c.id.in_(bindparam("ids", expanding=True)))
_LOCKS = (
    select(locks.c.body)
    .where(locks.c.tenant == bindparam("tenant"), locks.c.id == bindparam("id"))
    # A migration gives several the same cursor; tags must not change places for that.
    .order_by(locks.c.cursor, locks.c.attribute, locks.c.tag)
)


def get_many(database: Database, tenant: str, ids: Sequence[str]) -> dict[str, StoredTags]:
    """Return the current version of each id that is known and not deleted, in the order of ``ids``."""
    rows: list[Row[Any]] = []
    with database.read() as connection:
        for start in range(0, len(ids), _IDS_PER_QUERY):
            rows += _rows(connection, tenant, ids[start : start + _IDS_PER_QUERY])
    found = {row.id: stored(row) for row in rows}
    return {listing_id: found[listing_id] for listing_id in ids if listing_id in found}


def known_and_locked(connection: Connection, tenant: str, listing_id: str) -> tuple[StoredTags | None, Sequence[Tag]]:
    """Return the listing, unless deleted, and its locked tags in the order in which they were locked."""
    rows = _rows(connection, tenant, [listing_id])
    if not rows:
        return None, ()
    bodies = connection.scalars(_LOCKS, {"tenant": tenant, "id": listing_id})
    return stored(rows[0]), [locked_tag(body, listing_id) for body in bodies]


def _rows(connection: Connection, tenant: str, ids: Sequence[str]) -> Sequence[Row[Any]]:
    if len(ids) == 1:
        return connection.execute(_ONE, {"tenant": tenant, "id": ids[0]}).all()
    return connection.execute(_SEVERAL, {"tenant": tenant, "ids": ids}).all()
