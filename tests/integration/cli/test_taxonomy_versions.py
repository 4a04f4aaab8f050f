"""tagwright taxonomy diff, migrate, and check --against: on a store that the service filled."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from app.adapters.taxonomy_check import check_taxonomy
from app.bootstrap import TAXONOMY, data_folder
from tests.integration.cli.conftest import Run, lines
from tests.integration.conftest import StartServer

OLD = data_folder("taxonomy") / TAXONOMY
LISTINGS = {
    "dress": "Women's Navy Blue Linen Dress with Pockets, Midi, Size M",
    "shirt": "Men's Crimson Cotton Shirt, Size L",
    "scarf": "Silk Scarf in Crimson and Red",
    "mug": "White Ceramic Mug 330 ml",
}


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """The default taxonomy as it might be next: navy retired for blue, and a new colour instead."""
    folder = tmp_path / "next"
    shutil.copytree(OLD, folder)
    edit(folder / "manifest.yaml", 'version: "2026.11"', 'version: "2026.12"')
    edit(
        folder / "values" / "color.yaml",
        "- id: color:navy\n  broader: color:blue\n",
        "- id: color:navy\n  retired: true\n  successor: color:blue\n",
    )
    return folder


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, (path, before)
    path.write_text(text.replace(before, after), encoding="utf-8")


def without(path: Path, concept_id: str) -> None:
    """Take a concept out of a file."""
    head, *entries = path.read_text(encoding="utf-8").split("- id: ")
    kept = [entry for entry in entries if not entry.startswith(f"{concept_id}\n")]
    assert len(kept) == len(entries) - 1
    path.write_text("- id: ".join((head, *kept)), encoding="utf-8")


def ids(answer: Any) -> list[str]:
    return [tag["id"] for tag in answer["tags"]]


def test_stored_tags_are_migrated_and_what_a_change_touches_is_listed(
    run: Run, new: Path, tmp_path: Path, start_server: StartServer
) -> None:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    without(new / "values" / "color.yaml", "color:crimson") if "color:crimson" in known() else None
    with start_server(script=[], database_url=url) as server:
        before = {}
        for name, title in LISTINGS.items():
            before[name] = server.client.post("/v1/tags", json={"id": name, "title": title}).json()
        assert "color:navy" in ids(before["dress"])
        assert server.client.put("/v1/listings/mug/locks/color:navy").status_code == 200
        stored = {name: server.client.get(f"/v1/listings/{name}/tags").json() for name in LISTINGS}
        cursor = server.client.get("/v1/changes").json()["next"]

    words = ("taxonomy", "migrate", OLD, new, "--json")
    dry = run(*words, "--dry-run", TAGWRIGHT_DATABASE_URL=url)
    assert dry.exit_code == 0, dry.output
    report = tmp_path / "report.jsonl"
    result = run(*words, "--report", report, TAGWRIGHT_DATABASE_URL=url)
    assert result.exit_code == 0, result.output
    summary = json.loads(result.stdout)
    assert summary == json.loads(dry.stdout) | {"dry_run": False}
    assert (summary["listings_rewritten"], summary["listings_requeued"]) == (2, 0)
    assert summary["tags_migrated"] == {"successor": 2}
    assert {line["id"] for line in lines(report.read_text(encoding="utf-8"))} == {"dress", "mug"}
    again = run(*words, TAGWRIGHT_DATABASE_URL=url)
    assert json.loads(again.stdout)["listings_rewritten"] == 0

    with start_server(script=[], database_url=url, taxonomy=new) as server:
        after = {name: server.client.get(f"/v1/listings/{name}/tags").json() for name in LISTINGS}
        changed = server.client.get("/v1/changes", params={"since": cursor}).json()["items"]
        found = server.client.get("/v1/listings", params={"tag": "color:blue"}).json()
    assert [item["id"] for item in changed] == ["dress", "mug"]
    assert {one["id"] for one in found["results"]} == {"dress", "mug"}
    assert after["shirt"] == stored["shirt"]
    assert "color:blue" in ids(after["dress"])
    assert "color:navy" not in ids(after["dress"])
    assert after["dress"]["warnings"][-1]["code"] == "migrated"
    assert "2026.12" in after["dress"]["versions"]["taxonomy"]
    (locked,) = [tag for tag in after["mug"]["tags"] if tag.get("locked")]
    assert (locked["id"], locked["labels"]["de"]) == ("color:blue", "Blau")
