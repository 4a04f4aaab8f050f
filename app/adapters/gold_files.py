"""Reads gold (data/README.md's schema) as what an extractor can be taught with: listings with their right answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.adapters.schema_files import Schema
from app.domain.errors import InvalidFile, InvalidSchema
from app.pipeline.prompting import Demonstration
from app.pipeline.text import clean


def read_demonstrations(path: Path, schema: Schema) -> list[Demonstration]:
    """Return the listings of a gold file in JSON Lines, asked for what the schema asks of their category.

    Listings of categories that the schema does not cover are left out. InvalidFile says what is wrong, and where.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise InvalidFile(f"{path} cannot be read: {exc}", field="train") from exc
    found = list(_read(lines, path, schema))
    if not found:
        raise InvalidFile(f"{path} holds no listing of a category of the schema", field="train")
    return found


def _read(lines: list[str], path: Path, schema: Schema) -> Iterator[Demonstration]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row: Any = json.loads(line)
            category, title, gold = row.get("category") or "", row["title"], row["gold"]
            description = row.get("description") or ""
            stated = {name: [str(v) for v in values or ()] for name, values in gold.items()}
        except (ValueError, KeyError, AttributeError, TypeError) as exc:
            expected = '{"title", "category", "gold": {attribute: [values]}}'
            raise InvalidFile(f"{path}, line {number}: no gold listing ({exc})", field="train", hint=expected) from exc
        try:
            names = tuple(attribute.name for attribute in schema.attributes(category))
        except InvalidSchema:
            continue
        yield Demonstration(
            category=category,
            attributes=names,
            texts={"title": clean(title).text, "description": clean(description).text},
            answer={name: stated[name] for name in names if stated.get(name)},
        )
