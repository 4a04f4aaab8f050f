"""One row of a file as a listing: named values in, a `Listing` or a named problem out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from app.adapters.listing_columns import ATTRIBUTE, roles
from app.domain.errors import InvalidListing, TagwrightError
from app.domain.listing import Listing

_BETWEEN_IMAGES = re.compile(r"\s*[|;,]\s*(?=https?://)|\s+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A row and where it stands: the line on which it begins (from 1), or the item of a JSON list.

    Either ``listing`` or ``error`` is set. ``notes`` say what was odd about a row that could be read.
    """

    number: int
    unit: Literal["line", "row", "item"] = "line"
    listing: Listing | None = None
    error: TagwrightError | None = None
    notes: tuple[str, ...] = ()
    source: Mapping[str, Any] = field(default_factory=dict)
    """The JSON object itself; empty for tables."""

    @property
    def place(self) -> str:
        """Say where the row stands."""
        return f"{self.unit} {self.number}"


@dataclass(slots=True)
class _Draft:
    """What has been collected of a listing so far."""

    id: str | None = None
    title: str = ""
    lang: str | None = None
    description: list[str] = field(default_factory=list)
    reviews: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str]] = field(default_factory=list)


def build(pairs: Sequence[tuple[str, Any]], *, lang: str | None = None, attributes: bool = True) -> Listing:
    """Return the listing of (column name, value) pairs; InvalidListing names the field that is unusable.

    Values are JSON values; None and blank text are absent. ``lang`` is for rows that name none. With ``attributes``
    columns that are no field become seller attributes (but for those of `unread`), else they are ignored.
    """
    draft = _Draft()
    for (name, value), role in zip(pairs, roles(tuple(name for name, _ in pairs)), strict=True):
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        if role in (ATTRIBUTE, "brand"):
            if attributes and not _nested(value):
                draft.attributes += _attribute(role if role == "brand" else name, value)
        elif role != "ignored":
            _put(draft, role, value)
    if not draft.title:
        raise InvalidListing("the title is missing", field="title", hint="give the product's name as the shop shows it")
    return Listing(
        id=draft.id,
        title=draft.title,
        description="\n".join(draft.description),
        reviews=tuple(draft.reviews),
        attributes=tuple(_distinct(draft.attributes)),
        images=tuple(draft.images),
        lang=draft.lang or lang,
    )


def unread(row: Mapping[str, Any]) -> list[str]:
    """Return the keys of a JSON row that are no field and hold more than texts: such a value is no seller attribute."""
    named = zip(row.items(), roles(tuple(row)), strict=True)
    return [name for (name, value), role in named if role in (ATTRIBUTE, "brand") and _nested(value)]


def _nested(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(x, dict | list) for x in value))


def _put(draft: _Draft, role: str, value: Any) -> None:
    match role:
        case "id" | "lang":
            setattr(draft, role, scalar(role, value).strip())
        case "title":
            draft.title = scalar(role, value)
        case "description" | "reviews":
            getattr(draft, role).extend(_texts(role, value))
        case "images":
            draft.images += [url for text in _texts(role, value) for url in _BETWEEN_IMAGES.split(text.strip())]
        case "attributes":
            draft.attributes += _attributes(value)


def scalar(name: str, value: Any) -> str:
    """Return a text or a number as text; InvalidListing for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))  # spreadsheets keep 40 as 40.0
    if isinstance(value, int | float):
        return str(value)
    raise InvalidListing(f"{name} must be text, not {_kind(value)}", field=name)


def _texts(name: str, value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [text for each in values if each is not None and (text := scalar(name, each)).strip()]


def _attributes(value: Any) -> Iterator[tuple[str, str]]:
    """Yield the pairs of the field `attributes`: {name: value} or a list of {"name", "value"}; a cell is one text."""
    if isinstance(value, str):
        yield "attributes", value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _attribute(name, each)
    elif isinstance(value, list) and all(isinstance(x, dict) and set(x) == {"name", "value"} for x in value):
        for each in value:
            yield from _attribute(scalar("attributes.name", each["name"]), each["value"])
    else:
        raise InvalidListing("attributes must be an object of names and values", field="attributes")


def _attribute(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        value = ", ".join(_texts(f"attributes.{name}", value))
    if value is not None and (text := scalar(f"attributes.{name}", value)).strip():
        yield name, text


def _distinct(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Number names that come twice: a name is where evidence points."""
    counts: dict[str, int] = {}
    for name, value in pairs:
        counts[name] = counts.get(name, 0) + 1
        yield (name if counts[name] == 1 else f"{name} {counts[name]}"), value


def _kind(value: Any) -> str:
    return "a list" if isinstance(value, list) else "an object" if isinstance(value, dict) else type(value).__name__
