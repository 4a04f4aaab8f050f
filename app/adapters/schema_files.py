"""Reads the attributes that a caller wants extracted: per category, or one list for all listings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.domain.errors import InvalidSchema
from app.pipeline.extractor import AskedAttribute

ANY = "*"
"""The category whose attributes are asked for where a listing's own is not in the schema."""
_KEYS = frozenset({"name", "description", "examples"})
_FORM = '[{"name", "description"?, "examples"?}], {"attributes": [...]} or {"categories": {NAME: [...]}}'


@dataclass(frozen=True, kw_only=True, slots=True)
class Schema:
    """Attributes by category."""

    categories: Mapping[str, tuple[AskedAttribute, ...]]

    def attributes(self, category: str) -> tuple[AskedAttribute, ...]:
        """Return what is asked of a listing; InvalidSchema for a category that the schema does not cover."""
        found = self.categories.get(category) or self.categories.get(ANY)
        if found is None:
            raise InvalidSchema(
                f"the schema has no category {category!r} and no {ANY!r}",
                field="category",
                hint=f"its categories are {', '.join(sorted(self.categories))}"[:300],
            )
        return found


def read_schema(path: Path) -> Schema:
    """Return the schema in a JSON file; InvalidSchema says what is wrong with it, and where."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as exc:
        raise InvalidSchema(f"the schema {path} cannot be read: {exc.strerror}", field="schema") from exc
    except ValueError as exc:
        raise InvalidSchema(f"the schema {path} is no JSON: {exc}", field="schema") from exc
    if isinstance(raw, dict) and isinstance(raw.get("categories"), dict):
        categories = raw["categories"]
    elif isinstance(raw, dict) and "attributes" in raw:
        categories = {ANY: raw["attributes"]}
    else:
        categories = {ANY: raw}
    return Schema(categories={name: _asked(entries, name) for name, entries in categories.items()})


def _asked(entries: Any, category: str) -> tuple[AskedAttribute, ...]:
    if not isinstance(entries, list) or not entries:
        raise InvalidSchema(f"the schema asks for nothing in {category!r}", field="schema", hint=f"expected {_FORM}")
    return tuple(_attribute(entry, f"{category}[{number}]") for number, entry in enumerate(entries))


def _attribute(entry: Any, place: str) -> AskedAttribute:
    if isinstance(entry, str):
        entry = {"name": entry}
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str) or not set(entry) <= _KEYS:
        message = f"schema {place}: {entry!r} is no attribute"[:300]
        raise InvalidSchema(message, field="schema", hint=f"expected {_FORM}")
    examples = entry.get("examples") or []
    if not isinstance(examples, list) or not all(isinstance(x, str) for x in examples):
        raise InvalidSchema(f"schema {place}: examples must be a list of texts", field="schema")
    return AskedAttribute(name=entry["name"], description=entry.get("description") or "", examples=tuple(examples))
