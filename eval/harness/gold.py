"""Reads gold: what people say is right for a listing.

Three kinds of lines (JSON Lines), which may name more fields than are read here:

    {"id", "title", "description"?, "lang", "category"?, "gold": {attribute: [value] | null}}   surface values
    {"id", "title", "lang", ..., "tags": [concept id]}                                            all its tags
    {"id", "tags": [concept id]}                             the same; the text is looked up by id (see canonical.py)

null: the listing does not state it. A file of the first kind has schema.json beside it, the attributes that may be
asked for by category.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.adapters.schema_files import Schema, read_schema
from app.domain.errors import InvalidFile, TagwrightError
from app.domain.listing import Listing

FOLDER = Path(__file__).parents[1] / "gold"
"""The project's own gold."""
Surface = Mapping[str, Sequence[str] | None]
Wordings = Mapping[str, tuple[str, ...]]
"""Concept id -> how the listing words it, where gold tells that."""


@dataclass(frozen=True, kw_only=True)
class GoldListing:
    """A listing and what is right for it."""

    id: str
    listing: Listing
    """As it is sent. Listings with gold tags are sent without their language, which the tagger has to find."""
    lang: str
    category: str = ""
    values: Surface | None = None
    """Surface values by attribute; None where the file has tags alone."""
    tags: frozenset[str] | None = None
    """Concept ids; values of which the taxonomy has no concept are ids that no tagger can give (see canonical.py)."""
    wordings: Wordings = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Gold:
    """A gold file. ``listings`` have distinct ids."""

    path: Path
    sha256: str
    listings: tuple[GoldListing, ...]
    schema: Schema | None = None
    """Attributes by category; None where there is no schema."""
    scope: frozenset[str] | None = None
    """Attributes whose tags are judged; None: all of them."""

    def known(self, item: GoldListing) -> tuple[str, ...]:
        """Return the attributes that may be asked of a listing."""
        return tuple(a.name for a in self.schema.attributes(item.category)) if self.schema else ()


def read_gold(path: Path, *, schema: Path | None = None, data: Path | None = None, limit: int | None = None) -> Gold:
    """Return a gold file's first ``limit`` listings; InvalidFile names line and field of what is wrong.

    ``schema`` is schema.json beside the file where it is not given; ``data`` is the folder that texts of listings
    without text are looked up in, by set and split.
    """
    from eval.harness.canonical import look_up

    try:
        content = path.read_bytes()
    except OSError as exc:
        raise InvalidFile(f"{path} cannot be read: {exc.strerror}", field="GOLD") from exc
    rows = _distinct(read_rows(content, path.name), path.name)[:limit]
    if not rows:
        raise InvalidFile(f"{path} holds no listing", field="GOLD")
    beside = schema or path.with_name("schema.json")
    known = read_schema(beside) if schema or beside.is_file() else None
    listings = []
    for number, row in rows:
        place = f"{path.name} line {number}"
        text, wordings = ({}, {}) if "title" in row else look_up(str(row["id"]), data, path.parent, place)
        item = _listing({**text, **row}, place, wordings)
        if item.values is not None and known is not None:
            _check_category(known, item, place)
        listings.append(item)
    return Gold(path=path, sha256=hashlib.sha256(content).hexdigest(), listings=tuple(listings), schema=known)


def read_rows(content: bytes, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number, object) of JSON Lines; InvalidFile for a line that is no object."""
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as exc:
            raise InvalidFile(f"{name} line {number} is no JSON: {exc}", field="line") from exc
        if not isinstance(row, dict):
            raise InvalidFile(f"{name} line {number}: expected an object, not {row!r:.80}", field="line")
        yield number, row


def text_of(item: Listing) -> str:
    """Return all that a listing says."""
    return "\n".join(text for _, text in item.fields())


def _distinct(rows: Iterator[tuple[int, dict[str, Any]]], name: str) -> list[tuple[int, dict[str, Any]]]:
    seen: dict[str, int] = {}
    kept = []
    for number, row in rows:
        given = row.get("id")
        if not isinstance(given, str | int) or isinstance(given, bool):
            raise _wrong(f"{name} line {number}", "id", given, "a text or a number")
        if (first := seen.setdefault(str(given), number)) != number:
            raise InvalidFile(f"{name} line {number}: id {given!r} stands on line {first} too", field="id")
        kept.append((number, row))
    return kept


def _listing(row: Mapping[str, Any], place: str, wordings: Wordings) -> GoldListing:
    tags, values = row.get("tags"), row.get("gold")
    if tags is None and values is None:
        raise InvalidFile(f"{place} has neither gold nor tags", field="gold")
    lang = _text(row, "lang", place)
    attributes = row.get("attributes") or {}
    if not isinstance(attributes, dict) or not all(isinstance(x, str) for x in attributes.values()):
        raise _wrong(place, "attributes", attributes, "an object of texts")
    return GoldListing(
        id=str(row["id"]),
        listing=Listing(
            title=_text(row, "title", place),
            description=_text(row, "description", place, needed=False),
            reviews=_texts(row.get("reviews") or [], "reviews", place),
            attributes=tuple(attributes.items()),
            lang=None if values is None else lang,
        ),
        lang=lang,
        category=_text(row, "category", place, needed=False),
        values=None if values is None else _surface(values, place),
        tags=None if tags is None else frozenset(_ids(tags, place)),
        wordings=wordings,
    )


def _surface(values: Any, place: str) -> Surface:
    if not isinstance(values, dict):
        raise _wrong(place, "gold", values, "an object of attributes")
    return {a: None if found is None else _texts(found, f"gold.{a}", place) for a, found in values.items()}


def _ids(tags: Any, place: str) -> tuple[str, ...]:
    ids = _texts(tags, "tags", place)
    if wrong := next((one for one in ids if ":" not in one), None):
        raise _wrong(place, "tags", wrong, "ids such as color:navy")
    return ids


def _texts(values: Any, name: str, place: str) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise _wrong(place, name, values, "a list of texts")
    return tuple(values)


def _text(row: Mapping[str, Any], name: str, place: str, *, needed: bool = True) -> str:
    value = row.get(name)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or (needed and not value.strip()):
        raise _wrong(place, name, value, "a text")
    return value


def _check_category(schema: Schema, item: GoldListing, place: str) -> None:
    try:
        schema.attributes(item.category)
    except TagwrightError as exc:
        raise InvalidFile(f"{place}: {exc.message}", field="category", hint=exc.hint) from exc


def _wrong(place: str, name: str, value: Any, expected: str) -> InvalidFile:
    return InvalidFile(f"{place}: {name} must be {expected}, not {value!r:.80}", field=name)
