"""tagwright extract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.cli.conftest import Run, lines

SCHEMA = {
    "dataset": "x",
    "categories": {
        "Shoes": [{"name": "Color", "examples": ["Red"]}, {"name": "Shoe type"}, {"name": "Gender"}],
        "Tea": [{"name": "Brand"}],
    },
}
ROWS: list[Any] = [
    {"id": "r/1", "title": "Men's Black Venetian Loafer", "category": "Shoes", "gold": {"Color": ["x"]}, "lang": "en"},
    {"id": 2, "title": "Black shoe CUT-OFF", "category": "Shoes"},
    {"id": "r/3", "title": "Hat", "category": "Hats"},
    "no object",
    {"title": "Shoe", "category": "Shoes"},
    {"id": "r/6", "title": "Men's red boot", "description": None, "category": "Shoes"},
]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Rows, output and schema."""
    rows, schema = tmp_path / "in.jsonl", tmp_path / "schema.json"
    rows.write_text("\n".join(map(json.dumps, ROWS)), encoding="utf-8")
    schema.write_text(json.dumps(SCHEMA), encoding="utf-8")
    return rows, tmp_path / "out.jsonl", schema


def test_a_line_per_row_in_order_with_errors_in_their_place(run: Run, files: tuple[Path, Path, Path]) -> None:
    rows, out, schema = files
    result = run("extract", rows, out, "--schema", schema)
    answers = lines(out.read_text(encoding="utf-8"))
    assert [answer["id"] for answer in answers] == ["r/1", 2, "r/3", None, None, "r/6"]
    assert answers[0]["predicted"] == {"Shoe type": ["Venetian Loafer"], "Color": ["Black"], "Gender": ["Men's"]}
    assert answers[5]["predicted"] == {"Color": ["red"], "Gender": ["Men's"]}
    assert [(a["line"], a["error"]["type"]) for a in answers if "error" in a] == [
        (2, "completion-invalid"),
        (3, "invalid-schema"),
        (4, "invalid-file"),
        (5, "invalid-file"),
    ]
    assert result.exit_code == 1
    assert result.stdout.startswith("6 rows in ")
    assert result.stdout.endswith("2 of 3 completions valid, 4 failed\n")
    assert list(out.parent.glob(".*part")) == []


@pytest.mark.parametrize(
    ("option", "predicted", "said"),
    [
        ("--no-rules", {"Shoe type": ["Venetian Loafer"], "Color": ["Black"]}, "1 of 1 completions valid, 0 failed\n"),
        ("--no-model", {"Color": ["Black"], "Gender": ["Men's"]}, "no model, 0 failed\n"),
    ],
)
def test_rules_and_model_can_be_left_out(
    run: Run, files: tuple[Path, Path, Path], option: str, predicted: dict[str, Any], said: str
) -> None:
    rows, out, schema = files
    rows.write_text(json.dumps(ROWS[0]), encoding="utf-8")
    result = run("extract", rows, out, "--schema", schema, option)
    assert (result.exit_code, lines(out.read_text(encoding="utf-8"))) == (0, [{"id": "r/1", "predicted": predicted}])
    assert result.stdout.endswith(said)


def test_extract_refuses_what_would_lose_data(run: Run, files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    rows, out, schema = files
    for words, message in (
        ((rows, rows, "--schema", schema), "OUTPUT would overwrite INPUT"),
        ((rows, tmp_path / "no" / "out.jsonl", "--schema", schema), "there is no folder"),
        ((rows, out, "--schema", schema, "--no-rules", "--no-model"), "nothing that could answer"),
        ((rows, out, "--schema", schema, "--train", tmp_path / "none"), "there is no file"),
        ((tmp_path / "none.jsonl", out, "--schema", schema), "cannot be read"),
    ):
        result = run("extract", *words)
        assert (result.exit_code, message in result.stderr, out.exists()) == (2, True, False), result.stderr


GOLD = [
    {"title": f"Nordvik {kind} {number}", "category": "Shoes", "gold": {"Shoe type": [kind], "Color": None}}
    for kind in ("Venetian Loafer", "Derby", "chukka boot")
    for number in range(3)
]


def test_a_prompt_with_demonstrations_takes_them_from_gold(
    run: Run, files: tuple[Path, Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, out, schema = files
    rows.write_text(json.dumps(ROWS[0]), encoding="utf-8")
    gold = tmp_path / "gold.jsonl"
    gold.write_text("\n".join(map(json.dumps, GOLD)), encoding="utf-8")
    monkeypatch.setenv("TAGWRIGHT_PROMPT", "few-shot-1")
    refused = run("extract", rows, out, "--schema", schema)
    assert (refused.exit_code, "8 demonstrations" in refused.stderr, out.exists()) == (2, True, False)
    result = run("extract", rows, out, "--schema", schema, "--train", gold, "--no-rules")
    assert (result.exit_code, "8 demonstrations a listing out of 9" in result.stderr) == (0, True), result.stderr
    assert lines(out.read_text(encoding="utf-8"))[0]["predicted"]["Shoe type"] == ["Venetian Loafer"]


def test_gold_fills_in_values_that_no_one_found(run: Run, files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    rows, out, schema = files
    rows.write_text(json.dumps({"id": 1, "title": "Brown chukka boot", "category": "Shoes"}), encoding="utf-8")
    gold = tmp_path / "gold.jsonl"
    gold.write_text("\n".join(map(json.dumps, GOLD)), encoding="utf-8")
    result = run("extract", rows, out, "--schema", schema, "--train", gold, "--no-model", "--no-rules")
    assert result.exit_code == 2  # neither
    run("extract", rows, out, "--schema", schema, "--train", gold, "--no-model")
    assert lines(out.read_text(encoding="utf-8"))[0]["predicted"]["Shoe type"] == ["chukka boot"]


@pytest.mark.parametrize("text", ["", "no json", '{"title": "x"}', '{"title": "x", "category": "Hats", "gold": {}}'])
def test_gold_that_teaches_nothing_is_refused(
    run: Run, files: tuple[Path, Path, Path], tmp_path: Path, text: str
) -> None:
    rows, out, schema = files
    gold = tmp_path / "gold.jsonl"
    gold.write_text(text, encoding="utf-8")
    result = run("extract", rows, out, "--schema", schema, "--train", gold, "--no-model")
    assert (result.exit_code, str(gold) in result.stderr, out.exists()) == (2, True, False), result.stderr
