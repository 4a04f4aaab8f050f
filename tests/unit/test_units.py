"""The unit data against pint's own table, and conversion between units of one dimension."""

from __future__ import annotations

import subprocess
import sys

import pint
import pytest

from app.domain.errors import NotFound
from app.pipeline.quantities.units import Units
from tests.unit.rule_data import rules

ELSEWHERE = {
    "GB": "gibibyte", "TB": "tebibyte", "MB": "mebibyte", "KB": "kibibyte", "inch": "inch", "fl_oz": "fluid_ounce",
    "lb": "pound", "oz": "ounce", "gsm": "gram / meter ** 2", "carat": "carat", "cubic_inch": "inch ** 3",
    "cubic_foot": "foot ** 3", "cubic_metre": "meter ** 3", "m2": "meter ** 2", "cm2": "centimeter ** 2",
    "sq_inch": "inch ** 2", "sq_foot": "foot ** 2", "tonne": "metric_ton", "A": "ampere", "hp": "horsepower",
    "ps": "metric_horsepower", "Mbit_s": "megabit / second", "Gbit_s": "gigabit / second", "km_h": "km / hour",
    "MB_s": "megabyte / second", "GB_s": "gigabyte / second", "krpm": "kilorpm", "Nm": "newton * meter",
    "gallon": "gallon", "l": "liter", "h": "hour", "K": "kelvin",
}  # fmt: skip
"""Unit -> what pint calls it, where that is another name. A gigabyte of memory has 1024 megabytes."""
OURS = {"count", "dozen", "thousand", "percent", "karat", "megapixel", "lumen", "dB", "jin", "pfund", "chi", "denier"}
"""Units that are no matter of physics, or that have another meaning in pint."""


def test_factors_are_those_of_pint() -> None:
    elsewhere: pint.UnitRegistry = pint.UnitRegistry()
    checked = 0
    for unit in rules().quantities.units:
        if unit.unit in OURS or unit.base in OURS or unit.offset:
            continue
        one, base = (ELSEWHERE.get(name, name) for name in (unit.unit, unit.base))
        assert elsewhere.Quantity(1, one).to(base).magnitude == pytest.approx(unit.factor, rel=1e-4), unit.unit
        checked += 1
    assert checked > 70


@pytest.mark.parametrize(
    ("number", "unit", "to", "expected"),
    [
        (1, "lb", "kg", 0.453592),
        (12, "fl_oz", "ml", 354.882),
        (1, "dozen", "count", 12),
        (100, "degC", "degF", 212),
        (0, "degC", "K", 273.15),
        (7.2, "krpm", "rpm", 7200),
        (100, "percent", "percent", 100),
        (1, "MB_s", "Mbit_s", 8),
    ],
)
def test_convert(number: float, unit: str, to: str, expected: float) -> None:
    assert Units(rules().quantities).convert(number, unit, to) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(("unit", "to"), [("oz", "fl_oz"), ("eu", "us"), ("kg", "parsec"), ("percent", "count")])
def test_no_conversion(unit: str, to: str) -> None:
    with pytest.raises(NotFound):
        Units(rules().quantities).convert(1, unit, to)


def test_every_base_is_a_unit_of_its_own_dimension() -> None:
    units = Units(rules().quantities)
    for unit in rules().quantities.units:
        assert (units.base(unit.dimension), units.unit(unit.base).factor) == (unit.base, 1)


def test_pint_is_not_imported_before_the_first_conversion() -> None:
    code = (
        "import sys; from tests.unit.rule_data import rules\n"
        "from app.pipeline.quantities.quantity_values import QuantityReader\n"
        "QuantityReader(rules(), 'en').read('2 kg'); print('pint' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
