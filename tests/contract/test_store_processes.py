"""What holds of a store that several processes share, of its tables and of what it erases."""

from __future__ import annotations

import asyncio
import json
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from psycopg.sql import SQL, Identifier
from sqlalchemy import text, update
from store_samples import NAVY, RED, RUNNER, listing, tag, tag_set

from app.adapters.stores import open_store
from app.adapters.stores.migrate import VERSION_TABLE
from app.adapters.stores.schema import listings, metadata, tenants
from app.adapters.stores.sql import SqlStore
from app.domain.errors import SettingsError, StoreUnavailable

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(params=["file", "postgres"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database that has no tables yet."""
    if request.param == "file":
        return f"sqlite:///{tmp_path}/new.db"
    server = str(request.getfixturevalue("postgres_url"))
    name = f"new_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    return server.replace("/postgres?", f"/{name}?")


async def finished(worker: subprocess.Popen[str]) -> list[int]:
    printed, _ = await asyncio.to_thread(worker.communicate, timeout=60)
    assert worker.returncode == 0
    return [int(cursor) for cursor in json.loads(printed)]


# Several processes


async def test_processes_that_open_a_new_database_at_once_all_succeed_and_a_reader_misses_nothing(
    new_url: str, tenant: str, start_worker: Start
) -> None:
    workers = [start_worker("save", new_url, tenant, name, "40") for name in ("a", "b", "c")]
    store = await open_store(new_url)
    done = asyncio.gather(*map(finished, workers))
    seen: list[tuple[int, str | None]] = []
    while not done.done():
        page = await store.changes(tenant, since=seen[-1][0] if seen else 0, limit=7)
        seen += [(change.cursor, change.listing.id) for change in page]
        await asyncio.sleep(0.001)
    cursors = sorted(cursor for worker in await done for cursor in worker)
    while page := await store.changes(tenant, since=seen[-1][0]):
        seen += [(change.cursor, change.listing.id) for change in page]
    await store.close()
    assert len(set(cursors)) == 120
    assert [cursor for cursor, _ in seen] == cursors
    assert {name for _, name in seen} == {f"{worker}-{number}" for worker in "abc" for number in range(40)}


async def test_a_new_database_may_be_opened_many_times_at_once(new_url: str, tenant: str) -> None:
    stores = await asyncio.gather(*(open_store(new_url) for _ in range(6)))
    await asyncio.gather(*(store.save(tenant, listing(str(n)), tag_set(NAVY)) for n, store in enumerate(stores)))
    assert [change.cursor for change in await stores[0].changes(tenant)] == [1, 2, 3, 4, 5, 6]
    for store in stores:
        await store.close()


async def test_a_later_change_does_not_show_before_an_earlier_one(new_url: str, tenant: str) -> None:
    slow, store = await open_store(new_url), await open_store(new_url)
    first = await store.save(tenant, listing("a"), tag_set(NAVY))
    with slow._database.write() as connection:
        earlier = slow._writing.next_cursor(connection, tenant)
        later = asyncio.create_task(store.save(tenant, listing("b"), tag_set(NAVY)))
        await asyncio.sleep(0.3)
        assert not later.done()
        assert await store.changes(tenant) == (first,), "readers do not wait"
    assert (await later).cursor == earlier + 1
    await slow.close()
    await store.close()


async def test_readers_and_what_changes_nothing_do_not_wait_behind_writers(new_url: str, tenant: str) -> None:
    slow, store = await open_store(new_url), await open_store(new_url)
    first = await store.save(tenant, listing("a"), tag_set(NAVY))
    with slow._database.write() as connection:
        slow._writing.next_cursor(connection, tenant)
        # More than there are threads of any kind.
        later = [asyncio.create_task(store.save(tenant, listing(str(n)), tag_set(NAVY))) for n in range(40)]
        await asyncio.sleep(0.1)
        async with asyncio.timeout(5):
            assert await store.get_many(tenant, ["a"]) == {"a": first}
            assert await store.save(tenant, listing("a"), tag_set(NAVY)) == first
        assert not any(task.done() for task in later)
    assert len({saved.cursor for saved in await asyncio.gather(*later)}) == 40
    await slow.close()
    await store.close()


async def test_tenants_do_not_wait_for_each_other_in_postgresql(postgres_url: str, tenant: str) -> None:
    slow, store = await open_store(postgres_url), await open_store(postgres_url)
    with slow._database.write() as connection:
        slow._writing.next_cursor(connection, tenant)
        async with asyncio.timeout(5):
            saved = await store.save(f"{tenant}-other", listing("b"), tag_set(NAVY))
    assert saved.version == 1
    await slow.close()
    await store.close()


async def test_what_was_saved_is_there_after_opening_again(new_url: str, tenant: str) -> None:
    store = await open_store(new_url)
    saved = await store.save(tenant, RUNNER, tag_set(NAVY))
    await store.close()
    store = await open_store(new_url)
    assert await store.changes(tenant) == (saved,)
    await store.close()


# Tables


async def test_the_migrations_make_the_tables_of_the_schema(store: SqlStore) -> None:
    with store._database.read() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "target_metadata": metadata, "compare_type": True}
        )
        assert compare_metadata(context, metadata) == []


async def test_a_database_of_a_later_version_is_refused(new_url: str) -> None:
    store = await open_store(new_url)
    with store._database.write() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    await store.close()
    with pytest.raises(SettingsError, match="9999"):
        await open_store(new_url)


async def test_a_row_of_a_later_version_is_an_error_and_can_be_deleted(store: SqlStore, tenant: str) -> None:
    await store.save(tenant, listing("x"), tag_set(NAVY))
    with store._database.write() as connection:
        connection.execute(update(listings).where(listings.c.tenant == tenant).values(listing='{"v": 99}'))
    with pytest.raises(StoreUnavailable, match="'x'"):
        await store.get_many(tenant, ["x"])
    assert await store.delete(tenant, "x") == ("f1",)
    assert await store.get_many(tenant, ["x"]) == {}


# Erasure


async def test_deleted_text_is_not_in_the_file_any_more(tmp_path: Path, tenant: str) -> None:
    store = await open_store(f"sqlite:///{tmp_path}/shop.db")

    def copies() -> int:
        return sum(path.read_bytes().count("Frau Müller".encode()) for path in tmp_path.iterdir())

    await store.save(tenant, RUNNER, tag_set(tag(NAVY, raw="Frau Müller")))
    await store.lock(tenant, str(RUNNER.id), tag(RED, raw="Frau Müller"))
    assert copies() >= 4
    await store.delete(tenant, str(RUNNER.id))
    assert copies() == 0
    await store.close()


async def test_nothing_of_a_deleted_listing_is_left_in_any_table(store: SqlStore, tenant: str) -> None:
    await store.save(tenant, listing("x", "secret title"), tag_set(tag(NAVY, raw="secret value")))
    await store.lock(tenant, "x", tag(RED, raw="secret value"))
    await store.delete(tenant, "x")
    rows = []
    with store._database.read() as connection:
        for table in metadata.sorted_tables:
            found = connection.execute(table.select().where(table.c.tenant == tenant))
            rows += [(table.name, dict(row)) for row in found.mappings()]
    tombstone = {
        "tenant": tenant,
        "id": "x",
        "cursor": 3,
        "version": 0,
        "fingerprint": "",
        "deleted": True,
        "listing": None,
    }
    assert sorted(rows, key=lambda row: row[0]) == [
        (listings.name, tombstone),
        (tenants.name, {"tenant": tenant, "cursor": 3}),
    ]
