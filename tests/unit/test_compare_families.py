"""The table of `make compare`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from app.bootstrap_extractors import open_family
from app.training.families.dictionary import train
from eval.candidates import Candidate, candidates, of_folder
from eval.compare_families import HEAD, Row, beside, main
from eval.harness.extraction import Measured, measure
from eval.harness.gold import read_gold
from tests.families import recipe, write_set

DEV = [
    {"title": "K2 Linen Shirt, Navy Blue", "gold": {"Brand": ["K2"], "Color": ["Navy Blue"], "Item": ["Shirt"]}},
    {"title": "Fjell Shirt, Red", "gold": {"Brand": ["Fjell"], "Color": ["Red"], "Item": ["Shirt"], "Material": None}},
]
FAMILIES = ["dictionary", "tree", "forest", "linear", "bilstm", "encoder", "ner", "t5", "causal", "fusion"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    data = write_set(tmp_path / "data")
    rows = [{"id": f"small/dev/{n}", "category": "Shirt", "lang": "en", **row} for n, row in enumerate(DEV)]
    (data / "small" / "dev.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return data


@pytest.fixture
def models(tmp_path: Path, data: Path) -> Path:
    train(recipe("dictionary", data, tmp_path / "models"))
    return tmp_path / "models"


def test_a_row_per_model_and_a_reason_where_there_is_none(
    data: Path, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["small", "--models", str(models), "--data", str(data), "--only=-small"])
    head, dictionary, *missing = capsys.readouterr().out.splitlines()
    assert head.split() == " ".join(HEAD).split()
    # Right are 5 of 6 stated slots. "Linen" is wrong for all but the slots: nobody annotated the material.
    assert dictionary.split()[:2] == ["dictionary-small", "dictionary"]
    assert [part.split()[0] for part in dictionary.split("]")[:3]][1:] == ["83.3", "83.3"]
    assert "90.9 [" in dictionary
    assert [line.split()[0] for line in missing] == [f"{family}-small" for family in FAMILIES[1:]]
    assert missing[0].endswith("not trained: tagwright train app/training/recipes/tree.yaml --set small")
    assert missing[3].endswith("no recipe bilstm-small.yaml")


def test_machines_get_shares_and_reasons(data: Path, models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["small", "--models", str(models), "--data", str(data), "--only=-small", "--json"])
    rows = json.loads(capsys.readouterr().out)
    assert [row["family"] for row in rows] == FAMILIES
    assert (rows[0]["slots"]["f1"], rows[0]["listings"]) == (pytest.approx(10 / 11), 2)
    assert rows[0]["slots"]["low"] < rows[0]["slots"]["f1"] <= rows[0]["slots"]["high"]
    assert "recipe" in rows[1]["missing"]


def test_every_family_has_a_row_whatever_is_trained(tmp_path: Path) -> None:
    rows = candidates("oa-mine", [tmp_path], "smollm2-135m")
    assert [row.name for row in rows if row.missing is None][:3] == [
        "rules and dictionary",
        "zero-shot, smollm2-135m",
        "few-shot, smollm2-135m",
    ]
    untrained = {row.family: row.missing for row in rows if row.missing}
    assert untrained["ner"] == "not trained: tagwright train app/training/recipes/ner-oa-mine.yaml"
    assert untrained["t5"].startswith("no package carries a T5 checkpoint")


@pytest.mark.parametrize(
    ("card", "files", "settings"),
    [
        ({"family": "ner"}, (), {"model": "F"}),
        ({"family": "causal"}, ("adapter_config.json",), {"adapter": "F"}),
        ({"family": "t5"}, ("config.json",), {"model": "F", "engine": "transformers"}),
    ],
)
def test_a_folder_is_opened_as_what_it_is(
    tmp_path: Path, card: dict[str, str], files: tuple[str, ...], settings: dict[str, str]
) -> None:
    (tmp_path / "card.json").write_text(json.dumps(card), encoding="utf-8")
    for name in files:
        (tmp_path / name).write_text("{}", encoding="utf-8")
    assert of_folder(tmp_path).settings == {k: v.replace("F", str(tmp_path)) for k, v in settings.items()}


async def test_listings_asked_alone_and_at_once_are_judged_alike(data: Path, models: Path) -> None:
    gold = read_gold(data / "small" / "dev.jsonl")
    model = open_family(models / "dictionary-small")
    alone, at_once = [await measure(model, gold, timed=timed) for timed in (5, 0)]
    assert alone.whole("strict").tolist() == at_once.whole("strict").tolist()
    assert alone.accuracy("slots")["Color"].value == 1.0
    assert alone.accuracy("slots")["Brand"].value == 0.5


def answered(outcomes: list[list[float]]) -> Row:
    counts = np.array(outcomes)[:, None]
    made = Measured(counts={"strict": (["Color"], counts)}, p50_ms=1.0, failed=0)
    return Row(candidate=Candidate(name="x", family="ner"), measured=made, listings=len(outcomes))


def test_a_fusion_is_held_against_the_best_other_on_shared_listings() -> None:
    right, wrong = [1.0, 0, 0, 0, 0], [0.0, 1, 0, 0, 0]
    fused, good, bad = answered([right] * 20), answered([right] * 12 + [wrong] * 8), answered([wrong] * 20)
    best, change = beside(fused, [fused, bad, good, Row(candidate=bad.candidate, missing="x")], "strict")
    assert (best is good, change.verdict, round(change.difference.value, 2)) == (True, "better", 0.4)
    short = answered([right] * 5)
    assert beside(fused, [short, bad], "strict")[1].verdict == "same"
    assert beside(Row(candidate=bad.candidate, missing="x"), [good], "strict") is None


def test_a_missing_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="cannot be read"):
        main(["small", "--data", str(tmp_path)])
