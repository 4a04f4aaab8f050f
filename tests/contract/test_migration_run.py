"""A migration through a store: broken off, run again, and while others write. On SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from store_samples import VERSIONS, ids, listing, tag, tag_set

from app.adapters.stores.sql import SqlStore
from app.domain.tags import TagSet
from app.pipeline.fingerprint import taxonomy_version
from app.pipeline.ports import Rewrite, Rewritten
from app.pipeline.versions.diff import diff_taxonomies
from app.pipeline.versions.mapping import build_mapping
from app.pipeline.versions.migration_run import Totals, look, migrate
from app.pipeline.versions.tag_migration import Migration, Outcome
from tests.versions import CONCEPTS, taxonomy

OLD = taxonomy("1")
BOOTS = ("category:shoes", "category:boots")
NEW = taxonomy(
    "2",
    {
        "color:crimson": CONCEPTS["color:crimson"] | {"retired": True, "successor": "color:red"},
        "category:shoes": CONCEPTS["category:shoes"] | {"relevant": ("color",)},
    },
)
WAY = Migration(OLD, NEW, build_mapping(OLD, NEW), diff_taxonomies(OLD, NEW))


class BrokenOff(Exception):
    """The run ended here."""


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.pipeline.versions.migration_run.PAGE", 2)


@pytest.fixture
async def shop(store: SqlStore, tenant: str) -> SqlStore:
    """Nine listings in crimson, the last two boots as well; one more in red."""
    for number in range(10):
        tags = [tag("color:red" if number == 9 else "color:crimson"), tag("weight:250_g")]
        if number in (7, 8):
            tags.append(tag(BOOTS[-1], path=BOOTS))
        await store.save(tenant, listing(str(number)), of_old(tag_set(*tags)))
    return store


def of_old(tags: TagSet) -> TagSet:
    return replace(tags, versions=replace(VERSIONS, taxonomy=taxonomy_version(OLD)))


async def run(store: SqlStore, tenant: str, *, most: int = 100, dry_run: bool = False) -> Totals:
    told: list[str] = []

    def done(listing_id: str, outcome: Outcome, requeued: tuple[str, ...]) -> None:
        assert outcome.changes or requeued
        told.append(listing_id)
        if len(told) == most:
            raise BrokenOff

    in_use = await look(store, tenant, WAY)
    assert in_use.unknown == ()
    totals = await migrate(store, tenant, WAY, in_use.touched, dry_run=dry_run, done=done)
    assert len(told) == len(set(told))
    return totals


async def versions(store: SqlStore, tenant: str) -> dict[str, tuple[int, str]]:
    found = await store.get_many(tenant, [str(number) for number in range(10)])
    return {name: (one.version, ids(one.tags)[0]) for name, one in found.items()}


DONE = {str(number): (2, "color:red") for number in range(9)} | {"9": (1, "color:red")}


async def test_a_run_touches_what_it_must_and_the_next_one_nothing(shop: SqlStore, tenant: str) -> None:
    dry = await run(shop, tenant, dry_run=True)
    assert await shop.waiting(tenant) == ()
    first = await run(shop, tenant)
    assert (first.rewritten, first.requeued, first.migrated) == (9, {"relevance": 2}, {"successor": 9})
    assert (dry.rewritten, dry.requeued, dry.migrated) == (first.rewritten, first.requeued, first.migrated)
    assert await versions(shop, tenant) == DONE
    assert [one.listing_id for one in await shop.waiting(tenant)] == ["7", "8"]
    everything = await shop.changes(tenant)
    again = await run(shop, tenant)
    assert (again.rewritten, again.listings_requeued) == (0, 0)
    assert await shop.changes(tenant) == everything


@pytest.mark.parametrize("most", [1, 2, 5, 9])
async def test_a_run_that_was_broken_off_is_finished_by_the_next(shop: SqlStore, tenant: str, most: int) -> None:
    with pytest.raises(BrokenOff):
        await run(shop, tenant, most=most)
    assert await versions(shop, tenant) != DONE or most == 9
    await run(shop, tenant)
    assert await versions(shop, tenant) == DONE
    assert [one.listing_id for one in await shop.waiting(tenant)] == ["7", "8"]


async def test_what_a_person_does_meanwhile_is_not_lost(shop: SqlStore, tenant: str) -> None:
    class Busy(SqlStore):
        """A store in which somebody locks a tag of listing 3 between its being read and its being written."""

        async def rewrite(self, tenant: str, rewrites: Sequence[Rewrite]) -> tuple[Rewritten, ...]:
            if any(one.stored.listing.id == "3" for one in rewrites):
                await self.lock(tenant, "3", tag("color:crimson", raw="by hand"))
            return await super().rewrite(tenant, rewrites)

    await run(Busy(shop._database), tenant)
    found = (await shop.get_many(tenant, ["3"]))["3"]
    (red,) = [one for one in found.tags.tags if one.attribute == "color"]
    assert (red.id, red.raw, red.locked, found.version) == ("color:red", "by hand", True, 3)


async def test_another_tenant_is_left_alone(shop: SqlStore, tenant: str) -> None:
    other = f"{tenant}-other"
    saved = await shop.save(other, listing("0"), of_old(tag_set(tag("color:crimson"))))
    await run(shop, tenant)
    assert await shop.changes(other) == (saved,)
