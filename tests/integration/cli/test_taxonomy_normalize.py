"""tagwright taxonomy normalize: files in, the same rows and what they match out."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap import open_taxonomy
from app.settings import Settings
from eval.bench_bulk import write_values
from tests.integration.cli.conftest import Run


def table(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def normalized(run: Run, source: Path, target: Path, *words: str) -> dict[str, Any]:
    result = run("taxonomy", "normalize", source, target, "--json", *words)
    assert result.exit_code == 0, result.output
    numbers: dict[str, Any] = json.loads(result.stdout)
    return numbers


def test_a_table_keeps_its_rows_and_gains_what_they_match(run: Run, tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(
        "sku,Value,attribute,lang,note\n"
        '1,NAVY-BLUE,color,en,"a, b"\n'
        "2,Marineblau,color,de,\n"
        "3,藏青色,Farbe,zh-CN,\n"
        "4,zzqx unheard,color,en,\n"
        "5,Baumwolle,color,de,\n"
        "6,Baumwolle,,de,\n"
        "7,navy,no such thing,en,\n"
        "8,,color,en,\n"
        "9,NAVY-BLUE,color\n",
        encoding="utf-8",
    )
    numbers = normalized(run, source, target)
    rows = table(target)
    assert list(rows[0]) == ["sku", "Value", "attribute", "lang", "note", "id", "method", "score", "label", "locale"]
    assert [row["sku"] for row in rows] == [str(number) for number in range(1, 10)]
    assert [row["id"] for row in rows] == [
        *["color:navy"] * 3,
        *["", "", "material:cotton", "", ""],
        "color:navy",
    ]
    first = {name: rows[0][name] for name in ("note", "method", "score", "label", "locale")}
    assert first == {"note": "a, b", "method": "alias", "score": "100", "label": "navy blue", "locale": "en"}
    assert numbers["rows"] == 9
    assert numbers["distinct"] == 8
    assert (numbers["matched"], numbers["by_method"]["unmatched"]) == (5, 4)


def test_one_column_is_enough(run: Run, tmp_path: Path) -> None:
    source, target = tmp_path / "in.tsv", tmp_path / "out.tsv"
    source.write_text("colours\nnavy\nBlau\n", encoding="utf-16")
    normalized(run, source, target, "--attribute", "color", "--lang", "de")
    assert [(row["colours"], row["id"]) for row in table(target, "\t")] == [
        ("navy", "color:navy"),
        ("Blau", "color:blue"),
    ]


def test_objects_keep_their_types_and_a_column_that_is_taken_its_name(run: Run, tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    rows = [
        {"id": 7, "farbe": "navy", "more": [1, {"a": None}]},
        {"id": 8, "farbe": None},
        {"id": 9, "farbe": "half \ud83d"},
    ]
    source.write_text("\n\n".join(map(json.dumps, rows)), encoding="utf-8")
    normalized(run, source, target, "--column", "farbe", "--attribute", "Farbe")
    found = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert [{name: one[name] for name in row} for one, row in zip(found, rows, strict=True)] == rows
    assert [one["match_id"] for one in found] == ["color:navy", None, None]
    assert found[0]["match_score"] == 100


@pytest.mark.parametrize(
    ("name", "text", "words", "said"),
    [
        ("in.csv", "", (), "is empty"),
        ("in.csv", "a,b\n1,2\n", (), "has no column value: it has a, b"),
        ("in.csv", "a,b\n1,2\n", ("--column", "c"), "has no column c"),
        ("in.csv", "value\nx\n1,2,3\n", (), "in.csv:3: 3 cells, but the header has 1 columns"),
        ("in.csv", "value,id,match_id\n", (), "has the column match_id already"),
        ("in.jsonl", '{"value": "x"}\n[1]\n', (), "in.jsonl:2 is no object"),
        ("in.jsonl", '{"value": "x"}\n{"value\n', (), "in.jsonl:2 is no JSON"),
        ("in.txt", "x\n", (), "the name must end in .csv, .tsv, .jsonl"),
        ("in.csv", "value\nx\n", ("--attribute", "nope"), "no attribute is called 'nope'"),
        ("in.csv", "value\nx\n", ("--encoding", "nope"), "no encoding is called 'nope'"),
        ("in.csv", "value\nxä\n", ("--encoding", "ascii"), "is not ascii"),
    ],
)
def test_what_cannot_be_read_is_named_and_nothing_is_written(
    run: Run, tmp_path: Path, name: str, text: str, words: tuple[str, ...], said: str
) -> None:
    source = tmp_path / name
    source.write_text(text, encoding="utf-8")
    result = run("taxonomy", "normalize", source, tmp_path / f"out{source.suffix}", *words)
    assert (result.exit_code, said in result.output) == (2, True), result.output
    assert [path.name for path in tmp_path.iterdir() if path.name not in (name, "script.json")] == []


def test_a_file_that_is_not_there_and_one_of_another_format(run: Run, tmp_path: Path) -> None:
    assert run("taxonomy", "normalize", tmp_path / "no.csv", tmp_path / "out.csv").exit_code == 2
    (tmp_path / "in.csv").write_text("value\nx\n", encoding="utf-8")
    result = run("taxonomy", "normalize", tmp_path / "in.csv", tmp_path / "out.jsonl")
    assert (result.exit_code, "must be of the format of" in result.output) == (2, True)


def test_processes_say_what_one_alone_says(run: Run, home: Path, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    write_values(source, open_taxonomy(Settings(home=home)), rows=3000, distinct=1200)
    alone = normalized(run, source, tmp_path / "alone.csv", "--jobs", "1")
    together = normalized(run, source, tmp_path / "together.csv", "--jobs", "2")
    assert (tmp_path / "alone.csv").read_bytes() == (tmp_path / "together.csv").read_bytes()
    assert (alone["processes"], together["processes"]) == (1, 2)
    assert alone["distinct"] == together["distinct"] == 1200
    assert alone["matched"] > 2000
