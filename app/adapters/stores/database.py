"""Connections, transactions and threads, and what differs between SQLite and PostgreSQL.

SQLAlchemy's own asyncio is not used: there each statement crosses threads several times (reading a listing took
1.6 ms and takes 0.3 ms), and it imports the whole ORM.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from app.adapters.stores import engine_sqlite
from app.adapters.stores.lane import Lane
from app.domain.errors import MissingExtra, SettingsError, StoreUnavailable, TagwrightError

P = ParamSpec("P")
T = TypeVar("T")

_PATIENCE_S = 10.0
_URL_HINT = "sqlite:///PATH, sqlite:// (in memory) or postgresql://USER@HOST/DATABASE"


class Database:
    """Threads for readers and for writers, the two kinds of transaction, and errors mapped to StoreUnavailable.

    `run`, `change`, `finish` and `close` belong to the event loop, the rest to the functions that these call.
    """

    def __init__(self, url: str) -> None:
        parsed = _parse(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.path = engine_sqlite.path_of(parsed) if self.is_sqlite else None
        self._foreign: tuple[type[BaseException], ...] = (SQLAlchemyError, OSError, TimeoutError, sqlite3.Error)
        if self.is_sqlite:
            self._engine = self._reading = engine_sqlite.engine(parsed, self.path)
            self._writing = engine_sqlite.writing(self._engine)
            # Writers of one process queue here; SQLite's own waiting is by sleeping and has no order.
            self._writers = Lane("writer", 1, patience_s=None)
            self._readers = self._writers
            if self.path is not None:
                self._readers = Lane("reader", engine_sqlite.READERS, patience_s=_PATIENCE_S)
        else:
            self._foreign += (_psycopg_error(),)
            from app.adapters.stores import engine_postgres

            self._engine = self._writing = engine_postgres.engine(parsed, hint=_URL_HINT)
            self._reading = engine_postgres.reading(self._engine)
            self._writers = Lane("writer", engine_postgres.WRITERS, patience_s=_PATIENCE_S)
            self._readers = Lane("reader", engine_postgres.READERS, patience_s=_PATIENCE_S)
        self._running: set[asyncio.Task[Any]] = set()

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call it in a thread of a reader; it is finished even where the caller goes away.

        Foreign errors become StoreUnavailable, which is raised too where no thread comes free in time.
        """
        return await self._readers.run(partial(self.mapped, work, *args, **kwargs))

    async def change(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call it in a thread of a writer: of these, SQLite has one. Else as `run`."""
        return await self._writers.run(partial(self.mapped, work, *args, **kwargs))

    async def finish(self, steps: Coroutine[Any, Any, T]) -> T:
        """Take several steps, to the last even where the caller goes away."""
        task = asyncio.create_task(steps)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one moment."""
        with self._reading.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is committed at the end; in SQLite it is the only writer from its start."""
        with self._writing.begin() as connection:
            yield connection

    def pragma(self, statement: str) -> None:
        """Run a statement that SQLite takes outside transactions only."""
        with self._engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.execute(statement).close()

    def mapped(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call it here; foreign errors become StoreUnavailable."""
        try:
            return work(*args, **kwargs)
        except TagwrightError:
            raise
        except self._foreign as exc:
            raise StoreUnavailable(f"the database did not answer: {_first_line(exc)}") from exc

    async def close(self) -> None:
        """Wait for what is running, then close all connections."""
        while self._running:
            await asyncio.wait(self._running)
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._readers.close()
        self._writers.close()
        self._engine.dispose()


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
        return parsed.set(drivername="sqlite+pysqlite")
    if name in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    raise SettingsError(f"no store is known for {parsed.drivername!r}", field="database_url", hint=_URL_HINT)


def _psycopg_error() -> type[BaseException]:
    try:
        import psycopg
    except ImportError as exc:
        raise MissingExtra(
            "PostgreSQL needs the package psycopg",
            field="database_url",
            hint="pip install 'tagwright[postgres]'",
        ) from exc
    return psycopg.Error
