"""tagwright taxonomy diff, migrate, and check --against: on a store that the service filled."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from app.adapters.stores import open_store
from app.bootstrap import TAXONOMY, data_folder
from tests.integration.cli.conftest import Run, lines
from tests.integration.conftest import Server, StartServer

OLD = data_folder("taxonomy") / TAXONOMY
LISTINGS = {
    "dress": "Women's Navy Blue Linen Dress with Pockets, Midi, Size M",
    "shirt": "Men's Crimson Cotton Shirt, Size L",
    "scarf": "Burgundy Silk Scarf",
    "mug": "White Ceramic Mug 330 ml",
    "hat": "Red Wool Hat",
}


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """The default taxonomy as it might be next: navy retired for blue, burgundy deleted, red no longer "crimson"."""
    folder = tmp_path / "next"
    shutil.copytree(OLD, folder)
    colors = folder / "values" / "color.yaml"
    edit(folder / "manifest.yaml", 'version: "2026.11"', 'version: "2026.12"')
    edit(colors, "- id: color:navy\n", "- id: color:navy\n  retired: true\n  successor: color:blue\n")
    edit(colors, "  en: [Red, bright red, scarlet, crimson", "  en: [Red, bright red, scarlet")
    head, *entries = colors.read_text(encoding="utf-8").split("- id: ")
    kept = [entry for entry in entries if not entry.startswith("color:burgundy\n")]
    assert len(kept) == len(entries) - 1
    colors.write_text("- id: ".join((head, *kept)), encoding="utf-8")
    return folder


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, (path, before)
    path.write_text(text.replace(before, after), encoding="utf-8")


def read(server: Server) -> dict[str, Any]:
    return {name: server.client.get(f"/v1/listings/{name}/tags").json() for name in LISTINGS}


def colors(answer: Any) -> list[str]:
    return sorted(tag["id"] for tag in answer["tags"] if tag["attribute"] == "color")


async def waiting(url: str) -> list[tuple[str, str]]:
    store = await open_store(url)
    try:
        return sorted((one.listing_id, one.reason) for one in await store.waiting("default"))
    finally:
        await store.close()


def test_stored_tags_are_migrated_and_what_a_change_touches_is_listed(
    run: Run, new: Path, tmp_path: Path, start_server: StartServer
) -> None:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    with start_server(script=[], database_url=url) as server:
        for name, title in LISTINGS.items():
            assert server.client.post("/v1/tags", json={"id": name, "title": title}).status_code == 200
        assert server.client.put("/v1/listings/mug/locks/color:navy").status_code == 200
        before = read(server)
        cursor = server.client.get("/v1/changes").json()["next"]
    assert [colors(before[name]) for name in ("dress", "shirt", "scarf")] == [
        *(["color:navy"], ["color:red"], ["color:burgundy"])
    ]

    words = ("taxonomy", "migrate", OLD, new, "--json")
    dry = run(*words, "--dry-run", TAGWRIGHT_DATABASE_URL=url)
    assert (dry.exit_code, asyncio.run(waiting(url))) == (0, [])
    report = tmp_path / "report.jsonl"
    summary = json.loads(run(*words, "--report", report, TAGWRIGHT_DATABASE_URL=url).stdout)
    assert summary | {"dry_run": True} == json.loads(dry.stdout)
    assert (summary["listings_rewritten"], summary["listings_requeued"]) == (3, 2)
    assert summary["tags_migrated"] == {"successor": 2}
    assert [(row["id"], row["tags"]) for row in summary["unmapped"]] == [("color:burgundy", 1)]
    assert summary["unknown_ids"] == []
    told = {line["id"]: line for line in lines(report.read_text(encoding="utf-8"))}
    assert {name: line["requeue"] for name, line in told.items()} == {
        "dress": [],
        "mug": [],
        "scarf": ["unmapped"],
        "shirt": ["label"],
    }
    assert asyncio.run(waiting(url)) == [("scarf", "unmapped"), ("shirt", "label")]
    again = json.loads(run(*words, "--report", report, TAGWRIGHT_DATABASE_URL=url).stdout)
    assert (again["listings_rewritten"], again["listings_requeued"]) == (0, 0)
    assert len(report.read_text(encoding="utf-8").splitlines()) == len(told)

    with start_server(script=[], database_url=url, taxonomy=new) as server:
        after = read(server)
        changed = server.client.get("/v1/changes", params={"since": cursor}).json()["items"]
        found = server.client.get("/v1/listings", params={"tag": "color:blue"}).json()
    assert sorted(item["id"] for item in changed) == ["dress", "mug", "scarf"]
    assert sorted(one["id"] for one in found["results"]) == ["dress", "mug"]
    assert (after["shirt"], after["hat"]) == (before["shirt"], before["hat"])
    assert colors(after["dress"]) == ["color:blue"]
    assert after["dress"]["warnings"][-1]["code"] == "migrated"
    assert "2026.12" in after["dress"]["versions"]["taxonomy"]
    assert (colors(after["scarf"]), after["scarf"]["unmatched"][-1]["raw"].casefold()) == ([], "burgundy")
    (locked,) = [tag for tag in after["mug"]["tags"] if tag.get("locked")]
    assert (locked["id"], locked["labels"]["de"]) == ("color:blue", "Blau")


def test_a_mapping_may_be_written_reviewed_and_used(run: Run, new: Path, tmp_path: Path) -> None:
    path = tmp_path / "mapping.csv"
    assert run("taxonomy", "diff", OLD, new, "--write-mapping", path).exit_code == 0
    assert path.read_text(encoding="utf-8").splitlines() == [
        "from,to,relation,reason",
        "color:navy,color:blue,exact,successor",
        "color:burgundy,,exact,none: nothing has its ids or labels",
    ]
    edit(path, "color:burgundy,,exact,none", "color:burgundy,color:red,broader,by hand")
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    words = ("taxonomy", "migrate", OLD, new, "--mapping", path)
    result = run(*words, TAGWRIGHT_DATABASE_URL=url)
    assert (result.exit_code, result.stdout) == (0, "0 listings rewritten\n0 listings put on the re-queue list\n")
    edit(path, "color:red", "color:mauve")
    result = run(*words, TAGWRIGHT_DATABASE_URL=url)
    assert (result.exit_code, "color:mauve" in result.stderr) == (2, True)


def test_diff_names_what_changed(run: Run, new: Path) -> None:
    shown = run("taxonomy", "diff", OLD, new)
    assert shown.exit_code == 0
    for text in (
        "tagwright 2026.11 -> tagwright 2026.12",
        "color:navy “Navy” -> color:blue",
        "color:burgundy “Burgundy”",
        "color:red en: - crimson",
    ):
        assert text in shown.stdout
    found = json.loads(run("taxonomy", "diff", OLD, new, "--json").stdout)
    assert found["counts"] == {"color": {"retired": 1, "removed": 1, "relabelled": 1}}
    assert [row["id"] for row in found["removed"]] == ["color:burgundy"]
    assert run("taxonomy", "diff", OLD, OLD).stdout.splitlines()[-1] == "no concept differs"


def test_check_against_the_version_before(run: Run, new: Path) -> None:
    assert run("taxonomy", "check", OLD, "--against", OLD).exit_code == 0
    result = run("taxonomy", "check", new, "--against", OLD)
    assert result.exit_code == 1
    assert "manifest.yaml: color:burgundy 'Burgundy' of tagwright 2026.11 is gone" in result.stdout
    edit(new / "manifest.yaml", "2026.12", "2026.11")
    problems = json.loads(run("taxonomy", "check", new, "--against", OLD, "--json").stdout)["problems"]
    assert any("says something else" in problem["message"] for problem in problems)
