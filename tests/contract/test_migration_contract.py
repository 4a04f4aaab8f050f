"""Ports `TagMigration` and `RequeueList`: one suite on SQLite (memory and file) and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from store_samples import COTTON, NAVY, RED, RUNNER, SHOES, ids, listing, tag, tag_set

from app.adapters.stores.rows import fixed
from app.adapters.stores.sql import SqlStore
from app.domain.errors import InvalidListing, NotFound
from app.pipeline.ports import Rewrite, Rewritten, StoredTags

NOTHING = Rewritten(stored=False, requeued=())


async def waiting(store: SqlStore, tenant: str) -> list[tuple[str, str]]:
    return [(one.listing_id, one.reason) for one in await store.waiting(tenant)]


def to_red(stored: StoredTags, *reasons: str) -> Rewrite:
    return Rewrite(stored=stored, tags=replace(stored.tags, tags=(tag(RED),)), reasons=reasons)


# TagMigration


async def test_every_id_in_use_is_named_once(store: SqlStore, tenant: str) -> None:
    assert await store.tags_in_use(tenant) == await store.tags_in_use("") == ()
    for number in range(5):
        await store.save(tenant, listing(str(number)), tag_set(NAVY, COTTON, tag(SHOES[-1], path=SHOES)))
    await store.save(tenant, listing("0"), tag_set(RED, "größe:42"))
    await store.save(f"{tenant}-other", listing("0"), tag_set("color:theirs"))
    assert await store.tags_in_use(tenant) == tuple(sorted([*SHOES, NAVY, RED, COTTON, "größe:42"]))


async def test_who_carries_an_id_comes_in_pages_by_cursor(store: SqlStore, tenant: str) -> None:
    for number in range(7):
        await store.save(tenant, listing(str(number)), tag_set(NAVY if number % 2 == 0 else RED))
    await store.delete(tenant, "2")
    first = await store.carrying(tenant, NAVY, limit=2)
    second = await store.carrying(tenant, NAVY, after=first[-1].cursor, limit=2)
    assert [one.listing.id for one in (*first, *second)] == ["0", "4", "6"]
    assert first[0] == (await store.get_many(tenant, ["0"]))["0"]
    assert await store.carrying(tenant, NAVY, after=second[-1].cursor) == ()
    assert await store.carrying(tenant, "nul\0") == await store.carrying(tenant, "color:unknown") == ()


async def test_a_rewrite_is_the_next_version_and_the_old_one_stays(store: SqlStore, tenant: str) -> None:
    before = await store.save(tenant, RUNNER, tag_set(NAVY))
    assert await store.rewrite(tenant, [to_red(before, "broader")]) == (Rewritten(stored=True, requeued=("broader",)),)
    after = (await store.get_many(tenant, [str(RUNNER.id)]))[str(RUNNER.id)]
    assert (after.listing, after.version, ids(after.tags)) == (RUNNER, 2, [RED])
    assert after.cursor == before.cursor + 1
    assert await store.changes(tenant) == (after,)
    assert (await store.search(tenant, [])).facets == {RED: 1}
    assert await waiting(store, tenant) == [(RUNNER.id, "broader")]
    with store._database.read() as connection:
        from app.adapters.stores.schema import tag_sets

        kept = connection.execute(tag_sets.select().where(tag_sets.c.tenant == tenant)).all()
    assert sorted(row.version for row in kept) == [1, 2]


async def test_only_to_be_tagged_again_is_no_change_of_the_listing(store: SqlStore, tenant: str) -> None:
    before = await store.save(tenant, listing("x"), tag_set(NAVY))
    same = Rewrite(stored=before, tags=before.tags, reasons=("label", "relevance"))
    assert await store.rewrite(tenant, [same]) == (Rewritten(stored=False, requeued=("label", "relevance")),)
    assert await store.rewrite(tenant, [same]) == (NOTHING,)
    assert await store.changes(tenant) == (before,)
    assert (await store.save(tenant, listing("y"), tag_set(NAVY))).cursor == before.cursor + 1, "no cursor was used up"


async def test_a_listing_that_changed_since_it_was_read_is_left_alone(store: SqlStore, tenant: str) -> None:
    old = [await store.save(tenant, listing(name), tag_set(NAVY)) for name in ("changed", "deleted", "same")]
    changed = await store.lock(tenant, "changed", tag(COTTON))
    await store.delete(tenant, "deleted")
    done = await store.rewrite(tenant, [to_red(one, "unmapped") for one in old])
    assert done == (NOTHING, NOTHING, Rewritten(stored=True, requeued=("unmapped",)))
    assert (await store.get_many(tenant, ["changed"]))["changed"] == changed
    assert await waiting(store, tenant) == [("same", "unmapped")]
    assert [one.listing.id for one in await store.carrying(tenant, NAVY, after=old[-1].cursor)] == ["changed"]


async def test_locks_follow_the_tags_that_carry_them(store: SqlStore, tenant: str) -> None:
    await store.save(tenant, listing("x"), tag_set(COTTON))
    await store.lock(tenant, "x", tag(NAVY, raw="dunkelblau"))
    before = await store.lock(tenant, "x", tag(SHOES[-1], path=SHOES))
    path = (SHOES[0], SHOES[-1])
    kept = tuple(
        replace(one, id="color:blue") if one.id == NAVY else replace(one, path=path if one.path else ())
        for one in before.tags.tags
    )
    await store.rewrite(tenant, [Rewrite(stored=before, tags=replace(before.tags, tags=kept))])
    again = await store.save(tenant, listing("x"), tag_set(RED, "category:mugs", fingerprint="f2"))
    locked = {one.id: one for one in again.tags.tags if one.locked}
    assert sorted(ids(again.tags)) == sorted([RED, "color:blue", SHOES[-1]])
    assert locked["color:blue"] == fixed(tag("color:blue", raw="dunkelblau"))
    assert locked[SHOES[-1]].path == path
    assert await store.save(tenant, listing("x"), again.tags) == again
    await store.unlock(tenant, "x", "color:blue")
    assert ids((await store.save(tenant, listing("x"), tag_set(RED, fingerprint="f3"))).tags) == [RED, SHOES[-1]]


async def test_a_locked_tag_may_become_its_neighbour(store: SqlStore, tenant: str) -> None:
    await store.save(tenant, listing("x"), tag_set(COTTON))
    await store.lock(tenant, "x", tag(NAVY))
    before = await store.lock(tenant, "x", tag(RED))
    one = tuple(other for other in before.tags.tags if other.id != NAVY)
    await store.rewrite(tenant, [Rewrite(stored=before, tags=replace(before.tags, tags=one))])
    assert ids((await store.save(tenant, listing("x"), tag_set(fingerprint="f2"))).tags) == [RED]


async def test_all_of_a_page_is_written_or_nothing(store: SqlStore, tenant: str) -> None:
    old = [await store.save(tenant, listing(name), tag_set(NAVY)) for name in "ab"]
    bad = replace(old[1].tags, tags=(tag("color:nul\0"),))
    with pytest.raises(InvalidListing):
        await store.rewrite(tenant, [to_red(old[0], "unmapped"), Rewrite(stored=old[1], tags=bad)])
    assert await store.changes(tenant) == tuple(old)
    assert await waiting(store, tenant) == []
    assert await store.rewrite(tenant, []) == ()


# RequeueList


async def test_what_waits_longest_comes_first_and_waits_once_for_each_reason(store: SqlStore, tenant: str) -> None:
    began = datetime.now(UTC).replace(microsecond=0)
    for name in "abc":
        await store.save(tenant, listing(name), tag_set(NAVY))
    assert await store.requeue(tenant, ["b", "c", "b", "unknown", "nul\0"], "label") == 2
    assert await store.requeue(tenant, ["a", "b"], "label") == 1
    assert await store.requeue(tenant, ["b"], "relevance") == 1
    assert await store.requeue(f"{tenant}-other", ["b"], "label") == 0
    found = await store.waiting(tenant)
    assert {(one.listing_id, one.reason) for one in found} == {
        *(("a", "label"), ("b", "label"), ("b", "relevance"), ("c", "label"))
    }
    assert [one.since for one in found] == sorted(one.since for one in found)
    assert began <= found[0].since <= datetime.now(UTC)
    assert await store.waiting(tenant, limit=2) == found[:2]


async def test_what_was_tagged_again_is_released_for_the_reasons_known_then(store: SqlStore, tenant: str) -> None:
    await store.save(tenant, listing("a"), tag_set(NAVY))
    await store.requeue(tenant, ["a"], "label")
    given_out = await store.waiting(tenant)
    await store.requeue(tenant, ["a"], "relevance")
    await store.release(tenant, given_out)
    await store.release(tenant, given_out)
    assert await waiting(store, tenant) == [("a", "relevance")]


async def test_what_is_erased_waits_for_nothing(store: SqlStore, tenant: str) -> None:
    await store.save(tenant, listing("a"), tag_set(NAVY))
    await store.requeue(tenant, ["a"], "label")
    await store.delete(tenant, "a")
    assert await waiting(store, tenant) == []
    assert await store.requeue(tenant, ["a"], "label") == 0
    with pytest.raises(NotFound):
        await store.delete(tenant, "a")
