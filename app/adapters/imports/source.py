"""What an importer yields: the concepts of a foreign taxonomy, their labels, and what is wrong with it.

An importer reads its source once, from front to back, and yields items as it goes; a concept comes before its labels.
It knows the source's own keys alone: `Draft` makes them ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol

from app.adapters.imports.files import Files
from app.domain.taxonomy import Kind


class Role(StrEnum):
    """What a concept is in a taxonomy; keys are unique within one role."""

    ATTRIBUTE = "attribute"
    CATEGORY = "category"
    VALUE = "value"


class Place(NamedTuple):
    """Where something stands in the source: a file, and its line from 1 (0: none) or the URI of the subject."""

    file: str
    line: int = 0
    subject: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """A concept of the source under the source's own key, without its labels."""

    role: Role
    key: str
    place: Place
    name: str = ""
    """What its id is made of; the key where it is left out."""
    tail: str = ""
    """The source's number, which tells it from another whose id would be the same."""
    attribute: str = ""
    """Values only: the key of their attribute."""
    broader: str | None = None
    exact: tuple[str, ...] = ()
    google: int | None = None
    relevant: tuple[str, ...] = ()
    """Categories only: keys of attributes."""
    kind: Kind = Kind.CLOSED
    dimension: str | None = None
    values_from: str | None = None
    """Attributes only: the key of another attribute."""
    successor: str | None = None
    """The key of the concept that replaces this one, which is retired then."""


class Name(NamedTuple):
    """A label of a concept; the first of a locale is the prefLabel."""

    role: Role
    key: str
    locale: str
    text: str
    place: Place
    ambiguous: bool = False
    """It must not fire in running text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """A defect of the source. ``kind`` is a stable word that reports group by, ``id`` a key of the source or an id."""

    kind: str
    message: str
    place: Place
    id: str = ""
    locale: str = ""
    label: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class NotTaken:
    """What the source says and a taxonomy has no place for, counted per file."""

    what: str
    place: Place
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """So many bytes more of the source have been read."""

    size: int


Item = Node | Name | Problem | NotTaken | Done


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A taxonomy that has been recognised and can be read."""

    name: str
    version: str
    locales: tuple[str, ...]
    """Those that will be read, in our spelling; English first."""
    origin: str
    """For `sources` of the manifest: what it is."""
    licence: str
    """Its text, or a statement; "" where the source has none."""
    size: int
    """How many bytes there are to read."""
    items: Callable[[], Iterator[Item]] = field(repr=False)


class Importer(Protocol):
    """Reads one format; an importer is a module with these two functions."""

    def recognises(self, files: Files) -> bool:
        """Say whether the files are in this format."""

    def open_source(self, files: Files, locales: tuple[str, ...] | None) -> Source:
        """Return the source, limited to some locales; InvalidFile where it cannot be used at all."""
