"""`tagwright taxonomy quantity`."""

from __future__ import annotations

import json

import pytest

from tests.integration.cli.conftest import Run


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (("8MB-2x4MB",), 0, "2 x 4 MB (data) = 2 x 0.00390625 GB"),
        (("1.4 Ounce", "--attribute", "net_weight"), 0, "1.4 oz (mass) = 39.6893 g"),
        (("2,5 kg Reis", "--lang", "de"), 0, "2.5 kg (mass) = 2500 g   beside it: Reis"),
        (("Gr. 42", "--attribute", "shoe_size", "--lang", "de"), 0, "42 eu (shoe) = 42 eu"),
        (("10-12 cm", "--dimension", "length"), 0, "10-12 cm (length) = 10-12 cm"),
        (("12-cup",), 0, "12 cup (volume) = 2839.056 ml\n12 count (count) = 12 count\nambiguous: unit"),
        (("cotton",), 1, "no quantity"),
    ],
)
def test_quantity(run: Run, words: tuple[str, ...], code: int, line: str) -> None:
    result = run("taxonomy", "quantity", *words)
    assert (result.exit_code, result.stdout) == (code, line + "\n")


def test_json(run: Run) -> None:
    result = run("taxonomy", "quantity", "100% 棉", "--lang", "zh", "--json")
    answer = json.loads(result.stdout)
    assert (answer["text"], answer["doubt"]) == ("100% 棉", None)
    (reading,) = answer["readings"]
    assert (reading["value"], reading["unit"], reading["remainder"], reading["start"], reading["end"]) == (
        100, "percent", "棉", 0, 4,
    )  # fmt: skip
    assert reading["normalized"] == {"value": 100, "upper": None, "unit": "percent"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("5", "--attribute", "color"), "'color' is no attribute whose values are quantities"),
        (("5", "--dimension", "mas"), "no unit has the dimension 'mas'"),
        (("5", "--dimension", "mass", "--attribute", "volume"), "give --attribute or --dimension, not both"),
    ],
)
def test_what_cannot_be_asked(run: Run, words: tuple[str, ...], message: str) -> None:
    result = run("taxonomy", "quantity", *words)
    assert result.exit_code == 2
    assert message in result.stderr
