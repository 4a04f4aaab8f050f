"""Port `UnmatchedValues`, and its table: one suite on SQLite (memory and file) and PostgreSQL."""

from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import insert, select
from store_samples import NAVY, RED, listing, tag, tag_set

from app.adapters.codec import encode_listing, encode_tags
from app.adapters.stores import open_store
from app.adapters.stores.database import Database
from app.adapters.stores.migrate import scripts
from app.adapters.stores.schema import listings, tag_sets, unmatched
from app.adapters.stores.sql import SqlStore
from app.domain.tags import Source, TagSet, Unmatched
from app.pipeline.ports import Rewrite, UnmatchedValue


def without_concept(*values: str, lang: str = "de", tags: TagSet | None = None) -> TagSet:
    """Return a tag set with unmatched values, as "attribute:raw"."""
    found = tuple(
        Unmatched(attribute=attribute, raw=raw, source=Source.MODEL)
        for attribute, _, raw in (value.partition(":") for value in values)
    )
    return replace(tags or tag_set(NAVY), unmatched=found, lang=lang)


def value(attribute: str, raw: str, count: int, *ids: str, lang: str = "de") -> UnmatchedValue:
    return UnmatchedValue(attribute=attribute, lang=lang, raw=raw, count=count, listing_ids=ids)


async def test_spellings_are_counted_by_attribute_and_language(store: SqlStore, tenant: str) -> None:
    assert await store.unmatched(tenant) == ()
    for number, values in enumerate(
        [
            ("color:Petrol", "color:PETROL", "material:Loden", "color:!?"),
            ("color:Petrol", "material:petrol"),
            ("color:petrol",),
            ("color:Petrol",),
        ]
    ):
        await store.save(tenant, listing(f"l{number}"), without_concept(*values, lang="en" if number == 3 else "de"))
    await store.save(f"{tenant}-other", listing("l0"), without_concept("color:Petrol"))
    assert await store.unmatched(tenant) == (
        value("color", "Petrol", 2, "l0", "l1"),
        value("color", "petrol", 1, "l2"),
        value("color", "Petrol", 1, "l3", lang="en"),
        value("material", "Loden", 1, "l0"),
        value("material", "petrol", 1, "l1"),
    )
    assert [one.raw for one in await store.unmatched(tenant, attribute="material")] == ["Loden", "petrol"]
    assert await store.unmatched(tenant, lang="en") == (value("color", "Petrol", 1, "l3", lang="en"),)
    assert await store.unmatched(tenant, attribute="color", lang="de", limit=1) == (
        value("color", "Petrol", 2, "l0", "l1"),
    )


@pytest.mark.parametrize(
    ("tenant", "attribute", "lang"), [("", None, None), ("t", "nul\0", None), ("t", None, "\ud83d")]
)
async def test_what_cannot_be_an_id_has_no_values(
    store: SqlStore, tenant: str, attribute: str | None, lang: str | None
) -> None:
    assert await store.unmatched(tenant, attribute=attribute, lang=lang) == ()


async def test_the_values_are_those_of_the_current_tags(store: SqlStore, tenant: str) -> None:
    async def raws() -> list[str]:
        return [one.raw for one in await store.unmatched(tenant)]

    for name in "ab":
        await store.save(tenant, listing(name), without_concept("color:Petrol", "color:Beere"))
    await store.save(tenant, listing("a"), without_concept("color:Beere", "color:Malve"))
    assert await raws() == ["Beere", "Malve", "Petrol"]
    await store.lock(tenant, "a", tag(RED))
    assert await raws() == ["Beere", "Malve", "Petrol"], "a lock changes no value"
    now = (await store.get_many(tenant, ["a"]))["a"]
    await store.rewrite(tenant, [Rewrite(stored=now, tags=without_concept("color:Petrol", tags=now.tags))])
    assert await raws() == ["Petrol", "Beere"]
    await store.save(tenant, listing("a"), without_concept())
    assert await raws() == ["Beere", "Petrol"]
    await store.save(tenant, listing("b"), without_concept("color:Beere", "color:Petrol", lang="fr"))
    assert {one.lang for one in await store.unmatched(tenant)} == {"fr"}


async def test_what_is_erased_is_not_counted(store: SqlStore, tenant: str) -> None:
    await store.save(tenant, listing("a"), without_concept("brand:Frau Müller"))
    await store.delete(tenant, "a")
    assert await store.unmatched(tenant) == ()
    with store._database.read() as connection:
        assert connection.execute(select(unmatched).where(unmatched.c.tenant == tenant)).all() == []
    await store.save(tenant, listing("a"), without_concept("brand:Ayla"))
    assert [one.raw for one in await store.unmatched(tenant)] == ["Ayla"]


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("half \ud83d an emoji", "half ? an emoji"),
        ("nul\0", "nul\ufffd"),
        ("长" * 5000, "长" * 200),
        ("ﷺ" * 300, "ﷺ" * 200),
    ],
)
async def test_odd_values_are_kept_as_far_as_a_database_takes_them(
    store: SqlStore, tenant: str, raw: str, kept: str
) -> None:
    name = "ü" * 256  # the longest id there is
    await store.save(tenant, listing(name), without_concept(f"color:{raw}"))
    assert await store.unmatched(tenant) == (value("color", kept, 1, name),)
    stored = (await store.get_many(tenant, [name]))[name]
    assert stored.tags.unmatched[0].raw == raw


@pytest.fixture(params=["file", "postgres"])
def own_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database whose tables no other test sees."""
    if request.param == "file":
        return f"sqlite:///{tmp_path}/old.db"
    import psycopg

    url, name = str(request.getfixturevalue("postgres_url")), f"old_{uuid.uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return url.replace("/postgres?", f"/{name}?", 1)


async def test_what_was_stored_before_is_counted_after_the_migration(
    own_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.adapters.stores.unmatched._PAGE", 2)
    old = Database(own_url)
    with old.write() as connection:
        config = scripts()
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        state = {"tenant": "t", "fingerprint": "f"}
        for number in range(5):
            name = {"id": f"l{number}", "version": 2}
            row = {"cursor": number + 1, "deleted": number == 3, "listing": encode_listing(listing("x")).decode()}
            connection.execute(insert(listings).values(state | name | row))
            for version, raw in ((1, "Malve"), (2, "Petrol")):
                body = encode_tags(without_concept(f"color:{raw}")).decode() if number != 4 else '{"v": 99}'
                text = {"version": version, "cursor": number, "tags": body}
                connection.execute(insert(tag_sets).values(state | name | text))
    await old.close()
    store = await open_store(own_url)
    assert await store.unmatched("t") == (value("color", "Petrol", 3, "l0", "l2"),)
    await store.close()
