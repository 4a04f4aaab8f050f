"""What the documentation says about bodies and statuses, for routes that read and render by themselves."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import Response

from app.api import answers, reconcile_schemas, schemas
from app.api.problems import KINDS, MEDIA_TYPE

_REF = "#/components/schemas/{model}"
_EXTRA: tuple[type[BaseModel], ...] = (
    schemas.TagRequest,
    schemas.BatchRequest,
    schemas.ExtractRequest,
    reconcile_schemas.QueriesForm,
    reconcile_schemas.MatchRequest,
    reconcile_schemas.ExtendRequest,
)
"""Models that no route declares to FastAPI."""


class DirectRoute(APIRoute):
    """A documented route without FastAPI's dependencies: the endpoint takes the request and returns the response."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the endpoint itself."""
        endpoint: Callable[[Request], Coroutine[Any, Any, Response]] = self.endpoint
        return endpoint


def answer(model: type[BaseModel] | None, *problems: int, status: int = 200) -> dict[int | str, Any]:
    """Return `responses=` of a route: its answer, and the problems (statuses) that it can give; 500 is one always."""
    good: dict[str, Any] = {"description": "Done" if model is None else str(model.__doc__).splitlines()[0]}
    if model is not None:
        good["content"] = {"application/json": {"schema": {"$ref": _REF.format(model=model.__name__)}}}
    responses: dict[int | str, Any] = {code: _problem(code) for code in (*problems, 500)}
    return {status: good} | responses


def body(model: type[BaseModel], examples: Mapping[str, Any], media_type: str = "application/json") -> dict[str, Any]:
    """Return `openapi_extra=` of a route that reads its body itself."""
    schema = {"$ref": _REF.format(model=model.__name__)}
    content = {media_type: {"schema": schema, "examples": examples}}
    return {"requestBody": {"required": True, "content": content}}


def install(app: FastAPI) -> None:
    """Let the application describe also the models that its routes do not declare to FastAPI."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            _without_own_422(document)
            document.setdefault("components", {}).setdefault("schemas", {}).update(_schemas())
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]


def _without_own_422(document: dict[str, Any]) -> None:
    """Take out what FastAPI says of parameters that any text fits, in a form that is not ours."""
    for operation in (one for path in document["paths"].values() for one in path.values()):
        if "application/json" in operation["responses"].get("422", {}).get("content", {}):
            del operation["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        document.get("components", {}).get("schemas", {}).pop(name, None)


def _schemas() -> dict[str, Any]:
    sent = answers.Answer.__subclasses__()
    _, read = models_json_schema([(m, "validation") for m in _EXTRA], ref_template=_REF)
    _, shown = models_json_schema([(m, "serialization") for m in sent], ref_template=_REF)
    return {**read["$defs"], **shown["$defs"]}


def _problem(status: int) -> dict[str, Any]:
    kinds = {name: kind.title for name, kind in KINDS.items() if kind.status == status}
    response: dict[str, Any] = {
        "description": "; ".join(f"`/problems/{name}`: {title}" for name, title in kinds.items()),
        "content": {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}},
    }
    if status in (429, 503):
        seconds = {"description": "Seconds to wait", "schema": {"type": "integer"}}
        response["headers"] = {"Retry-After": seconds}
    return response
