"""What the taxonomy lacks: values of stored listings that fit no concept, and what to do about them."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from app.api.answers import SuggestionsOut
from app.api.context import TENANT, context
from app.api.encoding import encode
from app.api.openapi import answer
from app.pipeline.suggestions.advice import as_row, suggest

router = APIRouter(tags=["taxonomy"])
MOST_SPELLINGS = 20_000
"""That one request looks at, the most frequent first; the command line looks at all."""


@router.get("/v1/taxonomy/suggestions", summary="What the taxonomy lacks", responses=answer(SuggestionsOut, 422, 503))
async def taxonomy_suggestions(
    request: Request,
    attribute: Annotated[str | None, Query(description="Only values of this attribute", examples=["color"])] = None,
    lang: Annotated[str | None, Query(description="Only of listings in this language", examples=["de"])] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    min_count: Annotated[int, Query(ge=1, le=1_000_000, description="Only values that so many listings have")] = 1,
) -> Response:
    """Answer with values of stored listings that fit no concept: aliases, new values and noise, most useful first."""
    here = context(request)
    service = here.service
    values = await here.store.unmatched(TENANT, attribute=attribute, lang=lang, limit=MOST_SPELLINGS)
    found = await asyncio.to_thread(
        lambda: suggest(values, service.normalizer, service.neighbours, limit=limit, least=min_count)
    )
    content = {"suggestions": [as_row(one) for one in found], "values": len(values)}
    return Response(encode(content), media_type="application/json")
