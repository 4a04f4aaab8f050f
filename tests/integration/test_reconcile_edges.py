"""The reconciliation service at its edges: what is refused and how, other origins, JSONP, pages."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest

from app.api.routes.reconcile.preview import concept_html
from app.domain.taxonomy import Concept, Label, Taxonomy
from app.pipeline.reconciliation.naming import Names
from tests.integration.asking import problem

FORM = {"content-type": "application/x-www-form-urlencoded"}
ELSEWHERE = {"Origin": "http://127.0.0.1:3333"}


@pytest.mark.parametrize(
    ("queries", "status", "kind", "field"),
    [
        ("{", 400, "malformed-json", "queries"),
        ("", 400, "malformed-json", "queries"),
        ("[]", 422, "invalid-query", "queries"),
        ('{"q0": "navy"}', 422, "invalid-query", "queries.q0"),
        ({"q0": {"query": 7}}, 422, "invalid-query", "queries.q0.query"),
        ({"q0": {"query": "a", "limit": 0}}, 422, "invalid-query", "queries.q0.limit"),
        ({"q0": {"query": "a", "type": {}}}, 422, "invalid-query", "queries.q0.type"),
        ({"q0": {"query": "a", "type_strict": "most"}}, 422, "invalid-query", "queries.q0.type_strict"),
        ({"q0": {"query": "a", "properties": [{"v": 1}]}}, 422, "invalid-query", "queries.q0.properties[0].pid"),
        (
            {"q0": {"query": "a", "properties": [{"pid": "lang", "v": None}]}},
            422,
            "invalid-query",
            "queries.q0.properties[0].v",
        ),
        ({"q0": {"query": "a"}, "q1": {"query": "a", "type": "nope"}}, 422, "invalid-query", "queries.q1.type"),
        (
            {"q0": {"query": "a", "properties": [{"pid": "P31", "v": "x"}]}},
            422,
            "invalid-query",
            "queries.q0.properties[0].pid",
        ),
        ({"q0": {"type": "color"}}, 422, "invalid-query", "queries.q0.query"),
    ],
)
def test_queries_that_are_refused(client: httpx.Client, queries: Any, status: int, kind: str, field: str) -> None:
    text = queries if isinstance(queries, str) else json.dumps(queries)
    for response in (
        client.post("/reconcile", data={"queries": text}),
        client.get("/reconcile", params={"queries": text}),
    ):
        assert problem(response, status, kind)["field"] == field


@pytest.mark.parametrize(
    ("query", "kind", "field"),
    [
        ({"conditions": []}, "invalid-query", "queries[0].query"),
        ({"conditions": [{"matchType": "name", "propertyValue": ["a", "b"]}]}, "invalid-query", None),
        ({"conditions": [{"matchType": "sound", "propertyValue": "a"}]}, "invalid-request", None),
        (
            {"conditions": [{"matchType": "name", "propertyValue": "a", "matchQualifier": "Wildcard"}]},
            "invalid-query",
            "queries[0].conditions[0].matchQualifier",
        ),
        (
            {"query": "a", "conditions": [{"matchType": "property", "propertyId": "P31", "propertyValue": "a"}]},
            "invalid-query",
            "queries[0].conditions[0].propertyId",
        ),
        ({"query": "a", "conditions": [{"matchType": "id", "propertyValue": "b"}]}, "invalid-query", None),
    ],
)
def test_conditions_that_are_refused(client: httpx.Client, query: Any, kind: str, field: str | None) -> None:
    found = problem(client.post("/reconcile/match", json={"queries": [query]}), 422, kind)
    assert found["field"].startswith("queries[0]")
    assert field in (None, found["field"])


@pytest.mark.parametrize(
    ("extend", "field"),
    [
        ({"ids": []}, "extend.properties"),
        ({"ids": ["color:navy"], "properties": [{"id": "label"}, {"id": "P31"}]}, "extend.properties[1].id"),
        ({"ids": [], "properties": [{"id": "lang"}]}, "extend.properties[0].id"),
        (
            {"ids": [], "properties": [{"id": "label", "settings": {"locale": "German!"}}]},
            "extend.properties[0].settings.locale",
        ),
        (
            {"ids": [], "properties": [{"id": "label", "settings": {"limit": "many"}}]},
            "extend.properties[0].settings.limit",
        ),
    ],
)
def test_extensions_that_are_refused(client: httpx.Client, extend: Any, field: str) -> None:
    found = problem(client.post("/reconcile", data={"extend": json.dumps(extend)}), 422, "invalid-query")
    assert found["field"] == field


def test_too_many_rows(client: httpx.Client) -> None:
    body = {"ids": ["color:navy"] * 1001, "properties": [{"id": "label"}]}
    assert problem(client.post("/reconcile/extend", json=body), 422, "too-large")["field"] == "ids"


@pytest.mark.parametrize(
    ("body", "headers", "status", "kind"),
    [
        (b"queries=%FF", FORM, 400, "malformed-form"),
        (b"\xff", FORM, 400, "malformed-form"),
        (b"&".join([b"a=1"] * 30), FORM, 400, "malformed-form"),
        (b"", FORM, 422, "invalid-query"),
        (b"query=navy", FORM, 422, "invalid-query"),
        (b"{}", {"content-type": "application/json"}, 415, "unsupported-media-type"),
        (b"x" * (2 * 1024 * 1024 + 1), FORM, 413, "body-too-large"),
    ],
)
def test_bodies_that_are_refused(
    client: httpx.Client, body: bytes, headers: dict[str, str], status: int, kind: str
) -> None:
    response = client.post("/reconcile", content=body, headers=headers | ELSEWHERE)
    problem(response, status, kind)
    assert response.headers["access-control-allow-origin"] == "*"  # or a page could not read why


@pytest.mark.parametrize(
    "path",
    ["/preview?id=color:nope", "/preview?id=", "/flyout?id=%3Cscript%3E", "/feature?id=nope"],
)
def test_nothing_to_show(client: httpx.Client, path: str) -> None:
    assert problem(client.get(f"/reconcile{path}"), 404, "not-found")["field"] == "id"


@pytest.mark.parametrize("path", ["/suggest/entity?prefix=a&type=nope", "/extend/propose?type=nope"])
def test_unknown_types(client: httpx.Client, path: str) -> None:
    assert problem(client.get(f"/reconcile{path}"), 422, "invalid-query")["field"] == "type"


def test_other_origins_may_ask_here_and_nowhere_else(client: httpx.Client) -> None:
    preflight = {
        **ELSEWHERE,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type, accept-language",
    }
    for path in ("/reconcile", "/reconcile/match", "/reconcile/extend"):
        allowed = client.options(path, headers=preflight)
        assert allowed.status_code == 200
        assert allowed.headers["access-control-allow-origin"] == "*"
        assert "POST" in allowed.headers["access-control-allow-methods"]
        assert "content-type" in allowed.headers["access-control-allow-headers"]
    for path in ("/reconcile", "/reconcile/suggest/type?prefix=c", "/reconcile/preview?id=color:navy", "/reconcile/no"):
        for headers in (ELSEWHERE, {}):
            assert client.get(path, headers=headers).headers["access-control-allow-origin"] == "*"
    for path in ("/v1/tags", "/v1/taxonomy", "/healthz", "/reconciled", "/docs"):
        for answer in (client.options(path, headers=preflight), client.get(path, headers=ELSEWHERE)):
            assert not [name for name in answer.headers if name.startswith("access-control-")], path
    assert "access-control-allow-credentials" not in client.get("/reconcile", headers=ELSEWHERE).headers


@pytest.mark.parametrize("callback", ["jsonp1234", "jQuery_1.cb$2"])
def test_jsonp(client: httpx.Client, callback: str) -> None:
    query = {"queries": json.dumps({"q": {"query": "navy", "type": "color"}})}
    for params in ({}, query):
        response = client.get("/reconcile", params={**params, "callback": callback})
        assert response.headers["content-type"].startswith("text/javascript")
        assert response.headers["x-content-type-options"] == "nosniff"
        body = re.fullmatch(rf"/\*\*/{re.escape(callback)}\((.*)\);", response.text)
        assert body is not None
        assert json.loads(body[1]) == client.get("/reconcile", params=params).json()


def test_jsonp_escapes_what_ended_a_line_in_older_scripts(client: httpx.Client) -> None:
    query = {"queries": json.dumps({"a\u2028b\u2029": {"query": "navy"}}), "callback": "f"}
    text = client.get("/reconcile", params=query).text
    assert "a\\u2028b\\u2029" in text
    assert "\u2028" not in text


@pytest.mark.parametrize(
    "callback", ["", "alert(1)//", "a;b", "a b", "1a", "a.", "<script>", "a[0]", "x" * 101, "é", "f\n"]
)
def test_callbacks_that_are_no_name(client: httpx.Client, callback: str) -> None:
    found = problem(client.get("/reconcile", params={"callback": callback}), 422, "invalid-request")
    assert found["field"] == "callback"


def test_pages_run_nothing_and_load_nothing(client: httpx.Client) -> None:
    for path in ("/reconcile/preview?id=category:dresses", "/reconcile/feature?id=%3Cb%3E"):
        response = client.get(path)
        if response.status_code == 200:
            assert "default-src 'none'" in response.headers["content-security-policy"]
            assert "http" not in response.text.partition("<dl>")[0]
    feature = client.get("/reconcile/feature", params={"id": "locale:<img src=x>"})
    assert "<img" not in feature.text
    assert "&lt;img src=x&gt;" in feature.text


def test_a_preview_escapes_what_a_taxonomy_holds() -> None:
    nasty = '<script>alert("1")</script>&'
    one = Concept(
        id=f"x:{nasty}",
        attribute="x",
        labels=(
            Label(text=nasty, locale="en", preferred=True),
            Label(text=f"{nasty} 2", locale="en"),
            Label(text=f"{nasty} 3", locale="de", preferred=True),
        ),
        exact_match=(f"https://example.org/{nasty}",),
        retired=True,
        successor=nasty,
    )
    taxonomy = Taxonomy(name="n", version="1", locales=("en", "de"), concepts={one.id: one}, attributes={})
    html = concept_html(one, Names(taxonomy), "en")
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 6
