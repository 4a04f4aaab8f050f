"""tagwright taxonomy suggest, and the same over HTTP: on a store that the service filled."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.adapters.overlay_files import read_overlay
from app.adapters.stores import open_store
from app.api.answers import SuggestionsOut
from app.bootstrap import open_normalizer
from app.domain.listing import Listing
from app.domain.tags import Source, TagSet, Unmatched, Versions
from app.settings import Settings
from tests.integration.cli.conftest import Run
from tests.integration.conftest import Server, StartServer

VALUES = [
    *[(f"l{number}", "turqoisse" if number < 4 else "Turqoisse") for number in range(7)],
    *[(f"l{number}", "harbour dusk") for number in range(7, 9)],
    ("l9", "x 99 12"),
]


def tag_set(*unmatched: tuple[str, str]) -> TagSet:
    values = tuple(Unmatched(attribute=attribute, raw=raw, source=Source.MODEL) for attribute, raw in unmatched)
    versions = Versions(model="m", adapter="a", prompt="p", schema="s", rules="r", taxonomy="t", pipeline="1")
    return TagSet(fingerprint="f", lang="en", tags=(), unmatched=values, partial=False, versions=versions)


@pytest.fixture(scope="module")
def filled(start_server: StartServer) -> Iterator[Server]:
    """A service on a store of ten listings, each with a color and a material that fit no concept."""

    async def fill(url: str) -> None:
        store = await open_store(url)
        for name, color in VALUES:
            await store.save(
                "default", Listing(title="x", id=name), tag_set(("color", color), ("material", "vlorbine"))
            )
        await store.close()

    with start_server() as server:
        asyncio.run(fill(database(server)))
        yield server


def get(server: Server, **query: Any) -> list[dict[str, Any]]:
    response = server.client.get("/v1/taxonomy/suggestions", params=query)
    assert response.status_code == 200, response.text
    SuggestionsOut.model_validate_json(response.text)
    found: list[dict[str, Any]] = response.json()["suggestions"]
    return found


def database(server: Server) -> str:
    return str(server.context.service.settings.database_url)


def test_the_service_says_what_the_taxonomy_lacks(filled: Server) -> None:
    found = {one["value"].casefold(): one for one in get(filled)}
    new = found["vlorbine"]
    assert (new["kind"], new["attribute"], new["count"], new["languages"]) == ("new_value", "material", 10, {"en": 10})
    near = found["turqoisse"]
    assert (near["count"], set(near["spellings"])) == (7, {"turqoisse", "Turqoisse"})
    assert near["nearest"] is not None
    assert near["listings"][0] == "l0"
    assert [one["value"] for one in get(filled, attribute="material")] == ["vlorbine"]
    assert get(filled, lang="de") == get(filled, attribute="nope") == get(filled, attribute="nul\0") == []
    assert len(get(filled, limit=1)) == 1
    assert {one["count"] for one in get(filled, min_count=7)} == {7, 10}


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 201}, {"min_count": 0}, {"limit": "many"}])
def test_bad_questions_are_refused(filled: Server, query: dict[str, Any]) -> None:
    response = filled.client.get("/v1/taxonomy/suggestions", params=query)
    assert (response.status_code, response.json()["field"]) == (422, next(iter(query)))


def test_the_command_line_says_the_same(filled: Server, run: Run) -> None:
    result = run("taxonomy", "suggest", "--json", TAGWRIGHT_DATABASE_URL=database(filled))
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["suggestions"] == get(filled)
    assert answer["values"] >= 3
    shown = run("taxonomy", "suggest", TAGWRIGHT_DATABASE_URL=database(filled)).stdout
    assert "vlorbine" in shown
    assert "new value" in shown
    narrow = run("taxonomy", "suggest", "--attribute", "color", "--json", TAGWRIGHT_DATABASE_URL=database(filled))
    assert {one["attribute"] for one in json.loads(narrow.stdout)["suggestions"]} == {"color"}


def test_an_empty_store_lacks_nothing(run: Run, tmp_path: Path) -> None:
    result = run("taxonomy", "suggest", TAGWRIGHT_DATABASE_URL=f"sqlite:///{tmp_path}/new.db")
    assert (result.exit_code, result.stdout) == (0, "no stored value is without a concept\n")


def test_the_overlay_that_is_written_loads_and_makes_the_values_certain(
    filled: Server, run: Run, home: Path, tmp_path: Path
) -> None:
    overlay, url = tmp_path / "found.yaml", database(filled)
    words = ("taxonomy", "suggest", "--min-score", "60", "--write-overlay", overlay)
    result = run(*words, TAGWRIGHT_DATABASE_URL=url)
    assert result.exit_code == 0, result.output
    near = next(one for one in get(filled, attribute="color") if one["value"].casefold() == "turqoisse")
    settings = Settings(home=home, overlays=(overlay,))
    normalizer = open_normalizer(settings)
    assert read_overlay(overlay, normalizer.taxonomy.locales).name == "found"
    assert "2 aliases" in result.stdout
    found = normalizer.match("Turqoisse", "color", "en")
    assert found is not None
    assert (found[0], found[1].method.value) == (near["nearest"]["id"], "alias")
    after = run("taxonomy", "suggest", "--json", TAGWRIGHT_DATABASE_URL=url, TAGWRIGHT_OVERLAYS=str(overlay))
    kinds = {one["value"].casefold(): one["kind"] for one in json.loads(after.stdout)["suggestions"]}
    assert kinds["turqoisse"] == "known"
    again = run(*words, TAGWRIGHT_DATABASE_URL=url)
    assert (again.exit_code, "is there already" in again.output) == (2, True)
