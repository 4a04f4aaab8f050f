"""Tables of values, read and written row by row: csv, tsv and jsonl of any size."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import IO, Any

import orjson

from app.adapters.text_encoding import detect
from app.adapters.whole_files import replacing
from app.domain.errors import InvalidFile

FORMATS = {".csv": ",", ".tsv": "\t", ".jsonl": None}
"""Suffix -> delimiter."""
RESULT = ("id", "method", "score", "label", "locale")
_SAMPLE = 1 << 20
"""Bytes by which an encoding is recognised."""

Row = Any
"""Cells of a delimited file, or an object of a jsonl file."""
Cell = Callable[[Row], str]
Result = tuple[str, str, str, str, str]


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Names of the columns that hold the value, its attribute and its language; the last two may be missing."""

    value: str
    attribute: str | None
    lang: str | None


def format_of(path: Path) -> str:
    """Return the suffix of a file's format; InvalidFile for another one."""
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise InvalidFile(f"{path}: the name must end in {', '.join(FORMATS)}", field="file")
    return suffix


def count_lines(path: Path) -> int:
    """Return about how many rows a file has; InvalidFile where it cannot be read."""
    try:
        with path.open("rb") as file:
            return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
    except OSError as exc:
        raise InvalidFile(f"{path} cannot be read: {exc.strerror}", field="input") from exc


class ValueFile:
    """A file of values: `header` of a delimited one, its rows, and where in a row the value stands."""

    def __init__(self, path: Path, column: str | None, encoding: str | None) -> None:
        self._path, self._column = path, column
        self._delimiter = FORMATS[format_of(path)]
        self._encoding = "utf-8-sig" if self._delimiter is None else encoding or _encoding(path)
        self.header: list[str] = []
        if self._delimiter is not None:
            with self._opened() as file:
                self.header = next(csv.reader(file, delimiter=self._delimiter), [])
            if not self.header:
                raise InvalidFile(f"{path} is empty", hint="the first line names the columns: value, attribute, lang")
        first = next(self.rows(), None)
        names = self.header or list(first or {})
        self.columns = _columns(path, names, column) if names else None
        """None for a file without rows."""
        taken = set(names) & set(RESULT)
        self.result = tuple(f"match_{name}" if taken else name for name in RESULT)
        """Names of the columns that are added."""
        if twice := set(names) & set(self.result):
            raise InvalidFile(f"{path} has the column {min(twice)} already", hint="rename it: the result goes there")

    def rows(self) -> Iterator[Row]:
        """Yield the rows; InvalidFile names the line that is none."""
        with self._opened() as file:
            yield from self._records(file) if self._delimiter is None else self._cells(file, self._delimiter)

    def cells(self) -> tuple[Cell, Cell, Cell]:
        """Return what reads the value, the attribute and the language of a row; empty where there is none."""
        columns = self.columns or Columns(value="value", attribute=None, lang=None)
        return self._cell(columns.value), self._cell(columns.attribute), self._cell(columns.lang)

    def _cell(self, name: str | None) -> Cell:
        if name is None:
            return lambda row: ""
        if self.header:
            return itemgetter(self.header.index(name))
        return lambda row: _text(row.get(name))

    @contextmanager
    def writing(self, output: Path) -> Iterator[Callable[[Row, Result | None], None]]:
        """Give what writes a row with its result; the file is there as a whole at the end, or not at all."""
        if format_of(output) != format_of(self._path):
            raise InvalidFile(f"{output} must be of the format of {self._path}", field="output")
        try:
            with replacing(output) as part:
                if self._delimiter is None:
                    with part.open("wb") as binary:
                        yield lambda row, result: _write_object(binary, row, self.result, result)
                else:
                    with part.open("w", encoding="utf-8", newline="") as text:
                        writer = csv.writer(text, delimiter=self._delimiter, lineterminator="\n")
                        writer.writerow([*self.header, *self.result])
                        nothing = [""] * len(RESULT)
                        yield lambda row, result: writer.writerow([*row, *(result or nothing)])
        except OSError as exc:
            raise InvalidFile(f"{output} cannot be written: {exc.strerror}", field="output") from exc

    @contextmanager
    def _opened(self) -> Iterator[IO[str]]:
        try:
            with self._path.open(encoding=self._encoding, newline="") as file:
                yield file
        except OSError as exc:
            raise InvalidFile(f"{self._path} cannot be read: {exc.strerror}", field="input") from exc
        except LookupError as exc:
            raise InvalidFile(f"no encoding is called {self._encoding!r}", field="encoding") from exc
        except UnicodeError as exc:
            message = f"{self._path} is not {self._encoding}: {exc}"
            raise InvalidFile(message, field="encoding", hint="give --encoding") from exc

    def _cells(self, file: IO[str], delimiter: str) -> Iterator[list[str]]:
        reader, width = csv.reader(file, delimiter=delimiter), len(self.header)
        try:
            next(reader, None)
            for row in reader:
                if len(row) > width:
                    message = f"{self._path}:{reader.line_num}: {len(row)} cells, but the header has {width} columns"
                    raise InvalidFile(message, hint="put cells that hold the delimiter into quotes")
                yield row + [""] * (width - len(row))
        except csv.Error as exc:
            raise InvalidFile(f"{self._path}:{reader.line_num}: {exc}") from exc

    def _records(self, file: IO[str]) -> Iterator[dict[str, Any]]:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as exc:
                raise InvalidFile(f"{self._path}:{number} is no JSON: {exc}") from exc
            if not isinstance(row, dict):
                raise InvalidFile(f"{self._path}:{number} is no object")
            yield row


def _columns(path: Path, names: Sequence[str], asked: str | None) -> Columns:
    by_folded = {name.strip().casefold(): name for name in reversed(names)}
    value = asked if asked in names else by_folded.get((asked or "value").casefold())
    if value is None and asked is None and len(names) == 1:
        value = names[0]
    if value is None:
        message = f"{path} has no column {asked or 'value'}: it has {', '.join(names)[:300]}"
        raise InvalidFile(message, field="column", hint="name the column of the values with --column")
    attribute, lang = (by_folded.get(name) for name in ("attribute", "lang"))
    return Columns(
        value=value, attribute=attribute if attribute != value else None, lang=lang if lang != value else None
    )


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)


def _write_object(file: IO[bytes], row: Row, names: Sequence[str], result: Result | None) -> None:
    found: Mapping[str, Any] = dict.fromkeys(names)
    if result is not None:
        found = dict(zip(names, result, strict=True)) | {names[2]: float(result[2])}
    content = {**row, **found} if isinstance(row, dict) else found
    try:
        file.write(orjson.dumps(content) + b"\n")
    except orjson.JSONEncodeError:  # half an emoji, or a number of more than 64 bits
        file.write(json.dumps(content).encode() + b"\n")


def _encoding(path: Path) -> str:
    try:
        with path.open("rb") as file:
            sample = file.read(_SAMPLE)
    except OSError as exc:
        raise InvalidFile(f"{path} cannot be read: {exc.strerror}", field="input") from exc
    if len(sample) == _SAMPLE:
        sample = sample[: sample.rfind(b"\n") + 1] or sample
    name = detect(sample)
    if name is None:
        raise InvalidFile(f"{path} is no text in a known encoding", hint="save it as UTF-8, or give --encoding")
    return name
