"""Ports `ListingStore` and `TagLocks`: one suite on SQLite (memory and file) and PostgreSQL."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace

import pytest
from store_samples import COTTON, NAVY, RED, RUNNER, SHOES, ids, listing, tag, tag_set

from app.adapters.stores.rows import fixed
from app.adapters.stores.sql import SqlStore
from app.domain.errors import InvalidListing, NotFound
from app.domain.listing import Listing
from app.domain.tags import Decision, Quantity, TagSet

# ListingStore


async def test_what_is_saved_comes_back_exactly(store: SqlStore, tenant: str) -> None:
    quantity = replace(tag("weight:250_g"), quantity=Quantity(value=250, unit="g", upper=300.5))
    tags = tag_set(NAVY, quantity, tag(SHOES[-1], path=SHOES))
    saved = await store.save(tenant, RUNNER, tags)
    assert (saved.listing, saved.tags, saved.version, saved.deleted) == (RUNNER, tags, 1, False)
    assert saved.cursor > 0
    assert await store.get_many(tenant, [str(RUNNER.id)]) == {RUNNER.id: saved}


async def test_text_that_utf8_lacks_is_kept(store: SqlStore, tenant: str) -> None:
    broken = Listing(title="half an emoji: \ud83d", id="x")
    await store.save(tenant, broken, tag_set(NAVY))
    assert (await store.get_many(tenant, ["x"]))["x"].listing == broken


async def test_saving_the_same_again_writes_nothing(store: SqlStore, tenant: str) -> None:
    first = await store.save(tenant, RUNNER, tag_set(NAVY))
    assert await store.save(tenant, RUNNER, tag_set(NAVY)) == first
    assert await store.changes(tenant, since=first.cursor) == ()


@pytest.mark.parametrize(
    ("changed", "tags"),
    [
        (RUNNER, tag_set(RED)),
        (RUNNER, tag_set(NAVY, fingerprint="f2")),
        (RUNNER, tag_set(NAVY, partial=True)),
        (replace(RUNNER, title=RUNNER.title + " "), tag_set(NAVY)),
    ],
    ids=["tags", "fingerprint", "partial", "a space that evidence counts"],
)
async def test_a_difference_is_the_next_version(store: SqlStore, tenant: str, changed: Listing, tags: TagSet) -> None:
    first = await store.save(tenant, RUNNER, tag_set(NAVY))
    second = await store.save(tenant, changed, tags)
    assert (second.version, second.listing, second.tags) == (2, changed, tags)
    assert second.cursor > first.cursor
    assert await store.get_many(tenant, [str(RUNNER.id)]) == {RUNNER.id: second}


async def test_get_many_keeps_the_order_and_leaves_out_what_is_unknown(store: SqlStore, tenant: str) -> None:
    for name in ("a", "b", "c"):
        await store.save(tenant, listing(name), tag_set(NAVY))
    await store.delete(tenant, "b")
    unknown = [f"unknown {number}" for number in range(1200)]
    found = await store.get_many(tenant, ["c", *unknown, "b", "a", "c", "", "nul\0", "\ud83d", "x" * 5000])
    assert list(found) == ["c", "a"]


@pytest.mark.parametrize("listing_id", [None, "", "nul\0", "\ud83d", "x" * 513, "鞋" * 171])
async def test_an_id_that_cannot_be_one_is_the_callers_error(
    store: SqlStore, tenant: str, listing_id: str | None
) -> None:
    with pytest.raises(InvalidListing):
        await store.save(tenant, Listing(title="Mug", id=listing_id), tag_set(NAVY))


async def test_the_longest_ids_fit(store: SqlStore) -> None:
    # Random, because PostgreSQL compresses what repeats before it measures an entry of an index.
    long = ["".join(uuid.uuid4().hex for _ in range(16)) for _ in range(4)]
    await store.save(long[0], listing(long[1]), tag_set(replace(tag(NAVY), attribute=long[2], id=long[3])))
    await store.lock(long[0], long[1], replace(tag(NAVY), attribute=long[2], id=long[3]))
    assert (await store.search(long[0], [long[3]])).total == 1
    await store.delete(long[0], long[1])


async def test_tenants_do_not_see_each_other(store: SqlStore, tenant: str) -> None:
    other = f"{tenant}-other"
    await store.save(tenant, listing("x", "ours"), tag_set(NAVY))
    await store.save(other, listing("x", "theirs"), tag_set(RED))
    assert (await store.get_many(tenant, ["x"]))["x"].listing.title == "ours"
    assert (await store.search(tenant, [RED])).total == 0
    await store.delete(other, "x")
    assert (await store.search(tenant, [])).facets == {NAVY: 1}
    assert [change.deleted for change in await store.changes(tenant)] == [False]


# delete


async def test_delete_leaves_a_tombstone_only(store: SqlStore, tenant: str) -> None:
    for fingerprint in ("f1", "f2", "f1", "f3"):
        await store.save(tenant, RUNNER, tag_set(NAVY, fingerprint=fingerprint))
    last = await store.lock(tenant, str(RUNNER.id), tag(COTTON))
    assert await store.delete(tenant, str(RUNNER.id)) == ("f1", "f2", "f3")
    assert await store.get_many(tenant, [str(RUNNER.id)]) == {}
    assert (await store.search(tenant, [])).total == 0
    assert (await store.search(tenant, [COTTON])).facets == {}
    (tombstone,) = await store.changes(tenant)
    assert tombstone.deleted
    assert tombstone.listing == Listing(title="", id=RUNNER.id)
    assert (tombstone.tags.tags, tombstone.tags.fingerprint) == ((), "")
    assert tombstone.cursor > last.cursor


async def test_what_was_deleted_starts_anew(store: SqlStore, tenant: str) -> None:
    await store.save(tenant, RUNNER, tag_set(NAVY))
    await store.lock(tenant, str(RUNNER.id), tag(COTTON))
    await store.delete(tenant, str(RUNNER.id))
    again = await store.save(tenant, RUNNER, tag_set(NAVY))
    assert (again.version, again.deleted, ids(again.tags)) == (1, False, [NAVY])
    assert await store.changes(tenant) == (again,)
    assert ids((await store.save(tenant, RUNNER, tag_set(RED))).tags) == [RED]


@pytest.mark.parametrize("listing_id", ["never seen", "deleted", "", "nul\0"])
async def test_what_is_not_there_is_not_found(store: SqlStore, tenant: str, listing_id: str) -> None:
    last = await store.save(tenant, listing("deleted"), tag_set(NAVY))
    await store.delete(tenant, "deleted")
    with pytest.raises(NotFound):
        await store.delete(tenant, listing_id)
    with pytest.raises(NotFound):
        await store.lock(tenant, listing_id, tag(NAVY))
    with pytest.raises(NotFound):
        await store.unlock(tenant, listing_id, NAVY)
    assert [change.cursor for change in await store.changes(tenant)] == [last.cursor + 1]


# TagLocks


async def test_a_locked_tag_survives_re_tagging(store: SqlStore, tenant: str) -> None:
    await store.save(tenant, listing("x"), tag_set(RED))
    locked = await store.lock(tenant, "x", tag(NAVY, raw="dunkelblau"))
    assert locked.version == 2
    assert locked.tags.tags == (tag(RED), fixed(tag(NAVY, raw="dunkelblau")))
    assert (locked.tags.tags[1].locked, locked.tags.tags[1].decision) == (True, Decision.ACCEPT)
    saved = await store.save(tenant, listing("x"), tag_set(COTTON, fingerprint="f2"))
    assert saved.tags.tags == (tag(COTTON), fixed(tag(NAVY, raw="dunkelblau")))
    assert (await store.get_many(tenant, ["x"]))["x"] == saved
    assert (await store.search(tenant, [NAVY])).total == 1


async def test_a_locked_tag_takes_the_place_of_its_equal(store: SqlStore, tenant: str) -> None:
    await store.save(tenant, listing("x"), tag_set(NAVY, RED))
    await store.lock(tenant, "x", tag(NAVY, raw="dunkelblau"))
    saved = await store.save(tenant, listing("x"), tag_set(tag(NAVY, raw="other"), RED, fingerprint="f2"))
    assert saved.tags.tags == (fixed(tag(NAVY, raw="dunkelblau")), tag(RED))


async def test_saving_the_same_over_locks_writes_nothing(store: SqlStore, tenant: str) -> None:
    await store.save(tenant, listing("x"), tag_set(RED))
    await store.lock(tenant, "x", tag(NAVY))
    locked = await store.lock(tenant, "x", tag(COTTON))
    assert await store.save(tenant, listing("x"), tag_set(RED)) == locked
    assert await store.lock(tenant, "x", tag(NAVY)) == locked
    assert await store.save(tenant, listing("x"), locked.tags) == locked


async def test_an_unlocked_tag_follows_re_tagging_again(store: SqlStore, tenant: str) -> None:
    await store.save(tenant, listing("x"), tag_set(RED))
    await store.lock(tenant, "x", tag(NAVY))
    locked = await store.lock(tenant, "x", tag(COTTON))
    await store.unlock(tenant, "x", NAVY)
    freed = (await store.get_many(tenant, ["x"]))["x"]
    assert [(one.id, one.locked) for one in freed.tags.tags] == [(RED, False), (NAVY, False), (COTTON, True)]
    assert freed.cursor > locked.cursor
    await store.unlock(tenant, "x", NAVY)
    await store.unlock(tenant, "x", "no:such")
    assert (await store.get_many(tenant, ["x"]))["x"] == freed
    assert ids((await store.save(tenant, listing("x"), tag_set(RED))).tags) == [RED, COTTON]


async def test_a_caller_cannot_lock_by_saving(store: SqlStore, tenant: str) -> None:
    saved = await store.save(tenant, listing("x"), tag_set(replace(tag(NAVY), locked=True)))
    assert saved.tags.tags == (tag(NAVY),)


async def test_a_locked_category_leaves_no_room_for_another(store: SqlStore, tenant: str) -> None:
    sneakers, boots = tag(SHOES[-1], path=SHOES), tag("category:boots", path=(*SHOES[:2], "category:boots"))
    await store.save(tenant, listing("x"), tag_set(sneakers, NAVY))
    assert ids((await store.lock(tenant, "x", boots)).tags) == [NAVY, "category:boots"]
    assert ids((await store.save(tenant, listing("x"), tag_set(sneakers, RED))).tags) == [RED, "category:boots"]
    assert (await store.search(tenant, ["category:sneakers"])).total == 0
    assert ids((await store.lock(tenant, "x", sneakers)).tags) == [RED, "category:sneakers"]
    assert ids((await store.save(tenant, listing("x"), tag_set(boots))).tags) == ["category:sneakers"]


# Many at once


async def test_savers_at_once_have_cursors_and_versions_of_their_own(store: SqlStore, tenant: str) -> None:
    jobs = [store.save(tenant, listing("x"), tag_set(NAVY, fingerprint=f"f{number}")) for number in range(20)]
    saved = await asyncio.gather(*jobs)
    assert sorted(one.version for one in saved) == list(range(1, 21))
    assert len({one.cursor for one in saved}) == 20
    assert (await store.get_many(tenant, ["x"]))["x"] == max(saved, key=lambda one: one.cursor)
    assert (await store.search(tenant, [NAVY])).total == 1


async def test_the_same_saved_by_many_at_once_is_one_version(store: SqlStore, tenant: str) -> None:
    saved = await asyncio.gather(*(store.save(tenant, RUNNER, tag_set(NAVY)) for _ in range(10)))
    assert {one.version for one in saved} == {1}


async def test_a_caller_that_goes_away_leaves_the_store_whole(store: SqlStore, tenant: str) -> None:
    for number in range(10):
        job = asyncio.create_task(store.save(tenant, listing(str(number)), tag_set(NAVY, RED)))
        await asyncio.sleep(0.0005 * number)
        job.cancel()
        await asyncio.wait([job])
    await store.save(tenant, listing("last"), tag_set(NAVY, RED))
    found: set[str | None] = set()
    async with asyncio.timeout(10):
        while len(found) < 11:
            page = await store.search(tenant, [NAVY])
            assert page.facets == {NAVY: page.total, RED: page.total}
            found = {one.listing.id for one in page.items}
            assert "last" in found
