"""Quantities in the values of attributes: as sellers write them, as they were formatted, and as nobody would."""

from __future__ import annotations

import time
from functools import cache, lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import NotFound
from app.pipeline.quantities import quantity_values
from app.pipeline.quantities.numbers import read_mixed
from app.pipeline.quantities.quantity_values import (
    Ambiguous,
    Doubt,
    QuantityReader,
    ReadQuantity,
    normalized,
    readings_of,
)
from app.pipeline.quantities.units import Units
from tests.unit.rule_data import rules

LANGS = ("en", "de", "fr", "es", "it", "pt", "id", "ja", "zh", None)


@cache
def reader(lang: str | None) -> QuantityReader:
    return QuantityReader(rules(), lang)


@lru_cache(maxsize=1)
def units() -> Units:
    return Units(rules().quantities)


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("4 5/8", ".", 4.625),
        ("3-1/2", ".", 3.5),
        ("23 - 1/2", ".", 23.5),
        ("11/16", ".", 0.6875),
        ("2½", ".", 2.5),
        ("⅓", ".", 1 / 3),
        (".5", ".", 0.5),
        ("1 000", ",", 1000),
        ("1 000", ".", None),
        ("8/16", ".", None),
        ("5/3", ".", None),
        ("1.000", ",", 1000),
    ],
)
def test_read_mixed(text: str, decimal: str, value: float | None) -> None:
    found = read_mixed(text, decimal)
    assert found == (None if value is None else pytest.approx(value))


@pytest.mark.parametrize(
    ("lang", "text", "dimension", "value", "unit"),
    [
        ("de", "2,5 kg", None, 2.5, "kg"),
        ("de", "1.000 g", None, 1000, "g"),
        ("en", "1.000 g", None, 1, "g"),
        ("en", "1,200 ml", None, 1200, "ml"),
        ("fr", "10 000 mAh", None, 10000, "mAh"),
        ("en", "1.4 Ounce", "mass", 1.4, "oz"),
        ("en", "20 oz", "volume", 20, "fl_oz"),
        ("en", "1.4 Ounce", None, 1.4, "oz"),
        ("en", "12-cup", "volume", 12, "cup"),
        ("en", "12-cup", "count", 12, "count"),
        ("en", "0.5 in", None, 0.5, "inch"),
        ("en", "1/2 inch", None, 0.5, "inch"),
        ("en", '7 1/2"', None, 7.5, "inch"),
        ("en", '11/16"', None, 0.6875, "inch"),
        ("en", "15.6-inch", None, 15.6, "inch"),
        ("en", "5 ft 3", None, 5.25, "ft"),
        ("en", "5'3\"", None, 5.25, "ft"),
        ("en", "6 ft. 6 in.", None, 6.5, "ft"),
        ("en", "2 lb 4 oz", None, 2.25, "lb"),
        ("fr", "1 m 20", None, 1.2, "m"),
        ("en", "25 lbs", None, 25, "lb"),
        ("de", "2 Pfund", None, 2, "pfund"),
        ("zh", "2.5斤", None, 2.5, "jin"),
        ("zh", "500毫升", None, 500, "ml"),
        ("zh", "约120厘米", None, 120, "cm"),
        ("ja", "５００ｇ", None, 500, "g"),
        ("ja", "25インチ", None, 25, "inch"),
        ("zh", "三件套", "count", 3, "count"),
        ("en", "2 TB", None, 2, "TB"),
        ("fr", "64 Go", None, 64, "GB"),
        ("en", "512K", "data", 512, "KB"),
        ("en", "10K", "rotation", 10, "krpm"),
        ("en", "7200 RPM", None, 7200, "rpm"),
        ("en", "100 Mbps", None, 100, "Mbit_s"),
        ("en", "100 MB/s", None, 100, "MB_s"),
        ("en", "180 g/m2", None, 180, "gsm"),
        ("en", "0.24 ct", None, 0.24, "carat"),
        ("en", "18k", "fineness", 18, "karat"),
        ("en", "-20 °C", None, -20, "degC"),
        ("en", "350°F", None, 350, "degF"),
        ("en", "12pcs", None, 12, "count"),
        ("en", "pack of 6", None, 6, "count"),
        ("de", "2er-Pack", None, 2, "count"),
        ("en", "20/Carton", "count", 20, "count"),
        ("en", "24ports", "count", 24, "count"),
        ("en", "Dual Port", "count", 2, "count"),
        ("en", "1 dozen", "count", 1, "dozen"),
        ("de", "Gr. 42", "shoe", 42, "eu"),
        ("de", "EUR 42 1/2", "shoe", 42.5, "eu"),
        ("en", "US 10.5", "shoe", 10.5, "us"),
        ("en", "38", "shoe", 38, "eu"),
        ("en", "42", None, 42, ""),
        # said twice
        ("de", "2,5 kg (5.5 lb)", None, 2.5, "kg"),
        ("en", "12 oz (340 g)", None, 12, "oz"),
        ("en", "20°C / 68°F", None, 20, "degC"),
    ],
)
def test_one_quantity(lang: str, text: str, dimension: str | None, value: float, unit: str) -> None:
    read = reader(lang).read(text, dimension)
    assert isinstance(read, ReadQuantity)
    assert (read.value, read.unit, read.upper, read.count) == (pytest.approx(value), unit, None, None)
    assert read.raw == text


@pytest.mark.parametrize(
    ("text", "dimension", "rest"),
    [
        ("100% 棉", None, "棉"),
        ("DDR3 1600 MHz", None, "DDR3"),
        ("USB 3.0 5Gbit/s", None, "USB 3.0"),
        ("approx. 30 cm (with handle)", None, "approx with handle"),
        ("16GB RAM", None, "RAM"),
        ("15.6-inch", None, ""),
        ("pack of 6", None, ""),
        ("24ports", "count", "ports"),
        ("20/Carton", "count", "Carton"),
        ("2,500 g (net)", "mass", "net"),
    ],
)
def test_the_rest_of_the_text_is_kept(text: str, dimension: str | None, rest: str) -> None:
    read = reader("en").read(text, dimension)
    assert isinstance(read, ReadQuantity)
    assert read.remainder == rest


@pytest.mark.parametrize(
    ("text", "value", "upper", "unit"),
    [
        ("10-12 cm", 10, 12, "cm"),
        ("10 cm – 12 cm", 10, 12, "cm"),
        ('54" - 62"', 54, 62, "inch"),
        ('30" - 35', 30, 35, "inch"),
        ('1-3/4" to 2-1/2"', 1.75, 2.5, "inch"),
        ("100-240V", 100, 240, "V"),
        ("-20 to 60 °C", -20, 60, "degC"),
        ("从5到10公斤", 5, 10, "kg"),
    ],
)
def test_ranges(text: str, value: float, upper: float, unit: str) -> None:
    read = reader("en").read(text)
    assert isinstance(read, ReadQuantity)
    assert (read.value, read.upper, read.unit) == (value, upper, unit)


@pytest.mark.parametrize(
    ("text", "count", "value", "unit"),
    [
        ("3 x 250 ml", 3, 250, "ml"),
        ("330ml*12", 12, 330, "ml"),
        ("330mlx12", 12, 330, "ml"),
        ("8MB-2x4MB", 2, 4, "MB"),
        ("4GB (2 x 2GB)", 2, 2, "GB"),
        ("1.5 kg (3 x 500 g)", 3, 500, "g"),
    ],
)
def test_multipacks(text: str, count: int, value: float, unit: str) -> None:
    read = reader("en").read(text)
    assert isinstance(read, ReadQuantity)
    assert (read.count, read.value, read.unit) == (count, value, unit)
    assert (read.start, read.end, read.total) == (0, len(text.rstrip(")")), count * value)


@pytest.mark.parametrize(
    ("lang", "text", "dimension", "doubt", "readings"),
    [
        ("en", "12-cup", None, Doubt.UNIT, {(12, "cup"), (12, "count")}),
        ("en", "20 oz.", None, Doubt.UNIT, {(20, "oz"), (20, "fl_oz")}),
        ("en", "9", "shoe", Doubt.UNIT, {(9, "us"), (9, "uk")}),
        (None, "1.000 g", None, Doubt.NUMBER, {(1, "g"), (1000, "g")}),
        ("en", "40/80GB", None, Doubt.SEVERAL, {(40, "GB"), (80, "GB")}),
        ("en", "8/16GB", None, Doubt.SEVERAL, {(8, "GB"), (16, "GB")}),
        ("en", "40 x 60 cm", None, Doubt.SEVERAL, {(40, "cm"), (60, "cm")}),
        ("en", "60% cotton, 40% wool", None, Doubt.SEVERAL, {(60, "percent"), (40, "percent")}),
        ("en", "100-Sheet, 12/Pack", "count", Doubt.SEVERAL, {(100, "count"), (12, "count")}),
    ],
)
def test_doubt_is_an_answer(
    lang: str | None, text: str, dimension: str | None, doubt: Doubt, readings: set[tuple[float, str]]
) -> None:
    read = reader(lang).read(text, dimension)
    assert isinstance(read, Ambiguous)
    assert (read.doubt, {(r.value, r.unit) for r in read.readings}) == (doubt, readings)


@pytest.mark.parametrize(
    ("text", "dimension"),
    [
        ("cotton", None), ("", None), ("L", None), ("3M", None), ("5G", None), ("2XL", None), ("size 42", None),
        ("3 in 1", None), ("B-12", "count"), ("DDR3", "count"), ("5 kg", "length"), ("180 g/m2", "mass"),
        ("6-24 oz", "count"), ("60", "shoe"), ("0.5 ct", "count"), ("1" * 20 + " kg", None),
    ],
)  # fmt: skip
def test_no_quantity(text: str, dimension: str | None) -> None:
    assert reader("en").read(text, dimension) is None


def test_bare_numbers_have_the_unit_that_is_meant() -> None:
    def found(text: str) -> list[tuple[float, str]]:
        return [
            (r.value, r.unit) for one in reader("en").read_all(text, "length", bare="inch") for r in readings_of(one)
        ]

    assert found("7 x 10 1/8") == [(7, "inch"), (10.125, "inch")]
    assert found("No. 3, 40 cm") == [(40, "cm")], "beside a unit, a bare number is something else"
    assert found("No. 3, 4 kg") == [(3, "inch")]


@pytest.mark.parametrize(
    ("text", "unit", "value", "upper"),
    [
        ("5 ft 3", None, 160.02, None),
        ("2 TB", None, 2048, None),
        ("350 °F", "degC", 176.6667, None),
        ("-20 to 60 °C", "degF", -4, 140),
        ("10K", None, 10000, None),
        ("3 x 250 ml", "l", 0.25, None),
    ],
)
def test_normalized(text: str, unit: str | None, value: float, upper: float | None) -> None:
    read = reader("en").read(text, "rotation" if text == "10K" else None)
    assert isinstance(read, ReadQuantity)
    found = normalized(read, units(), unit)
    assert found.value == pytest.approx(value, rel=1e-4)
    assert found.upper == (None if upper is None else pytest.approx(upper))


def test_shoe_sizes_have_no_common_measure() -> None:
    read = reader("en").read("EU 42", "shoe")
    assert isinstance(read, ReadQuantity)
    assert normalized(read, units()).unit == "eu"
    for unit in ("us", "cm"):
        with pytest.raises(NotFound):
            normalized(read, units(), unit)


NAMED = [(unit, name) for unit in rules().quantities.units if not unit.lang for name in (*unit.names, *unit.values)]


@given(st.sampled_from(NAMED), st.decimals("0.01", "9999.99", places=2), st.sampled_from([" ", "-", ""]))
def test_what_was_formatted_reads_the_same(named: tuple, number, gap: str) -> None:
    unit, name = named
    text = f"{number.normalize():f}"
    if unit.unit == "count":
        text = f"{int(number) + 1}"
    read = reader("en").read(f"{text}{gap}{name}", unit.dimension)
    assert isinstance(read, ReadQuantity)
    assert (read.value, read.unit, read.remainder) == (float(text), unit.unit, "")


@given(st.integers(2, 99), st.integers(1, 999), st.sampled_from(["ml", "g", "GB", "W", "oz"]))
def test_multipacks_read_as_they_were_formatted(count: int, value: int, name: str) -> None:
    dimension = {"ml": "volume", "g": "mass", "GB": "data", "W": "power", "oz": "mass"}[name]
    for text in (f"{count} x {value} {name}", f"{count}x{value}{name}", f"{value} {name} x {count}"):
        read = reader("en").read(text, dimension)
        assert isinstance(read, ReadQuantity)
        assert (read.count, read.value) == (count, value)


@given(st.integers(1, 899), st.integers(1, 99), st.sampled_from(["cm", "kg", "V"]))
def test_ranges_read_as_they_were_formatted(low: int, more: int, name: str) -> None:
    for text in (f"{low}-{low + more} {name}", f"{low} {name} to {low + more} {name}"):
        read = reader("en").read(text)
        assert isinstance(read, ReadQuantity)
        assert (read.value, read.upper) == (low, low + more)


PIECES = st.sampled_from(
    ["1", "2.5", "1,000", "½", "3/4", " ", "-", "x", "/", "kg", "oz", '"', "'", "ft", "%", "棉", "pack of ", "to", "(",
     "EU", "°C", "K", "cup", "一", "dual", ".", "٣", "²", "\u0130", "\U0001f600", "in"]
)  # fmt: skip
ANYTHING = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=14).map("".join))


@settings(max_examples=300)
@given(ANYTHING, st.sampled_from(LANGS), st.sampled_from([None, "mass", "length", "count", "shoe", "temperature"]))
def test_any_text_can_be_read(text: str, lang: str | None, dimension: str | None) -> None:
    for one in reader(lang).read_all(text, dimension):
        for read in readings_of(one):
            assert read.raw == text
            assert 0 <= read.start < read.end <= len(text)
            assert dimension in (None, read.dimension)
            assert read.upper is None or read.upper > read.value
            if read.dimension:
                normalized(read, units())


@pytest.mark.parametrize("dimension", [None, "mass", "length", "count", "shoe"])
@pytest.mark.parametrize(
    "piece", ["1", "1 ", "1,", "1.111", "111 ", "1-", "1/2 ", "1x", "1 x ", "1g ", "5'", "-", " ", "½", "pack of ",
              "1 to ", "a1", "1 1/2-", "十"]
)  # fmt: skip
def test_ten_thousand_characters_take_no_time(
    piece: str, dimension: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quantity_values, "_LONGEST", 20_000)
    text = piece * (10_000 // len(piece))
    started = time.process_time()
    reader("en").read(text, dimension)
    assert time.process_time() - started < 3


def test_what_is_too_long_is_no_value() -> None:
    assert reader("en").read("5 kg " + "x" * 3000) is None
