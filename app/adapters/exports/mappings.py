"""Reads taxonomy/exports-*/*.yaml: which of our concepts is what in the formats of others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from app.adapters.taxonomy_files import load_yaml
from app.domain.errors import InvalidRules
from app.pipeline.exports.columns import Column
from app.pipeline.exports.google_merchant import GoogleMerchant
from app.pipeline.exports.schema_org import SchemaOrg
from app.pipeline.exports.shopify import Shopify

_COLUMN = frozenset({"name", "attributes", "most", "join", "length", "values", "same", "categories"})


def read_google(folder: Path) -> GoogleMerchant:
    """Return the mapping to Google's enumerations; InvalidRules where the file is none."""
    path = folder / "google_merchant.yaml"
    raw = _load(path, {"lengths", "columns"})
    with _Reading(path):
        lengths = {name: int(raw["lengths"][name]) for name in ("id", "title", "description", "product_type")}
        return GoogleMerchant(columns=_columns(raw["columns"]), lengths=lengths)


def read_shopify(folder: Path) -> Shopify:
    """Return the mapping to Shopify's handles and categories; InvalidRules where the file is none."""
    path = folder / "shopify.yaml"
    raw = _load(path, {"options", "columns", "categories"})
    google = read_google(folder)
    with _Reading(path):
        return Shopify(
            columns=_columns(raw["columns"]),
            options=_texts(raw["options"]),
            categories={str(ours): str(theirs) for ours, theirs in raw["categories"].items()},
            google=google,
        )


def read_schema_org(folder: Path, base: str) -> SchemaOrg:
    """Return the mapping to schema.org; ``base`` is what concept ids are put after. InvalidRules as above."""
    path = folder / "schema_org.yaml"
    raw = _load(path, {"columns", "gender", "ages", "units"})
    with _Reading(path):
        return SchemaOrg(
            columns=_columns(raw["columns"]),
            gender=_column(raw["gender"]),
            ages={group: (float(least), most and float(most)) for group, (least, most) in raw["ages"].items()},
            units={str(unit): str(code) for unit, code in raw["units"].items()},
            base=base,
        )


class _Reading:
    """Gives what goes wrong inside the file's name."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, trace: object) -> None:
        if isinstance(exc, KeyError | TypeError | ValueError | AttributeError):
            raise InvalidRules(f"{self._path}: {exc!r}") from exc


def _load(path: Path, known: set[str]) -> Mapping[str, Any]:
    try:
        raw = load_yaml(path.read_bytes())
    except (OSError, yaml.YAMLError) as exc:
        raise InvalidRules(f"{path} cannot be read: {' '.join(str(exc).split())}") from exc
    if not isinstance(raw, dict) or set(raw) != known:
        raise InvalidRules(f"{path} must have the keys {', '.join(sorted(known))}")
    return raw


def _columns(rows: Iterable[Any]) -> tuple[Column, ...]:
    return tuple(_column(raw) for raw in rows)


def _column(raw: Mapping[str, Any]) -> Column:
    unknown = set(raw) - _COLUMN
    if unknown:
        raise ValueError(f"unknown keys {sorted(unknown)} in the column {raw.get('name')!r}")
    attributes = _texts(raw["attributes"])
    values: dict[str, str] | None = None
    if "values" in raw or "same" in raw:
        same = {f"{attributes[0]}:{name}": name.replace("_", "-") for name in _texts(raw.get("same", ()))}
        values = same | {str(concept): str(theirs) for concept, theirs in raw.get("values", {}).items()}
    return Column(
        name=raw["name"],
        attributes=attributes,
        most=int(raw.get("most", 1)),
        join=raw.get("join", ""),
        length=raw.get("length"),
        values=values,
        categories=frozenset(_texts(raw.get("categories", ()))),
    )


def _texts(values: Iterable[Any]) -> tuple[str, ...]:
    texts = tuple(values)
    if isinstance(values, str) or not all(isinstance(text, str) for text in texts):
        raise ValueError(f"a list of texts is needed, not {values!r}")
    return texts
