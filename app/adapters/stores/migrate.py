"""Bring a database's tables to the version of this program, from within it: no ini file, no command."""

from __future__ import annotations

import sqlite3
import threading
import time
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from app.adapters.stores.database import Database
from app.domain.errors import SettingsError

if TYPE_CHECKING:
    from alembic.config import Config

VERSION_TABLE = "tagwright_migrations"
HEAD = "0003"
"""The last of the migrations (a test compares). Alembic takes a third of a second to import; to know that there
is nothing to do, this is enough."""
_ADVISORY_LOCK = 0x7461_6777_7269_6768
"""Any number will do (this one spells "tagwrigh"), as long as all processes take the same."""
_ALEMBIC = threading.Lock()
"""Alembic keeps the migration that runs in globals: one at a time, also where the databases are different ones."""
_WAL_WAIT_S = 10.0
_WAL_PAUSE_S = 0.05


async def upgrade(database: Database) -> None:
    """Run the migrations that are missing, in one transaction and in one process at a time.

    Raises SettingsError for a database that a newer version wrote, StoreUnavailable where it does not answer.
    """
    await database.change(_upgrade, database)


def _upgrade(database: Database) -> None:
    if database.path is not None:
        _write_ahead(database)
    with database.read() as connection:
        if _is_current(connection):
            return
    with database.write() as connection:
        _take_turn(database, connection)
        _migrate(connection)


def _write_ahead(database: Database) -> None:
    # The write-ahead log lets readers read while one writes. Switching to it needs the file for a moment, and
    # SQLite does not always wait for it: now and then, of processes that open a new file at once, one would be
    # told "database is locked".
    give_up = time.monotonic() + _WAL_WAIT_S
    while True:
        try:
            database.pragma("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as exc:
            if "locked" not in str(exc) or time.monotonic() > give_up:
                raise
            time.sleep(_WAL_PAUSE_S)


def _take_turn(database: Database, connection: Connection) -> None:
    # In SQLite the transaction itself is the lock.
    if not database.is_sqlite:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})


def _is_current(connection: Connection) -> bool:
    if not inspect(connection).has_table(VERSION_TABLE):
        return False
    return connection.scalars(text(f"SELECT version_num FROM {VERSION_TABLE}")).all() == [HEAD]


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.util import CommandError

    config = scripts()
    config.attributes["connection"] = connection
    try:
        with _ALEMBIC:
            command.upgrade(config, "head")
    except CommandError as exc:
        raise SettingsError(
            f"the tables of the database are not known to this version: {exc}",
            field="database_url",
            hint="install the version of tagwright that wrote it, or a newer one",
        ) from exc


def scripts() -> Config:
    """Return Alembic's configuration: where the migrations are."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "app.adapters.stores:migrations")
    config.set_main_option("path_separator", "os")
    return config
