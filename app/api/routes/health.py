"""For whoever runs the service: does it live, can it work, and what problems mean."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app import __version__
from app.api.answers import HealthOut, ProblemKind, ReadyOut
from app.api.context import context
from app.api.encoding import encode
from app.api.openapi import answer
from app.api.problems import KINDS, RETRY_AFTER_S
from app.domain.errors import NotFound

router = APIRouter(tags=["operation"])
NEEDED = frozenset({"model", "store"})
"""Without these, listings get no full answer; without the cache they get it later."""


@router.get("/healthz", summary="Does the process live?", responses=answer(HealthOut))
async def healthz() -> Response:
    """Answer, which is all there is to it: parts that fail do not get better by a restart."""
    return Response(encode({"status": "ok", "version": __version__}), media_type="application/json")


@router.get(
    "/readyz", summary="Can listings be tagged?", responses=answer(ReadyOut) | {503: answer(ReadyOut, status=503)[503]}
)
async def readyz(request: Request) -> Response:
    """Answer with the state of each part, a few seconds old at most."""
    parts = await context(request).probes.parts()
    failing = {name for name, part in parts.items() if part.status == "failing"}
    status = "not-ready" if failing & NEEDED else "degraded" if failing else "ready"
    code = 503 if status == "not-ready" else 200
    headers = {"Retry-After": str(RETRY_AFTER_S)} if code == 503 else {}
    content = encode({"status": status, "parts": parts})
    return Response(content, status_code=code, headers=headers, media_type="application/json")


@router.get("/problems/{name}", summary="What a problem's type means", responses=answer(ProblemKind, 404))
async def problem(name: str) -> Response:
    """Answer with what all problems of the type have in common."""
    kind = KINDS.get(name)
    if kind is None:
        raise NotFound(f"no problem is called {name[:80]!r}", field="name")
    content = encode({"type": f"/problems/{name}", "title": kind.title, "status": kind.status})
    return Response(content, media_type="application/json")
