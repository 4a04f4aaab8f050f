"""Errors on the wire: application/problem+json (RFC 9457) with a stable `type`, `/problems/NAME`.

The kinds are those of app.domain.errors, found along an error's base classes, and the ones that only HTTP has.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from app.api.encoding import encode
from app.domain.errors import ServiceError, TagwrightError

logger = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
MOST_ERRORS = 20
"""A list of a million numbers is wrong a million times; the first few say it."""
RETRY_AFTER_S = 2
"""What a caller is told to wait when a part failed: a restart of Redis or of a database takes about as long."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What all problems of one type have in common."""

    status: int
    title: str


KINDS: Mapping[str, Kind] = {
    "malformed-json": Kind(status=400, title="The body is no JSON"),
    "malformed-form": Kind(status=400, title="The body is no form"),
    "not-found": Kind(status=404, title="Nothing is known under this id"),
    "no-such-path": Kind(status=404, title="There is nothing at this address"),
    "method-not-allowed": Kind(status=405, title="This address takes other methods"),
    "body-too-large": Kind(status=413, title="The body is over its limit"),
    "unsupported-media-type": Kind(status=415, title="The body has another media type than is read here"),
    "invalid-request": Kind(status=422, title="The request does not have the form that is documented"),
    "invalid-input": Kind(status=422, title="The input cannot be used as it is"),
    "invalid-listing": Kind(status=422, title="A field of the listing cannot be used"),
    "invalid-schema": Kind(status=422, title="These attributes cannot be asked for"),
    "invalid-query": Kind(status=422, title="This reconciliation query cannot be answered"),
    "unknown-locale": Kind(status=422, title="This is no language tag"),
    "too-large": Kind(status=422, title="There is more of it than one request takes"),
    "rate-limited": Kind(status=429, title="Too many requests"),
    "internal": Kind(status=500, title="The service made a mistake"),
    "service": Kind(status=503, title="A part of the service failed"),
    "engine": Kind(status=503, title="The model could not answer"),
    "completion-invalid": Kind(status=503, title="The model did not give a usable answer"),
    "cache-unavailable": Kind(status=503, title="The cache does not answer"),
    "store-unavailable": Kind(status=503, title="The store does not answer"),
}


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One problem; ``errors`` are (path into the body, what is wrong) of a request that breaks its schema."""

    kind: str
    detail: str
    field: str | None = None
    hint: str | None = None
    errors: Sequence[tuple[tuple[str | int, ...], str]] = ()
    headers: Mapping[str, str] | None = None

    @property
    def status(self) -> int:
        """The HTTP status."""
        return KINDS[self.kind].status

    def body(self) -> dict[str, Any]:
        """Return the JSON object; members that say nothing are left out."""
        body: dict[str, Any] = {
            "type": f"/problems/{self.kind}",
            "title": KINDS[self.kind].title,
            "status": self.status,
            "detail": self.detail,
        }
        extra = {
            "field": self.field,
            "hint": self.hint,
            "errors": [{"pointer": _pointer(at), "field": field_name(at), "detail": why} for at, why in self.errors],
        }
        return body | {name: value for name, value in extra.items() if value}

    def response(self) -> Response:
        """Return the response; 429 and 503 say when to come back."""
        headers = dict(self.headers or {})
        if self.status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
            headers.setdefault("Retry-After", str(RETRY_AFTER_S))
        return Response(encode(self.body()), status_code=self.status, headers=headers, media_type=MEDIA_TYPE)


INTERNAL = Problem(kind="internal", detail="this is not the request's fault; the service's log says more")


class Refused(Exception):
    """A request that HTTP or its schema refuses, before there is anything for the pipeline."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


def from_error(exc: TagwrightError) -> Problem:
    """Return the problem of an error. What failed inside is logged and not shown."""
    types = (cls.type for cls in type(exc).__mro__ if issubclass(cls, TagwrightError))
    kind = next((name for name in types if name in KINDS), "internal")
    if isinstance(exc, ServiceError):
        logger.warning("%s: %s", kind, exc.message)
        return Problem(kind=kind, detail=f"{KINDS[kind].title}: try again in a moment")
    if kind == "internal":
        logger.error("%s: %s", type(exc).__name__, exc.message, exc_info=exc)
        return INTERNAL
    return Problem(kind=kind, detail=shorten(exc.message), field=exc.field, hint=exc.hint)


def from_validation(errors: Sequence[Mapping[str, Any]], prefix: tuple[str | int, ...] = ()) -> Problem:
    """Return the problem of pydantic's errors; ``prefix`` is where in the body the model stood."""
    found = [((*prefix, *error["loc"]), str(error["msg"])) for error in errors[:MOST_ERRORS]]
    at, why = found[0]
    name = field_name(at)
    return Problem(kind="invalid-request", detail=f"{name}: {why}" if name else why, field=name, errors=found)


def from_http(exc: HTTPException, request: Request) -> Problem:
    """Return the problem of what the framework raises: unknown addresses and methods."""
    if exc.status_code == HTTPStatus.NOT_FOUND:
        return Problem(kind="no-such-path", detail="no such path", hint="see /docs")
    if exc.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = ", ".join(_methods(request))
        return Problem(kind="method-not-allowed", detail=f"allowed: {allowed}", headers={"Allow": allowed})
    logger.error("the framework answered %s: %s", exc.status_code, exc.detail)
    return INTERNAL


async def answer_error(request: Request, exc: Exception) -> Response:
    """Answer whatever of ours is raised in a route."""
    if isinstance(exc, Refused):
        return exc.problem.response()
    if isinstance(exc, RequestValidationError):
        # FastAPI puts the place (query, path) in front
        errors = [{**error, "loc": error["loc"][1:]} for error in exc.errors()]
        return from_validation(errors).response()
    if isinstance(exc, HTTPException):
        return from_http(exc, request).response()
    if isinstance(exc, TagwrightError):
        return from_error(exc).response()
    raise exc


def field_name(path: Sequence[str | int]) -> str:
    """Return a path as evidence and warnings write it: ``attributes.Color``, ``reviews[3]``."""
    name = ""
    for part in path:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else part
    return name


def _methods(request: Request) -> list[str]:
    """Return all methods of an address: the framework names those of the first route that has it."""
    scopes = {method: {**request.scope, "method": method} for method in _METHODS}
    routes = request.app.router.routes
    return [m for m, scope in scopes.items() if any(route.matches(scope)[0] is Match.FULL for route in routes)]


def shorten(text: str, limit: int = 300) -> str:
    """Return a text that quotes its caller, cut: what was sent need not come back whole."""
    return text if len(text) <= limit else text[:limit] + "…"


def _pointer(path: Sequence[str | int]) -> str:
    return "#" + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
