"""Shopify's product taxonomy as its repository has it: attributes.yml, values.yml, categories/*.yml, localizations/.

Values belong to the base attribute that lists them; an extended attribute ("frame material") has the values of its
base. The English names are those of the base files. Descriptions and contexts are not taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from app.adapters.imports.files import Files
from app.adapters.imports.locales import chosen, spelled
from app.adapters.imports.rows import Row, read_rows
from app.adapters.imports.source import Done, Item, Name, Node, NotTaken, Place, Problem, Role, Source
from app.adapters.text_encoding import decode
from app.domain.errors import InvalidFile

_ROLES = {"attributes": Role.ATTRIBUTE, "values": Role.VALUE, "categories": Role.CATEGORY}
_TYPES = {
    Role.ATTRIBUTE: "TaxonomyAttribute",
    Role.VALUE: "TaxonomyValue",
    Role.CATEGORY: "TaxonomyCategory",
}
_USED = frozenset({"id", "name", "friendly_id", "children", "attributes", "values", "values_from"})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Layout:
    """The files by what they are."""

    attributes: str
    values: str
    categories: list[str]
    localizations: dict[str, list[str]]
    """Locale as the source spells it -> files."""


def recognises(files: Files) -> bool:
    """Say whether there are Shopify's three base files."""
    return bool(files.ending("attributes.yml") and files.ending("values.yml") and _categories(files))


def open_source(files: Files, locales: tuple[str, ...] | None) -> Source:
    """Return the source; InvalidFile where a base file is missing, InputError for a locale it lacks."""
    if not recognises(files):
        raise InvalidFile(
            f"{files.label} is not Shopify's taxonomy",
            field="SOURCE",
            hint="it has data/attributes.yml, data/values.yml and data/categories/*.yml",
        )
    localizations: dict[str, list[str]] = {}
    for name in files.ending(".yml"):
        if "localizations" in PurePosixPath(name).parts and PurePosixPath(name).parent.name in _ROLES:
            localizations.setdefault(PurePosixPath(name).stem, []).append(name)
    ours = spelled(("en", *localizations))
    wanted = chosen(ours.values(), locales)
    layout = _Layout(
        attributes=_base(files, "attributes.yml"),
        values=_base(files, "values.yml"),
        categories=_categories(files),
        localizations={locale: localizations[locale] for locale in sorted(localizations) if ours.get(locale) in wanted},
    )
    version = _said(files, "VERSION").strip()
    names = [layout.attributes, layout.values, *layout.categories]
    names += [name for listed in layout.localizations.values() for name in listed]
    return Source(
        name="shopify",
        version=version or "unknown",
        locales=wanted,
        origin=f"Concepts and labels: Shopify product taxonomy, version {version or 'unknown'} ({files.label})",
        licence=_said(files, "LICENSE"),
        size=files.size(names),
        items=lambda: _Reading(files=files).items(layout),
    )


def _said(files: Files, name: str) -> str:
    """Return the text of a file of this name, "" where there is none."""
    found = (path for path in files.paths.values() if path.name == name)
    return next((decode(path.read_bytes()).text for path in found), "")


def _categories(files: Files) -> list[str]:
    return [
        name
        for name in files.ending(".yml")
        if PurePosixPath(name).parent.name == "categories" and "localizations" not in PurePosixPath(name).parts
    ]


def _base(files: Files, suffix: str) -> str:
    return min(files.ending(suffix), key=len)


@dataclass(kw_only=True, slots=True)
class _Reading:
    """What is known while reading."""

    files: Files
    english: dict[tuple[Role, str], str] = field(default_factory=dict)
    owners: dict[str, list[str]] = field(default_factory=dict)
    """Value -> the attributes that list it."""

    def items(self, layout: _Layout) -> Iterator[Item]:
        yield from self._attributes(layout.attributes)
        yield from self._values(layout.values)
        yield from self._tree(layout.categories)
        for locale, names in layout.localizations.items():
            for name in names:
                yield from self._labels(locale, name)

    def _rows(self, file: str) -> Iterator[Row | Problem | Done]:
        """Yield the rows of a file that have an id, problems of the others, and that it is done."""
        for row in read_rows(self.files.paths[file]):
            if row.error:
                yield Problem(kind="unreadable", message=row.error, place=Place(file, row.line))
            else:
                yield row
        yield Done(size=self.files.size([file]))

    def _concept(self, node: Node, row: Row) -> Iterator[Item]:
        """Yield a node and its English name, unless its key is taken."""
        if (node.role, node.key) in self.english:
            message = f"the {node.role} stands twice; the first is taken"
            yield Problem(kind="id-twice", message=message, place=node.place, id=node.key)
            return
        name = _text(row, "name")
        self.english[node.role, node.key] = name
        yield node
        yield Name(node.role, node.key, "en", name, Place(node.place.file, _line(row, "name")))

    def _attributes(self, file: str) -> Iterator[Item]:
        descriptions = 0
        for row in self._rows(file):
            if not isinstance(row, Row):
                yield row
                continue
            key = _text(row, "friendly_id")
            place = Place(file, row.line)
            if not key:
                yield _keyless(row, place, "friendly_id")
                continue
            descriptions += "description" in row.fields
            number = _text(row, "id")
            node = Node(
                role=Role.ATTRIBUTE,
                key=key,
                place=place,
                tail=number,
                exact=_exact(Role.ATTRIBUTE, number),
                values_from=_text(row, "values_from") or None,
            )
            yield from self._concept(node, row)
            for value in _texts(row, "values"):
                self.owners.setdefault(value, []).append(key)
        yield NotTaken(what="description", place=Place(file), count=descriptions)

    def _values(self, file: str) -> Iterator[Item]:
        """Yield the values in the order in which their attributes list them, which is that of sizes too."""
        rows: dict[str, Row] = {}
        for row in self._rows(file):
            if not isinstance(row, Row):
                yield row
                continue
            key, place = _text(row, "friendly_id"), Place(file, row.line)
            if not key:
                yield _keyless(row, place, "friendly_id")
            elif rows.setdefault(key, row) is not row:
                message = f"the value stands twice, first on line {rows[key].line}; that is taken"
                yield Problem(kind="id-twice", message=message, place=place, id=key)
        for key, attributes in self.owners.items():
            if key not in rows:
                message = f"attribute {attributes[0]} lists a value that is not there"
                yield Problem(kind="unknown-value", message=message, place=Place(file), id=key)
        for key in dict.fromkeys((*self.owners, *rows)):
            if key in rows:
                yield from self._value(file, key, rows[key])

    def _value(self, file: str, key: str, row: Row) -> Iterator[Item]:
        place = Place(file, row.line)
        prefix = key.partition("__")[0]
        listed = self.owners.get(key, [])
        if len(listed) != 1:
            said = f"is listed by {', '.join(listed)}" if listed else "is listed by no attribute"
            kept = prefix if prefix in listed or not listed else listed[0]
            kind = "shared-value" if listed else "unlisted-value"
            yield Problem(kind=kind, message=f"the value {said}; kept under {kept}", place=place, id=key)
            listed = [kept]
        number = _text(row, "id")
        node = Node(
            role=Role.VALUE,
            key=key,
            place=place,
            name=key.removeprefix(f"{listed[0]}__"),
            tail=number,
            attribute=listed[0],
            exact=_exact(Role.VALUE, number),
        )
        yield from self._concept(node, row)

    def _tree(self, names: list[str]) -> Iterator[Item]:
        rows: dict[str, tuple[str, Row]] = {}
        parents: dict[str, str] = {}
        for file in names:
            for row in self._rows(file):
                yield from self._branch(row, file, rows, parents) if isinstance(row, Row) else (row,)
        for child, parent in parents.items():
            if child not in rows:
                file, row = rows[parent]
                place, message = Place(file, _line(row, "children")), f"{parent} lists a child that is not there"
                yield Problem(kind="unknown-child", message=message, place=place, id=child)
        for key, (file, row) in rows.items():
            yield from self._category(key, row, Place(file, row.line), parents.get(key))

    def _branch(
        self, row: Row, file: str, rows: dict[str, tuple[str, Row]], parents: dict[str, str]
    ) -> Iterator[Problem]:
        """Take in a row of a category and whose parent it is."""
        key, place = _text(row, "id"), Place(file, row.line)
        if not key:
            yield _keyless(row, place, "id")
        elif rows.setdefault(key, (file, row))[1] is not row:
            message = f"the category stands twice, first on line {rows[key][1].line}; that is taken"
            yield Problem(kind="id-twice", message=message, place=place, id=key)
        else:
            for child in _texts(row, "children"):
                if parents.setdefault(child, key) != key:
                    message = f"the category has two parents, {parents[child]} and {key}; the first is taken"
                    yield Problem(kind="two-parents", message=message, place=place, id=child)

    def _category(self, key: str, row: Row, place: Place, parent: str | None) -> Iterator[Item]:
        if parent is None and "-" in key:
            parent = key.rpartition("-")[0]
            message = f"no category lists it as a child; put under {parent} by its id"
            yield Problem(kind="unlisted-child", message=message, place=place, id=key)
        node = Node(
            role=Role.CATEGORY,
            key=key,
            place=place,
            tail=key,
            broader=parent,
            exact=_exact(Role.CATEGORY, key),
            relevant=_texts(row, "attributes"),
        )
        yield from self._concept(node, row)

    def _labels(self, locale: str, file: str) -> Iterator[Item]:
        role = _ROLES[PurePosixPath(file).parent.name]
        ours = spelled((locale,))[locale]
        seen: set[str] = set()
        untaken: Counter[str] = Counter()
        for row in self._rows(file):
            if not isinstance(row, Row):
                yield row
                continue
            if row.section[:1] != (locale,):
                said = "/".join(row.section) or "nothing"
                message = f"stands under {said}, not under {locale}; it is taken for {locale}"
                yield Problem(kind="locale-differs", message=message, place=Place(file, row.line), id=row.key)
            if row.key in seen:
                message = "the key stands twice; the first is taken"
                yield Problem(kind="id-twice", message=message, place=Place(file, row.line), id=row.key, locale=ours)
                continue
            seen.add(row.key)
            untaken.update(key for key in row.fields if key not in _USED)
            place, text = Place(file, _line(row, "name")), _text(row, "name")
            if ours != "en":
                yield Name(role, row.key, ours, text, place)
            elif (english := self.english.get((role, row.key), "")) != text:
                message = f"the localisation says {text!r} where the base file says {english!r}"
                yield Problem(kind="english-differs", message=message, place=place, id=row.key, locale=ours, label=text)
                yield Name(role, row.key, ours, text, place)
        for what, count in untaken.items():
            yield NotTaken(what=what, place=Place(file), count=count)


def _keyless(row: Row, place: Place, key: str) -> Problem:
    return Problem(kind="no-id", message=f"skipped: it has no {key}", place=place, label=_text(row, "name"))


def _exact(role: Role, number: str) -> tuple[str, ...]:
    return (f"gid://shopify/{_TYPES[role]}/{number}",) if number else ()


def _text(row: Row, key: str) -> str:
    found = row.fields.get(key)
    return found.value if found is not None and isinstance(found.value, str) else ""


def _texts(row: Row, key: str) -> tuple[str, ...]:
    found = row.fields.get(key)
    return found.value if found is not None and isinstance(found.value, tuple) else ()


def _line(row: Row, key: str) -> int:
    return row.fields[key].line if key in row.fields else row.line
