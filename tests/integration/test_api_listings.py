"""Listings that are kept: read, searched, watched, locked, erased."""

from __future__ import annotations

import sqlite3
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from app.api.answers import ChangesResponse, ManyResponse, SearchResponse, TagResponse
from tests.integration.conftest import DRESS, Server, StartServer

ODD_IDS = ["SKU-1", "a/b/c", "a%2Fb", "100%", "tags", "x/locks/color:navy", "Größe 42 ✓", "?#&=;,", "../..", "日本/語"]


def path(*parts: str) -> str:
    return "/v1/listings/" + "/".join(quote(part, safe="") for part in parts)


def save(client: httpx.Client, listing_id: str, title: str = DRESS) -> Any:
    response = client.post("/v1/tags", json={"title": title, "id": listing_id})
    assert response.status_code == 200, response.text
    return response.json()


def read(client: httpx.Client, listing_id: str, **query: Any) -> Any:
    response = client.get(path(listing_id, "tags"), params=query)
    assert response.status_code == 200, response.text
    return response.json()


def ids(answer: Any) -> list[str]:
    return [tag["id"] for tag in answer["tags"]]


@pytest.mark.parametrize("listing_id", ODD_IDS)
def test_every_id_that_is_taken_can_be_used_in_paths(client: httpx.Client, listing_id: str) -> None:
    sent = save(client, listing_id)
    kept = read(client, listing_id)
    TagResponse.model_validate(kept)
    assert (kept["id"], ids(kept), kept["cache"]) == (listing_id, ids(sent), "stored")
    assert client.put(path(listing_id, "locks", "color:red")).status_code == 200
    assert "color:red" in ids(read(client, listing_id))
    assert client.delete(path(listing_id, "locks", "color:red")).status_code == 204
    assert client.delete(path(listing_id)).status_code == 204
    assert client.get(path(listing_id, "tags")).status_code == 404


@pytest.mark.parametrize("listing_id", ["a\nb", "\u0000", "\x7f", "i" * 257])
def test_ids_that_no_listing_can_have(client: httpx.Client, listing_id: str) -> None:
    for response in (client.get(path(listing_id, "tags")), client.delete(path(listing_id))):
        assert response.status_code == 422
        assert response.json()["field"] == "id"


def test_an_unknown_listing(client: httpx.Client) -> None:
    calls = [("GET", "tags"), ("PUT", "locks", "color:red"), ("DELETE", "locks", "color:red"), ("DELETE",)]
    for method, *rest in calls:
        response = client.request(method, path("never-seen", *rest))
        assert (response.status_code, response.json()["type"]) == (404, "/problems/not-found")


def test_an_etag_lets_caches_ask_whether_tags_changed(client: httpx.Client) -> None:
    save(client, "etag-1")
    first = client.get(path("etag-1", "tags"), params={"locales": "de"})
    etag = first.headers["etag"]
    assert "no-cache" in first.headers["cache-control"]
    for asked in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = client.get(path("etag-1", "tags"), params={"locales": "de"}, headers={"If-None-Match": asked})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    other = client.get(path("etag-1", "tags"), params={"locales": "fr"}, headers={"If-None-Match": etag})
    assert other.status_code == 200
    client.put(path("etag-1", "locks", "color:red"))
    changed = client.get(path("etag-1", "tags"), params={"locales": "de"}, headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != etag


def test_an_etag_does_not_come_back_with_another_listing(client: httpx.Client) -> None:
    save(client, "etag-2", "Red cotton t-shirt")
    etag = client.get(path("etag-2", "tags")).headers["etag"]
    client.delete(path("etag-2"))
    save(client, "etag-2", "Navy linen shirt")
    again = client.get(path("etag-2", "tags"), headers={"If-None-Match": etag})
    assert again.status_code == 200
    assert "color:navy" in ids(again.json())


def test_many_listings_at_once(client: httpx.Client) -> None:
    for number in range(3):
        save(client, f"many-{number}")
    response = client.get("/v1/listings/tags", params={"ids": "many-2,nobody,many-0,many-2", "locales": "de"})
    answer = response.json()
    ManyResponse.model_validate(answer)
    assert [result["id"] for result in answer["results"]] == ["many-2", "many-0"]
    assert answer["unknown"] == ["nobody"]
    assert {tuple(tag["labels"]) for result in answer["results"] for tag in result["tags"]} == {("de",)}
    repeated = client.get("/v1/listings/tags?ids=many-1&ids=many-0").json()
    assert [result["id"] for result in repeated["results"]] == ["many-1", "many-0"]
    over = client.get("/v1/listings/tags", params={"ids": ",".join(map(str, range(201)))})
    assert (over.status_code, over.json()["type"], over.json()["field"]) == (422, "/problems/too-large", "ids")


def test_search_pages_and_facets(client: httpx.Client) -> None:
    titles = ["Red cashmere sweater", "Red cashmere dress", "Navy cashmere dress", "Red cashmere blanket"]
    for number, title in enumerate(titles):
        save(client, f"s-{number}", title)
    found: list[str] = []
    query: dict[str, Any] = {"tag": ["color:red", "material:cashmere"], "limit": 2, "locales": "de"}
    answer = client.get("/v1/listings", params=query).json()
    SearchResponse.model_validate(answer)
    assert answer["total"] == 3
    facets = {facet["id"]: facet for facet in answer["facets"]}
    assert (facets["color:red"]["count"], facets["color:red"]["labels"]) == (3, {"de": "Rot"})
    assert facets["category:apparel"]["count"] == 2  # ancestors count too
    while True:
        found += [result["id"] for result in answer["results"]]
        if answer["next"] is None:
            break
        answer = client.get("/v1/listings", params={**query, "after": answer["next"]}).json()
    assert found == ["s-0", "s-1", "s-3"]
    dresses = client.get("/v1/listings?tag=category:dresses&tag=material:cashmere&facets=1").json()
    assert [result["id"] for result in dresses["results"]] == ["s-1", "s-2"]
    assert len(dresses["facets"]) == 1
    assert client.get("/v1/listings?tag=category:apparel&tag=material:cashmere").json()["total"] == 3
    assert client.get("/v1/listings").json()["total"] >= 4
    assert client.get("/v1/listings?tag=color:nope").json()["total"] == 0
    over = client.get("/v1/listings", params={"tag": [f"color:{n}" for n in range(33)]})
    assert (over.status_code, over.json()["type"]) == (422, "/problems/too-large")


def test_changes_can_be_followed(client: httpx.Client) -> None:
    since = 0
    while (answer := client.get("/v1/changes", params={"since": since, "limit": 1000}).json())["items"]:
        since = answer["next"]
    for number in range(3):
        save(client, f"c-{number}")
    first = client.get("/v1/changes", params={"since": since, "limit": 2, "locales": "de"}).json()
    ChangesResponse.model_validate(first)
    assert [item["id"] for item in first["items"]] == ["c-0", "c-1"]
    assert first["items"][0]["tags"][0]["labels"] == {"de": "Kleider"}
    second = client.get("/v1/changes", params={"since": first["next"]}).json()
    assert [item["id"] for item in second["items"]] == ["c-2"]
    client.delete(path("c-1"))
    save(client, "c-0", "Red cotton t-shirt")
    save(client, "c-2")  # the same again is no change
    third = client.get("/v1/changes", params={"since": second["next"]}).json()
    assert [(item["id"], item["deleted"], bool(item["tags"])) for item in third["items"]] == [
        ("c-1", True, False),
        ("c-0", False, True),
    ]
    last = client.get("/v1/changes", params={"since": third["next"]}).json()
    assert (last["items"], last["next"]) == ([], third["next"])


def test_a_locked_tag_survives_retagging_and_an_unlocked_one_does_not(client: httpx.Client) -> None:
    save(client, "lock-1", "Red cotton t-shirt")
    answer = client.put(path("lock-1", "locks", "pattern:striped"), params={"locales": "de"}).json()
    locked = next(tag for tag in answer["tags"] if tag["id"] == "pattern:striped")
    assert (locked["attribute"], locked["locked"], locked["decision"]) == ("pattern", True, "accept")
    assert set(locked["labels"]) == {"de"}
    again = save(client, "lock-1", "Red cotton t-shirt, new")
    assert "pattern:striped" in ids(again)
    # the same listing under another id is the same cached answer, without what a person fixed there
    assert "pattern:striped" not in ids(save(client, "lock-2", "Red cotton t-shirt, new"))
    assert "pattern:striped" in ids(save(client, "lock-1", "Red cotton t-shirt, new"))
    assert client.delete(path("lock-1", "locks", "pattern:striped")).status_code == 204
    assert "pattern:striped" not in ids(save(client, "lock-1", "Red cotton t-shirt, newest"))


def test_locking_a_tag_keeps_its_evidence_and_a_category_has_a_path(client: httpx.Client) -> None:
    save(client, "lock-3", "Red ceramic mug 330 ml")
    before = {tag["id"]: tag for tag in read(client, "lock-3")["tags"]}
    quantity = next(tag_id for tag_id, tag in before.items() if "quantity" in tag)
    for tag_id in ("color:red", quantity):
        answer = client.put(path("lock-3", "locks", tag_id)).json()
        after = next(tag for tag in answer["tags"] if tag["id"] == tag_id)
        assert after == before[tag_id] | {"locked": True, "confidence": 1.0, "decision": "accept"}
    answer = client.put(path("lock-3", "locks", "category:dresses")).json()
    assert [(t["id"], t["path"]) for t in answer["tags"] if t["attribute"] == "category"] == [
        ("category:dresses", ["category:apparel"])
    ]
    assert client.get("/v1/listings?tag=category:dresses&limit=200").json()["total"] > 0


@pytest.mark.parametrize("tag_id", ["color:nope", "color", "volume:330_ml", "a/b"])
def test_only_what_the_taxonomy_or_the_listing_has_can_be_locked(client: httpx.Client, tag_id: str) -> None:
    save(client, "lock-4")
    response = client.put(path("lock-4", "locks", tag_id))
    assert (response.status_code, response.json()["field"]) == (404, "tag_id")


def test_erasing_reaches_store_and_cache(client: httpx.Client) -> None:
    title = "Erasable navy cotton dress"
    save(client, "gone-1", title)
    assert save(client, "gone-1", title)["cache"] == "hit"
    anonymous = [client.post("/v1/tags", json={"title": title}).json()["cache"] for _ in range(2)]
    assert anonymous == ["hit", "hit"]
    assert client.delete(path("gone-1")).status_code == 204
    assert client.delete(path("gone-1")).status_code == 404
    assert client.get("/v1/listings/tags?ids=gone-1").json() == {"results": [], "unknown": ["gone-1"]}
    assert client.post("/v1/tags", json={"title": title}).json()["cache"] == "miss"


def test_tags_of_another_taxonomy_are_still_shown(server: Server) -> None:
    save(server.client, "old-1")
    path_of_store = str(server.context.service.settings.database_url).removeprefix("sqlite:///")
    with sqlite3.connect(path_of_store) as database:
        gone = "replace(tags, 'color:navy', 'color:gone')"
        database.execute(f"UPDATE tagwright_tag_sets SET tags = {gone} WHERE id = 'old-1'")
    database.close()
    answer = read(server.client, "old-1", locales="de,en")
    tag = next(tag for tag in answer["tags"] if tag["id"] == "color:gone")
    assert set(tag["labels"].values()) == {tag["raw"]}


def test_without_a_store_that_answers_tags_are_given_and_said_not_to_be_kept(start_server: StartServer) -> None:
    with start_server() as server:
        path_of_store = str(server.context.service.settings.database_url).removeprefix("sqlite:///")
        with sqlite3.connect(path_of_store) as database:
            database.execute("DROP TABLE tagwright_listings")
        database.close()
        answer = save(server.client, "x")
        assert "color:navy" in ids(answer)
        assert "not-stored" in [warning["code"] for warning in answer["warnings"]]
        for response in (server.client.get(path("x", "tags")), server.client.get("/v1/changes")):
            assert (response.status_code, response.json()["type"]) == (503, "/problems/store-unavailable")
            assert int(response.headers["retry-after"]) > 0
            assert "tagwright_listings" not in response.text
        ready = server.client.get("/readyz")
        assert (ready.status_code, ready.json()["parts"]["store"]["status"]) == (503, "failing")
