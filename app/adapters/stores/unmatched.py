"""Values that fit no concept: a row for each, kept beside the tag sets so that SQL can count them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, tuple_

from app.adapters.codec import decode_tags
from app.adapters.stores.database import Database
from app.adapters.stores.rows import is_key
from app.adapters.stores.schema import listings, tag_sets, unmatched
from app.domain.tags import TagSet
from app.pipeline.ports import UnmatchedValue
from app.pipeline.text import fold_value

LONGEST = 200
"""Characters of a value that are kept here; the tag set has it whole."""
MOST_COUNTED = 200_000
_PAGE = 2000

# Made once, as in reading.py.
_INSERT = insert(unmatched)
_DELETE = delete(unmatched).where(
    unmatched.c.tenant == bindparam("of_tenant"), unmatched.c.id == bindparam("of_listing")
)


def rows_of(tenant: str, listing_id: str, tags: TagSet) -> list[dict[str, str]]:
    """Return the rows of a tag set: each value once per attribute, as it was first spelt."""
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for value in tags.unmatched:
        raw = _storable(value.raw)
        key = (value.attribute, fold_value(raw)[:LONGEST])
        if key[1] and is_key(value.attribute):
            place = {"tenant": tenant, "id": listing_id, "attribute": value.attribute, "folded": key[1]}
            rows.setdefault(key, place | {"lang": _storable(tags.lang), "raw": raw})
    return list(rows.values())


def put_unmatched(connection: Connection, tenant: str, listing_id: str, before: TagSet | None, tags: TagSet) -> None:
    """Replace a listing's rows, within a transaction; where the values stayed the same, nothing is written."""
    if before is not None and (before.unmatched, before.lang) == (tags.unmatched, tags.lang):
        return
    if before is not None and before.unmatched:
        connection.execute(_DELETE, {"of_tenant": tenant, "of_listing": listing_id})
    rows = rows_of(tenant, listing_id, tags) if tags.unmatched else []
    if rows:
        connection.execute(_INSERT, rows)


def counted(
    database: Database, tenant: str, *, attribute: str | None, lang: str | None, limit: int
) -> tuple[UnmatchedValue, ...]:
    """Return each spelling of a value with the number of listings that have it, most frequent first."""
    columns = unmatched.c
    count = func.count().label("listings")
    group = (columns.attribute, columns.lang, columns.folded, columns.raw)
    query = (
        select(*group, count, func.min(columns.id).label("least"), func.max(columns.id).label("greatest"))
        .where(columns.tenant == tenant)
        .group_by(*group)
        .order_by(count.desc(), *group)
        .limit(limit)
    )
    if attribute is not None:
        query = query.where(columns.attribute == attribute)
    if lang is not None:
        query = query.where(columns.lang == lang)
    with database.read() as connection:
        return tuple(
            UnmatchedValue(
                attribute=row.attribute,
                lang=row.lang,
                raw=row.raw,
                count=row.listings,
                listing_ids=tuple(dict.fromkeys((row.least, row.greatest))),
            )
            for row in connection.execute(query)
        )


def backfill(connection: Connection) -> None:
    """Write the rows of all tag sets that are current; those that this version cannot read have none."""
    for page in _pages(connection):
        rows = []
        for row in page:
            tags = decode_tags(row.tags)
            rows += rows_of(row.tenant, row.id, tags) if tags is not None else []
        if rows:
            connection.execute(_INSERT, rows)


def _pages(connection: Connection) -> Iterator[list[Any]]:
    place = (listings.c.tenant, listings.c.cursor)
    query = (
        select(listings.c.tenant, listings.c.id, listings.c.cursor, tag_sets.c.tags)
        .join(tag_sets, (tag_sets.c.tenant == listings.c.tenant) & (tag_sets.c.id == listings.c.id))
        .where(tag_sets.c.version == listings.c.version, listings.c.deleted.is_(False))
        .order_by(*place)
        .limit(_PAGE)
    )
    page = list(connection.execute(query))
    while page:
        yield page
        last = page[-1]
        page = list(connection.execute(query.where(tuple_(*place) > (last.tenant, last.cursor))))


def _storable(text: str) -> str:
    """Return what both databases take: no NUL, nothing that UTF-8 lacks, not too long."""
    return text[:LONGEST].replace("\0", "\ufffd").encode("utf-8", "replace").decode()
