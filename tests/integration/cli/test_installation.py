"""tagwright taxonomy, model, doctor, train: what looks at the installation."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path

import pytest

from app import __version__
from tests.integration.cli.conftest import Run


def test_taxonomy_check_counts_and_names_problems(run: Run, tmp_path: Path) -> None:
    (tmp_path / "values").mkdir()
    (tmp_path / "manifest.yaml").write_text('{name: x, version: "1", locales: [en], sources: [me]}', encoding="utf-8")
    (tmp_path / "attributes.yaml").write_text("- {id: color, kind: closed, en: [Color]}\n", encoding="utf-8")
    (tmp_path / "values" / "color.yaml").write_text("- {id: color:red, en: [Red]}\n", encoding="utf-8")
    assert run("taxonomy", "check", tmp_path).stdout == (
        "0 verticals, 0 categories, 1 attributes, 1 values\nlabels: en 2\nno problems\n"
    )
    (tmp_path / "values" / "color.yaml").write_text("- {id: color:red, en: [Red], broader: x}\n", encoding="utf-8")
    result = run("taxonomy", "check", tmp_path)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[0] == "values/color.yaml:1: color:red broader 'x' is no concept of color"
    report = json.loads(run("taxonomy", "check", tmp_path, "--json").stdout)
    assert report["counts"]["values"] == 1
    assert report["problems"][0]["id"] == "color:red"


def test_taxonomy_search_finds_labels_of_any_language(run: Run) -> None:
    found = json.loads(run("taxonomy", "search", "marineblau", "--json", "--limit", "1").stdout)["results"]
    assert [(hit["id"], hit["match"]["locale"], hit["labels"]["zh-CN"]) for hit in found] == [
        ("color:navy", "de", "藏青色")
    ]
    assert "color:navy" in run("taxonomy", "search", "藏青色", "--lang", "zh").stdout
    assert run("taxonomy", "search", "qqqqzzzzqqqq").stdout == "nothing found\n"


def test_models_are_listed_with_licence_and_state(run: Run) -> None:
    rows = {row["name"]: row for row in json.loads(run("model", "list", "--json").stdout)["models"]}
    gemma = rows["gemma-3-270m"]
    assert gemma["licence"] == "Gemma Terms of Use"
    assert (gemma["state"] == "installed") == (gemma["bytes"] is not None and gemma["bytes"] > 100_000_000)
    assert "gemma-3-270m" in run("model", "list").stdout


def test_what_is_served_is_shown_with_its_terms(run: Run, tmp_path: Path) -> None:
    result = run("model", "show", "--engine", "local", "--json", TAGWRIGHT_HOME=str(tmp_path))
    shown = json.loads(result.stdout)
    assert (shown["model"], shown["adapter"]) == ("gemma-3-270m", "none")
    assert "ai.google.dev/gemma/terms" in shown["terms"]
    assert shown["state"] == "not assembled yet: tagwright model pull"


def test_doctor_says_what_is_wrong_and_how_to_mend_it(run: Run, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        port = taken.getsockname()[1]
        result = run(
            "doctor",
            "--json",
            TAGWRIGHT_ENGIN="local",
            TAGWRIGHT_REDIS_URL=f"redis://me:secret@127.0.0.1:{port}/0",
            TAGWRIGHT_DATABASE_URL=f"sqlite:///{tmp_path / 'tags.db'}",
            TAGWRIGHT_THREADS="4096",
            TAGWRIGHT_HOME=str(tmp_path),
        )
    answer = json.loads(result.stdout)
    checks = {check["name"]: check for check in answer["checks"]}
    assert (result.exit_code, answer["ready"], answer["version"]) == (1, False, __version__)
    assert (checks["settings"]["status"], checks["settings"]["mend"]) == ("fail", "unset TAGWRIGHT_ENGIN")
    assert (checks["redis"]["status"], checks["database"]["status"]) == ("warn", "ok")
    assert (checks["threads"]["status"], checks["vectors"]["status"]) == ("warn", "warn")
    assert checks["vectors"]["mend"] == "tagwright model pull"
    assert checks["taxonomy"]["status"] == "ok"
    assert answer["settings"]["redis_url"] == f"redis://me:***@127.0.0.1:{port}/0"
    assert "secret" not in result.stdout


def test_doctor_prints_a_verdict_for_people(run: Run) -> None:
    result = run("doctor")
    assert result.stdout.splitlines()[-1].startswith(("ready", "not ready: "))
    assert "TAGWRIGHT_ENGINE             scripted" in result.stdout
    assert (result.exit_code == 0) == result.stdout.splitlines()[-1].startswith("ready")


def test_training_without_its_libraries_names_the_command(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "app.training.finetune", raising=False)
    (tmp_path / "recipe.yaml").write_text("name: x\n", encoding="utf-8")
    result = run("train", tmp_path / "recipe.yaml")
    assert (result.exit_code, result.stderr) == (
        2,
        "Error: training needs torch\n  hint: pip install 'tagwright[train]'\n",
    )
