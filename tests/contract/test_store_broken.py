"""What holds of a store that is broken, too slow, not there or not understood."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from store_samples import NAVY, listing, tag_set

from app.adapters.stores import open_store
from app.adapters.stores.database import Database
from app.domain.errors import MissingExtra, SettingsError, StoreUnavailable


async def test_connections_that_the_server_closed_are_replaced(postgres_url: str, tenant: str) -> None:
    store = await open_store(postgres_url)
    saved = await store.save(tenant, listing("x"), tag_set(NAVY))
    others = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL"
    )
    with psycopg.connect(postgres_url) as admin:
        assert admin.execute(others).fetchall()
    assert await store.get_many(tenant, ["x"]) == {"x": saved}
    await store.close()


async def test_a_query_that_the_server_aborts_is_store_unavailable(postgres_url: str, tenant: str) -> None:
    blocker, store = await open_store(postgres_url), await open_store(postgres_url)
    admin = psycopg.connect(postgres_url, autocommit=True)
    with blocker._database.write() as connection:
        blocker._writing.next_cursor(connection, tenant)
        waiting = asyncio.create_task(store.save(tenant, listing("x", "secret"), tag_set(NAVY)))
        abort = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        async with asyncio.timeout(10):
            while not admin.execute(abort).fetchall():
                await asyncio.sleep(0.02)
        with pytest.raises(StoreUnavailable) as caught:
            await waiting
    assert caught.value.__cause__ is not None
    assert "secret" not in caught.value.message
    admin.close()
    await blocker.close()
    await store.close()


async def test_a_query_that_takes_too_long_is_ended_by_the_server(
    postgres_url: str, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.adapters.stores.engine_postgres._COMMAND_TIMEOUT_S", 1)
    store = await open_store(postgres_url)

    def ask() -> None:
        with store._database.read() as connection:
            connection.execute(text("SELECT pg_sleep(300)"))

    async with asyncio.timeout(60):
        with pytest.raises(StoreUnavailable, match="statement timeout"):
            await store._database.run(ask)
    await store.close()


async def test_a_server_that_says_nothing_is_given_up(
    postgres_url: str, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.adapters.stores.engine_postgres._COMMAND_TIMEOUT_S", 1)
    monkeypatch.setattr("app.adapters.stores.engine_postgres._GRACE_S", 0.2)
    store = await open_store(postgres_url)

    def ask() -> None:
        with store._database.read() as connection:
            server = int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
            os.kill(server, signal.SIGSTOP)
            try:
                connection.execute(text("SELECT 1"))
            finally:
                os.kill(server, signal.SIGCONT)

    async with asyncio.timeout(60):
        with pytest.raises(StoreUnavailable, match="said nothing"):
            await store._database.run(ask)
        assert await store.get_many(tenant, ["x"]) == {}
    await store.close()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://nobody@127.0.0.1:1/none",
        "postgresql://nobody@/none?host=/nowhere",
        "sqlite:////proc/tagwright/none.db",
    ],
)
async def test_a_database_that_is_not_there_is_store_unavailable(url: str) -> None:
    with pytest.raises(StoreUnavailable):
        await open_store(url)


async def test_a_database_that_postgresql_does_not_have_is_store_unavailable(postgres_url: str) -> None:
    with pytest.raises(StoreUnavailable, match="nowhere"):
        await open_store(postgres_url.replace("/postgres?", "/nowhere?"))


async def test_a_file_that_is_no_database_is_store_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("milk, eggs, bread\n" * 100)
    with pytest.raises(StoreUnavailable):
        await open_store(f"sqlite:///{path}")
    assert path.read_text().startswith("milk"), "and it is left as it was"


async def test_opening_waits_where_sqlite_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.adapters.stores.engine_sqlite._BUSY_TIMEOUT_S", 0)
    path = tmp_path / "shop.db"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    opening = asyncio.create_task(open_store(f"sqlite:///{path}"))
    await asyncio.sleep(0.3)
    assert not opening.done()
    other.execute("ROLLBACK")
    other.close()
    await (await opening).close()


async def test_a_writer_that_never_ends_is_waited_for_so_long(
    tmp_path: Path, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.adapters.stores.engine_sqlite._BUSY_TIMEOUT_S", 0.2)
    path = tmp_path / "shop.db"
    store = await open_store(f"sqlite:///{path}")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="locked"):
        await store.save(tenant, listing("x"), tag_set(NAVY))
    other.execute("ROLLBACK")
    other.close()
    assert (await store.save(tenant, listing("x"), tag_set(NAVY))).version == 1
    await store.close()


@pytest.mark.parametrize(
    "url", ["", "shop.db", "mysql://localhost/shop", "redis://localhost", "postgresql:///shop?colour=navy"]
)
async def test_a_url_that_no_store_is_known_for_is_a_settings_error(url: str) -> None:
    with pytest.raises(SettingsError):
        await open_store(url)


async def test_postgresql_without_its_driver_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtra) as caught:
        await open_store("postgresql://localhost/shop")
    assert caught.value.hint == "pip install 'tagwright[postgres]'"


async def test_the_options_of_libpq_urls_are_understood(postgres_url: str) -> None:
    store = await open_store(postgres_url.replace("postgresql://", "postgres://") + "&sslmode=prefer")
    assert await store.get_many("default", ["nothing-here"]) == {}
    await store.close()


def test_a_password_is_in_no_message() -> None:
    with pytest.raises(SettingsError) as caught:
        Database("mysql://me:hunter2@localhost/shop")
    assert "hunter2" not in caught.value.message
