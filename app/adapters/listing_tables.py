"""Tables of listings: delimited text (CSV and its relatives) and Excel workbooks."""

from __future__ import annotations

import csv
import datetime
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from app.adapters.listing_columns import known, roles
from app.adapters.listing_rows import Row, build
from app.adapters.text_encoding import decode
from app.domain.errors import InvalidFile, TagwrightError

DELIMITERS = (",", ";", "\t", "|")
_NO_DELIMITER = "\x1f"
"""For a file of one column: its values may hold commas."""
_BROKEN = (zipfile.BadZipFile, zlib.error, SyntaxError, KeyError, ValueError, TypeError, OSError, EOFError)
"""What openpyxl raises for a file that is no workbook or a broken one; XML's ParseError is a SyntaxError."""


@dataclass(frozen=True, slots=True)
class _Record:
    """The cells of a record, or why it has none, and the line on which it begins."""

    line: int
    cells: list[Any]
    error: InvalidFile | None = None


def read_delimited(data: bytes, *, encoding: str | None = None, lang: str | None = None) -> Iterator[Row]:
    """Yield the rows of delimited text with a header; encoding and delimiter are recognised.

    InvalidFile when there is no header with a title. A record that cannot be read is a row with an error.
    """
    decoded = decode(data, encoding)
    lines = list(io.StringIO(decoded.text, newline=""))
    first = 0
    while first < len(lines) and (not lines[first].strip() or lines[first].lower().startswith("sep=")):
        first += 1  # "sep=;" is Excel's own note of the delimiter; the header says it as well
    if first == len(lines):
        raise InvalidFile("the file is empty", hint="the first line names the columns: id, title, description, ...")
    yield from _rows(_records(lines, first, _delimiter(lines[first])), "line", lang)


def read_workbook(data: bytes, *, sheet: str | None = None, lang: str | None = None) -> Iterator[Row]:
    """Yield the rows of a sheet of an .xlsx workbook, the first one when not named; InvalidFile as `read_delimited`."""
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except (InvalidFileException, *_BROKEN) as exc:
        raise InvalidFile(f"this is no Excel workbook: {exc}", hint="save it as .xlsx or as CSV UTF-8") from exc
    try:
        names = [page.title for page in book.worksheets]
        if not names or (sheet is not None and sheet not in names):
            raise InvalidFile(f"the workbook has no sheet {sheet!r}: it has {', '.join(names)}", field="sheet")
        page = book[sheet or names[0]]
        page.reset_dimensions()  # some writers state a wrong size, and rows beyond it would be lost
        yield from _rows(_sheet_records(page), "row", lang)
    finally:
        book.close()


def _sheet_records(page: Any) -> Iterator[_Record]:
    try:
        for number, values in enumerate(page.iter_rows(values_only=True), 1):
            yield _Record(number, [_cell(value) for value in values])
    except _BROKEN as exc:
        raise InvalidFile(f"the workbook is damaged: {exc}") from exc


def _rows(records: Iterator[_Record], unit: Literal["line", "row"], lang: str | None) -> Iterator[Row]:
    header: list[str] | None = None
    for record in records:
        if header is None:
            if record.error is not None:
                raise record.error
            if any(_filled(cell) for cell in record.cells):
                header = _header(record)
        elif record.error is not None:
            yield Row(number=record.line, unit=unit, error=record.error)
        elif any(_filled(cell) for cell in record.cells):
            yield _row(header, record, unit, lang)
    if header is None:
        raise InvalidFile("the file is empty", hint="the first row names the columns: id, title, description, ...")


def _header(record: _Record) -> list[str]:
    names = [str(cell).strip() if _filled(cell) else "" for cell in record.cells]
    while names and not names[-1]:
        names.pop()
    names = [name or f"column {number}" for number, name in enumerate(names, 1)]
    if "title" not in roles(tuple(names)):
        raise InvalidFile(
            f"no column is the title: the columns are {', '.join(names)[:300]}",
            field="title",
            hint="the first row must name the columns; call the product's name `title`",
        )
    return names


def _row(header: Sequence[str], record: _Record, unit: Literal["line", "row"], lang: str | None) -> Row:
    cells, notes = record.cells, []
    if any(_filled(cell) for cell in cells[len(header) :]):
        message = f"{len(cells)} cells, but the header has {len(header)} columns"
        hint = "put cells that hold the delimiter or a line break into quotes"
        return Row(number=record.line, unit=unit, error=InvalidFile(message, hint=hint))
    if len(cells) < len(header) and unit == "line":
        notes.append(f"only {len(cells)} cells, but the header has {len(header)} columns: the rest was taken as empty")
    if any(isinstance(cell, str) and "\ufffd" in cell for cell in cells):
        notes.append("some bytes are in another encoding than the rest of the file and were lost")
    try:
        listing = build(list(zip(header, cells, strict=False)), lang=lang)
    except TagwrightError as exc:
        return Row(number=record.line, unit=unit, error=exc)
    return Row(number=record.line, unit=unit, listing=listing, notes=tuple(notes))


def _delimiter(header: str) -> str:
    """Return the delimiter under which a header line has the most known columns, then the most columns."""

    def score(delimiter: str) -> tuple[int, int]:
        names = next(csv.reader([header], delimiter=delimiter), [])
        return known(names), len(names)

    best = max(DELIMITERS, key=score)
    return best if score(best)[1] > 1 else _NO_DELIMITER


class _Feed:
    """Hands lines to a csv.reader and knows which one it is at, and whether it asked for more than there are."""

    def __init__(self, lines: Sequence[str], start: int) -> None:
        self._lines = lines
        self.position = start
        self.overrun = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.position == len(self._lines):
            self.overrun = True
            raise StopIteration
        self.position += 1
        return self._lines[self.position - 1]


def _records(lines: Sequence[str], start: int, delimiter: str) -> Iterator[_Record]:
    """Yield records. A record whose quote is never closed would swallow the rest of the file: reading starts
    again at the line after the one on which it begins.
    """
    begin = start
    while begin < len(lines):
        feed = _Feed(lines, begin)
        reader = csv.reader(feed, delimiter=delimiter)
        try:
            for cells in reader:
                if feed.overrun:
                    raise csv.Error("a quotation mark is opened and never closed")
                yield _Record(begin + 1, cells)
                begin = feed.position
            return
        except csv.Error as exc:
            yield _Record(begin + 1, [], InvalidFile(str(exc), hint='write a quote inside a quoted cell twice: ""'))
            begin += 1


def _filled(cell: Any) -> bool:
    return cell is not None and str(cell).strip() != ""


def _cell(value: Any) -> Any:
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return str(value) if isinstance(value, datetime.date | datetime.time | datetime.timedelta) else value
