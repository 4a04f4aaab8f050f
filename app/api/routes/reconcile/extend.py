"""Extension of tables: properties of concepts as new columns. The form of 0.2 comes through /reconcile itself."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from app.api import examples
from app.api.body import decode, read_json
from app.api.context import Context, context
from app.api.openapi import DirectRoute, answer, body
from app.api.reconcile_answers import ExtendResponse, ProposeResponse
from app.api.reconcile_schemas import BATCH_SIZE, ExtendPropertyIn, ExtendRequest
from app.api.routes.reconcile.manifest import locale, reply
from app.domain.errors import InvalidQuery, TooLarge, UnknownLocale
from app.pipeline.localize import resolve
from app.pipeline.reconciliation.concept_properties import PROPERTIES, Asked, Property, Values

router = APIRouter()
direct = APIRouter(route_class=DirectRoute)
_MOST_COLUMNS = 50


@direct.post(
    "/reconcile/extend",
    summary="Extend a table with properties of concepts",
    responses=answer(ExtendResponse, 400, 413, 415, 422),
    openapi_extra=body(ExtendRequest, examples.EXTEND),
)
async def reconcile_extend(request: Request) -> Response:
    """Answer with a row for each id (Reconciliation Service API, draft of 1.0); one that is not known has no values."""
    found = await extended(request, decode(await read_json(request), ExtendRequest), "")
    rows = [
        {"id": row, "properties": [{"id": column, "values": values} for column, values in columns.items()]}
        for row, columns in found["rows"].items()
    ]
    return reply({"meta": found["meta"], "rows": rows}, locale(request))


@router.get(
    "/reconcile/extend/propose",
    summary="Properties that a table can be extended with",
    responses=answer(ProposeResponse, 422),
)
async def reconcile_propose(
    request: Request,
    type: Annotated[str | None, Query(description="Of the concepts in the table", examples=["category"])] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 100,
) -> Response:
    """Answer with the properties that concepts of a type have."""
    if type is not None and not context(request).names.has(type):
        raise InvalidQuery(f"there is no type {type[:80]!r}", field="type", hint="see /reconcile/suggest/type")
    found = [
        {"id": one.id, "name": one.name, "description": one.description}
        for one in PROPERTIES.values()
        if one.values is not None and one.only in (None, type or one.only)
    ]
    return reply({"type": type, "limit": limit, "properties": found[:limit]}, locale(request))


async def extended(request: Request, asked: ExtendRequest, place: str) -> dict[str, Any]:
    """Return the answer of 0.2, worked out in a thread; ``place`` goes before the names of fields in errors."""
    if len(asked.ids) > BATCH_SIZE:
        raise TooLarge(f"{BATCH_SIZE:,} ids can be sent at once, not {len(asked.ids):,}", field=f"{place}ids")
    if len(asked.properties) > _MOST_COLUMNS:
        message = f"{_MOST_COLUMNS} properties can be asked for at once, not {len(asked.properties):,}"
        raise TooLarge(message, field=f"{place}properties")
    here, spoken = context(request), locale(request)
    columns = [_Column(here, one, spoken, f"{place}properties[{at}]") for at, one in enumerate(asked.properties)]
    rows = await asyncio.to_thread(
        lambda: {row: {column.id: column.cells(here, row) for column in columns} for row in asked.ids}
    )
    return {"meta": [column.meta(here, spoken) for column in columns], "rows": rows}


class _Column:
    """A property and its settings; InvalidQuery names what cannot be used."""

    def __init__(self, here: Context, asked: ExtendPropertyIn, spoken: str, place: str) -> None:
        known = PROPERTIES.get(asked.id)
        if known is None or known.values is None:
            usable = ", ".join(one.id for one in PROPERTIES.values() if one.values)
            raise InvalidQuery(f"there is no property {asked.id[:80]!r}", field=f"{place}.id", hint=f"use {usable}")
        self.id = known.id
        self._property: Property = known
        self._values: Values = known.values
        self._limit = _limit(asked.settings, place) or None
        self._locale = _locale(here, asked.settings, place) or spoken

    def meta(self, here: Context, spoken: str) -> dict[str, Any]:
        """Return what the answer says about the column."""
        of = {} if self._property.of is None else {"type": here.names.type(self._property.of, spoken)}
        return {"id": self.id, "name": self._property.name} | of

    def cells(self, here: Context, concept_id: str) -> list[dict[str, Any]]:
        """Return the values of one concept; none where it is not known."""
        taxonomy = here.service.taxonomy
        concept = taxonomy.concepts.get(concept_id) or taxonomy.attributes.get(concept_id)
        if concept is None:
            return []
        return list(islice(self._values(Asked(concept, self._locale, here.names)), self._limit))


def _limit(settings: Mapping[str, Any], place: str) -> int:
    value = settings.get("limit") or 0
    try:
        limit = int(value)  # OpenRefine sends what was typed
    except (ValueError, OverflowError):
        limit = -1
    if limit < 0:
        raise InvalidQuery(f"{str(value)[:80]!r} is no number of values", field=f"{place}.settings.limit")
    return limit


def _locale(here: Context, settings: Mapping[str, Any], place: str) -> str | None:
    value = settings.get("locale")
    if not value:
        return None
    try:
        return resolve([str(value)], here.service.taxonomy).pairs[0][1]
    except UnknownLocale as exc:
        raise InvalidQuery(exc.message, field=f"{place}.settings.locale", hint=exc.hint) from exc


router.include_router(direct)
