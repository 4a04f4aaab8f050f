"""Canonical gold: which concepts of the taxonomy are right for listings whose text is not in the repository.

`canonical.jsonl` holds {"id": "SET/SPLIT/NUMBER", "tags": [concept id]}; text and surface values stand in the data
folder, in SET/SPLIT.jsonl. A table `canonical_values_SET.jsonl` says what the surface values of a set mean:

    {"attribute": "Farbe", "value": "schwarz", "ids": ["color:black"]}
    {"attribute": "Stil", "value": "Kult", "ids": []}            no concept for it: it counts as gold, and as missed
    {"attribute": "Modell", "counterpart": null}                  the taxonomy has no such attribute: it is left out

With a table, a set's own gold file becomes tag gold too (`to_tags`), limited to the attributes that the table leads to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.domain.errors import InvalidFile
from app.domain.taxonomy import Taxonomy
from eval.harness.gold import FOLDER, Gold, GoldListing, Surface, Wordings, read_rows

UNKNOWN = "?"
"""Stands after `attribute:` in the id of a value of which there is no concept: no tagger can give it."""


@dataclass(frozen=True, kw_only=True)
class ValueTable:
    """What the surface values of a set mean."""

    ids: Mapping[tuple[str, str], tuple[str, ...]]
    """(attribute, folded value) -> concept ids, empty where there is no concept."""
    counterparts: Mapping[str, str | None]
    """Attribute of the set -> the taxonomy's attribute, None where it has none."""

    def tags(self, values: Surface) -> Iterator[tuple[str, str]]:
        """Yield (concept id, wording) of a listing's surface values; what has no concept gets an `UNKNOWN` id."""
        for attribute, found in values.items():
            counterpart = self.counterparts.get(attribute)
            if counterpart is None:
                continue
            for value in found or ():
                for one in self.ids.get((attribute, _key(value))) or (f"{counterpart}:{UNKNOWN}{value}",):
                    yield one, value


def table_of(dataset: str, folder: Path = FOLDER) -> Path:
    """Return where the table of a set is kept."""
    return folder / f"canonical_values_{dataset}.jsonl"


@lru_cache(maxsize=16)
def read_table(path: Path) -> ValueTable:
    """Return a value table; InvalidFile names line and field of what is wrong."""
    ids: dict[tuple[str, str], tuple[str, ...]] = {}
    leads: dict[str, Counter[str]] = {}
    without: set[str] = set()
    try:
        rows = list(read_rows(path.read_bytes(), path.name))
    except OSError as exc:
        raise InvalidFile(f"{path} cannot be read: {exc.strerror}", field="values") from exc
    for number, row in rows:
        attribute, found = row.get("attribute"), row.get("ids")
        if not isinstance(attribute, str):
            raise InvalidFile(f"{path.name} line {number}: attribute must be a text", field="attribute")
        if "counterpart" in row and row["counterpart"] is None:
            without.add(attribute)
            continue
        if not isinstance(row.get("value"), str):
            raise InvalidFile(f"{path.name} line {number}: value must be a text", field="value")
        if not isinstance(found, list) or not all(isinstance(one, str) and ":" in one for one in found):
            raise InvalidFile(f"{path.name} line {number}: ids must be a list of concept ids", field="ids")
        ids[attribute, _key(row["value"])] = tuple(found)
        leads.setdefault(attribute, Counter()).update(one.partition(":")[0] for one in found)
    counterparts = {attribute: to.most_common(1)[0][0] if to else None for attribute, to in leads.items()}
    return ValueTable(ids=ids, counterparts={**counterparts, **dict.fromkeys(without)})


def to_tags(gold: Gold, table: ValueTable, taxonomy: Taxonomy) -> Gold:
    """Return surface gold as tag gold: only attributes that the table leads to are judged.

    Of a concept and one below it (shoes, sneakers) the narrower one is gold, as in all gold of this project.
    """
    scope = frozenset(one.partition(":")[0] for ids in table.ids.values() for one in ids)
    return replace(gold, listings=tuple(_tagged(item, table, taxonomy) for item in gold.listings), scope=scope)


def look_up(name: str, data: Path | None, tables: Path, place: str) -> tuple[dict[str, Any], Wordings]:
    """Return text, language and category of a listing by its id, and the wordings that a value table knows."""
    dataset, _, rest = name.partition("/")
    split = rest.partition("/")[0]
    if data is None or not split:
        raise InvalidFile(f"{place} has no title, and no text can be looked up for id {name!r}", field="title")
    source = _split(data / dataset / f"{split}.jsonl").get(name)
    if source is None:
        raise InvalidFile(f"{place}: {data / dataset / split}.jsonl has no listing {name!r}", field="id")
    path = table_of(dataset, tables)
    wordings = _wordings(read_table(path), source.get("gold") or {}) if path.is_file() else {}
    return {key: source.get(key) for key in ("title", "description", "lang", "category")}, wordings


def _tagged(item: GoldListing, table: ValueTable, taxonomy: Taxonomy) -> GoldListing:
    wordings = _wordings(table, item.values or {})
    for above in {node for one in wordings for node in taxonomy.path(one)[:-1]}:
        wordings.pop(above, None)
    listing = replace(item.listing, lang=None)
    return replace(item, listing=listing, values=None, tags=frozenset(wordings), wordings=wordings)


def _wordings(table: ValueTable, values: Surface) -> dict[str, tuple[str, ...]]:
    wordings: dict[str, tuple[str, ...]] = {}
    for one, wording in table.tags(values):
        wordings[one] = (*wordings.get(one, ()), wording)
    return wordings


@lru_cache(maxsize=16)
def _split(path: Path) -> dict[str, dict[str, Any]]:
    try:
        content = path.read_bytes()
    except OSError as exc:
        hint = "give the folder of the data sets with --data"
        raise InvalidFile(f"{path} cannot be read: {exc.strerror}", field="data", hint=hint) from exc
    return {str(row.get("id")): row for _, row in read_rows(content, path.name)}


def _key(value: str) -> str:
    return value.strip().casefold()
