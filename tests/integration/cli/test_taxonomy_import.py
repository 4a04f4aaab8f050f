"""tagwright taxonomy import: from a source to a folder that checks, loads and is searched."""

from __future__ import annotations

import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from app.adapters.imports import write
from app.adapters.taxonomy_files import read_taxonomy
from tests.integration.cli.conftest import Run

TABLE = """\
id,attribute,broader,label:en,label:zh-CN,attributes
matt,finish,,Matt,哑光,
gloss,finish,,Gloss,Gloss,
lamps,,,Lamps,灯,finish
desk,,lamps,Desk lamps,,
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "shop.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def test_a_table_becomes_a_taxonomy_that_checks_loads_and_is_searched(run: Run, table: Path, tmp_path: Path) -> None:
    folder = tmp_path / "made" / "shop"
    result = run("taxonomy", "import", table, folder, "--version", "3")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("shop 3: 2 value, 2 category, 1 attribute; 8 labels in 2 locales")
    assert "shop.csv:3: finish:gloss · zh-CN · Gloss · the English label" in result.stdout
    assert "shop.csv:5: category:desk · zh-CN · no label in zh-CN" in result.stdout
    assert run("taxonomy", "check", folder).exit_code == 0
    taxonomy = read_taxonomy(folder)
    assert taxonomy.path("category:desk") == ("category:lamps", "category:desk")
    assert taxonomy.relevant("category:desk") == ("finish",)
    (lamp,) = [label for label in taxonomy.concept("category:lamps").labels if label.locale == "zh-CN"]
    assert (lamp.text, lamp.standalone) == ("灯", False)
    found = run("taxonomy", "search", "哑光", "--json", TAGWRIGHT_TAXONOMY=str(folder))
    assert json.loads(found.stdout)["results"][0]["id"] == "finish:matt"


def test_the_report_names_every_problem_and_json_sums_them_up(run: Run, table: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    summary = json.loads(run("taxonomy", "import", table, folder, "--json", "--name", "my/own").stdout)
    assert (summary["name"], summary["format"], summary["labels"]) == ("my-own", "table", 8)
    rows = [json.loads(line) for line in (folder / write.REPORT).read_text(encoding="utf-8").splitlines()]
    counts = {kind: found["count"] for kind, found in summary["problems"].items()}
    assert counts == {kind: sum(row["kind"] == kind for row in rows) for kind in counts}
    assert counts == {
        "implied-attribute": 1,
        "single-character": 1,
        "missing-label": 2,
        "english-label": 1,
    }
    assert summary["problems"]["missing-label"]["locales"] == {"zh-CN": 2}
    assert {"kind": "english-label", "id": "finish:gloss", "file": "shop.csv", "line": 3}.items() <= next(
        row for row in rows if row["kind"] == "english-label"
    ).items()


@pytest.mark.parametrize("suffix", [".zip", ".tar.gz", ".tar.xz"])
def test_archives_are_unpacked(run: Run, table: Path, tmp_path: Path, suffix: str) -> None:
    archive = tmp_path / f"shop{suffix}"
    if suffix == ".zip":
        with zipfile.ZipFile(archive, "w") as packed:
            packed.write(table, "data/shop.csv")
    else:
        with tarfile.open(archive, f"w:{suffix.rpartition('.')[2]}") as packed:
            packed.add(table, "data/shop.csv")
    result = run("taxonomy", "import", archive, tmp_path / "made", "--no-lint")
    assert result.exit_code == 0
    assert "data/shop.csv:5" in result.stdout


@pytest.mark.parametrize(
    ("source", "options", "message", "hint"),
    [
        ("none.csv", (), "there is no file or folder", ""),
        ("shop.csv", ("--format", "google"), "shop.csv is not Google's product taxonomy", "taxonomy-with-ids"),
        ("shop.csv", ("--format", "shopify"), "shop.csv is not Shopify's taxonomy", "data/attributes.yml"),
        ("shop.csv", ("--format", "skos"), "shop.csv holds no SKOS", ".ttl"),
        ("shop.csv", ("--locales", "fr"), "the source has no locale fr", "it has en, zh-CN"),
        ("notes.txt", (), "no known taxonomy format", "--format"),
        ("broken.zip", (), "broken.zip cannot be unpacked", ""),
        ("escape.tar", (), "escape.tar cannot be unpacked", ""),
    ],
)  # fmt: skip
def test_unusable_input_is_refused_and_nothing_is_written(
    run: Run, table: Path, tmp_path: Path, source: str, options: tuple[str, ...], message: str, hint: str
) -> None:
    (tmp_path / "notes.txt").write_text("nothing\n", encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "broken.zip", "w") as packed:
        packed.write(table, "shop.csv")
    whole = (tmp_path / "broken.zip").read_bytes()
    (tmp_path / "broken.zip").write_bytes(whole[:40].replace(b"i", b"j") + whole[40:])
    with tarfile.open(tmp_path / "escape.tar", "w") as packed:
        packed.add(table, "../../shop.csv")
    before = sorted(tmp_path.iterdir())
    result = run("taxonomy", "import", tmp_path / source, tmp_path / "made", *options)
    assert result.exit_code == 2
    assert message in result.stderr
    assert hint in result.stderr
    assert sorted(tmp_path.iterdir()) == before


def test_an_import_is_replaced_whole_and_nothing_else_is(
    run: Run, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "shop"
    assert run("taxonomy", "import", table, folder, "--no-lint").exit_code == 0
    (folder / "values" / "old.jsonl").touch()
    assert run("taxonomy", "import", table, folder, "--no-lint").exit_code == 0
    assert not (folder / "values" / "old.jsonl").exists()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("app.adapters.imports.write.write_report", full)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert run("taxonomy", "import", table, folder, "--no-lint").exit_code != 0
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []

    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("mine", encoding="utf-8")
    result = run("taxonomy", "import", table, mine)
    assert (result.exit_code, "is there and is no import" in result.stderr) == (2, True)
    assert [path.name for path in mine.iterdir()] == ["thesis.txt"]
