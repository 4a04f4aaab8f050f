"""`tagwright taxonomy quantity`: how the value of an attribute is read."""

from __future__ import annotations

from typing import Any

import click

from app.adapters.rule_files import read_rules
from app.bootstrap import RULES, data_folder, open_taxonomy
from app.commands import terminal
from app.domain.errors import InputError, NotFound
from app.pipeline.quantities.quantity_values import Ambiguous, QuantityReader, ReadQuantity, normalized, readings_of
from app.pipeline.quantities.units import Units
from app.pipeline.rules.measures import SHOE
from app.pipeline.rules.quantities import SHOE_SIZE
from app.settings import load_settings


def quantity(text: str, *, attribute: str | None, dimension: str | None, lang: str | None, as_json: bool) -> int:
    """Print in how many ways a value can be read, as written and in base units; 1 where there is no quantity."""
    if attribute is not None and dimension is not None:
        raise InputError("give --attribute or --dimension, not both", field="attribute")
    rules = read_rules(data_folder("taxonomy") / RULES)
    units = Units(rules.quantities)
    asked = _dimension(attribute) if attribute is not None else dimension
    if asked is not None and asked != SHOE:
        units.base(asked)
    found = QuantityReader(rules, lang).read(text, asked)
    results = [] if found is None else [_result(one, units) for one in readings_of(found)]
    doubt = found.doubt.value if isinstance(found, Ambiguous) else None
    if as_json:
        terminal.write_json({"text": text, "doubt": doubt, "readings": results})
    elif not results:
        click.echo("no quantity")
    for result in () if as_json else results:
        click.echo(terminal.printable(_line(result)))
    if doubt and not as_json:
        click.echo(f"ambiguous: {doubt}")
    return 0 if results else 1


def _dimension(attribute: str) -> str:
    known = {SHOE_SIZE: SHOE}
    known |= {a.id: a.dimension for a in open_taxonomy(load_settings()).attributes.values() if a.dimension}
    if attribute not in known:
        hint = f"these are: {', '.join(known)}"
        raise NotFound(f"{attribute!r} is no attribute whose values are quantities", field="attribute", hint=hint)
    return known[attribute]


def _result(read: ReadQuantity, units: Units) -> dict[str, Any]:
    plain = normalized(read, units)
    return {
        "value": read.value, "upper": read.upper, "unit": read.unit, "dimension": read.dimension, "count": read.count,
        "start": read.start, "end": read.end, "remainder": read.remainder,
        "normalized": {"value": plain.value, "upper": plain.upper, "unit": plain.unit},
    }  # fmt: skip


def _line(result: dict[str, Any]) -> str:
    base = result["normalized"]
    pieces = f"{result['count']} x " if result["count"] else ""
    rest = f"   beside it: {result['remainder']}" if result["remainder"] else ""
    return f"{pieces}{_amount(result)} ({result['dimension'] or 'number'}) = {pieces}{_amount(base)}{rest}"


def _amount(result: dict[str, Any]) -> str:
    ends = [f"{end:.10g}" for end in (result["value"], result["upper"]) if end is not None]
    return " ".join(("-".join(ends), result["unit"])).rstrip()
