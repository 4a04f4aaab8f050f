"""Reads listings from what people have: JSON Lines, JSON, CSV and its relatives, Excel, a list of titles.

A file that cannot be read at all raises InvalidFile. A bad row is a `Row` with an error: the rest goes on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from app.adapters.listing_rows import Row, build, unread
from app.adapters.listing_tables import read_delimited, read_workbook
from app.adapters.text_encoding import decode, detect
from app.domain.errors import InvalidFile, TagwrightError

__all__ = ["FORMATS", "Row", "read_json_lines", "read_listings", "read_stream"]

FORMATS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".xlsx", ".txt")


def read_listings(
    path: Path, *, lang: str | None = None, sheet: str | None = None, encoding: str | None = None
) -> Iterator[Row]:
    """Yield the rows of a file; its suffix names the format.

    ``lang`` is for rows that name no language, ``sheet`` for workbooks, ``encoding`` for delimited text. Raises
    InvalidFile where the file is missing or is not what its suffix says.
    """
    suffix = path.suffix.lower()
    if not path.exists():
        raise InvalidFile(f"there is no file {str(path)!r}", field="FILE", hint=_hint_for_missing(str(path)))
    if suffix not in FORMATS:
        raise InvalidFile(f"{path.name}: unknown format", field="FILE", hint=f"known are {', '.join(FORMATS)}")
    if sheet is not None and suffix != ".xlsx":
        raise InvalidFile("only .xlsx workbooks have sheets", field="sheet")
    try:
        data = path.read_bytes()
    except OSError as exc:
        raise InvalidFile(f"{path} cannot be read: {exc.strerror}", field="FILE") from exc
    readers: dict[str, Callable[..., Iterator[Row]]] = {
        ".json": read_json,
        ".csv": partial(read_delimited, encoding=encoding),
        ".tsv": partial(read_delimited, encoding=encoding),
        ".xlsx": partial(read_workbook, sheet=sheet),
        ".txt": read_stream,
    }
    yield from readers.get(suffix, read_json_lines)(data, lang=lang)


def read_stream(data: bytes, *, lang: str | None = None) -> Iterator[Row]:
    """Yield the rows of a stream without a name: JSON or JSON Lines when it begins like it, else a title per line."""
    text = decode(data).text
    begins = text.lstrip()[:1]
    if begins in ("{", "["):
        try:
            whole = json.loads(text)
        except ValueError:
            whole = None  # several objects, or titles such as "[Sale] ..."
        if isinstance(whole, dict | list):
            yield from _json_rows(whole, lang)
            return
    if begins == "{":
        yield from read_json_lines(data, lang=lang)
        return
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield Row(number=number, listing=build([("title", line.strip())], lang=lang))


def read_json_lines(data: bytes, *, lang: str | None = None, attributes: bool = True) -> Iterator[Row]:
    """Yield a row per line of UTF-8 (RFC 8259), or of UTF-16 with a mark; ``attributes`` as in `listing_rows.build`."""
    name = detect(data)
    if name in ("utf-16", "utf-32"):
        data = data.decode(name, "replace").encode()
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line.decode())
        except UnicodeDecodeError:
            yield Row(number=number, error=InvalidFile("the line is not UTF-8"))
        except (ValueError, RecursionError) as exc:
            yield Row(number=number, error=InvalidFile(f"the line is no JSON: {exc}"))
        else:
            yield _json_row(value, number, "line", lang, attributes=attributes)


def read_json(data: bytes, *, lang: str | None = None) -> Iterator[Row]:
    """Yield the rows of a JSON document: one listing, a list, or a batch request {"listings": [...]}."""
    try:
        value = json.loads(decode(data).text)
    except (ValueError, RecursionError) as exc:
        hint = "a file with an object per line is called .jsonl"
        raise InvalidFile(f"this is no JSON: {exc}", hint=hint) from exc
    yield from _json_rows(value, lang)


def _json_rows(value: Any, lang: str | None) -> Iterator[Row]:
    if isinstance(value, dict) and isinstance(value.get("listings"), list):
        value = value["listings"]
    for number, each in enumerate(value if isinstance(value, list) else [value], 1):
        yield _json_row(each, number, "item", lang)


def _json_row(value: Any, number: int, unit: Any, lang: str | None, *, attributes: bool = True) -> Row:
    if not isinstance(value, dict):
        error = InvalidFile('a listing is an object such as {"title": "..."}')
        return Row(number=number, unit=unit, error=error)
    try:
        listing = build(list(value.items()), lang=lang, attributes=attributes)
    except TagwrightError as exc:
        return Row(number=number, unit=unit, error=exc, source=value)
    notes = [f"{name!r} was not read: it is neither text nor a field" for name in unread(value)] if attributes else []
    return Row(number=number, unit=unit, listing=listing, notes=tuple(notes), source=value)


def _hint_for_missing(name: str) -> str | None:
    """Say how a title is given, where what was given looks like one."""
    if " " not in name and Path(name).suffix:
        return None
    return f"to tag a title, write: tagwright tag --title {json.dumps(name, ensure_ascii=False)}"
