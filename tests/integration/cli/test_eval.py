"""tagwright eval."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.harness.result import read_result
from tests.integration.cli.conftest import Run

SCHEMA = {"categories": {"Shoes": [{"name": "Color", "examples": ["Red", "Black"]}, {"name": "Shoe type"}]}}
SURFACE = [
    {"id": "s/1", "lang": "en", "title": "Black Venetian Loafer", "category": "Shoes",
     "gold": {"Color": ["Black"], "Shoe type": ["Loafer"]}},
    {"id": "s/2", "lang": "en", "title": "Red shoe ENGINE-FAILS", "category": "Shoes", "gold": {"Color": ["Red"]}},
]  # fmt: skip
TAGGED = [
    {"id": "t/1", "lang": "en", "title": "Navy Blue Linen Dress",
     "tags": ["category:dresses", "color:navy", "material:linen", "pattern:striped"]},
    {"id": "t/2", "lang": "de", "title": "Herren Turnschuhe aus Leder, weiß",
     "tags": ["category:sneakers", "color:white", "material:leather", "gender:men"]},
]  # fmt: skip


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Write JSON Lines."""
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def surface(tmp_path: Path) -> Path:
    """Gold of surface values, its schema beside it."""
    (tmp_path / "schema.json").write_text(json.dumps(SCHEMA), encoding="utf-8")
    return write(tmp_path / "dev.jsonl", SURFACE)


@pytest.fixture
def tagged(tmp_path: Path) -> Path:
    """Gold of tags."""
    return write(tmp_path / "tags.jsonl", TAGGED)


def result_of(run: Run, *words: str | Path) -> dict[str, Any]:
    """Return the JSON result of a run that succeeds."""
    done = run("eval", *words, "--json")
    assert done.exit_code == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def outcomes(result: dict[str, Any], protocol: str) -> dict[str, int]:
    """Return the outcomes that are not 0."""
    counted = result["protocols"][protocol]["micro"]["outcomes"]
    return {name: count for name, count in counted.items() if count}


def test_the_served_extractor_is_measured(run: Run, surface: Path, tmp_path: Path) -> None:
    saved = tmp_path / "result.json"
    done = run("eval", surface, "--no-rules", "--save", saved)
    assert done.exit_code == 1  # one listing could not be answered
    result = read_result(saved)
    assert [one.error for one in result.listings] == [None, "the script says that the model fails here"]
    assert list(result.protocols) == ["slots", "strict", "sets"]
    slots = result.protocols["slots"].micro.outcomes
    assert (slots.vc, slots.vw, slots.vn) == (1, 1, 1)
    assert result.performance is not None
    assert result.performance.completion_tokens > 0
    assert result.performance.prompt_tokens == sum(one.prompt_tokens or 0 for one in result.listings)
    assert result.environment.versions["model"].startswith("scripted@")
    assert result.environment.settings["engine"] == "scripted"
    assert "1 failed" in done.stdout
    assert "listings/s" in done.stdout


def test_the_served_tagger_is_measured(run: Run, tagged: Path) -> None:
    result = result_of(run, tagged, "--folds", "2")
    assert list(result["protocols"]) == ["tags", "category"]
    assert outcomes(result, "tags") == {"vc": 7, "vn": 1}
    assert outcomes(result, "category") == {"vc": 2}
    tags = result["protocols"]["tags"]
    assert tags["selective"]["slots"] == 8
    assert tags["crossfit"]["folds"] == 2
    assert result["protocols"]["category"]["hierarchy"]["f1"]["value"] == 1.0
    (mistake,) = result["mistakes"]
    assert (mistake["attribute"], mistake["gold"], mistake["given"]) == ("pattern", ["pattern:striped"], None)
    assert [row["lang"] for row in result["listings"]] == ["en", "de"]


def test_rules_alone_ask_no_model(run: Run, tagged: Path) -> None:
    result = result_of(run, tagged, "--no-model")
    assert result["performance"]["prompt_tokens"] == 0
    assert (result["subject"]["model"], result["environment"]["versions"]["model"]) == (False, "none")


def test_what_extract_writes_is_judged_the_same(run: Run, surface: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    run("extract", surface, out, "--schema", tmp_path / "schema.json", "--no-rules")
    judged = result_of(run, surface, "--predictions", out, "--protocol", "slots", "--protocol", "sets")
    assert list(judged["protocols"]) == ["slots", "sets"]
    assert outcomes(judged, "slots") == {"vc": 1, "vw": 1, "vn": 1}
    assert (judged["performance"], judged["subject"]["predictions"]) == (None, "out.jsonl")


def test_what_tag_writes_is_judged_the_same(run: Run, tagged: Path, tmp_path: Path) -> None:
    # without their gold tags: `tag` takes what it does not know for seller attributes
    listings = write(tmp_path / "in.jsonl", [{k: row[k] for k in ("id", "title")} for row in TAGGED])
    out = tmp_path / "out.jsonl"
    out.write_bytes(run("tag", listings, "--json").stdout_bytes)
    asked, judged = result_of(run, tagged), result_of(run, tagged, "--predictions", out)
    for name in ("micro", "reliability", "selective"):
        assert judged["protocols"]["tags"][name] == asked["protocols"]["tags"][name]


def test_train_tells_seen_values_from_unseen_ones(run: Run, tagged: Path, tmp_path: Path) -> None:
    train = write(tmp_path / "train.jsonl", [{**TAGGED[1], "title": "x", "tags": ["color:white"]}])
    groups = result_of(run, tagged, "--train", train)["protocols"]["tags"]["by"]["value"]
    assert {one["name"]: one["score"]["outcomes"]["vc"] for one in groups} == {"seen": 1, "unseen": 6}


def test_surface_gold_is_judged_as_tags_by_a_table(run: Run, tmp_path: Path) -> None:
    rows = [{"id": "s/dev/1", "lang": "de", "title": "Weiße Turnschuhe Kult", "gold": {"Farbe": ["Weiße", "Kult"]}}]
    table = [
        {"attribute": "Farbe", "value": "Weiße", "ids": ["color:white"]},
        {"attribute": "Farbe", "value": "Kult", "ids": []},
    ]
    gold, values = write(tmp_path / "dev.jsonl", rows), write(tmp_path / "values.jsonl", table)
    result = result_of(run, gold, "--protocol", "tags", "--values", values)
    # the category is out of scope; a value without a concept is missed
    assert outcomes(result, "tags") == {"vc": 1, "vn": 1}
    assert result["protocols"]["tags"]["stages"]["oracle"] == 1.0
    done = run("eval", gold, "--protocol", "tags")
    assert (done.exit_code, "there is no table" in done.stderr) == (2, True)


def test_two_results_are_compared(run: Run, tagged: Path, tmp_path: Path) -> None:
    a, b = tmp_path / "a.json", tmp_path / "b.json"
    worse = write(tmp_path / "worse.jsonl", [{"id": row["id"], "tags": ["color:navy"]} for row in TAGGED])
    run("eval", tagged, "--save", b)
    run("eval", tagged, "--predictions", worse, "--save", a)
    done = run("eval", "--compare", a, b, "--json")
    overall = {one["name"]: one for one in json.loads(done.stdout)["protocols"]["tags"]["overall"]}
    assert (overall["recall"]["a"], overall["recall"]["b"]) == (1 / 8, 7 / 8)
    shown = run("eval", "--compare", a, b)
    assert "tags, F1 by attribute" in shown.stdout
    assert "+75.0 (" in shown.stdout
    assert "better" not in shown.stdout  # two listings prove nothing


def test_a_report_is_written_beside_the_figures(run: Run, tagged: Path, tmp_path: Path) -> None:
    page, saved = tmp_path / "report.html", tmp_path / "a.json"
    done = run("eval", tagged, "--save", saved, "--report", page)
    assert done.exit_code == 0, done.stderr
    assert "Navy Blue Linen Dress" in page.read_text(encoding="utf-8")
    changes = tmp_path / "changes.html"
    done = run("eval", "--compare", saved, saved, "--report", changes)
    assert done.exit_code == 0, done.stderr
    assert "The rest of this report is about B." in changes.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "give either GOLD or --compare A B"),
        (("GOLD", "--compare", "a.json", "b.json"), "give either GOLD or --compare A B"),
        (("none.jsonl",), "none.jsonl cannot be read"),
        (("GOLD", "--protocol", "slots"), "tags.jsonl cannot be judged by slots"),
        (("GOLD", "--no-rules"), "rules cannot be left out here"),
        (("GOLD", "--save", "no/where.json"), "there is no folder 'no' to write to"),
        (("GOLD", "--report", "no/where.html"), "there is no folder 'no' to write to"),
        (("GOLD", "--predictions", "none.jsonl"), "none.jsonl cannot be read"),
        (("--compare", "none.json", "none.json"), "none.json cannot be read"),
    ],
)
def test_what_cannot_be_done_is_said(run: Run, tagged: Path, words: tuple[str, ...], message: str) -> None:
    done = run("eval", *(tagged if word == "GOLD" else word for word in words))
    assert (done.exit_code, message in done.stderr) == (2, True), done.stderr


def test_answers_of_the_other_kind_are_refused(run: Run, tagged: Path, tmp_path: Path) -> None:
    out = write(tmp_path / "out.jsonl", [{"id": row["id"], "predicted": {}} for row in TAGGED])
    done = run("eval", tagged, "--predictions", out)
    assert done.exit_code == 2
    assert "answers with surface values, not with tags" in done.stderr
