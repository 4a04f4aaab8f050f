"""What a research recipe promises, put beside what others published."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from eval import reproduce
from eval.reproduce import PUBLISHED, RECIPES, main, score

GOLD = [
    {"id": "a", "title": "Yogi ginger tea", "category": "Tea", "gold": {"Brand": ["Yogi"], "Flavor": None}},
    {"id": "b", "title": "Numi gold", "category": "Tea", "gold": {"Brand": ["Numi"], "Flavor": ["gold"]}},
]
ANSWERS = [
    {"id": "a", "predicted": {"Brand": ["Yogi"], "Form": ["tea"]}},
    {"id": "b", "error": {"type": "completion-invalid"}},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    schema = {"categories": {"Tea": [{"name": "Brand"}, {"name": "Flavor"}, {"name": "Form"}]}}
    (tmp_path / "schema.json").write_text(json.dumps(schema), encoding="utf-8")
    (tmp_path / "dev.jsonl").write_text("\n".join(map(json.dumps, GOLD)), encoding="utf-8")
    (tmp_path / "out.jsonl").write_text("\n".join(map(json.dumps, ANSWERS)), encoding="utf-8")
    return tmp_path


def test_a_failed_row_predicts_nothing_and_strict_counts_all_that_is_known(folder: Path) -> None:
    counts = score(folder, folder / "out.jsonl")
    found = {name: (one.right, one.predicted, one.gold) for name, one in counts.items()}
    assert found == {"slots": (1, 1, 3), "strict": (1, 2, 3), "sets": (1, 2, 3)}


def test_answers_of_other_listings_are_not_scored(folder: Path) -> None:
    (folder / "out.jsonl").write_text(json.dumps(ANSWERS[1]), encoding="utf-8")
    with pytest.raises(Exception, match="does not answer the listings"):
        score(folder, folder / "out.jsonl")


def test_every_published_figure_has_a_recipe_and_a_source() -> None:
    published = yaml.safe_load(PUBLISHED.read_text(encoding="utf-8"))
    for name, rows in published.items():
        assert (RECIPES / f"research-{name}.yaml").is_file()
        assert all(row["source"] and row.keys() & set(reproduce.METRICS) for row in rows)


def test_an_unknown_set_names_those_with_a_recipe() -> None:
    with pytest.raises(SystemExit) as caught:
        main(["oa-mein"])
    assert "oa-mine" in str(caught.value)


@pytest.mark.parametrize("name", sorted(path.stem for path in RECIPES.glob("research-*.yaml")))
def test_missing_data_is_named(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = RECIPES / f"{name}.yaml"
    recipe = yaml.safe_load(config.read_text(encoding="utf-8"))
    (tmp_path / config.name).write_text(yaml.safe_dump({**recipe, "data": str(tmp_path)}), encoding="utf-8")
    monkeypatch.setattr(reproduce, "RECIPES", tmp_path)
    with pytest.raises(SystemExit, match=r"holds no dev\.jsonl"):
        main([name.removeprefix("research-")])
