"""The units of the rule data as a system to convert in (pint), built from taxonomy/rules-*/quantities.yaml alone.

pint's own table is left aside: one place knows units, and a registry of 90 units is built in milliseconds. Importing
pint takes half a second, so nothing is imported before the first conversion; rules need factors only.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from app.domain.errors import NotFound
from app.pipeline.rules.measures import SHOE
from app.pipeline.rules.ruleset import QuantityRules, Unit

if TYPE_CHECKING:
    from pint import UnitRegistry


class Units:
    """Converts between the units of one dimension."""

    def __init__(self, rules: QuantityRules) -> None:
        self._rules = rules
        self._known = {unit.unit: unit for unit in rules.units}

    @cached_property
    def registry(self) -> UnitRegistry[Any]:
        """The pint registry of the units; it may be given further definitions."""
        from pint import UnitRegistry

        registry: UnitRegistry[Any] = UnitRegistry(None)
        for definition in self._definitions():
            registry.define(definition)
        return registry

    def _definitions(self) -> Iterator[str]:
        """Yield pint's definition of each unit, bases first."""
        units = sorted(self._known.values(), key=lambda unit: unit.unit != unit.base)
        for unit in units:
            if unit.unit == unit.base:
                yield f"{unit.unit} = [{unit.dimension}]"
            else:
                offset = f"; offset: {unit.offset!r}" if unit.offset else ""
                yield f"{unit.unit} = {unit.factor!r} * {unit.base}{offset}"
        # sizes of shoes have no common measure: each system is a dimension of its own
        yield from (f"{system} = [{SHOE}_{system}]" for system in self._rules.shoe_systems)

    def convert(self, number: float, unit: str, to: str) -> float:
        """Return a number of one unit in another; NotFound where a unit is unknown or no such conversion exists."""
        from pint.errors import DimensionalityError, UndefinedUnitError

        if unit == to:
            return number
        try:
            return float(self.registry.convert(number, unit, to))
        except (DimensionalityError, UndefinedUnitError) as exc:
            raise NotFound(f"{unit!r} cannot be converted to {to!r}: {exc}", field="unit") from exc

    def base(self, dimension: str) -> str:
        """Return the unit that quantities of a dimension are compared in; NotFound for an unknown dimension."""
        found = next((unit.base for unit in self._rules.units if unit.dimension == dimension), None)
        if found is None:
            raise NotFound(f"no unit has the dimension {dimension!r}", field="dimension")
        return found

    def unit(self, name: str) -> Unit:
        """Return a unit by its name in the data; NotFound for an unknown one."""
        if name not in self._known:
            raise NotFound(f"no unit is called {name!r}", field="unit")
        return self._known[name]
