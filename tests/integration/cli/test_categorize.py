"""`tagwright taxonomy categorize` with the real encoder, on the default taxonomy."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Cosori 5.8 qt digital air fryer, black", "category:air_fryers"),
        ("Bratpfanne Gusseisen 28 cm, für Induktion", "category:pans"),
        ("Casque de vélo adulte avec éclairage LED", "category:sports_helmets"),
        ("Zapatillas de running para hombre", "category:running_shoes"),
        ("寝袋 封筒型 春夏秋用 キャンプ", "category:sleeping_bags"),
        ("连衣裙女夏季法式碎花中长款", "category:dresses"),
    ],
)
def test_one_title(run: Run, title: str, expected: str) -> None:
    result = run("taxonomy", "categorize", "--title", title, "--top", "3", "--json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert len(answer["categories"]) == 3
    assert expected in [one["path"][-1] for one in answer["categories"]]
    assert all(one["why"] and 0 <= one["confidence"] <= 1 for one in answer["categories"])


def test_a_bad_row_is_named_and_the_rest_goes_on(run: Run, tmp_path: Path) -> None:
    rows = [{"id": "a", "title": "Merino crew neck jumper"}, {"id": "b", "title": " "}, {"id": "c", "title": "Sofa"}]
    (tmp_path / "in.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    result = run("taxonomy", "categorize", tmp_path / "in.jsonl", "--json")
    assert result.exit_code == 1
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == ["a", "c"]
    assert "title is missing" in result.stderr


def test_a_table_for_people(run: Run) -> None:
    result = run("taxonomy", "categorize", "--title", "Electric kettle 1.7 l")
    assert result.exit_code == 0, result.output
    assert "Electric Kettles" in result.stdout
    assert "shares words" in result.stdout


def test_file_or_title(run: Run) -> None:
    assert run("taxonomy", "categorize").exit_code == 2
