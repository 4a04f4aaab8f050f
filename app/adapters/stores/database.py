"""Connections and transactions, and what differs between SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, AsyncAdaptedQueuePool, Connection, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from app.domain.errors import MissingExtra, SettingsError, StoreUnavailable, TagwrightError

T = TypeVar("T")

_BUSY_TIMEOUT_S = 10
"""How long a writer of another process is waited for (SQLite)."""
_COMMAND_TIMEOUT_S = 30
_CONNECT_TIMEOUT_S = 5
_POOL_TIMEOUT_S = 10
_IMMEDIATE = "tagwright_immediate"
_URL_HINT = "sqlite:///PATH, sqlite:// (in memory) or postgresql://USER@HOST/DATABASE"


class Database:
    """An engine with the two kinds of transaction that the store needs, and errors mapped to StoreUnavailable."""

    def __init__(self, url: str) -> None:
        parsed = _parse(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.path = _sqlite_path(parsed) if self.is_sqlite else None
        self._foreign: tuple[type[BaseException], ...] = (SQLAlchemyError, OSError, TimeoutError, sqlite3.Error)
        if self.is_sqlite:
            self._engine = _sqlite_engine(parsed, self.path)
            self._readers = self._engine
            self._writers = self._engine.execution_options(**{_IMMEDIATE: True})
        else:
            self._foreign += _asyncpg_errors()
            self._engine = _postgres_engine(parsed)
            # One snapshot for all the statements of a read: a page, its total and its facets must agree.
            self._readers = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            self._writers = self._engine
        # Writers of one process queue here; SQLite's own waiting is by sleeping and has no order.
        self._turn: AbstractAsyncContextManager[Any] = asyncio.Lock() if self.is_sqlite else nullcontext()
        self._running: set[asyncio.Task[Any]] = set()

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run to the end even where the caller goes away: half a conversation would cost the connection.

        Foreign errors become StoreUnavailable.
        """
        task = asyncio.create_task(self._mapped(work))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that sees one moment."""
        async with self._readers.connect() as connection, connection.begin():
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that is committed at the end; in SQLite it is the only writer from its start."""
        async with self._turn, self._writers.begin() as connection:
            yield connection

    async def pragma(self, statement: str) -> None:
        """Run a statement that SQLite takes outside transactions only."""
        async with self._engine.connect() as connection:
            raw = await connection.get_raw_connection()
            driver: Any = raw.driver_connection
            await (await driver.execute(statement)).close()

    async def close(self) -> None:
        """Wait for what is running, then close all connections."""
        while self._running:
            await asyncio.wait(self._running)
        await self._engine.dispose()

    async def _mapped(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return await work
        except TagwrightError:
            raise
        except self._foreign as exc:
            raise StoreUnavailable(f"the database did not answer: {_first_line(exc)}") from exc


def _first_line(exc: BaseException) -> str:
    # SQLAlchemy's own text repeats the statement and its values, which are the text of listings.
    cause = getattr(exc, "orig", None) or exc
    return (str(cause).strip() or type(cause).__name__).splitlines()[0]


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as exc:
        raise SettingsError("the database URL cannot be read", field="database_url", hint=_URL_HINT) from exc
    name = parsed.drivername.partition("+")[0]
    if name == "sqlite":
        return parsed.set(drivername="sqlite+aiosqlite")
    if name in ("postgresql", "postgres"):
        # libpq's name of the option, which managed databases put into their URLs; asyncpg calls it ssl.
        query = {("ssl" if key == "sslmode" else key): value for key, value in parsed.query.items()}
        return parsed.set(drivername="postgresql+asyncpg", query=query)
    raise SettingsError(f"no store is known for {parsed.drivername!r}", field="database_url", hint=_URL_HINT)


def _sqlite_path(url: URL) -> Path | None:
    return None if url.database in (None, "", ":memory:") else Path(str(url.database))


def _sqlite_engine(url: URL, path: Path | None) -> AsyncEngine:
    if path is not None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise StoreUnavailable(f"the folder {path.parent} cannot be made: {exc.strerror}") from exc
    engine = create_async_engine(
        url,
        poolclass=AsyncAdaptedQueuePool,
        # A database in memory is its connection: there is one, and it is never let go.
        pool_size=4 if path else 1,
        max_overflow=4 if path else 0,
        pool_timeout=_POOL_TIMEOUT_S,
        pool_recycle=-1,
        # No isolation level: the driver opens no transactions of its own, `_begin` does.
        connect_args={"timeout": _BUSY_TIMEOUT_S, "isolation_level": None},
    )
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    # Deleted text is overwritten in the file, not only unlinked: listings carry reviews, which are people's words.
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    # IMMEDIATE takes the write lock at once: a reader that turns writer fails where another one was quicker.
    immediate = connection.get_execution_options().get(_IMMEDIATE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _postgres_engine(url: URL) -> AsyncEngine:
    try:
        return create_async_engine(
            url,
            pool_size=8,
            max_overflow=8,
            pool_timeout=_POOL_TIMEOUT_S,
            pool_pre_ping=True,
            connect_args={"timeout": _CONNECT_TIMEOUT_S, "command_timeout": _COMMAND_TIMEOUT_S},
        )
    except (ArgumentError, TypeError, ValueError) as exc:
        raise SettingsError("the database URL cannot be used", field="database_url", hint=_URL_HINT) from exc


def _asyncpg_errors() -> tuple[type[BaseException], ...]:
    try:
        import asyncpg
    except ImportError as exc:
        raise MissingExtra(
            "PostgreSQL needs the package asyncpg",
            field="database_url",
            hint="pip install 'tagwright[postgres]'",
        ) from exc
    # Errors of a connection attempt reach us as asyncpg's own; SQLAlchemy wraps those of statements only.
    return (asyncpg.PostgresError, asyncpg.InterfaceError)
