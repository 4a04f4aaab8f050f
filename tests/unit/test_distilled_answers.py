"""A teacher's answers as a set that recipes train on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import InvalidFile
from app.training.compress.answers import as_set, main
from app.training.data import gold_examples
from app.training.families.gold import read_train

LISTINGS: list[dict[str, Any]] = [
    {"id": "a", "title": "Nordwind Becher blau 300 ml", "category": "Mug", "lang": "de"},
    {"id": "b", "title": "Alba Rosa Shirt", "description": "Pure linen.", "category": "Shirt", "lang": "en"},
    {"id": "c", "title": "K2 Mug", "category": "Mug", "lang": "en"},
]
ANSWERS: list[dict[str, Any]] = [
    {"id": "c", "error": {"type": "engine", "detail": "timed out"}},
    {"id": "b", "predicted": {"Brand": ["Alba Rosa"], "Material": ["linen"], "Color": []}},
    {"id": "a", "predicted": {"Brand": ["Nordwind"], "Color": ["blau", "navy"], "Volume": ["300 g"]}},
]
SCHEMA = {"categories": {c: [{"name": n} for n in ("Brand", "Color", "Material", "Volume")] for c in ("Mug", "Shirt")}}


def write(folder: Path, answers: list[dict[str, Any]]) -> list[Path]:
    paths = [folder / name for name in ("listings.jsonl", "answers.jsonl", "schema.json")]
    for path, rows in zip(paths, (LISTINGS, answers), strict=False):
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    paths[2].write_text(json.dumps(SCHEMA), encoding="utf-8")
    return [*paths, folder / "data" / "taught"]


def test_answers_are_gold_that_every_trainer_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = write(tmp_path, ANSWERS)
    main([str(path) for path in paths])
    assert capsys.readouterr().out == f"{paths[3]}: 2 listings\n"  # the teacher failed on the third
    gold = read_train(tmp_path / "data", "taught")
    assert [(item.listing.title, item.listing.description, item.gold) for item in gold.listings] == [
        ("Nordwind Becher blau 300 ml", "", {"Brand": ("Nordwind",), "Color": ("blau",)}),  # "navy", "300 g": made up
        ("Alba Rosa Shirt", "Pure linen.", {"Brand": ("Alba Rosa",), "Material": ("linen",)}),
    ]
    examples = list(gold_examples(tmp_path / "data" / "taught", "train", seed=0, partly=0.0))
    assert [example.gold for example in examples] == [
        {"Brand": ["Nordwind"], "Color": ["blau"]},
        {"Brand": ["Alba Rosa"], "Material": ["linen"]},
    ]


@pytest.mark.parametrize(
    ("answers", "message"),
    [(ANSWERS[:2], "has no answer on 'a'"), ([], "has no answer on 'a'")],
)
def test_a_listing_nobody_was_asked_about_is_named(tmp_path: Path, answers: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(InvalidFile, match=message):
        as_set(*write(tmp_path, answers))
    assert not (tmp_path / "data" / "taught").exists()


def test_nothing_is_written_over(tmp_path: Path) -> None:
    paths = write(tmp_path, ANSWERS)
    as_set(*paths)
    with pytest.raises(InvalidFile, match="there is a set at"):
        as_set(*paths)
    paths[0].write_text("{", encoding="utf-8")
    with pytest.raises(InvalidFile, match="cannot be read as JSON lines"):
        as_set(*paths[:3], tmp_path / "data" / "other")
