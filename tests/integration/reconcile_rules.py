"""The rules of the Reconciliation Service API as JSON Schema, in our words.

Version 0.2 (final report of the W3C Community Group, April 2023) and the draft of 1.0 where its shapes differ. They say
what a client may rely on; members that the specification does not know are allowed by it, and so they are here.
"""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
TEMPLATE: dict[str, Any] = {"type": "string", "pattern": r"^https?://.*\{\{id\}\}"}


def record(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": {**required, **(optional or {})}}


def listed(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


NAMED = record({"id": TEXT, "name": TEXT})
URL = {"type": "string", "format": "uri", "pattern": "^https?://"}
SUGGESTER = record(
    {"service_url": URL, "service_path": {"type": "string", "pattern": "^/"}},
    {"flyout_service_url": URL, "flyout_service_path": {"type": "string", "pattern": r"^/.*\$\{id\}"}},
)
SETTING = {
    **record(
        {"name": TEXT, "label": TEXT, "type": {"enum": ["number", "text", "checkbox", "select"]}},
        {"help_text": TEXT, "choices": listed(record({"value": {"type": "string"}, "name": TEXT}))},
    ),
    "if": {"properties": {"type": {"const": "select"}}},
    "then": {"required": ["choices"]},
}
MANIFEST = record(
    {
        "versions": {**listed(TEXT), "contains": {"const": "0.2"}},
        "name": TEXT,
        "identifierSpace": {"type": "string", "format": "uri"},
        "schemaSpace": {"type": "string", "format": "uri"},
    },
    {
        "documentation": URL,
        "serviceVersion": TEXT,
        "defaultTypes": listed(NAMED),
        "view": record({"url": TEMPLATE}),
        "feature_view": record({"url": TEMPLATE}),
        "preview": record({"url": TEMPLATE, "width": {"type": "integer"}, "height": {"type": "integer"}}),
        "suggest": {"type": "object", "additionalProperties": SUGGESTER, "maxProperties": 3},
        "extend": record({}, {"propose_properties": SUGGESTER, "property_settings": listed(SETTING)}),
        "batchSize": {"type": "integer", "minimum": 1},
    },
)
CANDIDATE = record(
    {"id": TEXT, "name": TEXT, "type": {**listed(NAMED), "minItems": 1}, "score": {"type": "number"}},
    {
        "description": TEXT,
        "match": {"type": "boolean"},
        # texts are no values of features
        "features": listed(record({"id": TEXT, "value": {"type": ["boolean", "number"]}})),
    },
)
RESULTS = {"type": "object", "additionalProperties": record({"result": listed(CANDIDATE)})}
MATCH = record({"results": listed(record({"candidates": listed(CANDIDATE)}))})
SUGGESTIONS = record(
    {"result": listed(record({"id": TEXT, "name": TEXT}, {"description": TEXT, "notable": listed(NAMED)}))}
)
FLYOUT = record({"id": TEXT, "html": TEXT})
_VALUES = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
}
CELL = {
    "oneOf": [
        *({**record({name: kind}), "additionalProperties": False} for name, kind in _VALUES.items()),
        {**NAMED, "additionalProperties": False},
    ]
}
_META = listed(record({"id": TEXT, "name": TEXT}, {"type": NAMED}))
EXTENDED = record(
    {
        "meta": _META,
        "rows": {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": listed(CELL)}},
    }
)
EXTENDED_DRAFT = record(
    {
        "meta": _META,
        "rows": listed(record({"id": TEXT, "properties": listed(record({"id": TEXT, "values": listed(CELL)}))})),
    }
)
PROPOSED = record({"properties": listed(NAMED)}, {"limit": {"type": "integer"}})


def valid(answer: Any, rules: dict[str, Any]) -> Any:
    """Return the answer; the test fails where it breaks the rules."""
    Draft202012Validator(rules, format_checker=FormatChecker()).validate(answer)
    return answer
