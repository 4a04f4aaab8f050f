"""What the best recipe of a set promises, put beside what others published."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from app.training.families.dictionary import train
from eval import reproduce
from eval.harness.extraction import OF_VALUES
from eval.reproduce import PUBLISHED, made, main, recipe_of
from tests.families import recipe, rows, write_set

SETS = sorted(yaml.safe_load(PUBLISHED.read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", SETS)
def test_every_published_figure_has_a_recipe_and_a_source(name: str) -> None:
    assert recipe_of(name).is_file()
    for row in yaml.safe_load(PUBLISHED.read_text(encoding="utf-8"))[name]:
        assert row["source"]
        assert row.keys() & {*OF_VALUES, "accuracy"}


@pytest.mark.parametrize(
    ("name", "given", "recipe"),
    [
        ("oa-mine", None, "ner-oa-mine"),
        ("oa-mine", "linear-oa-mine", "linear-oa-mine"),
        ("fashion-en", None, "linear-fashion-en"),
        ("ae-110k-triples", None, "research-ae-110k-triples"),
    ],
)
def test_the_best_recipe_is_taken_unless_one_is_given(name: str, given: str | None, recipe: str) -> None:
    assert recipe_of(name, given).stem == recipe


def test_an_unknown_set_names_those_with_a_recipe() -> None:
    with pytest.raises(SystemExit) as caught:
        main(["oa-mein"])
    assert "oa-mine" in str(caught.value)


@pytest.mark.parametrize("name", SETS)
def test_missing_data_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"dev\.jsonl cannot be read"):
        main([name, "--data", str(tmp_path)])


def test_a_model_is_measured_beside_its_goals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write_set(tmp_path / "data")
    dev = [{**row, "id": row["id"].replace("train", "dev")} for row in rows()[:6]]
    (data / "small" / "dev.jsonl").write_text("\n".join(map(json.dumps, dev)), encoding="utf-8")
    folder = train(recipe("dictionary", data, tmp_path / "models"))
    published = tmp_path / "published.yaml"
    goals = {"small": [{"source": "goal", "strict": 81.0}, {"source": "others", "accuracy": {"Color": 88.0}}]}
    published.write_text(yaml.safe_dump(goals), encoding="utf-8")
    (tmp_path / "linear-small.yaml").write_text("name: linear-small", encoding="utf-8")
    monkeypatch.setattr(reproduce, "PUBLISHED", published)
    monkeypatch.setattr(reproduce, "RECIPES", tmp_path)
    main(["small", "--data", str(data), "--model", str(folder)])
    out = capsys.readouterr().out.splitlines()
    assert out[1] == "small, dev (looked at once by this command), dictionary-small:"
    assert out[2].startswith("  F1: slots ")
    assert "Color 100.0" in out[3]
    assert out[-2:] == ["  strict 81.0: goal", "  Color 88.0: others"]


def test_parts_are_trained_before_what_is_made_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = write_set(tmp_path / "data")
    out = tmp_path / "models"
    parts = ["dictionary-small", "dictionary-sure"]
    own = {**recipe("dictionary", data, out, least=0.9), "name": "dictionary-sure"}
    (tmp_path / "dictionary-sure.yaml").write_text(yaml.safe_dump(own), encoding="utf-8")
    for_any_set = {key: value for key, value in own.items() if key not in ("set", "name")}
    (tmp_path / "dictionary.yaml").write_text(yaml.safe_dump(for_any_set), encoding="utf-8")
    fusion = tmp_path / "fusion-small.yaml"
    fusion.write_text(yaml.safe_dump(recipe("fusion", data, out, parts=parts)), encoding="utf-8")
    monkeypatch.setattr(reproduce, "RECIPES", tmp_path)
    assert made(fusion) == out / "fusion-small"
    assert sorted(path.name for path in out.iterdir()) == [*parts, "fusion-small"]
    assert made(fusion) == out / "fusion-small"  # found, not made again
