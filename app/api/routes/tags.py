"""Tags for one listing and for many: POST /v1/tags, POST /v1/tags:batch."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from app.api import examples
from app.api.answers import BatchResponse, TagResponse
from app.api.body import decode, read_json
from app.api.context import TENANT, Context, context
from app.api.encoding import encode
from app.api.openapi import DirectRoute, answer, body
from app.api.problems import Problem, from_error, from_validation
from app.api.schemas import BatchRequest, TagRequest
from app.domain.errors import TagwrightError, TooLarge
from app.domain.listing import Listing
from app.pipeline.localize import Locales
from app.pipeline.tagger import Tagged

router = APIRouter(tags=["tags"], route_class=DirectRoute)


@router.post(
    "/v1/tags",
    summary="Tag one listing",
    responses=answer(TagResponse, 400, 413, 415, 422, 503),
    openapi_extra=body(TagRequest, examples.TAG),
)
async def tag_listing(request: Request) -> Response:
    """Answer with tags in all the locales asked for. A listing with an id is kept."""
    began = perf_counter()
    here = context(request)
    sent = await read_json(request)
    known = await here.recall.find(sent)
    if known is not None:
        tagged, locales, listing_id = Tagged(tags=known.tags, cache="hit", timings_ms={}), known.locales, None
    else:
        asked = decode(sent, TagRequest)
        locales, listing_id = here.presenter.locales(asked.locales), asked.id
        tagged = await here.service.tagger.tag_one(asked.listing(), TENANT)
        if tagged.cache == "hit" and listing_id is None:
            await here.recall.keep(sent, tagged.tags, locales)
    return Response(_answer(here, tagged, locales, listing_id, began), media_type="application/json")


@router.post(
    "/v1/tags:batch",
    summary="Tag up to 64 listings",
    responses=answer(BatchResponse, 400, 413, 415, 422, 503),
    openapi_extra=body(BatchRequest, examples.BATCH),
)
async def tag_listings(request: Request) -> Response:
    """Answer with one result per listing, in order: its tags, or the problem that it alone has."""
    began = perf_counter()
    here = context(request)
    asked = decode(await read_json(request), BatchRequest)
    limit = here.service.settings.batch_limit
    if not 1 <= len(asked.listings) <= limit:
        raise TooLarge(f"a batch has 1 to {limit} listings, not {len(asked.listings)}", field="listings")
    default = here.presenter.locales(asked.locales)
    rows = [_row(here, number, raw, default) for number, raw in enumerate(asked.listings)]
    good = [row for row in rows if not isinstance(row, Problem)]
    results = iter(await here.service.tagger.tag_many([listing for listing, _ in good], TENANT))
    parts: list[bytes] = []
    for number, row in enumerate(rows):
        if isinstance(row, Problem):
            parts.append(_problem(row, asked.listings[number]))
            continue
        (listing, locales), result = row, next(results)
        if isinstance(result, TagwrightError):
            parts.append(_problem(from_error(result), asked.listings[number]))
        else:
            parts.append(_answer(here, result, locales, listing.id, began))
    return Response(b'{"results":[' + b",".join(parts) + b"]}", media_type="application/json")


def _answer(here: Context, tagged: Tagged, locales: Locales, listing_id: str | None, began: float) -> bytes:
    timings = {**tagged.timings_ms, "total": round(1000 * (perf_counter() - began), 3)}
    return here.presenter.answer(tagged.tags, locales, listing_id=listing_id, cache=tagged.cache, timings_ms=timings)


def _row(here: Context, number: int, raw: Any, default: Locales) -> tuple[Listing, Locales] | Problem:
    """Return one listing of a batch and its locales, or what is wrong with it."""
    try:
        asked = TagRequest.model_validate(raw)
        locales = default if asked.locales is None else here.presenter.locales(asked.locales)
    except ValidationError as exc:
        errors = exc.errors(include_url=False, include_context=False, include_input=False)
        return from_validation(errors, ("listings", number))
    except TagwrightError as exc:
        return from_error(exc)
    return asked.listing(), locales


def _problem(problem: Problem, raw: Any) -> bytes:
    listing_id = raw.get("id") if isinstance(raw, dict) else None
    return encode(problem.body() | ({"id": listing_id} if isinstance(listing_id, str) else {}))
