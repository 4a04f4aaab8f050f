"""Gold that families are trained on: the train file of a set without what stands in dev, and its schema.

Of dev files the titles alone are read, for that check; see leaks.py.
"""

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
from app.training.leaks import TRAIN, check_split, dev_titles, refuse_leaks, without_leaks
from app.training.licences import licence_of

_LEAST_KEPT = 0.5
"""Share of a train file that must not stand in dev: what has less is a dev file under another name."""


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
    rows: tuple[int, ...]
    """The row of the file that each listing stands in, from 0."""
    rows_in_file: int
    attributes: Mapping[str, tuple[str, ...]]
    """Names by category, as the set's schema lists them; ``*`` where it has no categories, none without a schema."""
    described: Mapping[str, Any]
    """What a card says of it: file, licence, and how many listings were left out because they stand in dev."""

    def known(self, category: str) -> tuple[str, ...]:
        """Return the attributes that may be asked of a category."""
        return self.attributes.get(category) or self.attributes.get(ANY, ())

    def held_out(self, number: int, folds: int, seed: int) -> list[int]:
        """Return the places in ``listings`` of one of ``folds`` parts.

        It is drawn over all rows of the file: a part holds what it held before a listing was left out, and models that
        were trained then have still not seen it.
        """
        held = set(held_out(self.rows_in_file, number, folds, seed))
        return [place for place, row in enumerate(self.rows) if row in held]

    def fold(self, number: int, folds: int, seed: int) -> tuple[list[GoldListing], list[GoldListing]]:
        """Return (the rest, the held-out listings) of one of ``folds`` parts."""
        return split(self.listings, self.held_out(number, folds, seed))


def read_train(data: Path, name: str) -> GoldSet:
    """Return a set's train split but for the listings that stand in a dev file, or nearly do.

    InvalidFile where it is missing; LeakedData where it holds listings of another split, or a dev file.
    """
    path = data / name / f"{TRAIN}.jsonl"
    if not path.is_file():
        raise InvalidFile(f"gold data is missing: {path}", field="data")
    content = path.read_bytes()
    rows = [json.loads(line) for line in content.splitlines()]
    for row in rows:
        check_split(_split(row["id"]), source=f"{path}, {row['id']}")
    titles, dev = [row["title"] for row in rows], dev_titles(data)
    kept, counts = without_leaks(titles, dev)
    if len(kept) < _LEAST_KEPT * len(rows):
        refuse_leaks(titles, dev, source=str(path))
    schema = data / name / "schema.json"
    asked = read_schema(schema).categories if schema.is_file() else {}
    return GoldSet(
        name=name,
        listings=tuple(_listing(rows[place]) for place in kept),
        rows=tuple(kept),
        rows_in_file=len(rows),
        attributes={c: tuple(a.name for a in attributes) for c, attributes in asked.items()},
        described={
            "set": name,
            "split": TRAIN,
            **counts,
            "licence": licence_of(name),
            "sha256": hashlib.sha256(content).hexdigest(),
        },
    )


def _split(listing_id: str) -> str:
    """Return the split that an id names (SET/SPLIT/NUMBER); "" where it names none."""
    parts = listing_id.split("/")
    return parts[1] if len(parts) == 3 else ""


def _listing(row: Mapping[str, Any]) -> GoldListing:
    return GoldListing(
        listing=Listing(title=row["title"], description=row.get("description") or "", lang=row.get("lang")),
        category=row.get("category") or "",
        gold={name: None if values is None else tuple(values) for name, values in row["gold"].items()},
    )


def held_out(size: int, number: int, folds: int, seed: int) -> list[int]:
    """Return the places of one of ``folds`` equal parts of ``size`` things, drawn by ``seed``."""
    order = list(range(size))
    random.Random(seed).shuffle(order)  # noqa: S311 - not for secrets
    return sorted(order[number::folds])


def split(listings: Sequence[GoldListing], held: Sequence[int]) -> tuple[list[GoldListing], list[GoldListing]]:
    """Return (the rest, the listings at the places held)."""
    left = set(held)
    return [item for place, item in enumerate(listings) if place not in left], [listings[place] for place in held]
