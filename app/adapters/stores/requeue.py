"""The list of listings that have to be tagged again."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, literal, select

from app.adapters.stores.database import Database
from app.adapters.stores.schema import listings, tenants
from app.adapters.stores.schema import requeue as waiting_list
from app.adapters.stores.writing import Writing
from app.pipeline.ports import Waiting

_IDS_PER_QUERY = 500


def requeue(database: Database, writing: Writing, tenant: str, ids: Sequence[str], reason: str) -> int:
    """Put listings on the list, in one transaction; return how many are new on it for this reason."""
    with database.write() as connection:
        # As every writer of the tenant: nothing may be deleted between being looked up and being put on the list.
        connection.execute(select(tenants.c.cursor).where(tenants.c.tenant == tenant).with_for_update())
        pages = (ids[start : start + _IDS_PER_QUERY] for start in range(0, len(ids), _IDS_PER_QUERY))
        return sum(put_on(connection, writing.insert, tenant, page, reason) for page in pages)


def put_on(connection: Connection, insert: Callable[[Table], Any], tenant: str, ids: Sequence[str], reason: str) -> int:
    """Put known listings on the list, within a transaction; what is on it for this reason keeps its place."""
    found = select(listings.c.tenant, listings.c.id, literal(reason), literal(int(time.time()))).where(
        listings.c.tenant == tenant, listings.c.id.in_(ids), listings.c.deleted.is_(False)
    )
    statement = insert(waiting_list).from_select(["tenant", "id", "reason", "since"], found)
    # Counted by what comes back: psycopg's number of rows does not get through for such an insert.
    statement = statement.on_conflict_do_nothing().returning(waiting_list.c.id)
    return len(connection.execute(statement).all())


def waiting(database: Database, tenant: str, *, limit: int) -> tuple[Waiting, ...]:
    """Return what waits longest."""
    columns = waiting_list.c
    query = (
        select(columns.id, columns.reason, columns.since)
        .where(columns.tenant == tenant)
        .order_by(columns.since, columns.id, columns.reason)
        .limit(limit)
    )
    with database.read() as connection:
        return tuple(
            Waiting(listing_id=row.id, reason=row.reason, since=datetime.fromtimestamp(row.since, UTC))
            for row in connection.execute(query)
        )


def release(database: Database, tenant: str, done: Sequence[Waiting]) -> None:
    """Take off the list what was given out; what was put on it since stays."""
    columns = waiting_list.c
    with database.write() as connection:
        for one in done:
            connection.execute(
                delete(waiting_list).where(
                    columns.tenant == tenant, columns.id == one.listing_id, columns.reason == one.reason
                )
            )
