"""The reconciliation service over HTTP, held against the rules of the specification."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from app.api.reconcile_answers import (
    ExtendedOut,
    ExtendResponse,
    ManifestOut,
    MatchResponse,
    ProposeResponse,
    ResultOut,
    SuggestResponse,
)
from app.api.reconcile_schemas import BATCH_SIZE
from tests.integration.asking import problem
from tests.integration.reconcile_rules import (
    EXTENDED,
    EXTENDED_DRAFT,
    FLYOUT,
    MANIFEST,
    MATCH,
    PROPOSED,
    RESULTS,
    SUGGESTIONS,
    valid,
)

QUERIES: dict[str, Any] = {
    "q0": {"query": "navy", "type": "color", "limit": 3},
    "q1": {"query": "Baumwolle", "type": ["material", "color"], "type_strict": "any", "limit": 3.0},
    "q2": {"query": "Sneakers", "type": "category", "properties": [{"pid": "broader", "v": {"id": "category:shoes"}}]},
    "q3": {"query": "azul marino", "properties": [{"pid": "lang", "v": ["es"]}]},
    "q4": {"query": "xyzzy", "type": "material"},
    "q5": {"query": "Color", "type": "attribute"},
}


def good(response: httpx.Response) -> Any:
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    return response.json()


def reconcile(client: httpx.Client, queries: dict[str, Any], **headers: str) -> Any:
    response = client.post("/reconcile", data={"queries": json.dumps(queries)}, headers=headers)
    return valid(good(response), RESULTS)


def extend(client: httpx.Client, ids: list[str], *properties: dict[str, Any]) -> Any:
    asked = {"ids": ids, "properties": list(properties)}
    return valid(good(client.post("/reconcile", data={"extend": json.dumps(asked)})), EXTENDED)


@pytest.mark.parametrize("path", ["/reconcile", "/reconcile/"])
def test_the_manifest_says_what_the_service_can_do(client: httpx.Client, path: str) -> None:
    manifest = valid(good(client.get(path)), MANIFEST)
    ManifestOut.model_validate(manifest)
    assert manifest["batchSize"] == BATCH_SIZE
    base = str(client.base_url).rstrip("/") + "/reconcile"
    for suggester in manifest["suggest"].values():
        assert suggester["service_url"] == base
        url = suggester["service_url"] + suggester["service_path"]
        valid(good(client.get(url, params={"prefix": "co"})), SUGGESTIONS)
        if "flyout_service_path" in suggester:
            path = suggester["flyout_service_path"].replace("${id}", "color")
            valid(good(client.get(suggester["flyout_service_url"] + path)), FLYOUT)
    propose = manifest["extend"]["propose_properties"]
    valid(good(client.get(propose["service_url"] + propose["service_path"])), PROPOSED)
    for name, shown in (("view", "color:navy"), ("preview", "color:navy"), ("feature_view", "method:alias")):
        page = client.get(manifest[name]["url"].replace("{{id}}", shown))
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    for default in manifest["defaultTypes"]:
        reconcile(client, {"q": {"query": "navy", "type": default["id"]}})


def test_queries_are_answered_by_their_keys(client: httpx.Client) -> None:
    answers = reconcile(client, QUERIES)
    assert list(answers) == list(QUERIES)
    for answer in answers.values():
        ResultOut.model_validate(answer)
        scores = [one["score"] for one in answer["result"]]
        assert scores == sorted(scores, reverse=True)
        assert sum(one["match"] for one in answer["result"]) <= 1
    best = {key: [(one["id"], one["match"]) for one in answer["result"][:1]] for key, answer in answers.items()}
    assert best == {
        "q0": [("color:navy", True)],
        "q1": [("material:cotton", True)],
        "q2": [("category:sneakers", True)],
        "q3": [("color:navy", True)],
        "q4": [],
        "q5": [("color", True)],
    }
    assert {one["type"][0]["id"] for one in answers["q1"]["result"]} <= {"material", "color"}
    assert len(answers["q0"]["result"]) <= 3
    # by address as by form
    assert good(client.get("/reconcile", params={"queries": json.dumps(QUERIES)})) == answers


def test_the_draft_asks_by_conditions_and_is_answered_in_order(client: httpx.Client) -> None:
    name = {"matchType": "name", "propertyValue": "Sneakers"}
    below = {"matchType": "property", "propertyId": "broader", "propertyValue": "category:shoes", "required": True}
    queries = [
        {"type": "category", "limit": 2, "conditions": [name, below]},
        {"type": "category", "conditions": [name, {**below, "matchQuantifier": "none"}]},
        {"conditions": [{"matchType": "id", "propertyValue": "color:navy"}]},
        QUERIES["q0"],
    ]
    response = client.post("/reconcile/match", json={"queries": queries})
    answer = valid(good(response), MATCH)
    MatchResponse.model_validate(answer)
    first, second, third, fourth = (one["candidates"] for one in answer["results"])
    assert (first[0]["id"], first[0]["match"]) == ("category:sneakers", True)
    assert "category:sneakers" not in {one["id"] for one in second}
    assert [(one["id"], one["match"]) for one in third] == [("color:navy", True)]
    assert fourth == reconcile(client, {"q": QUERIES["q0"]})["q"]["result"]
    assert good(client.post("/reconcile/match", json={"queries": []})) == {"results": []}


@pytest.mark.parametrize(
    ("accepted", "spoken", "name", "kind"),
    [
        ("de-AT,de;q=0.9", "de", "Marineblau", "Farbe"),
        ("tlh, zh;q=0.5", "zh-CN", "藏青色", "颜色"),
        ("*", "en", "Navy", "Color"),
    ],
)
def test_names_are_in_the_language_asked_for(
    client: httpx.Client, accepted: str, spoken: str, name: str, kind: str
) -> None:
    headers = {"Accept-Language": accepted}
    asked = {"queries": json.dumps({"q": {"query": "color:navy"}})}
    response = client.post("/reconcile", data=asked, headers=headers)
    best = good(response)["q"]["result"][0]
    assert (best["name"], best["type"]) == (name, [{"id": "color", "name": kind}])
    assert response.headers["content-language"] == spoken
    assert "Accept-Language" in response.headers["vary"]
    page = client.get("/reconcile/preview", params={"id": "color:navy"}, headers=headers)
    assert f"<h1>{name}</h1>" in page.text


def test_extension_by_form_and_by_json_say_the_same(client: httpx.Client) -> None:
    ids = ["color:navy", "category:dresses", "color", "color:nope"]
    columns: list[dict[str, Any]] = [
        {"id": "label", "settings": {"locale": "de"}},
        {"id": "altLabels", "settings": {"limit": "1"}},
        *({"id": one} for one in ("broader", "narrower", "path", "attribute", "google_id", "exact_match")),
        {"id": "relevant", "settings": {"limit": 2}},
    ]
    answer = extend(client, ids, *columns)
    ExtendedOut.model_validate(answer)
    assert [one["id"] for one in answer["meta"]] == [one["id"] for one in columns]
    assert list(answer["rows"]) == ids
    navy, dresses = answer["rows"]["color:navy"], answer["rows"]["category:dresses"]
    assert navy["label"] == [{"str": "Marineblau"}]
    assert navy["altLabels"] == [{"str": "navy blue"}]
    assert navy["broader"] == [{"id": "color:blue", "name": "Blue"}]
    assert navy["path"] == [{"str": "Blue > Navy"}]
    assert navy["attribute"] == [{"id": "color", "name": "Color"}]
    assert navy["relevant"] == navy["google_id"] == []
    assert {"id": "color:navy", "name": "Navy"} in extend(client, ["color:blue"], {"id": "narrower"})["rows"][
        "color:blue"
    ]["narrower"]
    assert isinstance(dresses["google_id"][0]["int"], int)
    assert len(dresses["relevant"]) == 2
    assert answer["rows"]["color"]["label"] == [{"str": "Farbe"}]
    assert all(values == [] for values in answer["rows"]["color:nope"].values())

    draft = valid(good(client.post("/reconcile/extend", json={"ids": ids, "properties": columns})), EXTENDED_DRAFT)
    ExtendResponse.model_validate(draft)
    assert draft["meta"] == answer["meta"]
    rows = {row["id"]: {one["id"]: one["values"] for one in row["properties"]} for row in draft["rows"]}
    assert rows == answer["rows"]


def test_properties_are_proposed_for_a_type(client: httpx.Client) -> None:
    def proposed(**query: Any) -> list[str]:
        answer = valid(good(client.get("/reconcile/extend/propose", params=query)), PROPOSED)
        ProposeResponse.model_validate(answer)
        return [one["id"] for one in answer["properties"]]

    assert {"label", "relevant", "google_id"} <= set(proposed(type="category"))
    assert not {"relevant", "google_id"} & set(proposed(type="color"))
    assert len(proposed(limit=2)) == 2
    # what is proposed can be asked for
    for type_id, concept_id in (("category", "category:dresses"), ("color", "color:navy"), ("attribute", "color")):
        extend(client, [concept_id], *({"id": one} for one in proposed(type=type_id)))


@pytest.mark.parametrize(
    ("kind", "query", "first"),
    [
        ("entity", {"prefix": "Navy"}, "color:navy"),
        ("entity", {"prefix": "marineb"}, "color:navy"),
        ("entity", {"prefix": "cotton", "type": "material"}, "material:cotton"),
        ("type", {"prefix": "Colo"}, "color"),
        ("type", {"prefix": "categ"}, "category"),
        ("type", {"prefix": "Farbe"}, "color"),
        ("property", {"prefix": "bro"}, "broader"),
        ("property", {"prefix": "google"}, "google_id"),
        ("property", {"prefix": "synonym"}, "altLabels"),
    ],
)
def test_suggestions(client: httpx.Client, kind: str, query: dict[str, str], first: str) -> None:
    answer = valid(good(client.get(f"/reconcile/suggest/{kind}", params=query)), SUGGESTIONS)
    SuggestResponse.model_validate(answer)
    assert answer["result"][0]["id"] == first


@pytest.mark.parametrize("kind", ["entity", "type", "property"])
def test_the_cursor_goes_on_where_the_page_ended(client: httpx.Client, kind: str) -> None:
    def page(cursor: int, prefix: str = "a") -> list[str]:
        answer = good(client.get(f"/reconcile/suggest/{kind}", params={"prefix": prefix, "cursor": cursor}))
        return [one["id"] for one in answer["result"]]

    first, moved = page(0), page(2)
    assert first[2:] == moved[: len(first) - 2]
    assert page(1000, "navy") == []


def test_a_thousand_values_in_one_request(client: httpx.Client) -> None:
    words = ("navy", "Marineblau", "rouge", "color:red", "藏青色")
    queries = {f"q{at}": {"query": words[at % len(words)], "type": "color"} for at in range(BATCH_SIZE)}
    answers = good(client.post("/reconcile", data={"queries": json.dumps(queries)}, timeout=120))
    assert len(answers) == BATCH_SIZE
    assert {answers[f"q{at}"]["result"][0]["id"] for at in range(0, BATCH_SIZE, 5)} == {"color:navy"}
    queries["one more"] = {"query": "navy"}
    found = problem(client.post("/reconcile", data={"queries": json.dumps(queries)}), 422, "too-large")
    assert found["field"] == "queries"
