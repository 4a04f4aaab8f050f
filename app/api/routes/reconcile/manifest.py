"""What the service says of itself, and how all its answers are sent."""

from __future__ import annotations

from itertools import islice
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app import __version__
from app.api.context import Context, context
from app.api.encoding import encode
from app.api.languages import preferred_locale
from app.api.reconcile_schemas import BATCH_SIZE
from app.domain.taxonomy import CATEGORY, Kind
from app.pipeline.reconciliation.naming import ATTRIBUTE

PATH = "/reconcile"
VERSIONS = ("0.2", "1.0-draft")
PREVIEW_WIDTH, PREVIEW_HEIGHT = 420, 300
_SEPARATORS = tuple((char.encode(), f"\\u{ord(char):x}".encode()) for char in "\u2028\u2029")
_MOST_TYPES = 20
"""Types that are offered at once; the others are found by /suggest/type."""


def manifest(request: Request) -> dict[str, Any]:
    """Return the manifest; the ids of a taxonomy are the same wherever it is served, so their space has no host."""
    here, base = context(request), f"{str(request.base_url).rstrip('/')}{PATH}"
    name = here.service.taxonomy.name
    preview = f"{base}/preview?id={{{{id}}}}"

    def endpoint(path: str) -> dict[str, str]:
        return {"service_url": base, "service_path": path}

    concept_flyout = {"flyout_service_url": base, "flyout_service_path": "/flyout?id=${id}"}
    return {
        "versions": VERSIONS,
        "name": f"Tagwright: {name} {here.service.taxonomy.version}",
        "identifierSpace": f"urn:tagwright:{name}:concept:",
        "schemaSpace": f"urn:tagwright:{name}:attribute:",
        "documentation": f"{request.base_url}docs",
        "serviceVersion": __version__,
        "defaultTypes": _default_types(here, locale(request)),
        "view": {"url": preview},
        "feature_view": {"url": f"{base}/feature?id={{{{id}}}}"},
        "preview": {"url": preview, "width": PREVIEW_WIDTH, "height": PREVIEW_HEIGHT},
        "suggest": {
            "entity": endpoint("/suggest/entity") | concept_flyout,
            "type": endpoint("/suggest/type") | concept_flyout,
            "property": endpoint("/suggest/property"),
        },
        "extend": {"propose_properties": endpoint("/extend/propose"), "property_settings": _settings(here)},
        "batchSize": BATCH_SIZE,
        "standardizedScore": True,
    }


def locale(request: Request) -> str:
    """Return the language of the names in an answer."""
    return preferred_locale(request.headers.get("accept-language"), context(request).service.taxonomy)


def reply(value: Any, spoken: str, callback: str | None = None) -> Response:
    """Return JSON, or a script that calls a function with it (JSONP, 0.2: for pages of before CORS).

    The name of the function has been checked; the comment before it keeps an answer from being read as anything but a
    script, and JSON's line separators, which ended a line in older scripts, are escaped.
    """
    headers = {"Content-Language": spoken, "Vary": "Accept-Language", "X-Content-Type-Options": "nosniff"}
    body = encode(value)
    if callback is None:
        return Response(body, headers=headers, media_type="application/json")
    for separator, escaped in _SEPARATORS:
        body = body.replace(separator, escaped)
    return Response(b"/**/" + callback.encode() + b"(" + body + b");", headers=headers, media_type="text/javascript")


def _default_types(here: Context, spoken: str) -> list[Any]:
    names, attributes = here.names, here.service.taxonomy.attributes
    closed = (one.id for one in attributes.values() if one.kind is not Kind.QUANTITY and one.id != CATEGORY)
    return [names.type(one, spoken) for one in (CATEGORY, ATTRIBUTE, *islice(closed, _MOST_TYPES))]


def _settings(here: Context) -> list[dict[str, Any]]:
    locales = [{"value": one, "name": one} for one in here.service.taxonomy.locales]
    return [
        {
            "name": "limit",
            "label": "Limit",
            "type": "number",
            "default": 0,
            "help_text": "The most values of one cell; 0 for all of them",
        },
        {
            "name": "locale",
            "label": "Language",
            "type": "select",
            "default": "",
            "help_text": "Of names and labels",
            "choices": [{"value": "", "name": "as the page"}, *locales],
        },
    ]
