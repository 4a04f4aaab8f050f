"""Listings and their tags, kept: the ports `ListingStore`, `ListingIndex` and `TagLocks` over SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.adapters.stores.sql import SqlStore


async def open_store(url: str) -> SqlStore:
    """Open a store and bring its tables to this version; several processes may do so at once.

    ``sqlite:///relative.db``, ``sqlite:////absolute.db``, ``sqlite://`` (in memory) or ``postgresql://...``.
    Raises SettingsError for a URL that cannot be used and for a database that a newer version wrote,
    MissingExtra without the driver of PostgreSQL, StoreUnavailable where the database does not answer.
    """
    # SQLAlchemy takes a moment to import; verbs that store nothing must not wait for it.
    from app.adapters.stores.database import Database
    from app.adapters.stores.migrate import upgrade
    from app.adapters.stores.sql import SqlStore

    database = Database(url)
    try:
        await upgrade(database)
    except BaseException:
        await database.close()
        raise
    return SqlStore(database)
