"""Columns of a format: which attributes they take, how many values, from which enumeration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.taxonomy import Taxonomy
from app.pipeline.exports.product import Note, Product, Value


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A column, as the data in taxonomy/exports-*/ describes it."""

    name: str
    attributes: tuple[str, ...]
    """The first of these that has values fills the column."""
    most: int = 1
    join: str = ""
    length: int | None = None
    """Most characters."""
    values: Mapping[str, str] | None = None
    """Concept id -> what the format calls it; a concept stands for all below it. None: labels are written."""
    categories: frozenset[str] = frozenset()
    """The column is for products at or below one of these; empty: for all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """What stands in a column, in order, and what does not and why."""

    parts: tuple[str, ...]
    text: str
    notes: tuple[Note, ...]


def fill(column: Column, product: Product, taxonomy: Taxonomy) -> Cell:
    """Return the cell of a product."""
    if column.categories and column.categories.isdisjoint(product.category):
        return Cell(parts=(), text="", notes=())
    notes: list[Note] = []
    parts: dict[str, None] = {}
    filled_by: str | None = None
    for attribute in column.attributes:
        for value in product.of(attribute):
            part = value.label if column.values is None else _listed(value, column, taxonomy, notes)
            if part is None or part in parts:
                continue
            fits = len(parts) < column.most and filled_by in (None, attribute)
            longer = column.join.join((*parts, part))
            if fits and (column.length is None or len(longer) <= column.length):
                parts[part] = None
                filled_by = attribute
            elif column.values is None or filled_by in (None, attribute):
                notes.append(Note(column.name, f"{value.label!r} was left out: {_limit(column)}"))
    return Cell(parts=tuple(parts), text=column.join.join(parts), notes=tuple(notes))


def unused(product: Product, columns: Sequence[Column]) -> list[str]:
    """Return the attribute of each value that no column takes; what was only implied is not missed."""
    taken = {attribute for column in columns for attribute in column.attributes}
    return [value.attribute for value in product.values if value.attribute not in taken and value.why is None]


def cut(column: str, text: str, length: int, notes: list[Note]) -> str:
    """Return a text of at most ``length`` characters, cut at a blank where one is near."""
    if len(text) <= length:
        return text
    notes.append(Note(column, f"cut to {length} of {len(text)} characters"))
    blank = text.rfind(" ", length - 30, length + 1)
    return text[: blank if blank > 0 else length]


def _listed(value: Value, column: Column, taxonomy: Taxonomy, notes: list[Note]) -> str | None:
    """Return what an enumeration calls a value or the nearest above it, or None."""
    known = column.values or {}
    path = taxonomy.path(value.id) if value.id in taxonomy.concepts else (value.id,)
    found = next((one for one in reversed(path) if one in known), None)
    if found is None:
        if value.attribute == column.attributes[0]:
            notes.append(Note(column.name, f"{value.id} fits no value of the enumeration and was left out"))
        return None
    if found != value.id:
        notes.append(Note(column.name, f"{value.id} is not in the enumeration: {known[found]!r} stands for it"))
    return known[found]


def _limit(column: Column) -> str:
    count = "one value" if column.most == 1 else f"{column.most} values"
    length = f" of {column.length} characters together" if column.length is not None else ""
    return f"the format takes {count}{length}"
