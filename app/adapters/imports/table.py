"""A taxonomy as one table, csv or tsv, a concept a row. The header names the columns, in any order:

    id              required; `navy` or `color:navy`
    attribute       the attribute of a value; `category` or empty for a category; `attribute` where the row is one
    broader         the id of the concept above, of the same attribute
    label:LOCALE    the label in a language (label:en, label:zh-CN); `label` alone is English
    alt:LOCALE      further labels, with | between them; `~` before one that must not fire in running text
    google          number of Google's category (categories)
    exact           URIs of the same concept elsewhere, with | between them
    attributes      ids of the attributes that matter in this category, with | between them
    kind, dimension, values_from    attributes only: closed (default), open or quantity; mass, length, ...; an attribute

An attribute that has values but no row of its own is made, with its id as the English label.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.adapters.imports.files import Files
from app.adapters.imports.locales import canonical, chosen, spelled
from app.adapters.imports.source import Done, Item, Name, Node, Place, Problem, Role, Source
from app.adapters.text_encoding import decode
from app.domain.errors import InvalidFile
from app.domain.taxonomy import CATEGORY, Kind

_PLAIN = frozenset({"id", "attribute", "broader", "google", "exact", "attributes", "kind", "dimension", "values_from"})
_LABEL = re.compile(r"(label|alt)(?::(.+))?", re.IGNORECASE)
_DELIMITERS = ",;\t"


def recognises(files: Files) -> bool:
    """Say whether there is a table whose header has an id and a label."""
    return any(_is_header(_header(files, name)) for name in files.ending(".csv", ".tsv"))


def open_source(files: Files, locales: tuple[str, ...] | None) -> Source:
    """Return the source; InvalidFile where no table has the header that is needed."""
    names = files.ending(".csv", ".tsv") or list(files.paths)
    tables = [name for name in names if _is_header(_header(files, name))]
    if not tables:
        raise InvalidFile(
            f"{files.label} holds no table of concepts",
            field="SOURCE",
            hint="its header has the columns id and label:en, and attribute, broader, alt:en, ...",
        )
    tags = {tag for name in tables for _, tag in _labels(_header(files, name)).values()}
    ours = spelled(tag for tag in tags if canonical(tag))
    wanted = chosen(ours.values(), locales)
    name = tables[0].rpartition("/")[2].rpartition(".")[0]
    return Source(
        name=name,
        version="unknown",
        locales=wanted,
        origin=f"Concepts and labels: {files.label}",
        licence="",
        size=files.size(tables),
        items=lambda: _Reading(files=files, ours=dict(ours), wanted=frozenset(wanted)).items(tables),
    )


def _header(files: Files, name: str) -> list[str]:
    with files.paths[name].open("rb") as data:
        first = decode(data.readline()).text
    return [cell.strip() for cell in next(csv.reader([first.lstrip("\ufeff")], delimiter=_delimiter(first)), [])]


def _delimiter(header: str) -> str:
    return max(_DELIMITERS, key=header.count)


def _is_header(columns: Sequence[str]) -> bool:
    return "id" in map(str.lower, columns) and bool(_labels(columns))


def _labels(columns: Sequence[str]) -> dict[int, tuple[str, str]]:
    """Return position -> (label or alt, locale as it is written)."""
    found = {number: _LABEL.fullmatch(column) for number, column in enumerate(columns)}
    return {number: (match[1].lower(), match[2] or "en") for number, match in found.items() if match}


@dataclass(kw_only=True, slots=True)
class _Reading:
    """What is known while reading."""

    files: Files
    ours: dict[str, str]
    wanted: frozenset[str]
    attributes: set[str] = field(default_factory=set)
    used: dict[str, Place] = field(default_factory=dict)
    """Attributes that values name, and where first."""
    lines: dict[tuple[Role, str], int] = field(default_factory=dict)

    def items(self, names: Sequence[str]) -> Iterator[Item]:
        for name in names:
            yield from self._table(name)
            yield Done(size=self.files.size([name]))
        for attribute, place in self.used.items():
            if attribute not in self.attributes:
                message = "the attribute has no row of its own: made, with its id as the English label"
                yield Problem(kind="implied-attribute", message=message, place=place, id=attribute)
                yield Node(role=Role.ATTRIBUTE, key=attribute, place=place)
                yield Name(Role.ATTRIBUTE, attribute, "en", attribute.replace("_", " ").capitalize(), place)

    def _table(self, file: str) -> Iterator[Item]:
        decoded = decode(self.files.paths[file].read_bytes())
        if decoded.damaged:
            message = f"bytes that are no {decoded.encoding} are replaced by U+FFFD"
            yield Problem(kind="encoding", message=message, place=Place(file))
        lines = io.StringIO(decoded.text.lstrip("\ufeff"), newline="")
        delimiter = _delimiter(lines.readline())
        lines.seek(0)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        columns = [cell.strip() for cell in next(reader)]
        for column in columns:
            label = _LABEL.fullmatch(column)
            if label and (label[2] or "en") not in self.ours:
                message = f"the column {column!r} is not read: its language is no language tag"
                yield Problem(kind="unknown-column", message=message, place=Place(file, 1))
            elif not label and column.lower() not in _PLAIN:
                message = f"the column {column!r} is not read: known are {', '.join(sorted(_PLAIN))}, label:, alt:"
                yield Problem(kind="unknown-column", message=message, place=Place(file, 1))
        begins = reader.line_num + 1
        while True:
            try:
                cells = next(reader, None)
            except csv.Error as exc:
                message = f"the rest of the file is skipped: {exc}"
                yield Problem(kind="unreadable", message=message, place=Place(file, begins))
                return
            if cells is None:
                return
            if any(cell.strip() for cell in cells):
                yield from self._row(columns, [cell.strip() for cell in cells], Place(file, begins))
            begins = reader.line_num + 1

    def _row(self, columns: Sequence[str], cells: list[str], place: Place) -> Iterator[Item]:
        if len(cells) > len(columns):
            message = f"{len(cells)} cells under {len(columns)} columns: those beyond are left out"
            yield Problem(kind="extra-cells", message=message, place=place)
        row = {column.lower(): cell for column, cell in zip(columns, cells, strict=False)}
        attribute = row.get("attribute", "").lower() or CATEGORY
        key = _name(row["id"])
        role = {CATEGORY: Role.CATEGORY, "attribute": Role.ATTRIBUTE}.get(attribute, Role.VALUE)
        if not key:
            message = "skipped: the row has no id"
            yield Problem(kind="no-id", message=message, place=place, label=row.get("label:en", ""))
            return
        if role is Role.VALUE:
            key = f"{attribute}:{key}"
            self.used.setdefault(attribute, place)
        elif role is Role.ATTRIBUTE:
            self.attributes.add(key)
        first = self.lines.setdefault((role, key), place.line)
        if first != place.line:
            yield Problem(kind="id-twice", message=f"skipped: the id is that of line {first}", place=place, id=key)
            return
        yield from self._node(role, key, attribute, row, place)
        texts = {number: found for number, found in _labels(columns).items() if number < len(cells)}
        for number, (what, tag) in sorted(texts.items(), key=lambda each: each[1][0] != "label"):
            locale = self.ours.get(tag, "")
            if locale in self.wanted:
                for text in (cells[number],) if what == "label" else cells[number].split("|"):
                    if text.strip():
                        plain = text.strip().lstrip("~").strip()
                        yield Name(role, key, locale, plain, place, text.strip().startswith("~"))

    def _node(self, role: Role, key: str, attribute: str, row: Mapping[str, str], place: Place) -> Iterator[Item]:
        google, kind = row.get("google", ""), row.get("kind", "").lower() or Kind.CLOSED
        if google and not (google.isdecimal() and int(google) > 0):
            message = f"google must be a positive whole number, not {google!r}: left out"
            yield Problem(kind="bad-cell", message=message, place=place, id=key)
            google = ""
        if kind not in list(Kind):
            message = f"kind must be {', '.join(Kind)}, not {kind!r}: taken as closed"
            yield Problem(kind="bad-cell", message=message, place=place, id=key)
            kind = Kind.CLOSED
        parent = _name(row.get("broader", ""))
        yield Node(
            role=role,
            key=key,
            place=place,
            name=key.rpartition(":")[2],
            attribute=attribute if role is Role.VALUE else "",
            broader=(f"{attribute}:{parent}" if role is Role.VALUE else parent) if parent else None,
            exact=tuple(_listed(row.get("exact", ""))),
            google=int(google) if google and role is Role.CATEGORY else None,
            relevant=tuple(_listed(row.get("attributes", ""))) if role is Role.CATEGORY else (),
            kind=Kind(kind) if role is Role.ATTRIBUTE else Kind.CLOSED,
            dimension=row.get("dimension") or None if role is Role.ATTRIBUTE else None,
            values_from=row.get("values_from") or None if role is Role.ATTRIBUTE else None,
        )


def _name(concept_id: str) -> str:
    """Return an id without the attribute before it."""
    return concept_id.rpartition(":")[2].strip()


def _listed(cell: str) -> list[str]:
    return [part.strip() for part in cell.split("|") if part.strip()]
