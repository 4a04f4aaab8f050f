"""Bring a database's tables to the version of this program, from within it: no ini file, no command."""

from __future__ import annotations

import asyncio
import sqlite3
import time

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.stores.database import Database
from app.domain.errors import SettingsError

VERSION_TABLE = "tagwright_migrations"
_ADVISORY_LOCK = 0x7461_6777_7269_6768
"""Any number will do (this one spells "tagwrigh"), as long as all processes take the same."""
_WAL_WAIT_S = 10.0
_WAL_PAUSE_S = 0.05


async def upgrade(database: Database) -> None:
    """Run the migrations that are missing, in one transaction and in one process at a time."""
    await database.run(_upgrade(database))


async def _upgrade(database: Database) -> None:
    if database.path is not None:
        await _write_ahead(database)
    async with database.read() as connection:
        if await connection.run_sync(_is_current):
            return
    async with database.write() as connection:
        await _take_turn(database, connection)
        await connection.run_sync(_run)


async def _write_ahead(database: Database) -> None:
    # The write-ahead log lets readers read while one writes. Switching to it needs the file for a moment, and
    # SQLite does not always wait for it: now and then, of processes that open a new file at once, one would be
    # told "database is locked".
    give_up = time.monotonic() + _WAL_WAIT_S
    while True:
        try:
            await database.pragma("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as exc:
            if "locked" not in str(exc) or time.monotonic() > give_up:
                raise
            await asyncio.sleep(_WAL_PAUSE_S)


async def _take_turn(database: Database, connection: AsyncConnection) -> None:
    # In SQLite the transaction itself is the lock.
    if not database.is_sqlite:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", "app.adapters.stores:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _is_current(connection: Connection) -> bool:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    heads = ScriptDirectory.from_config(_config(connection)).get_heads()
    return set(context.get_current_heads()) == set(heads)


def _run(connection: Connection) -> None:
    try:
        command.upgrade(_config(connection), "head")
    except CommandError as exc:
        raise SettingsError(
            f"the tables of the database are not known to this version: {exc}",
            field="database_url",
            hint="install the version of tagwright that wrote it, or a newer one",
        ) from exc
