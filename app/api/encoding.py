"""JSON out, whatever texts hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import orjson


def encode(value: Any) -> bytes:
    """Return JSON; what UTF-8 has no bytes for (half a surrogate pair, out of a model or a file) becomes U+FFFD."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return orjson.dumps(mended(value))


def mended(value: Any) -> Any:
    """Return the value with U+FFFD for each half of a surrogate pair: as many code points, so that evidence stands."""
    if isinstance(value, str):
        return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in value)
    if isinstance(value, Mapping):
        return {mended(name): mended(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [mended(one) for one in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: mended(getattr(value, field.name)) for field in fields(value)}
    return value
