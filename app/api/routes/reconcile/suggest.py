"""Suggestions for what is typed into a field: concepts, types, properties."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from app.api.context import Context, context
from app.api.openapi import answer
from app.api.reconcile_answers import SuggestResponse
from app.api.routes.reconcile.manifest import locale, reply
from app.domain.errors import InvalidQuery
from app.domain.taxonomy import CATEGORY
from app.pipeline.reconciliation.concept_properties import PROPERTIES
from app.pipeline.reconciliation.naming import ATTRIBUTE
from app.pipeline.text import fold_label

router = APIRouter(prefix="/reconcile/suggest")
_PAGE = 10
Prefix = Annotated[str, Query(max_length=200, description="What has been typed", examples=["marin"])]
Cursor = Annotated[int, Query(ge=0, le=1000, description="How many suggestions to leave out")]
_ANSWER = answer(SuggestResponse, 422)


@router.get("/entity", summary="Suggest concepts", responses=_ANSWER)
async def suggest_entity(
    request: Request,
    prefix: Prefix,
    cursor: Cursor = 0,
    type: Annotated[str | None, Query(description="Only of this type", examples=["color"])] = None,
) -> Response:
    """Answer with concepts whose labels, in any language, begin with, contain or are near what was typed."""
    here, spoken = context(request), locale(request)
    if type is not None and not here.names.has(type):
        raise InvalidQuery(f"there is no type {type[:80]!r}", field="type", hint="see /reconcile/suggest/type")
    found = await _find(here, prefix, type, spoken, cursor)
    return reply({"result": [_entity(here, one, spoken) for one in found[cursor:]]}, spoken)


@router.get("/type", summary="Suggest types", responses=_ANSWER)
async def suggest_type(request: Request, prefix: Prefix, cursor: Cursor = 0) -> Response:
    """Answer with attributes, `category` and `attribute`: the types that queries can have."""
    here, spoken = context(request), locale(request)
    folded = fold_label(prefix)
    special = [one for one in (CATEGORY, ATTRIBUTE) if folded and one.startswith(folded)]
    found = dict.fromkeys((*special, *await _find(here, prefix, ATTRIBUTE, spoken, cursor)))
    names = [here.names.type(one, spoken) for one in found][cursor : cursor + _PAGE]
    described = {CATEGORY: "the categories", ATTRIBUTE: "the attributes themselves"}
    result = [
        {"id": one.id, "name": one.name, "description": described.get(one.id, f"values of {one.name}")} for one in names
    ]
    return reply({"result": result}, spoken)


@router.get("/property", summary="Suggest properties", responses=_ANSWER)
async def suggest_property(request: Request, prefix: Prefix, cursor: Cursor = 0) -> Response:
    """Answer with properties that hints can have, or tables be extended with."""
    folded = fold_label(prefix)
    found = [
        {"id": one.id, "name": one.name, "description": one.description}
        for one in PROPERTIES.values()
        if any(
            word.startswith(folded) for word in (one.id.lower(), *fold_label(f"{one.name} {one.description}").split())
        )
    ]
    return reply({"result": found[cursor : cursor + _PAGE]}, locale(request))


async def _find(here: Context, prefix: str, type_id: str | None, spoken: str, cursor: int) -> list[str]:
    """Return the ids of a page of concepts and of those before it, best first."""
    scope = None if type_id is None else here.service.taxonomy.values_of(type_id)
    hits = await asyncio.to_thread(lambda: here.labels.find(prefix, attribute=scope, lang=spoken, limit=cursor + _PAGE))
    return [hit.concept.id for hit in hits]


def _entity(here: Context, concept_id: str, spoken: str) -> dict[str, Any]:
    attribute = here.service.taxonomy.concept(concept_id).attribute
    return {
        "id": concept_id,
        "name": here.names.of(concept_id, spoken),
        "description": here.names.place(concept_id, spoken),
        "notable": [here.names.type(attribute, spoken)],
    }
