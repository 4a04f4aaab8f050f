"""Listings that are kept: their tags, searches, changes, erasure, and tags that a person fixes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from app.api.answers import ChangesResponse, ManyResponse, SearchResponse, TagResponse
from app.api.context import TENANT, Context, context
from app.api.encoding import encode
from app.api.locks import tag_to_lock
from app.api.middleware import path_part
from app.api.openapi import answer
from app.api.schemas import checked_id
from app.domain.errors import InvalidListing, NotFound, TooLarge
from app.pipeline.localize import Locales
from app.pipeline.ports import StoredTags

router = APIRouter(tags=["listings"])
MOST_IDS = 200
"""Listings in one answer: a storefront's page of search results, and some."""
LocalesQuery = Annotated[
    str | None,
    Query(description="Languages of the labels, comma separated; all when left out", examples=["en,de,zh-CN"]),
]
TagsQuery = Annotated[list[str] | None, Query(description="Ids of tags; all must be there", examples=[["color:navy"]])]
IdPath = Annotated[str, Path(description="The listing's id; a slash in it is sent as %2F")]
LARGEST_CURSOR = 2**63 - 1


@router.get("/v1/listings/tags", summary="Tags of many listings", responses=answer(ManyResponse, 422, 503))
async def tags_of_many(
    request: Request,
    ids: Annotated[list[str], Query(description="Ids, comma separated or repeated", examples=["SKU-1042,SKU-7"])],
    locales: LocalesQuery = None,
) -> Response:
    """Answer in the order asked for; ids without tags are listed as unknown."""
    here = context(request)
    shown = here.locales(locales)
    wanted = list(dict.fromkeys(one for listed in ids for one in listed.split(",") if one))
    if len(wanted) > MOST_IDS:
        raise TooLarge(f"{MOST_IDS} listings can be asked for at once, not {len(wanted)}", field="ids")
    found = await here.store.get_many(TENANT, wanted)
    unknown = [one for one in wanted if one not in found]
    return _json(
        b'{"results":[',
        b",".join(here.presenter.stored(stored, shown) for stored in found.values()),
        b'],"unknown":',
        encode(unknown),
        b"}",
    )


@router.get(
    "/v1/listings/{listing_id}/tags",
    summary="Tags of one listing",
    responses=answer(TagResponse, 404, 422, 503) | {304: {"description": "Unchanged since the ETag in If-None-Match"}},
)
async def tags_of_one(request: Request, listing_id: IdPath, locales: LocalesQuery = None) -> Response:
    """Answer with the current tags; an ETag lets caches ask whether they changed."""
    here = context(request)
    shown = here.locales(locales)
    return _stored(request, here, await _known(here, _id(listing_id)), shown)


@router.get("/v1/listings", summary="Listings that carry tags", responses=answer(SearchResponse, 422, 503))
async def search_listings(
    request: Request,
    tag: TagsQuery = None,
    after: Annotated[int, Query(ge=0, le=LARGEST_CURSOR, description="`next` of the page before")] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_IDS)] = 20,
    facets: Annotated[int, Query(ge=0, le=1000, description="How many facets, most frequent first")] = 100,
    locales: LocalesQuery = None,
) -> Response:
    """Answer with a page of listings, how many there are in all, and which other tags they carry how often."""
    here = context(request)
    shown = here.locales(locales)
    page = await here.store.search(TENANT, tag or (), after=after, limit=limit)
    counted = [
        {"id": one, "count": count, "labels": here.presenter.labels(one, shown)}
        for one, count in list(page.facets.items())[:facets]
    ]
    rest = {"total": page.total, "facets": counted, "next": page.next_cursor, "warnings": shown.warnings}
    results = b",".join(here.presenter.stored(stored, shown) for stored in page.items)
    return _json(b'{"results":[', results, b"],", encode(rest)[1:])


@router.get("/v1/changes", summary="What changed", responses=answer(ChangesResponse, 422, 503))
async def list_changes(
    request: Request,
    since: Annotated[int, Query(ge=0, le=LARGEST_CURSOR, description="`next` of the answer before")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    locales: LocalesQuery = None,
) -> Response:
    """Answer with the last change of each listing that changed, oldest first. No change is left out or given twice."""
    here = context(request)
    shown = here.locales(locales)
    found = await here.store.changes(TENANT, since=since, limit=limit)
    items = [
        {
            "id": one.listing.id,
            "cursor": one.cursor,
            "deleted": one.deleted,
            "tags": [here.presenter.tag(tag, shown) for tag in one.tags.tags],
        }
        for one in found
    ]
    last = found[-1].cursor if found else since
    return _json(encode({"items": items, "next": last, "warnings": shown.warnings}))


@router.delete(
    "/v1/listings/{listing_id}",
    summary="Erase a listing",
    status_code=204,
    responses=answer(None, 404, 422, 503, status=204),
)
async def erase_listing(request: Request, listing_id: IdPath) -> Response:
    """Erase the listing, all versions of its tags and what caches hold of them. `/v1/changes` says that it is gone."""
    here = context(request)
    await here.forgetting.forget(await here.store.delete(TENANT, _id(listing_id)))
    return Response(status_code=204)


@router.put(
    "/v1/listings/{listing_id}/locks/{tag_id}", summary="Fix a tag", responses=answer(TagResponse, 404, 422, 503)
)
async def lock_tag(request: Request, listing_id: IdPath, tag_id: str, locales: LocalesQuery = None) -> Response:
    """Put the tag on the listing, accepted, and keep it there when the listing is tagged again."""
    here = context(request)
    shown = here.locales(locales)
    known = await _known(here, _id(listing_id))
    tag = tag_to_lock(known.tags, path_part(tag_id), here.service.taxonomy)
    return _stored(request, here, await here.store.lock(TENANT, str(known.listing.id), tag), shown)


@router.delete(
    "/v1/listings/{listing_id}/locks/{tag_id}",
    summary="Let a tag go",
    status_code=204,
    responses=answer(None, 404, 422, 503, status=204),
)
async def unlock_tag(request: Request, listing_id: IdPath, tag_id: str) -> Response:
    """Let the tag follow what the next tagging says; until then it stays."""
    here = context(request)
    await here.store.unlock(TENANT, _id(listing_id), path_part(tag_id))
    return Response(status_code=204)


def _id(part: str) -> str:
    listing_id = path_part(part)
    try:
        return checked_id(listing_id)
    except ValueError as exc:
        raise InvalidListing(str(exc), field="id") from exc


async def _known(here: Context, listing_id: str) -> StoredTags:
    stored = (await here.store.get_many(TENANT, [listing_id])).get(listing_id)
    if stored is None:
        raise NotFound(f"no listing has the id {listing_id[:80]!r}", field="id")
    return stored


def _stored(request: Request, here: Context, stored: StoredTags, locales: Locales) -> Response:
    etag = here.presenter.etag(stored, locales)
    # no-cache: keep it, but ask each time; tags change whenever a listing does
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    if request.method == "GET" and _matches(etag, request.headers.getlist("if-none-match")):
        return Response(status_code=304, headers=headers)
    return Response(here.presenter.stored(stored, locales), headers=headers, media_type="application/json")


def _matches(etag: str, asked: Sequence[str]) -> bool:
    """Compare weakly, as RFC 9110 has it for If-None-Match."""
    tags = [tag.strip().removeprefix("W/") for line in asked for tag in line.split(",")]
    return etag in tags or "*" in tags


def _json(*parts: bytes) -> Response:
    return Response(b"".join(parts), media_type="application/json")
