"""The score of written values, on listings of our own and on wdc-pave dev."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.domain.errors import InvalidFile
from eval.normalization import read_slots, report, right, writers, wrong

ROOT = Path(__file__).parents[2]
FORMATS = ROOT / "eval" / "formats" / "wdc-pave.yaml"
REAL = ROOT.parent / "shared" / "data" / "wdc-pave"


def _file(path: Path, *rows: tuple[dict, dict]) -> Path:
    lines = (
        {"id": f"x/{n}", "category": "Office Products", "gold": gold, "gold_normalized": wanted}
        for n, (gold, wanted) in enumerate(rows)
    )
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    return _file(
        tmp_path / "gold.jsonl",
        (
            {"Width": ['4 1/2"'], "Color": ["Teal"], "Height": None},
            {"Width": ["11.4"], "Color": ["Green"], "Height": None},
        ),
        ({"Product Type": ["Pen"], "Closure": ["Zip"]}, {"Product Type": ["Writing"], "Closure": ["Zip"]}),
    )


def test_slots_are_what_is_annotated_and_no_classification(gold: Path) -> None:
    assert [(slot.listing, slot.attribute) for slot in read_slots(gold)] == [
        ("x/0", "Width"), ("x/0", "Color"), ("x/1", "Closure"),
    ]  # fmt: skip


def test_each_way_of_writing_is_scored(gold: Path, tmp_path: Path) -> None:
    train = _file(tmp_path / "train.jsonl", ({"Color": ["dark teal", "teal"]}, {"Color": ["Green"]}))
    slots, ways = read_slots(gold), list(writers(read_slots(train), FORMATS))
    assert [(name, sum(right(slot, write) for slot in slots)) for name, write in ways] == [
        ("nothing", 1), ("formats", 2), ("+ train", 3),
    ]  # fmt: skip
    assert list(wrong(slots, ways[1][1])) == ["x/0 Color: ('Teal',) -> ('Teal',), wanted ('Green',)"]
    lines = list(report(slots, ways))
    assert lines[0].split() == ["attribute", "slots", "nothing", "formats", "+", "train"]
    assert lines[1].split() == ["Width", "1", "0.0", "100.0", "100.0"]
    assert lines[-1].startswith("all, + train")
    assert "100.0 [100.0, 100.0]   over nothing +66.7" in lines[-1]


def test_gold_without_normalised_values_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text('{"id": "1", "category": "", "gold": {"Color": ["Teal"]}}\n', encoding="utf-8")
    with pytest.raises(InvalidFile, match=r"line 1: no gold_normalized"):
        read_slots(path)


@pytest.mark.skipif(not REAL.is_dir(), reason="../shared/data/wdc-pave is not here")
def test_wdc_pave_dev() -> None:
    slots = read_slots(REAL / "dev.jsonl")
    shares = {
        name: sum(right(slot, write) for slot in slots) / len(slots)
        for name, write in writers(read_slots(REAL / "train.jsonl"), FORMATS)
    }
    assert shares["nothing"] < 0.6
    assert shares["formats"] > 0.85
    assert shares["+ train"] >= 0.95
