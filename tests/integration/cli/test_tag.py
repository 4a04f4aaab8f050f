"""tagwright tag."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from pathlib import Path

from app.api.answers import TagResponse
from tests.integration.cli.conftest import Run, Start, lines

CSV = """\
Artikelnummer;Titel;Beschreibung;Farbe;Sprache
1;Herren Sneaker Leder;"Mit
Gummisohle";schwarz;de
2;zu;viele;Zellen;de;!
3;;kein Titel;;
4;Women's red dress ENGINE-FAILS;;;en
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
    assert (navy.source, navy.labels["zh-CN"], navy.labels["de"]) == ("rule", "藏青色", "Marineblau")
    assert not any(tag.id == "color:red" for tag in good[0].tags)
    assert all(any(tag.id == "color:red" for tag in answer.tags) for answer in good[2:])
    assert result.exit_code == 1
    assert "24 listings in" in result.stderr
    assert "2 failed" in result.stderr


def test_one_title_and_its_locales(run: Run) -> None:
    words = ("--title", "Herrenschuh schwarz", "--description", "aus Leder", "--lang", "de", "--locales", "de-AT,xx")
    result = run("tag", *words)
    assert result.exit_code == 0
    assert "label (de-AT)" in result.stdout
    assert "warning    no labels in de-AT: those in de were given" in result.stdout
    assert "warning    no labels in xx: those in en were given" in result.stdout
    assert "description aus ‹Leder›" in result.stdout


def test_a_locale_that_is_none_is_a_usage_error(run: Run) -> None:
    result = run("tag", "--title", "Red shoe", "--locales", "en,not a locale")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "'not a locale' is no locale" in result.stderr


def test_progress_goes_to_a_terminal_and_stdout_stays_clean(start: Start, tmp_path: Path) -> None:
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


def test_a_reader_that_goes_away_is_no_error(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "titles.txt"
    path.write_text("Red shoe\n" * 100, encoding="utf-8")
    process = start("tag", path, "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(60) == 1
