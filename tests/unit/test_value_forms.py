"""Values written as a shop wants them, what is learned from examples, and the files that say so."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest

from app.adapters.format_files import read_formats
from app.domain.errors import InvalidRules
from app.pipeline.quantities.canonical import Learns, learn
from app.pipeline.quantities.quantity_values import QuantityReader
from app.pipeline.quantities.units import Units
from app.pipeline.quantities.value_forms import By, ValueFormat, ValueWriter, taught
from tests.unit.rule_data import rules

FORMATS = """
- attributes: [Width]
  quantity: {dimension: length, bare: inch, unit: cm, decimals: 1, upper: true}
- attributes: [Shelf]
  quantity: {dimension: length, unit: cm, decimals: 0}
- attributes: [Disk]
  quantity: {dimension: data, names: {GB: Gigabytes, TB: Terabytes}, several: in_place}
- attributes: [Sockets]
  expand: {DP: dual port}
  quantity: {dimension: count, unit: count, decimals: 0, several: sum}
- attributes: [Pack]
  quantity: {dimension: count, unit: count, decimals: 0}
- attributes: [Filling]
  quantity: {dimension: volume, unit: ml, decimals: 0}
- attributes: [Code]
  characters: {keep: 0-9A-Za-z}
- attributes: [UPC]
  characters: {keep: 0-9, first: 2, last: 6}
- attributes: [Series]
  expand: {"G{n}": "Generation {n}"}
- attributes: [Label]
  categories: [Rings]
  case: upper
- attributes: [Maker]
  learned: names
- attributes: [Shade]
  learned: classes
"""
MAKERS = [
    ("Maker", "Ovens", ["ACME", "Acme Corp."], ["Acme Corporation"]),
    ("Maker", "Ovens", ["ACME", "Borg"], ["Acme Corporation", "Borg Works"]),
    ("Maker", "Ovens", ["A", "B", "C"], ["X", "Y"]),
]
SHADES = [
    ("Shade", "Ovens", ["cherry", "Dark cherry"], ["Brown"]),
    ("Shade", "Ovens", ["navy blue"], ["Blue"]),
    ("Shade", "Ovens", ["pale blue", "grey"], ["Blue", "Grey"]),
    ("Shade", "Ovens", ["blue"], ["Blue"]),
]


@lru_cache(maxsize=1)
def parts() -> tuple[QuantityReader, Units]:
    return QuantityReader(rules(), "en"), Units(rules().quantities)


@pytest.fixture
def formats(tmp_path: Path) -> tuple[ValueFormat, ...]:
    path = tmp_path / "formats.yaml"
    path.write_text(FORMATS, encoding="utf-8")
    return read_formats(path, parts()[1])


@pytest.fixture
def writer(formats: tuple[ValueFormat, ...]) -> ValueWriter:
    return ValueWriter(taught(formats, MAKERS + SHADES), *parts())


@pytest.mark.parametrize(
    ("attribute", "values", "written", "by"),
    [
        ("Width", ["9 1/2", '9-1/2"'], ["24.1"], By.QUANTITY),
        ("Width", ['40" - 48"'], ["121.9"], By.QUANTITY),
        ("Width", ["12", '13 3/4"'], ["30.5", "34.9"], By.QUANTITY),
        ("Width", ["adjustable"], ["adjustable"], By.NOTHING),
        ("Shelf", ["1-2 m"], ["100-200"], By.QUANTITY),
        ("Shelf", ["12"], ["12"], By.NOTHING),
        ("Disk", ["36.4-GB", "36.4GB"], ["36.4 Gigabytes"], By.QUANTITY),
        ("Disk", ["40/80GB"], ["40/80 Gigabytes"], By.QUANTITY),
        ("Disk", ["500GB SATA + 2 TB"], ["500 Gigabytes SATA + 2 Terabytes"], By.QUANTITY),
        ("Disk", ["2 x 2GB"], ["4 Gigabytes"], By.QUANTITY),
        ("Sockets", ["2 ports front, 4 ports rear"], ["6"], By.QUANTITY),
        ("Sockets", ["DP", "Dual Port (DP)"], ["2"], By.QUANTITY),
        ("Pack", ["100 sheets, 12/Pack", "12 per pack"], ["100", "12"], By.QUANTITY),
        ("Pack", ["1,000/Box"], ["1000"], By.QUANTITY),
        ("Filling", ["20 fl oz"], ["591"], By.QUANTITY),
        ("Code", ["AB-12/3", "AB123"], ["AB123"], By.CHARACTERS),
        ("UPC", ["012345678905"], ["12345"], By.CHARACTERS),
        ("Series", ["G3-G5p"], ["Generation 3-Generation 5p"], By.WORDS),
        ("Series", ["GTX"], ["GTX"], By.NOTHING),
        ("Label", ["Mona"], ["Mona"], By.NOTHING),
        ("Maker", ["acme"], ["Acme Corporation"], By.LEARNED),
        ("Maker", ["ACME Pro"], ["Acme Corporation Pro"], By.LEARNED),
        ("Maker", ["A"], ["A"], By.NOTHING),
        ("Shade", ["Sierra Cherry"], ["Brown"], By.LEARNED),
        ("Shade", ["grey/blue"], ["Grey"], By.LEARNED),
        ("Shade", ["blue trim"], ["Blue"], By.LEARNED),
        ("Shade", ["plain"], ["plain"], By.NOTHING),
        ("Other", ["as it is"], ["as it is"], By.NOTHING),
    ],
)
def test_write(writer: ValueWriter, attribute: str, values: list[str], written: list[str], by: By) -> None:
    found = writer.write(attribute, "Ovens", values)
    assert [one.text for one in found] == written
    assert found[0].by is by
    assert found[0].raw == values[0]


def test_a_format_may_be_for_some_categories(writer: ValueWriter) -> None:
    (ring,) = writer.write("Label", "Rings", ["Mona"])
    assert (ring.text, ring.raw, ring.by) == ("MONA", "Mona", By.CASE)


def test_doubt_is_not_resolved_by_guessing(formats: tuple[ValueFormat, ...]) -> None:
    writer = ValueWriter(formats, QuantityReader(rules(), None), parts()[1])
    (found,) = writer.write("Shelf", "Ovens", ["1.000 mm"])
    assert (found.text, found.by) == ("1.000 mm", By.AMBIGUOUS)


def test_without_examples_nothing_is_learned(formats: tuple[ValueFormat, ...]) -> None:
    (found,) = ValueWriter(formats, *parts()).write("Maker", "Ovens", ["ACME"])
    assert (found.text, found.by) == ("ACME", By.NOTHING)


def test_a_word_that_points_two_ways_says_nothing() -> None:
    learned = learn([(["rose gold"], ["Metal"]), (["rose petal"], ["Pink"])], Learns.CLASSES)
    assert learned.of("rose") is None
    assert learned.of("white gold") == "Metal"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("attributes: [A]", "expected a list"),
        ("- {attributes: [A], colour: red}", "format 1: ValueError('unknown keys colour')"),
        ("- {attributes: [A], case: loud}", "case must be one of upper, lower, title"),
        ("- {attributes: [A]}\n- {quantity: {dimension: length}}", "format 2: KeyError('attributes')"),
        ("- {attributes: [A], quantity: {dimension: length, unit: kg}}", "kg: no unit of length"),
        ("- {attributes: [A], quantity: {dimension: length, unit: ell}}", "no unit is called 'ell'"),
        ("- {attributes: [A], quantity: {dimension: length, digits: 1}}", "digits"),
        ("- {attributes: [A], quantity: {dimension: length, several: any}}", "'any' is not a valid Several"),
        ("- {attributes: [A], characters: {keep: z-a}}", "bad character range"),
        ("- {attributes: [A], learned: much}", "'much' is not a valid Learns"),
        ("- [", "cannot be read"),
    ],
)
def test_unusable_formats(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "formats.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidRules) as caught:
        read_formats(path, parts()[1])
    assert reason in str(caught.value)
