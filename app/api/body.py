"""JSON in: strict, except for what is common and harmless."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from app.api.encoding import mended
from app.api.problems import Problem, Refused, field_name, from_validation

M = TypeVar("M", bound=BaseModel)


async def read_json(request: Request) -> bytes:
    """Return the body of a request; Refused where it is said to be something else than JSON."""
    media_type = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise Refused(
            Problem(
                kind="unsupported-media-type",
                detail=f"{media_type[:80]!r} is not read here",
                hint="send the header Content-Type: application/json",
            )
        )
    return await request.body()


def decode(body: bytes, model: type[M]) -> M:
    """Return JSON as a model; Refused for what is no JSON or has another form."""
    found = _read(body, model) or _read(_tolerant(body), model)
    if found is None:  # both parsers have a limit of depth, the strict one's is lower
        raise Refused(_malformed("it is nested too deeply"))
    return found


def decode_part(text: str, model: type[M], part: str, kind: str) -> M:
    """Return JSON that stood in one field of a form or of an address; Refused names the field."""
    try:
        return decode(text.encode("utf-8", "replace"), model)
    except Refused as exc:
        problem = exc.problem
        if problem.kind != "invalid-request":
            raise Refused(replace(problem, field=part, hint=f"send JSON in UTF-8 as {part}=")) from exc
        errors = [((part, *at), why) for at, why in problem.errors]
        at, why = errors[0]
        name = field_name(at)
        found = replace(problem, kind=kind, detail=f"{name}: {why}", field=name, errors=errors)
        raise Refused(found) from exc


def _read(data: bytes | str, model: type[M]) -> M | None:
    """Return JSON as a model, or None where it is no JSON to the strict parser; Refused for another form."""
    try:
        return model.model_validate_json(data)
    except ValidationError as exc:
        errors = exc.errors(include_url=False, include_context=False, include_input=False)
        if errors[0]["type"] == "json_invalid":
            return None
        raise Refused(from_validation(errors)) from exc


def _tolerant(body: bytes) -> str:
    """Return JSON without what the strict parser refuses although it is common: a byte order mark, cut emoji.

    Python's own parser reads half a surrogate pair ("\\ud83d" alone: JavaScript's `slice` makes them) as one code
    point, so offsets stay what the caller counts.
    """
    try:
        return json.dumps(mended(json.loads(body.decode("utf-8-sig"), parse_constant=_refuse)))
    except UnicodeDecodeError as exc:
        raise Refused(_malformed(f"byte {exc.start} is not UTF-8")) from exc
    except json.JSONDecodeError as exc:
        raise Refused(_malformed(f"{exc.msg} at line {exc.lineno}, column {exc.colno}")) from exc
    except RecursionError as exc:
        raise Refused(_malformed("it is nested too deeply")) from exc
    except ValueError as exc:
        raise Refused(_malformed(str(exc).partition(":")[0])) from exc


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON number")


def _malformed(detail: str) -> Problem:
    return Problem(kind="malformed-json", detail=detail, field="body", hint="send one JSON object in UTF-8")
