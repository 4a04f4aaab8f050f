"""Google's product taxonomy: `taxonomy-with-ids.LOCALE.txt`, one file a locale, lines of "id - Root > ... > Name".

Ids are shared by the locales, versions are not. The tree is that of the base locale (en-US where it is there); what
other locales have besides is kept with the labels there are, under the parent they name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from app.adapters.imports.files import Files
from app.adapters.imports.locales import canonical, chosen, spelled
from app.adapters.imports.source import Done, Item, Name, Node, Place, Problem, Role, Source
from app.adapters.text_encoding import decode
from app.domain.errors import InvalidFile

_NAME = re.compile(r"taxonomy[\w-]*\.(?P<locale>[A-Za-z]{2,3}(?:[-_][A-Za-z]{2,4})?)\.txt")
_VERSION = re.compile(r"#\s*Google_Product_Taxonomy_Version:\s*(\S+)")
_LINE = re.compile(r"(?P<id>\d+)\s+-\s+(?P<path>\S.*)")
_URI = "https://www.google.com/basepages/producttype/taxonomy-with-ids.en-US.txt#{}"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Category:
    """A line of a file; ``parent`` is the id that this file gives the path above it, "" for a root or none."""

    name: str
    path: str
    parent: str
    line: int


@dataclass(kw_only=True, slots=True)
class _Tree:
    """What a file says."""

    file: str
    locale: str
    version: str = "unknown"
    categories: dict[str, _Category] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def recognises(files: Files) -> bool:
    """Say whether a file is named like Google's, or begins like one."""
    return any(_is_ours(files, name) for name in files.ending(".txt"))


def _is_ours(files: Files, name: str) -> bool:
    if _NAME.fullmatch(PurePosixPath(name).name):
        return True
    with files.paths[name].open("rb") as data:
        return b"Google_Product_Taxonomy_Version" in data.read(200)


def open_source(files: Files, locales: tuple[str, ...] | None) -> Source:
    """Return the source; InvalidFile where no file is Google's, InputError for a locale it lacks."""
    found: dict[str, str] = {}
    for name in files.ending(".txt"):
        if _is_ours(files, name):
            named = _NAME.fullmatch(PurePosixPath(name).name)
            found.setdefault(named["locale"].replace("_", "-") if named else "en-US", name)
    if not found:
        raise InvalidFile(
            f"{files.label} is not Google's product taxonomy",
            field="SOURCE",
            hint="its files are named taxonomy-with-ids.LOCALE.txt",
        )
    ours = spelled(found)
    wanted = chosen(ours.values(), locales)
    names = {ours[locale]: name for locale, name in found.items() if ours[locale] in wanted}
    base = next((name for locale, name in names.items() if locale == "en"), next(iter(names.values())))
    version = _version(files, base)
    return Source(
        name="google",
        version=version,
        locales=tuple(locale for locale in wanted if locale in names),
        origin=f"Categories and labels: Google product taxonomy, version {version} ({files.label})",
        licence="© Google; published for product feeds",
        size=files.size(list(names.values())),
        items=lambda: _items(files, names, base),
    )


def _version(files: Files, name: str) -> str:
    with files.paths[name].open("rb") as data:
        found = _VERSION.search(data.readline().decode(errors="replace"))
    return found[1] if found else "unknown"


def _items(files: Files, names: dict[str, str], base: str) -> Iterator[Item]:
    trees: list[_Tree] = []
    for locale, name in names.items():
        trees.append(_read(files, name, locale))
        yield Done(size=files.size([name]))
    trees.sort(key=lambda tree: (tree.file != base, canonical(tree.locale)))
    first = trees[0]
    parents: dict[str, str] = {}
    for tree in trees:
        yield from tree.problems
        if tree.version != first.version:
            message = f"version {tree.version}, while {first.locale} is {first.version}"
            yield Problem(kind="other-version", message=message, place=Place(tree.file, 1), locale=tree.locale)
        for key, category in tree.categories.items():
            place = Place(tree.file, category.line)
            if key not in parents:
                parents[key] = category.parent
                if tree is not first:
                    message = f"not in {first.locale} ({first.version}); kept under {category.parent or 'no parent'}"
                    yield _problem("not-in-base", message, tree, key, category)
                yield _node(key, category, place)
            elif category.parent and parents[key] != category.parent:
                message = f"its parent is {category.parent} here and {parents[key] or 'none'} where it is taken from"
                yield _problem("other-path", message, tree, key, category)
            yield Name(Role.CATEGORY, key, tree.locale, category.name, place)


def _node(key: str, category: _Category, place: Place) -> Node:
    return Node(
        role=Role.CATEGORY,
        key=key,
        place=place,
        broader=category.parent or None,
        exact=(_URI.format(key),),
        google=int(key),
    )


def _read(files: Files, file: str, locale: str) -> _Tree:
    tree = _Tree(file=file, locale=locale)
    text = decode(files.paths[file].read_bytes()).text
    rows: list[tuple[str, str, int]] = []
    by_path: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if version := _VERSION.match(line):
            tree.version = version[1]
            continue
        if not line.strip() or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line.strip())
        if found is None:
            message = 'skipped: the line is no "id - Root > ... > Name"'
            _say(tree, "unreadable", message, number, label=line.strip()[:200])
        elif int(found["id"]) < 1:
            _say(tree, "unreadable", "skipped: an id is a positive number", number, label=line.strip()[:200])
        else:
            path = " > ".join(part.strip() for part in found["path"].split(" > "))
            rows.append((str(int(found["id"])), path, number))
            if by_path.setdefault(path, rows[-1][0]) != rows[-1][0]:
                message = f"the path is also that of {by_path[path]}, which is taken as the parent of those under it"
                _say(tree, "path-twice", message, number, key=rows[-1][0], label=path)
    for key, path, number in rows:
        if key in tree.categories:
            message = f"skipped: the id stands on line {tree.categories[key].line} too"
            _say(tree, "id-twice", message, number, key=key, label=path)
            continue
        above, _, name = path.rpartition(" > ")
        parent = by_path.get(above, "")
        if above and not parent:
            _say(tree, "missing-parent", f"no line has the path above it: {above}", number, key=key, label=path)
        tree.categories[key] = _Category(name=name, path=path, parent=parent, line=number)
    return tree


def _say(tree: _Tree, kind: str, message: str, line: int, *, key: str = "", label: str = "") -> None:
    place = Place(tree.file, line)
    tree.problems.append(Problem(kind=kind, message=message, place=place, id=key, locale=tree.locale, label=label))


def _problem(kind: str, message: str, tree: _Tree, key: str, category: _Category) -> Problem:
    place = Place(tree.file, category.line)
    return Problem(kind=kind, message=message, place=place, id=key, locale=tree.locale, label=category.path)
