"""PostgreSQL, through psycopg 3; importing this needs the extra `postgres`."""

from __future__ import annotations

import time
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.conninfo import make_conninfo
from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.exc import ArgumentError

from app.domain.errors import SettingsError

T = TypeVar("T")

READERS = 8
WRITERS = 8
"""Threads, and connections, of each kind: writers of one tenant wait for each other, and readers for none of them."""
_COMMAND_TIMEOUT_S = 30
_CONNECT_TIMEOUT_S = 5
_POOL_TIMEOUT_S = 10
_GRACE_S = 5.0
"""How much later than the server this side gives up: the server's own timeout says more and keeps the connection."""


class PatientConnection(psycopg.Connection[Any]):
    """A connection that gives up on a server that says nothing: a thread, unlike a task, cannot be cancelled."""

    def wait(self, gen: PQGen[T], *args: Any, **kwargs: Any) -> T:
        """As psycopg's; OperationalError, and the connection is closed, when the time is over."""
        deadline = time.monotonic() + _COMMAND_TIMEOUT_S + _GRACE_S
        try:
            return super().wait(_until(deadline, gen), *args, **kwargs)
        except TimeoutError as exc:
            self.pgconn.finish()
            raise psycopg.OperationalError(f"the server said nothing for {_COMMAND_TIMEOUT_S + _GRACE_S:g} s") from exc


def engine(url: URL, *, hint: str) -> Engine:
    """Return the engine; it connects when it is first used. SettingsError for options that libpq does not know."""
    # What the URL says goes before what is usual here.
    usual = {"connect_timeout": _CONNECT_TIMEOUT_S}
    try:
        make_conninfo(**dict.fromkeys(url.query, ""))
        made = create_engine(
            url,
            pool_size=READERS + WRITERS,
            max_overflow=0,
            pool_timeout=_POOL_TIMEOUT_S,
            pool_pre_ping=True,
            pool_use_lifo=True,
            connect_args={key: value for key, value in usual.items() if key not in url.query},
        )
    except (ArgumentError, TypeError, ValueError, psycopg.Error) as exc:
        raise SettingsError("the database URL cannot be used", field="database_url", hint=hint) from exc
    event.listen(made, "do_connect", _connect)
    return made


def reading(base: Engine) -> Engine:
    """Return the engine whose transactions read one snapshot: a page, its total and its facets must agree."""
    return base.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _connect(_dialect: Any, _record: Any, args: tuple[Any, ...], options: dict[str, Any]) -> PatientConnection:
    connection = PatientConnection.connect(*args, **options)
    # Not among the options of the connection, which a pooler such as PgBouncer refuses.
    connection.execute(f"SET statement_timeout = {_COMMAND_TIMEOUT_S * 1000:d}".encode())
    connection.commit()
    return connection


def _until(deadline: float, gen: PQGen[T]) -> PQGen[T]:
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            # Psycopg looks in, with nothing ready, every tenth of a second.
            if not ready and time.monotonic() > deadline:
                raise TimeoutError
            wanted = gen.send(ready)
    except StopIteration as end:
        value: T = end.value
        return value
