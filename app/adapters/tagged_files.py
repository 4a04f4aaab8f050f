"""Brings together listings and their tags: a listing file, and what `tagwright tag --json` wrote about it.

A line with an id belongs to the listing with that id. A line without one belongs to the listing at its place, where
both files have as many.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.adapters.listing_files import Row, read_listings
from app.domain.errors import InvalidFile
from app.domain.listing import Listing
from app.domain.tags import Decision, Quantity
from app.pipeline.exports.product import Given


@dataclass(frozen=True, kw_only=True, slots=True)
class TaggedListing:
    """A listing, the language that was found, and its tags."""

    listing: Listing
    lang: str
    tags: tuple[Given, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TaggedRow:
    """A line of tags (from 1), or of a listing that has none; either ``tagged`` or ``error`` is set."""

    place: str
    tagged: TaggedListing | None = None
    error: InvalidFile | None = None


def read_tagged(
    tags: Path, listings: Path, *, sheet: str | None = None, encoding: str | None = None
) -> Iterator[TaggedRow]:
    """Yield a row per line of tags, then one per listing that no line is about; InvalidFile for an unreadable file."""
    rows = list(read_listings(listings, sheet=sheet, encoding=encoding))
    try:
        lines = [line for line in tags.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n") if line.strip()]
    except OSError as exc:
        raise InvalidFile(f"{tags} cannot be read: {exc.strerror}", field="TAGS") from exc
    known = _Listings(rows, as_many=len(rows) == len(lines))
    for number, line in enumerate(lines, 1):
        place = f"line {number}"
        try:
            yield TaggedRow(place=place, tagged=_tagged(line, number, known))
        except InvalidFile as exc:
            yield TaggedRow(place=place, error=exc)
    for row in known.left():
        yield TaggedRow(place=f"listing, {row.place}", error=InvalidFile("no line of tags is about this listing"))


class _Listings:
    """Listings by id and by place, and which of them have been asked for."""

    def __init__(self, rows: Sequence[Row], *, as_many: bool) -> None:
        self._rows = rows
        self._as_many = as_many
        self._asked: set[int] = set()
        self._by_id: dict[str, list[int]] = {}
        for index, row in enumerate(rows):
            if row.listing is not None and row.listing.id is not None:
                self._by_id.setdefault(row.listing.id, []).append(index)

    def find(self, listing_id: str | None, number: int) -> Listing:
        """Return the listing of a line; InvalidFile where there is none or it is not known which."""
        index = number - 1
        same = self._by_id.get(listing_id, []) if listing_id is not None else []
        if listing_id is None:
            if not self._as_many:
                hint = "give every listing an id, or export all the listings that were tagged"
                raise InvalidFile("the line has no id, and there are more or fewer listings than lines", hint=hint)
        elif not same:
            raise InvalidFile(f"no listing has the id {listing_id!r}")
        elif index not in same:
            if len(same) > 1:
                raise InvalidFile(f"{len(same)} listings have the id {listing_id!r}")
            index = same[0]
        self._asked.add(index)
        listing = self._rows[index].listing
        if listing is None:
            raise InvalidFile(f"the listing cannot be read: {self._rows[index].error}")
        return listing

    def left(self) -> Iterator[Row]:
        """Yield listings that no line is about."""
        return (row for index, row in enumerate(self._rows) if row.listing is not None and index not in self._asked)


def _tagged(line: bytes, number: int, known: _Listings) -> TaggedListing:
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError) as exc:
        raise InvalidFile(f"the line is no JSON: {exc}") from exc
    if not isinstance(raw, dict) or not ("tags" in raw or "error" in raw):
        raise InvalidFile("the line is no answer with tags", hint="give what `tagwright tag --json` wrote")
    listing = known.find(raw.get("id"), number)
    if "error" in raw:
        message = raw["error"].get("message") if isinstance(raw["error"], dict) else raw["error"]
        raise InvalidFile(f"the listing was not tagged: {message}")
    try:
        return TaggedListing(listing=listing, lang=str(raw["lang"]), tags=tuple(_given(tag) for tag in raw["tags"]))
    except (KeyError, TypeError, ValueError) as exc:
        raise InvalidFile(f"a tag has not the form of an answer: {exc!r}") from exc


def _given(raw: Mapping[str, Any]) -> Given:
    quantity = raw.get("quantity")
    return Given(
        attribute=raw["attribute"],
        id=raw["id"],
        raw=raw["raw"],
        decision=Decision(raw["decision"]),
        labels=raw.get("labels") or {},
        quantity=None if quantity is None else Quantity(**quantity),
    )
