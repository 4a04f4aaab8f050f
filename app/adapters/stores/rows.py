"""Between rows and domain types, and the one rule of the store: what a person locked stays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import Row, Select, and_, select

from app.adapters.codec import decode_listing, decode_tag, decode_tags
from app.adapters.stores.schema import KEY_LIMIT_BYTES, listings, tag_sets
from app.domain.errors import InvalidListing, StoreUnavailable
from app.domain.listing import Listing
from app.domain.tags import Decision, Tag, TagSet, Versions
from app.domain.taxonomy import CATEGORY
from app.pipeline.ports import StoredTags

T = TypeVar("T")

_NOTHING = TagSet(
    fingerprint="",
    lang="",
    tags=(),
    unmatched=(),
    partial=False,
    versions=Versions(model="", adapter="", prompt="", schema="", rules="", taxonomy="", pipeline=""),
)


def current() -> Select[Any]:
    """Return the query for listings and their current tags; a tombstone has neither."""
    same_version = and_(
        tag_sets.c.tenant == listings.c.tenant,
        tag_sets.c.id == listings.c.id,
        tag_sets.c.version == listings.c.version,
    )
    return select(listings, tag_sets.c.tags).join_from(listings, tag_sets, same_version, isouter=True)


def stored(row: Row[Any]) -> StoredTags:
    """Return a row of `current`; StoreUnavailable for one that this version cannot read."""
    if row.deleted:
        listing = Listing(title="", id=row.id)
        return StoredTags(listing=listing, tags=_NOTHING, version=0, cursor=row.cursor, deleted=True)
    return StoredTags(
        listing=_readable(decode_listing(row.listing), row.id),
        tags=_readable(decode_tags(row.tags or ""), row.id),
        version=row.version,
        cursor=row.cursor,
    )


def locked_tag(body: str, listing_id: str) -> Tag:
    """Return a row's body of `locks`; errors as `stored`."""
    return _readable(decode_tag(body), listing_id)


def _readable(value: T | None, listing_id: str) -> T:
    if value is None:
        raise StoreUnavailable(
            f"what is stored for the listing {listing_id!r} cannot be read by this version",
            hint="install the version of tagwright that wrote it, or tag and save the listing again",
        )
    return value


def fixed(tag: Tag) -> Tag:
    """Return the tag as a person's decision."""
    return replace(tag, locked=True, decision=Decision.ACCEPT)


def with_locks(tags: TagSet, locked: Sequence[Tag]) -> TagSet:
    """Return the tags with the locked ones in place of their equals (attribute and id), else at the end.

    Only what is in ``locked`` is marked so. A listing has one category: a locked one leaves no room for another.
    """
    by_key = {(tag.attribute, tag.id): tag for tag in locked}
    one_category = any(tag.attribute == CATEGORY for tag in locked)
    kept: dict[tuple[str, str], Tag] = {}
    for tag in tags.tags:
        key = (tag.attribute, tag.id)
        if key in by_key:
            kept[key] = by_key[key]
        elif not (one_category and tag.attribute == CATEGORY):
            kept[key] = replace(tag, locked=False) if tag.locked else tag
    merged = tuple((kept | by_key).values())
    return tags if merged == tags.tags else replace(tags, tags=merged)


def terms(tags: TagSet) -> set[str]:
    """Return what a listing is found by: its tags, and the ancestors of its categories."""
    return {tag.id for tag in tags.tags}.union(*(tag.path for tag in tags.tags))


def is_key(text: str) -> bool:
    """Say whether a text can be an id here: not empty, not too long, no NUL, nothing that UTF-8 lacks."""
    try:
        return 0 < len(text.encode("utf-8")) <= KEY_LIMIT_BYTES and "\0" not in text
    except UnicodeEncodeError:
        return False


def require_keys(tenant: str, listing: Listing, tags: Sequence[Tag]) -> str:
    """Return the listing's id; InvalidListing where an id cannot be one."""
    if listing.id is None:
        raise InvalidListing("a listing without an id cannot be stored", field="id")
    for name, text in _ids(tenant, listing.id, tags):
        if not is_key(text):
            raise InvalidListing(
                f"{name} has to be 1 to {KEY_LIMIT_BYTES} bytes of UTF-8 without NUL, not {text[:80]!r}", field=name
            )
    return listing.id


def _ids(tenant: str, listing_id: str, tags: Sequence[Tag]) -> Iterator[tuple[str, str]]:
    yield "tenant", tenant
    yield "id", listing_id
    for tag in tags:
        yield "tags", tag.attribute
        yield "tags", tag.id
        yield from (("tags", ancestor) for ancestor in tag.path)
