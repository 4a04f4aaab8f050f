"""SQLite: a file with a write-ahead log, or a database in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event

from app.domain.errors import StoreUnavailable

READERS = 4
"""Threads, and connections, that read a file at once; one more writes."""
_BUSY_TIMEOUT_S = 10
"""How long a writer of another process is waited for."""
_POOL_TIMEOUT_S = 10
_IMMEDIATE = "tagwright_immediate"


def path_of(url: URL) -> Path | None:
    """Return the file; None for a database in memory."""
    return None if url.database in (None, "", ":memory:") else Path(str(url.database))


def engine(url: URL, path: Path | None) -> Engine:
    """Return the engine, and make the folder of the file; StoreUnavailable where it cannot be made."""
    if path is not None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise StoreUnavailable(f"the folder {path.parent} cannot be made: {exc.strerror}") from exc
    made = create_engine(
        url,
        poolclass=QueuePool,
        # A database in memory is its connection: there is one, and it is never let go.
        pool_size=READERS + 1 if path else 1,
        max_overflow=0,
        pool_timeout=_POOL_TIMEOUT_S,
        pool_recycle=-1,
        # The connection that was used last has the pages in its cache.
        pool_use_lifo=True,
        # A connection serves one thread at a time, but not always the same one.
        # No isolation level: the driver opens no transactions of its own, `_begin` does.
        connect_args={"timeout": _BUSY_TIMEOUT_S, "isolation_level": None, "check_same_thread": False},
    )
    event.listen(made, "connect", _prepare)
    event.listen(made, "begin", _begin)
    return made


def writing(base: Engine) -> Engine:
    """Return the engine whose transactions write."""
    return base.execution_options(**{_IMMEDIATE: True})


def _prepare(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    # Deleted text is overwritten in the file, not only unlinked: listings carry reviews, which are people's words.
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    # IMMEDIATE takes the write lock at once: a reader that turns writer fails where another one was quicker.
    immediate = connection.get_execution_options().get(_IMMEDIATE, False)
    # Past SQLAlchemy, whose way takes longer than SQLite's own work here.
    driver: Any = connection.connection.driver_connection
    driver.execute("BEGIN IMMEDIATE" if immediate else "BEGIN")
