"""Tag sets, tags, listings and extractions as JSON bytes: what caches and stores hold.

    {"v": 1, "tag_set": {...}}    {"v": 1, "tag": {...}}    {"v": 1, "listing": {...}}    {"v": 1, "extraction": {...}}

Field names are those of the domain types. A change of those types, or of their meaning, needs a new
``FORMAT``: bytes of another format, and bytes that are damaged, decode to None, which is a miss to a cache.
"""

from __future__ import annotations

import json
import math
from dataclasses import fields, is_dataclass
from typing import Any

import orjson

from app.domain.errors import ServiceError
from app.domain.listing import Listing
from app.domain.tags import (
    Decision,
    Evidence,
    Extraction,
    Match,
    Method,
    Quantity,
    Source,
    Tag,
    TagSet,
    Unmatched,
    Versions,
    Warning,
)

FORMAT = 1
_DAMAGED = (AttributeError, KeyError, TypeError, ValueError)


def encode_tags(tags: TagSet) -> bytes:
    """Return JSON; raise ServiceError for a number that JSON has no word for (NaN, infinity)."""
    for tag in tags.tags:
        _check_numbers(tag)
    return _dump("tag_set", tags)


def decode_tags(data: bytes | str) -> TagSet | None:
    """Return the tag set, or None where the bytes are of another format or damaged."""
    body = _load("tag_set", data)
    try:
        return None if body is None else _tag_set(body)
    except _DAMAGED:
        return None


def encode_tag(tag: Tag) -> bytes:
    """Return JSON of a tag on its own; errors as `encode_tags`."""
    _check_numbers(tag)
    return _dump("tag", tag)


def decode_tag(data: bytes | str) -> Tag | None:
    """Return the tag, or None where the bytes are of another format or damaged."""
    body = _load("tag", data)
    try:
        return None if body is None else _tag(body)
    except _DAMAGED:
        return None


def encode_listing(listing: Listing) -> bytes:
    """Return JSON. Text is kept as it is, lone surrogates included."""
    return _dump("listing", listing)


def decode_listing(data: bytes | str) -> Listing | None:
    """Return the listing, or None where the bytes are of another format or damaged."""
    body = _load("listing", data)
    try:
        return None if body is None else _listing(body)
    except _DAMAGED:
        return None


def encode_extraction(extraction: Extraction) -> bytes:
    """Return JSON."""
    return _dump("extraction", extraction)


def decode_extraction(data: bytes | str) -> Extraction | None:
    """Return the extraction, or None where the bytes are of another format or damaged."""
    body = _load("extraction", data)
    try:
        return None if body is None else _extraction(body)
    except _DAMAGED:
        return None


def _check_numbers(tag: Tag) -> None:
    quantity = tag.quantity
    numbers = (tag.confidence, tag.match.score) + ((quantity.value, quantity.upper or 0.0) if quantity else ())
    if not all(map(math.isfinite, numbers)):
        raise ServiceError(f"a number of the tag {tag.id!r} is not finite", field="tags")


def _dump(kind: str, value: object) -> bytes:
    document = {"v": FORMAT, kind: value}
    try:
        return orjson.dumps(document)
    except orjson.JSONEncodeError:
        # orjson refuses lone surrogates, which a caller's JSON can carry ("\ud83d" alone); as escapes they
        # survive. Anything else that cannot be encoded fails here again.
        return json.dumps(document, default=_as_dict, separators=(",", ":")).encode("ascii")


def _as_dict(value: object) -> dict[str, Any]:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _load(kind: str, data: bytes | str) -> dict[str, Any] | None:
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError:
        try:
            document = json.loads(data)
        except ValueError:
            return None
    if not isinstance(document, dict) or document.get("v") != FORMAT:
        return None
    body = document.get(kind)
    return body if isinstance(body, dict) else None


def _tag_set(body: dict[str, Any]) -> TagSet:
    return TagSet(
        fingerprint=body["fingerprint"],
        lang=body["lang"],
        tags=tuple(map(_tag, body["tags"])),
        unmatched=tuple(map(_unmatched, body["unmatched"])),
        partial=body["partial"],
        versions=Versions(**body["versions"]),
        warnings=tuple(Warning(**item) for item in body["warnings"]),
    )


def _tag(body: dict[str, Any]) -> Tag:
    match, quantity = body["match"], body["quantity"]
    return Tag(
        attribute=body["attribute"],
        id=body["id"],
        raw=body["raw"],
        confidence=body["confidence"],
        decision=Decision(body["decision"]),
        match=Match(method=Method(match["method"]), score=match["score"], label=match["label"], locale=match["locale"]),
        source=Source(body["source"]),
        evidence=tuple(map(_evidence, body["evidence"])),
        path=tuple(body["path"]),
        quantity=None if quantity is None else Quantity(**quantity),
        locked=body["locked"],
    )


def _evidence(body: dict[str, Any]) -> Evidence:
    return Evidence(field=body["field"], start=body["start"], end=body["end"])


def _unmatched(body: dict[str, Any]) -> Unmatched:
    return Unmatched(
        attribute=body["attribute"],
        raw=body["raw"],
        source=Source(body["source"]),
        evidence=tuple(map(_evidence, body["evidence"])),
    )


def _listing(body: dict[str, Any]) -> Listing:
    return Listing(
        title=body["title"],
        description=body["description"],
        reviews=tuple(body["reviews"]),
        attributes=tuple((name, value) for name, value in body["attributes"]),
        images=tuple(body["images"]),
        lang=body["lang"],
        id=body["id"],
    )


def _extraction(body: dict[str, Any]) -> Extraction:
    return Extraction(
        predicted={name: list(values) for name, values in body["predicted"].items()},
        evidence={name: list(map(_evidence, spans)) for name, spans in body["evidence"].items()},
        partial=body["partial"],
        warnings=tuple(Warning(**item) for item in body["warnings"]),
    )
