"""tagwright train and tagwright extract with a model of a family."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import yaml

from tests.families import recipe, rows, write_set
from tests.integration.cli.conftest import Run, lines


def test_what_is_trained_can_be_asked(run: Run, tmp_path: Path) -> None:
    data = write_set(tmp_path / "data")
    config = tmp_path / "recipe.yaml"
    config.write_text(yaml.safe_dump(recipe("dictionary", data, tmp_path / "models")), encoding="utf-8")
    trained = run("train", config)
    folder = tmp_path / "models" / "dictionary-small"
    assert (trained.exit_code, trained.stdout) == (0, f"model: {folder}\n")
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("\n".join(json.dumps(row) for row in rows()[-2:]), encoding="utf-8")
    result = run("extract", source, out, "--schema", data / "small" / "schema.json", "--model", folder)
    assert result.exit_code == 0
    assert [answer["predicted"] for answer in lines(out.read_text(encoding="utf-8"))] == [
        {"Brand": ["K2"], "Color": ["Red"], "Volume": ["300ml"]},
        {"Brand": ["K2"], "Color": ["Olive"], "Volume": ["350ml"]},
    ]
    assert "a model of family dictionary" in result.stderr


def test_a_key_that_no_recipe_has_is_named(run: Run, tmp_path: Path) -> None:
    config = tmp_path / "recipe.yaml"
    config.write_text(yaml.safe_dump(recipe("dictionary", tmp_path, tmp_path, depth=3)), encoding="utf-8")
    result = run("train", config)
    assert result.exit_code == 2
    assert "depth: Extra inputs are not permitted" in result.stderr


@pytest.mark.parametrize("verb", [("compress", "folder", "out"), ("measure", "oa-mine", "folder")])
def test_without_torch_the_extra_is_named(run: Run, monkeypatch: pytest.MonkeyPatch, verb: tuple[str, ...]) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    result = run("model", *verb)
    assert result.exit_code == 2
    assert "compression needs torch" in result.stderr
    assert "tagwright[encoder]" in result.stderr
