"""The real command line: in this process through click, and as a process of its own where that matters."""

from __future__ import annotations

import json
import os
import pty
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from app import __version__
from app.api.answers import TagResponse
from app.cli import tagwright

ROOT = Path(__file__).parents[2]
SCRIPT = [
    {"match": "Navy Blue Linen", "answer": {"color": ["navy blue"], "material": ["linen"]}},
    {"match": "ENGINE-FAILS", "fail": "engine"},
    {"match": "CUT-OFF", "answer": {"Color": ["red"]}, "fail": "truncate"},
    {"match": "Loafer", "answer": {"Shoe type": ["Venetian Loafer"], "Color": ["Black"]}},
]
Run = Callable[..., Result]


@pytest.fixture
def environment(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Settings of the engine `scripted`, and none of the machine's own."""
    for name in [name for name in os.environ if name.startswith("TAGWRIGHT_")]:
        monkeypatch.delenv(name)
    script = tmp_path / "script.json"
    script.write_text(json.dumps(SCRIPT), encoding="utf-8")
    chosen = {
        "TAGWRIGHT_HOME": str(home),
        "TAGWRIGHT_ENGINE": "scripted",
        "TAGWRIGHT_SCRIPT": str(script),
        "TAGWRIGHT_ADAPTER": "none",
    }
    for name, value in chosen.items():
        monkeypatch.setenv(name, value)
    return chosen


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    """Run the command line in this process."""

    def invoke(*words: str | Path, stdin: str | bytes | None = None, **env: str) -> Result:
        return CliRunner().invoke(tagwright, [str(word) for word in words], input=stdin, env=env)

    return invoke


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start the command line as a process; what still runs at the end is killed."""
    running: list[subprocess.Popen[bytes]] = []

    def popen(*words: str | Path, **options: Any) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-m", "app.cli", *map(str, words)], cwd=ROOT, **options)
        running.append(process)
        return process

    yield popen
    for process in running:
        if process.poll() is None:
            process.kill()
        process.wait()


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


# --- the frame -------------------------------------------------------------------------------------------------------


def test_help_does_not_wait_for_what_verbs_need() -> None:
    heavy = "pydantic rich yaml numpy rapidfuzz opencc fastapi sqlalchemy xllamacpp openpyxl jsonschema".split()
    code = f"import sys, app.cli; print(*(set({heavy}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
    best = float("inf")
    for _ in range(5):  # the best of five: other processes may be at work
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "app.cli", "--help"], cwd=ROOT, capture_output=True, check=True)
        best = min(best, time.perf_counter() - began)
    assert best < 0.4


def verbs(group: click.Group, *path: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from verbs(command, *path, name)


@pytest.mark.parametrize("words", [(), *verbs(tagwright)], ids=" ".join)
def test_every_verb_explains_itself(run: Run, words: tuple[str, ...]) -> None:
    result = run(*words, "--help")
    assert (result.exit_code, result.stdout.startswith("Usage: tagwright")) == (0, True)
    assert result.stdout.count("\n") > 5


def test_the_version_is_the_package_s(run: Run) -> None:
    assert run("--version").stdout == f"tagwright, version {__version__}\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("tag",), "give either FILE (- for stdin) or --title"),
        (("tag", "a.csv", "--title", "x"), "give either FILE (- for stdin) or --title"),
        (("tag", "a.csv", "--description", "x"), "--description goes with --title"),
        (("tag", "Red shoe for men"), 'hint: to tag a title, write: tagwright tag --title "Red shoe for men"'),
        (("tag", "none.csv"), "there is no file 'none.csv'"),
        (("tag", "--title", "  "), "the title is empty"),
        (("tag", "--title", "x", "--engine", "bogus"), "TAGWRIGHT_ENGINE: Input should be"),
        (("extract", "none.jsonl", "out.jsonl", "--schema", "none.json"), "the schema none.json cannot be read"),
        (("train", "none.yaml"), "there is no recipe 'none.yaml'"),
        (("taxonomy", "check", "none"), "none is no taxonomy"),
        (("taxonomy", "search", " "), "the query is empty"),
        (("taxonomy", "search", "red", "--attribute", "colour"), "no attribute has the id 'colour'"),
        (("serve", "--port", "70000"), "TAGWRIGHT_PORT: Input should be less than or equal to 65535"),
        (("serve", "--host", "no such host"), "the host 'no such host' is not known"),
        (("model", "show", "--engine", "local", "--model", "bogus"), "'bogus'"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_message(run: Run, words: tuple[str, ...], message: str) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_unknown_settings_are_named(run: Run) -> None:
    result = run("tag", "--title", "x", TAGWRIGHT_ENGIN="local")
    assert (result.exit_code, result.stderr) == (
        2,
        "Error: unknown settings: TAGWRIGHT_ENGIN\n  hint: see `tagwright doctor`\n",
    )


def test_an_unexpected_error_shows_a_traceback_only_when_asked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(job: object) -> int:
        raise RuntimeError("boom")

    monkeypatch.setattr("app.commands.tag.run", fail)
    result = run("tag", "--title", "x")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: unexpected RuntimeError: boom\n  hint: tagwright --verbose")
    assert "Traceback" in run("--verbose", "tag", "--title", "x").stderr


# --- tag -------------------------------------------------------------------------------------------------------------

CSV = """\
Artikelnummer;Titel;Beschreibung;Farbe;Sprache
1;Herren Sneaker Leder;"Mit
Gummisohle";schwarz;de
2;zu;viele;Zellen;de;!
3;;kein Titel;;
4;Women's Navy Blue Linen Dress ENGINE-FAILS;;;en
"""


def test_a_file_is_tagged_and_bad_rows_are_named(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "listings.csv"
    path.write_bytes(CSV.encode("cp1252"))
    result = run("tag", path, "--locales", "en,de")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "line 4: 6 cells, but the header has 5 columns (put cells that hold the delimiter or a line break into quotes)",
        "line 5: the title is missing (give the product's name as the shop shows it)",
    ]
    assert "‹Herren› ‹Sneaker› ‹Leder›" in result.stdout
    assert "attributes.Farbe ‹schwarz›" in " ".join(result.stdout.split())
    assert "Sneakers" in result.stdout
    assert "warning    the script says that the model fails here" in result.stdout
    summary = result.stdout.splitlines()[-1]
    assert summary.startswith("4 listings in ")
    assert summary.endswith(", 1 partial, 2 failed")


def test_json_lines_have_the_api_s_form_and_keep_the_order(run: Run) -> None:
    listings = [
        {"id": "a", "title": "Women's Navy Blue Linen Dress, Size M", "gold": {"color": ["red"]}},
        {"id": "b", "title": 5.5, "lang": "en"},
        {"id": "c", "reviews": ["good"]},
        {"id": "d", "title": "Red shoe", "lang": "not a tag"},
        *({"id": str(number), "title": f"Red leather shoe {number}"} for number in range(20)),
    ]
    result = run("tag", "-", "--json", stdin="\n".join(map(json.dumps, listings)))
    answers = lines(result.stdout)
    assert [answer["id"] for answer in answers] == [listing["id"] for listing in listings]
    failed = {a["id"]: (a["line"], a["error"]["type"], a["error"]["field"]) for a in answers if "error" in a}
    assert failed == {"c": (3, "invalid-listing", "title"), "d": (4, "invalid-listing", "lang")}
    good = [TagResponse.model_validate(answer) for answer in answers if "error" not in answer]
    navy = next(tag for tag in good[0].tags if tag.id == "color:navy")
    assert (navy.source, navy.labels["zh-CN"], navy.labels["de"]) == ("rule+model", "藏青色", "Marineblau")
    assert not any(tag.id == "color:red" for tag in good[0].tags)
    assert all(any(tag.id == "color:red" for tag in answer.tags) for answer in good[2:])
    assert result.exit_code == 1
    assert "24 listings in" in result.stderr
    assert "2 failed" in result.stderr


def test_one_title_and_its_locales(run: Run) -> None:
    result = run("tag", "--title", "Herrenschuh schwarz", "--description", "aus Leder", "--lang", "de", "--locales", "de-AT,xx")
    assert result.exit_code == 0
    assert "label (de-AT)" in result.stdout
    assert "warning    no labels in de-AT: those in de were given" in result.stdout
    assert "warning    no labels in xx: those in en were given" in result.stdout
    assert "description aus ‹Leder›" in result.stdout


def test_a_locale_that_is_none_is_a_usage_error(run: Run) -> None:
    result = run("tag", "--title", "Red shoe", "--locales", "en,not a locale")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "'not a locale' is no locale" in result.stderr


def test_progress_goes_to_a_terminal_and_stdout_stays_clean(start: Any, tmp_path: Path) -> None:
    path = tmp_path / "titles.txt"
    path.write_text("Red shoe\nBlue hat\n", encoding="utf-8")
    leader, follower = pty.openpty()
    process = start("tag", path, "--json", stdout=subprocess.PIPE, stderr=follower)
    os.close(follower)
    shown = b""
    while chunk := _read(leader):
        shown += chunk
    answers = lines(process.stdout.read().decode())
    assert (process.wait(60), len(answers)) == (0, 2)
    assert b"tagging" in shown
    assert b"2 listings in" in shown


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:  # Linux says so when the other side is gone
        return b""


def test_a_reader_that_goes_away_is_no_error(start: Any, tmp_path: Path) -> None:
    path = tmp_path / "titles.txt"
    path.write_text("Red shoe\n" * 100, encoding="utf-8")
    process = start("tag", path, "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(60) == 1


# --- extract ---------------------------------------------------------------------------------------------------------

SCHEMA = {
    "dataset": "x",
    "categories": {
        "Shoes": [{"name": "Color", "examples": ["Red"]}, {"name": "Shoe type"}, {"name": "Gender"}],
        "Tea": [{"name": "Brand"}],
    },
}
ROWS: list[Any] = [
    {"id": "r/1", "title": "Men's Black Venetian Loafer", "category": "Shoes", "gold": {"Color": ["x"]}, "lang": "en"},
    {"id": 2, "title": "Black shoe CUT-OFF", "category": "Shoes"},
    {"id": "r/3", "title": "Hat", "category": "Hats"},
    "no object",
    {"title": "Shoe", "category": "Shoes"},
    {"id": "r/6", "title": "Men's red boot", "description": None, "category": "Shoes"},
]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Rows, output and schema."""
    rows, schema = tmp_path / "in.jsonl", tmp_path / "schema.json"
    rows.write_text("\n".join(map(json.dumps, ROWS)), encoding="utf-8")
    schema.write_text(json.dumps(SCHEMA), encoding="utf-8")
    return rows, tmp_path / "out.jsonl", schema


def test_a_line_per_row_in_order_with_errors_in_their_place(run: Run, files: tuple[Path, Path, Path]) -> None:
    rows, out, schema = files
    result = run("extract", rows, out, "--schema", schema, "--train", rows)
    answers = lines(out.read_text(encoding="utf-8"))
    assert [answer["id"] for answer in answers] == ["r/1", 2, "r/3", None, None, "r/6"]
    assert answers[0]["predicted"] == {"Shoe type": ["Venetian Loafer"], "Color": ["Black"], "Gender": ["Men's"]}
    assert answers[5]["predicted"] == {"Color": ["red"], "Gender": ["Men's"]}
    assert [(a["line"], a["error"]["type"]) for a in answers if "error" in a] == [
        (2, "completion-invalid"),
        (3, "invalid-schema"),
        (4, "invalid-file"),
        (5, "invalid-file"),
    ]
    assert result.exit_code == 1
    assert result.stdout.startswith("6 rows in ")
    assert result.stdout.endswith("2 of 3 completions valid, 4 failed\n")
    assert f"--train {rows}: not used" in result.stderr
    assert list(out.parent.glob(".*part")) == []


@pytest.mark.parametrize(
    ("option", "predicted", "said"),
    [
        ("--no-rules", {"Shoe type": ["Venetian Loafer"], "Color": ["Black"]}, "1 of 1 completions valid, 0 failed\n"),
        ("--no-model", {"Color": ["Black"], "Gender": ["Men's"]}, "no model, 0 failed\n"),
    ],
)
def test_rules_and_model_can_be_left_out(
    run: Run, files: tuple[Path, Path, Path], option: str, predicted: dict[str, Any], said: str
) -> None:
    rows, out, schema = files
    rows.write_text(json.dumps(ROWS[0]), encoding="utf-8")
    result = run("extract", rows, out, "--schema", schema, option)
    assert (result.exit_code, lines(out.read_text(encoding="utf-8"))) == (0, [{"id": "r/1", "predicted": predicted}])
    assert result.stdout.endswith(said)


def test_extract_refuses_what_would_lose_data(run: Run, files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    rows, out, schema = files
    for words, message in (
        ((rows, rows, "--schema", schema), "OUTPUT would overwrite INPUT"),
        ((rows, tmp_path / "no" / "out.jsonl", "--schema", schema), "there is no folder"),
        ((rows, out, "--schema", schema, "--no-rules", "--no-model"), "nothing that could answer"),
        ((rows, out, "--schema", schema, "--train", tmp_path / "none"), "there is no file"),
        ((tmp_path / "none.jsonl", out, "--schema", schema), "cannot be read"),
    ):
        result = run("extract", *words)
        assert (result.exit_code, message in result.stderr, out.exists()) == (2, True, False), result.stderr


# --- taxonomy, models, doctor, train ---------------------------------------------------------------------------------


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


# --- serve -----------------------------------------------------------------------------------------------------------


def test_serve_answers_and_leaves_cleanly_when_told_to(start: Any) -> None:
    process = start("serve", "--port", "0", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.readline().decode()
    url = said.split()[3]
    assert said.startswith("Tagwright listens on http://127.0.0.1:")
    with urllib.request.urlopen(f"{url}/healthz", timeout=120) as answer:
        assert json.load(answer)["status"] == "ok"
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert b"Traceback" not in process.stderr.read()


def test_serve_says_that_a_port_is_taken(start: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = start("serve", "--port", port, stderr=subprocess.PIPE)
        said = process.stderr.read().decode()
    assert process.wait(60) == 2
    assert said.startswith(f"Error: cannot listen on 127.0.0.1 port {port}: ")


def test_serve_says_why_it_could_not_start(start: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TAGWRIGHT_SCRIPT", str(tmp_path / "none.json"))
    process = start("serve", "--port", "0", stderr=subprocess.PIPE)
    said = process.stderr.read().decode()
    assert process.wait(60) == 2
    assert said.splitlines()[-1].startswith(f"Error: script {tmp_path / 'none.json'} cannot be read")
    assert "Traceback" not in said
