"""The table of `make compare`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.domain.errors import InvalidFile
from app.training.families.dictionary import train
from eval.compare_families import main, read_dev
from tests.families import recipe, write_set

DEV = [
    {"title": "K2 Linen Shirt, Navy Blue", "gold": {"Brand": ["K2"], "Color": ["Navy Blue"], "Item": ["Shirt"]}},
    {"title": "Fjell Shirt, Red", "gold": {"Brand": ["Fjell"], "Color": ["Red"], "Item": ["Shirt"], "Material": None}},
]


def test_a_row_per_model_and_a_reason_where_there_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write_set(tmp_path / "data")
    rows = [{"id": f"small/dev/{n}", "category": "Shirt", "lang": "en", **row} for n, row in enumerate(DEV)]
    (data / "small" / "dev.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    folder = train(recipe("dictionary", data, tmp_path / "models"))
    main(["small", str(folder), str(tmp_path / "ner-small"), "--data", str(data)])
    head, dictionary, ner = capsys.readouterr().out.splitlines()
    assert head.split() == ["model", "family", "slots", "strict", "sets", "p50", "ms", "MB", "train", "s"]
    # Right are 5 of 6 stated slots. "Linen" is wrong for all but the slots: nobody annotated the material.
    assert dictionary.split()[:5] == ["dictionary-small", "dictionary", "90.9", "83.3", "83.3"]
    assert ner == f"ner-small         not trained: no card in {tmp_path / 'ner-small'}"


def test_a_missing_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match="gold data is missing"):
        read_dev(tmp_path, "small")
