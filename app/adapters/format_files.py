"""Reads value formats: a YAML list that says how a shop writes the values of its attributes.

    - attributes: [Width, Height]           # whose values; the first entry that covers an attribute counts
      categories: [Office Products]         # all, where it is left out
      quantity: {dimension: length, bare: inch, unit: cm, decimals: 1, upper: true, several: all}
    - attributes: [Part Number]
      characters: {keep: 0-9A-Za-z}
    - attributes: [Brand]
      expand: {Intl: International}
      learned: names
      case: upper

Unknown keys raise: a format with a misspelt key would silently do nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import yaml

from app.adapters.taxonomy_files import load_yaml
from app.domain.errors import InvalidRules, NotFound
from app.pipeline.quantities.canonical import Learns
from app.pipeline.quantities.units import Units
from app.pipeline.quantities.value_forms import ANY, CASES, CharacterFormat, QuantityFormat, Several, ValueFormat

_KEYS = {field.name for field in fields(ValueFormat)} - {"canonical"}


def read_formats(path: Path, units: Units) -> tuple[ValueFormat, ...]:
    """Return the formats in a file; InvalidRules says which entry is unusable, and why."""
    try:
        entries = load_yaml(path.read_bytes())
    except (OSError, yaml.YAMLError) as exc:
        raise InvalidRules(f"{path} cannot be read: {exc}") from exc
    if not isinstance(entries, list):
        raise InvalidRules(f"{path}: expected a list of formats")
    formats = []
    for number, entry in enumerate(entries, 1):
        try:
            formats.append(_format(entry, units))
        except (KeyError, TypeError, ValueError, re.error, NotFound) as exc:
            raise InvalidRules(f"{path}, format {number}: {exc!r}") from exc
    return tuple(formats)


def _format(entry: Mapping[str, Any], units: Units) -> ValueFormat:
    unknown = set(entry) - _KEYS
    if unknown:
        raise ValueError(f"unknown keys {', '.join(sorted(unknown))}")
    case = entry.get("case")
    if case is not None and case not in CASES:
        raise ValueError(f"case must be one of {', '.join(CASES)}")
    return ValueFormat(
        attributes=frozenset(entry["attributes"]),
        categories=frozenset(entry.get("categories", (ANY,))),
        expand=dict(entry.get("expand", {})),
        quantity=_quantity(entry["quantity"], units) if "quantity" in entry else None,
        characters=_characters(entry["characters"]) if "characters" in entry else None,
        learned=Learns(entry["learned"]) if "learned" in entry else None,
        case=case,
    )


def _quantity(raw: Mapping[str, Any], units: Units) -> QuantityFormat:
    chosen = QuantityFormat(**{**raw, "several": Several(raw.get("several", Several.ALL))})
    named = [unit for unit in (chosen.unit, chosen.bare, *chosen.names) if unit is not None]
    other = [unit for unit in named if units.unit(unit).dimension != chosen.dimension]
    if other:
        raise ValueError(f"{', '.join(other)}: no unit of {chosen.dimension}")
    return chosen


def _characters(raw: Mapping[str, Any]) -> CharacterFormat:
    chosen = CharacterFormat(**raw)
    re.compile(rf"[^{chosen.keep}]")
    return chosen
