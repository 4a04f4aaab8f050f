"""Reads large YAML files as rows, with lines, from PyYAML's events: to build its documents takes six times as long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import yaml

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
"""What YAML takes for nothing where it stands without quotes; every other scalar is a text as it is written."""


class Field(NamedTuple):
    """What stands under a key: a text, a list of texts, or None for nothing; and the line of the key."""

    value: str | tuple[str, ...] | None
    line: int


class Row(NamedTuple):
    """A mapping that holds texts: the keys above it, its own key ("" in a list), its line and its fields."""

    section: tuple[str, ...]
    key: str
    line: int
    fields: Mapping[str, Field]
    error: str = ""
    """Why the file could not be read any further; the last row then, without fields."""


class _Open:
    """A mapping or a sequence that has begun."""

    __slots__ = ("fields", "holds_rows", "is_list", "key", "key_line", "line", "name", "section", "texts")

    def __init__(self, section: tuple[str, ...], name: str, line: int, *, is_list: bool) -> None:
        self.section, self.name, self.line, self.is_list = section, name, line, is_list
        self.key: str | None = None
        self.key_line = line
        self.fields: dict[str, Field] = {}
        self.texts: list[str] = []
        self.holds_rows = False


def read_rows(path: Path) -> Iterator[Row]:
    """Yield every mapping of a file that holds texts or lists of texts, at whatever depth, when it ends."""
    stack: list[_Open] = []
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with path.open("rb") as data:
        try:
            for event in yaml.parse(data, Loader=loader):
                if isinstance(event, yaml.ScalarEvent):
                    _take(stack, event)
                elif isinstance(event, yaml.CollectionStartEvent):
                    stack.append(_begin(stack, event))
                elif isinstance(event, yaml.CollectionEndEvent):
                    ended = stack.pop()
                    if ended.fields:
                        yield Row(ended.section, ended.name, ended.line, ended.fields)
                    _end(stack, ended)
                elif isinstance(event, yaml.AliasEvent):
                    yield Row((), "", _line(event), {}, "holds an alias (*), which is not read")
                    return
        except yaml.YAMLError as exc:
            mark = getattr(exc, "problem_mark", None)
            error = f"is no YAML: {' '.join(str(exc).split())}"
            yield Row((), "", mark.line + 1 if mark else 0, {}, error)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _take(stack: list[_Open], event: yaml.ScalarEvent) -> None:
    """Take in a scalar: a key, the value of one, or an item of a list."""
    if not stack:
        return
    top = stack[-1]
    if top.is_list:
        top.texts.append(event.value)
    elif top.key is None:
        top.key = event.value
        top.key_line = _line(event)
    else:
        nothing = event.implicit[0] and event.value in _NULLS
        top.fields[top.key] = Field(None if nothing else event.value, top.key_line)
        top.key = None


def _begin(stack: list[_Open], event: yaml.CollectionStartEvent) -> _Open:
    """Return the collection that begins, under the keys above it."""
    is_list = isinstance(event, yaml.SequenceStartEvent)
    if not stack:
        return _Open((), "", _line(event), is_list=is_list)
    top = stack[-1]
    if top.is_list:
        return _Open(top.section, "", _line(event), is_list=is_list)
    section = (*top.section, top.name) if top.name else top.section
    key = top.key or ""
    # the rows of a list stand in a section of the list's name
    return _Open((*section, key) if is_list else section, "" if is_list else key, top.key_line, is_list=is_list)


def _end(stack: list[_Open], ended: _Open) -> None:
    """Give what ended to the mapping around it: a list of texts is a field of that."""
    if not stack:
        return
    top = stack[-1]
    if top.is_list:
        top.holds_rows = True
    elif ended.is_list and top.key is not None and not ended.holds_rows:
        top.fields[top.key] = Field(tuple(ended.texts), top.key_line)
    top.key = None
