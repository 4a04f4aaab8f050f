"""The caller's own attributes: POST /v1/extract."""

from __future__ import annotations

import asyncio
from time import perf_counter

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.api import examples
from app.api.answers import ExtractResponse
from app.api.body import decode, read_json
from app.api.context import context
from app.api.encoding import encode
from app.api.openapi import DirectRoute, answer, body
from app.api.schemas import ExtractRequest
from app.domain.errors import EngineError

router = APIRouter(tags=["extract"], route_class=DirectRoute)


@router.post(
    "/v1/extract",
    summary="Read the values of your own attributes",
    responses=answer(ExtractResponse, 400, 413, 415, 422, 503),
    openapi_extra=body(ExtractRequest, examples.EXTRACT),
)
async def extract(request: Request) -> Response:
    """Answer with values as they stand in the listing, and where."""
    began = perf_counter()
    service = context(request).service
    question = decode(await read_json(request), ExtractRequest).question()
    patience_s = service.settings.answer_timeout_s
    try:
        async with asyncio.timeout(patience_s):
            found = await service.extractor.extract(question)
    except TimeoutError as exc:
        raise EngineError(f"no answer within {patience_s:g} s") from exc
    result = {
        "predicted": found.predicted,
        "evidence": found.evidence,
        "partial": found.partial,
        "warnings": found.warnings,
        "timings_ms": {"total": round(1000 * (perf_counter() - began), 3)},
        "versions": service.versions,
    }
    return Response(encode(result), media_type="application/json")
