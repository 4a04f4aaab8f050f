"""Port `ListingIndex`: one suite on SQLite (memory and file) and PostgreSQL."""

from __future__ import annotations

import pytest
from store_samples import NAVY, RED, SHOES, listing, tag, tag_set

from app.adapters.stores.sql import SqlStore
from app.domain.errors import TooLarge


@pytest.fixture
async def shop(store: SqlStore, tenant: str) -> SqlStore:
    """Ten listings: 0-5 sneakers, the even ones navy, the others red; 6-9 mugs, navy."""
    for number in range(10):
        category = tag(SHOES[-1], path=SHOES) if number < 6 else tag("category:mugs", path=("category:mugs",))
        color = NAVY if number % 2 == 0 or number >= 6 else RED
        await store.save(tenant, listing(str(number)), tag_set(category, color))
    return store


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ([NAVY], "0246789"),
        ([RED], "135"),
        ([NAVY, "category:sneakers"], "024"),
        (["category:shoes"], "012345"),
        (["category:apparel", RED], "135"),
        ([RED, RED, RED], "135"),
        ([RED, "category:mugs"], ""),
        ([], "0123456789"),
        (["color:unknown"], ""),
        (["nul\0"], ""),
        ([""], ""),
        (["\ud83d"], ""),
        (["x" * 10_000], ""),
        (["%"], ""),
        (["' OR 1=1 --"], ""),
    ],
)
async def test_search_finds_what_carries_all_tags(shop: SqlStore, tenant: str, tags: list[str], found: str) -> None:
    page = await shop.search(tenant, tags)
    assert [one.listing.id for one in page.items] == list(found)
    assert page.total == len(found)
    assert page.next_cursor is None


async def test_facets_and_total_are_of_all_hits_on_every_page(shop: SqlStore, tenant: str) -> None:
    facets = {"category:apparel": 6, "category:shoes": 6, "category:sneakers": 6, NAVY: 3, RED: 3}
    after, found = 0, []
    while True:
        page = await shop.search(tenant, ["category:shoes"], after=after, limit=4)
        assert (page.total, page.facets) == (6, facets)
        found += [one.listing.id for one in page.items]
        if page.next_cursor is None:
            break
        after = page.next_cursor
    assert found == list("012345")
    everything = await shop.search(tenant, [], limit=1)
    assert everything.facets == facets | {NAVY: 7, "category:mugs": 4}
    assert list(everything.facets)[0] == NAVY


async def test_a_page_that_ends_with_the_last_hit_has_no_next(shop: SqlStore, tenant: str) -> None:
    assert (await shop.search(tenant, [RED], limit=3)).next_cursor is None
    assert (await shop.search(tenant, [RED], limit=2)).next_cursor is not None
    assert (await shop.search(tenant, [RED], after=2**70)).items == ()
    assert len((await shop.search(tenant, [RED], after=-5, limit=0)).items) == 1


async def test_what_was_re_tagged_or_deleted_is_found_as_it_is_now(shop: SqlStore, tenant: str) -> None:
    await shop.save(tenant, listing("1"), tag_set(NAVY, fingerprint="f2"))
    await shop.delete(tenant, "3")
    assert [one.listing.id for one in (await shop.search(tenant, [RED])).items] == ["5"]
    assert [one.listing.id for one in (await shop.search(tenant, [NAVY])).items] == list("02467891")
    assert (await shop.search(tenant, ["category:sneakers"])).facets[RED] == 1


async def test_a_search_by_too_many_tags_is_refused(shop: SqlStore, tenant: str) -> None:
    assert (await shop.search(tenant, [f"color:{number}" for number in range(32)])).total == 0
    with pytest.raises(TooLarge):
        await shop.search(tenant, [f"color:{number}" for number in range(33)])


async def test_changes_are_the_last_of_each_listing_oldest_first(shop: SqlStore, tenant: str) -> None:
    await shop.save(tenant, listing("2"), tag_set(RED, fingerprint="f2"))
    await shop.delete(tenant, "0")
    since, found = 0, []
    while page := await shop.changes(tenant, since=since, limit=3):
        found += [(change.listing.id, change.deleted) for change in page]
        assert since < page[0].cursor
        since = page[-1].cursor
    assert found == [(one, False) for one in "134567892"] + [("0", True)]
    assert await shop.changes("nobody") == await shop.changes("nul\0") == ()
