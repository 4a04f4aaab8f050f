"""Measures taxonomy versions, 300,000 concepts and 100,000 listings: `python -m eval.bench_versions`."""

from __future__ import annotations

import asyncio
import resource
import tempfile
import time
from collections.abc import Iterator

from sqlalchemy import Engine, create_engine, insert

from app.adapters.codec import encode_listing, encode_tags
from app.adapters.stores import open_store
from app.adapters.stores.schema import listings, tag_index, tag_sets, tenants
from app.domain.listing import Listing
from app.domain.tags import Decision, Evidence, Match, Method, Source, Tag, TagSet, Versions
from app.domain.taxonomy import Concept, Label, Taxonomy, index_by_id
from app.pipeline.fingerprint import taxonomy_version
from app.pipeline.versions.diff import diff_taxonomies
from app.pipeline.versions.mapping import build_mapping
from app.pipeline.versions.migration_run import look, migrate
from app.pipeline.versions.tag_migration import Migration

ATTRIBUTES, VALUES = 100, 3000
LISTINGS, TAGS = 100_000, 5
TENANT = "default"
_BATCH = 10_000


def synthetic(version: str) -> Taxonomy:
    """Return 300,000 concepts in three locales, two labels each; in "2", every hundredth of a kind has changed."""
    names = [f"a{number:03}" for number in range(ATTRIBUTES)]
    attributes = [Concept(id=name, attribute="attribute", labels=_labels(name, "")) for name in names]
    concepts = (_concept(name, number, version) for name in names for number in range(VALUES))
    return Taxonomy(
        name="synthetic",
        version=version,
        locales=("en", "de", "fr"),
        attributes=index_by_id(attributes),
        concepts=index_by_id(concepts),
        digest=version * 64,
    )


def _concept(attribute: str, number: int, version: str) -> Concept:
    name, kind = f"{attribute}:v{number:04}", number % 100 if version == "2" else -1
    return Concept(
        id=f"{attribute}:n{number:04}" if kind == 3 else name,
        attribute=attribute,
        labels=_labels(name, " renewed" if kind == 1 else ""),
        broader=f"{attribute}:v{number - 1:04}" if kind == 2 else None,
        retired=kind == 4,
        successor=f"{attribute}:v{number + 1:04}" if kind == 4 else None,
    )


def _labels(name: str, suffix: str) -> tuple[Label, ...]:
    return tuple(
        Label(text=f"{name} {locale}{word}", locale=locale, preferred=not word.strip() or word == suffix)
        for locale in ("en", "de", "fr")
        for word in (suffix, " other")
    )


def fill(database: Engine, taxonomy: Taxonomy) -> None:
    """Store listings of five tags each; one in a hundred carries a value that version 2 retires."""
    made = _rows(taxonomy)
    with database.begin() as connection:
        connection.execute(insert(tenants).values(tenant=TENANT, cursor=LISTINGS))
    for _ in range(LISTINGS // _BATCH):
        batch = [next(made) for _ in range(_BATCH)]
        with database.begin() as connection:
            connection.execute(insert(listings), [row[0] for row in batch])
            connection.execute(insert(tag_sets), [row[1] for row in batch])
            connection.execute(insert(tag_index), [entry for row in batch for entry in row[2]])


def _rows(taxonomy: Taxonomy) -> Iterator[tuple[dict[str, object], dict[str, object], list[dict[str, object]]]]:
    versions = Versions(
        model="m", adapter="a", prompt="p", schema="s", rules="r", taxonomy=taxonomy_version(taxonomy), pipeline="1"
    )
    for cursor in range(1, LISTINGS + 1):
        chosen = [5 + (cursor * 7 + place * 31) % 90 for place in range(TAGS)]
        chosen[0] = 4 if cursor % 100 == 0 else chosen[0]
        tags = tuple(_tag(f"a{place:03}:v{(cursor % 30) * 100 + value:04}") for place, value in enumerate(chosen))
        tag_set = TagSet(fingerprint="f", lang="en", tags=tags, unmatched=(), partial=False, versions=versions)
        place = {"tenant": TENANT, "id": f"SKU-{cursor}", "cursor": cursor, "version": 1, "fingerprint": "f"}
        text = encode_listing(Listing(title="A product of some name " * 4, id=f"SKU-{cursor}")).decode()
        entries = [{"tenant": TENANT, "tag": tag.id, "cursor": cursor} for tag in tags]
        yield place | {"deleted": False, "listing": text}, place | {"tags": encode_tags(tag_set).decode()}, entries


def _tag(tag_id: str) -> Tag:
    return Tag(
        attribute=tag_id.partition(":")[0],
        id=tag_id,
        raw=f"{tag_id} en",
        confidence=0.9,
        decision=Decision.ACCEPT,
        match=Match(method=Method.EXACT, score=100, label=f"{tag_id} en", locale="en"),
        source=Source.RULE,
        evidence=(Evidence(field="title", start=0, end=9),),
    )


async def measure() -> None:
    """Print a line for each step."""
    old, new = synthetic("1"), synthetic("2")
    before_mib, began = _peak_mib(), time.perf_counter()
    diff = diff_taxonomies(old, new)
    compared = time.perf_counter()
    mapping = build_mapping(old, new)
    mapped = time.perf_counter()
    plan = Migration(old, new, mapping, diff)
    changes = sum(sum(of.values()) for of in diff.counts().values())
    print(f"diff of {len(old.concepts):,} concepts: {compared - began:.1f} s, {changes:,} changes")
    print(f"mapping of {len(mapping.rows):,} ids: {mapped - compared:.1f} s")
    print(f"what is touched: {time.perf_counter() - mapped:.1f} s")
    print(f"memory beside the two taxonomies ({before_mib:.0f} MiB): {_peak_mib() - before_mib:.0f} MiB at most")
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/tags.db"
        store = await open_store(url)
        database = create_engine(url)
        fill(database, old)
        database.dispose()
        before_mib = _peak_mib()
        for run in ("first run", "second run"):
            began = time.perf_counter()
            in_use = await look(store, TENANT, plan)
            looked = time.perf_counter()
            totals = await migrate(store, TENANT, plan, in_use.touched)
            figure = f"{time.perf_counter() - looked:.2f} s after {looked - began:.2f} s of looking for ids"
            print(f"{run}: {totals.rewritten:,} of {LISTINGS:,} listings rewritten in {figure}")
            print(f"  {totals.looked_at:,} read, {totals.listings_requeued:,} re-queued")
        print(f"memory: {_peak_mib() - before_mib:.0f} MiB more at most")
        await store.close()


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    asyncio.run(measure())
