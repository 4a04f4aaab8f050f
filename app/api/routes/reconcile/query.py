"""Queries: GET and POST /reconcile (0.2), POST /reconcile/match (draft)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Query
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from app.api import examples
from app.api.body import decode, decode_part, read_json
from app.api.context import context
from app.api.openapi import DirectRoute, answer, body
from app.api.problems import Problem, Refused
from app.api.reconcile_answers import MatchResponse
from app.api.reconcile_schemas import BATCH_SIZE, ExtendRequest, MatchRequest, QueriesForm, QueryBatch, QueryIn
from app.api.routes.reconcile.extend import extended
from app.api.routes.reconcile.manifest import locale, manifest, reply
from app.domain.errors import InvalidQuery, TooLarge
from app.pipeline.reconciliation.reconcile import Candidate

router = APIRouter()
direct = APIRouter(route_class=DirectRoute)
FORM = "application/x-www-form-urlencoded"
CALLBACK = r"^[A-Za-z_$][A-Za-z0-9_$]*(\.[A-Za-z_$][A-Za-z0-9_$]*)*$"
_MOST_FIELDS = 20
_CHUNK = 50
"""Queries that a thread answers before others get their turn."""
_ANSWERS: Any = {
    "schema": {
        "anyOf": [
            {"$ref": "#/components/schemas/ManifestOut"},
            {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/ResultOut"}},
            {"$ref": "#/components/schemas/ExtendedOut"},
        ]
    }
}


def _responses(*problems: int, **more: Any) -> dict[int | str, Any]:
    content = {"application/json": _ANSWERS, **more}
    good = {"description": "The manifest, results by the keys of the queries, or extended rows", "content": content}
    return {**answer(None, *problems), 200: good}


@router.get("/reconcile/", include_in_schema=False)
@router.get(
    "/reconcile",
    summary="The reconciliation service, or an answer from it",
    responses=_responses(400, 422, **{"text/javascript": {"schema": {"type": "string"}}}),
)
async def reconcile(
    request: Request,
    queries: Annotated[str | None, Query(description="JSON, as in the form of the POST")] = None,
    extend: Annotated[str | None, Query(description="JSON, as in the form of the POST")] = None,
    callback: Annotated[
        str | None, Query(pattern=CALLBACK, max_length=100, description="JSONP: the function to call")
    ] = None,
) -> Response:
    """Answer with the manifest of the service (Reconciliation Service API 0.2), or as the POST does."""
    if queries is None and extend is None:
        return reply(manifest(request), locale(request), callback)
    return reply(await _answer(request, queries, extend), locale(request), callback)


@direct.post("/reconcile/", include_in_schema=False, name="reconcile_form_")
@direct.post(
    "/reconcile",
    summary="Match the values of a column",
    responses=_responses(400, 413, 415, 422),
    openapi_extra=body(QueriesForm, examples.RECONCILE_FORM, FORM),
)
async def reconcile_form(request: Request) -> Response:
    """Answer queries, or extend rows, sent as a form (Reconciliation Service API 0.2)."""
    fields = await _read_form(request)
    if not fields.keys() & {"queries", "extend"}:
        hint = "a form with queries= or extend="
        raise InvalidQuery("there is nothing to reconcile in this form", field="queries", hint=hint)
    return reply(await _answer(request, fields.get("queries"), fields.get("extend")), locale(request))


@direct.post(
    "/reconcile/match",
    summary="Match the values of a column, in JSON",
    responses=answer(MatchResponse, 400, 413, 415, 422),
    openapi_extra=body(MatchRequest, examples.RECONCILE),
)
async def reconcile_match(request: Request) -> Response:
    """Answer queries in order (Reconciliation Service API, draft of 1.0)."""
    asked = decode(await read_json(request), MatchRequest)
    named = [(f"queries[{at}]", one) for at, one in enumerate(asked.queries)]
    results = await _match(request, named)
    return reply({"results": [{"candidates": found} for found in results]}, locale(request))


async def _answer(request: Request, queries: str | None, extend: str | None) -> Mapping[str, Any]:
    if queries is None:
        wanted = decode_part(extend or "", ExtendRequest, "extend", InvalidQuery.type)
        return await extended(request, wanted, "extend.")
    batch = decode_part(queries, QueryBatch, "queries", InvalidQuery.type).root
    results = await _match(request, [(f"queries.{key}", one) for key, one in batch.items()])
    return {key: {"result": found} for key, found in zip(batch, results, strict=True)}


async def _match(request: Request, named: Sequence[tuple[str, QueryIn]]) -> list[list[Candidate]]:
    """Return the candidates of each query, worked out in threads, a chunk at a time."""
    here, spoken = context(request), locale(request)
    if len(named) > BATCH_SIZE:
        raise TooLarge(f"{BATCH_SIZE:,} queries can be sent at once, not {len(named):,}", field="queries")
    queries = [one.question(field, spoken) for field, one in named]
    reconciler = await asyncio.to_thread(lambda: here.reconciler)
    for query in queries:
        reconciler.check(query)
    found: list[list[Candidate]] = []
    for start in range(0, len(queries), _CHUNK):
        if await request.is_disconnected():
            raise ClientDisconnect
        chunk = queries[start : start + _CHUNK]
        found += await asyncio.to_thread(lambda chunk: [reconciler.match(one) for one in chunk], chunk)
    return found


async def _read_form(request: Request) -> dict[str, str]:
    """Return the fields of a form; Refused for another media type and for what is no UTF-8."""
    media_type = request.headers.get("content-type", FORM).partition(";")[0].strip().lower()
    if media_type != FORM:
        hint = f"send the header Content-Type: {FORM}, or JSON to /reconcile/match"
        raise Refused(Problem(kind="unsupported-media-type", detail=f"{media_type[:80]!r} is not read here", hint=hint))
    try:
        text = (await request.body()).decode("utf-8")
        fields = parse_qs(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError as exc:  # the bytes, what is encoded in them, or too many fields
        raise Refused(Problem(kind="malformed-form", detail="the body is no form in UTF-8", field="body")) from exc
    return {name: values[-1] for name, values in fields.items()}


router.include_router(direct)
