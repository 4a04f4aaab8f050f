"""Gold that families are trained on: the train file of a set and its schema. Dev is never read here."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.adapters.schema_files import ANY, read_schema
from app.domain.errors import InvalidFile
from app.domain.listing import Listing
from app.training.licences import licence_of


@dataclass(frozen=True, kw_only=True, slots=True)
class GoldListing:
    """A listing with its values; None: looked for and not stated. An absent attribute may not have been looked for."""

    listing: Listing
    category: str
    gold: Mapping[str, tuple[str, ...] | None]


@dataclass(frozen=True, kw_only=True)
class GoldSet:
    """The train split of a set."""

    name: str
    listings: tuple[GoldListing, ...]
    attributes: Mapping[str, tuple[str, ...]]
    """Names by category, as the set's schema lists them; ``*`` where it has no categories."""
    described: Mapping[str, Any]
    """What a card says of it."""

    def known(self, category: str) -> tuple[str, ...]:
        """Return the attributes that may be asked of a category."""
        return self.attributes.get(category) or self.attributes.get(ANY, ())


def read_train(data: Path, name: str) -> GoldSet:
    """Return a set's train split; InvalidFile where it is missing or holds a listing of another split."""
    path = data / name / "train.jsonl"
    if not path.is_file():
        raise InvalidFile(f"gold data is missing: {path}", field="data")
    content = path.read_bytes()
    rows = [json.loads(line) for line in content.splitlines()]
    if strange := next((row["id"] for row in rows if "/train/" not in str(row["id"])), None):
        raise InvalidFile(f"{path}: {strange!r} is no listing of train", field="data")
    schema = read_schema(data / name / "schema.json")
    return GoldSet(
        name=name,
        listings=tuple(_listing(row) for row in rows),
        attributes={c: tuple(a.name for a in attributes) for c, attributes in schema.categories.items()},
        described={
            "set": name,
            "split": "train",
            "listings": len(rows),
            "licence": licence_of(name),
            "sha256": hashlib.sha256(content).hexdigest(),
        },
    )


def _listing(row: Mapping[str, Any]) -> GoldListing:
    return GoldListing(
        listing=Listing(title=row["title"], description=row.get("description") or "", lang=row.get("lang")),
        category=row.get("category") or "",
        gold={name: None if values is None else tuple(values) for name, values in row["gold"].items()},
    )


def fold(listings: Sequence[GoldListing], number: int, folds: int, seed: int) -> tuple[list[GoldListing], ...]:
    """Return (the rest, the held-out listings) of one of ``folds`` equal parts, drawn by ``seed``."""
    held = held_out(len(listings), number, folds, seed)
    left = set(held)
    return [item for place, item in enumerate(listings) if place not in left], [listings[place] for place in held]


def held_out(listings: int, number: int, folds: int, seed: int) -> list[int]:
    """Return the places of the listings that `fold` holds out, in their order."""
    order = list(range(listings))
    random.Random(seed).shuffle(order)  # noqa: S311 - not for secrets
    return sorted(order[number::folds])
