"""Bad input gets a problem that names what is wrong; never a 500."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.integration.asking import JSON, ids, problem, send, tags
from tests.integration.conftest import Server


@pytest.mark.parametrize(
    "title", ["", " ", "\t\n", "\u3000", "\u200b\u200f", "\u0000\u0001", "<p></p>", "&nbsp;", "<!-- red -->"]
)
def test_a_title_that_says_nothing(client: httpx.Client, title: str) -> None:
    body = problem(client.post("/v1/tags", json={"title": title}), 422, "invalid-listing")
    assert body["field"] == "title"
    assert body["hint"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"title": 7}, "title"),
        ({"title": None}, "title"),
        ({"title": ["red"]}, "title"),
        ({}, "title"),
        ({"title": "x", "description": 1}, "description"),
        ({"title": "x", "reviews": "good"}, "reviews"),
        ({"title": "x", "reviews": ["good", 5]}, "reviews[1]"),
        ({"title": "x", "attributes": ["a"]}, "attributes"),
        ({"title": "x", "attributes": {"Color": {"a": 1}}}, "attributes.Color"),
        ({"title": "x", "attributes": {"Color": True}}, "attributes.Color"),
        ({"title": "x", "attributes": {"Color": [1]}}, "attributes.Color"),
        ({"title": "x", "images": [{}]}, "images[0]"),
        ({"title": "x", "id": 5}, "id"),
        ({"title": "x", "id": ""}, "id"),
        ({"title": "x", "id": "a\nb"}, "id"),
        ({"title": "x", "id": "a\u0000"}, "id"),
        ({"title": "x", "id": "i" * 257}, "id"),
        ({"title": "x", "id": "鞋" * 200}, "id"),
        ({"title": "x", "id": ".."}, "id"),
        ({"title": "x", "locales": "en"}, "locales"),
        ({"title": "x", "locales": ["en"] * 100}, "locales"),
        ({"title": "x", "colour": "red"}, "colour"),
    ],
)
def test_wrong_types_and_unknown_fields_are_named(client: httpx.Client, body: Any, field: str) -> None:
    answer = problem(client.post("/v1/tags", json=body), 422, "invalid-request")
    assert answer["field"] == field
    assert answer["errors"][0]["field"] == field
    assert answer["errors"][0]["pointer"] == "#/" + field.replace("[", "/").replace("]", "").replace(".", "/")


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"5", b"null", b"true", b'[{"title": "x"}]'])
def test_a_body_that_is_no_object(client: httpx.Client, body: bytes) -> None:
    problem(send(client, body), 422, "invalid-request")


def test_an_error_for_each_of_a_million_is_not_sent(client: httpx.Client) -> None:
    body = {"title": "x", **{f"f{n}": 1 for n in range(50_000)}}
    response = client.post("/v1/tags", json=body)
    assert len(problem(response, 422, "invalid-request")["errors"]) <= 20


@pytest.mark.parametrize("locale", ["!", "", "english-please", "en\n", "e", "de-", "x" * 5000])
def test_a_locale_that_is_no_language_tag(client: httpx.Client, locale: str) -> None:
    body = problem(client.post("/v1/tags", json={"title": "x", "locales": [locale]}), 422, "unknown-locale")
    assert body["field"] == "locales"
    assert len(body["detail"]) < 500


@pytest.mark.parametrize("lang", ["", "!", "german please", "d" * 1000])
def test_a_language_that_is_none(client: httpx.Client, lang: str) -> None:
    response = client.post("/v1/tags", json={"title": "x", "lang": lang})
    assert problem(response, 422, "invalid-listing")["field"] == "lang"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "line 1, column 1"),
        (b"{", "line 1, column 2"),
        (b'{"title": "red shirt",\n "lang" "en"}', "line 2, column 9"),
        (b'{"title": "a\x01b"}', "line 1, column 13"),
        (b"{'title': 'x'}", "line 1, column 2"),
        (b'{"title": "\xff\xfe"}', "byte 11"),
        (b'{"title": "\xed\xa0\x80"}', "byte 11"),
        (b'{"title": "x", "attributes": {"a": NaN}}', None),
        (b'{"title": "x", "attributes": {"a": -Infinity}, "b": "\\ud800"}', "-Infinity"),
        (b'{"title": "x", "attributes": {"a": ' + b"9" * 5000 + b"}}", "digits"),
        (b'{"title": ' + b"[" * 300 + b"]" * 300 + b"}", "deep"),
        (b'{"title": ' + b"[" * 100_000 + b"}", "deep"),
        (b'{"title": "x"} {"title": "y"}', "line 1, column 16"),
    ],
)
def test_broken_json_is_told_where(client: httpx.Client, body: bytes, says: str | None) -> None:
    if says is None:  # the strict parser takes NaN for a number, and the model refuses it
        problem(send(client, body), 422, "invalid-request")
        return
    answer = problem(send(client, body), 400, "malformed-json")
    assert says in answer["detail"]
    assert answer["field"] == "body"


def test_an_infinite_number_may_not(client: httpx.Client) -> None:
    problem(send(client, b'{"title": "Red shirt", "attributes": {"Model": 1e999}}'), 422, "invalid-request")


@pytest.mark.parametrize("count", [0, 65, 200])
def test_too_many_listings_or_none(client: httpx.Client, count: int) -> None:
    body = problem(client.post("/v1/tags:batch", json={"listings": [{"title": "x"}] * count}), 422, "too-large")
    assert body["field"] == "listings"
    assert str(count) in body["detail"]


@pytest.mark.parametrize("path", ["/v1/tags", "/v1/tags:batch", "/v1/extract"])
def test_a_body_over_the_limit(server: Server, path: str) -> None:
    limit = server.context.service.settings.body_limit_bytes
    body = b'{"title": "' + b"x" * limit + b'"}'
    assert problem(send(server.client, body, path), 413, "body-too-large")["field"] == "body"

    def chunks() -> Iterator[bytes]:
        for start in range(0, len(body), 65_536):
            yield body[start : start + 65_536]

    chunked = server.client.post(path, content=chunks(), headers=JSON)
    assert problem(chunked, 413, "body-too-large")["field"] == "body"
    assert server.client.get("/healthz").status_code == 200


def test_a_body_of_exactly_the_limit_is_read(server: Server) -> None:
    limit = server.context.service.settings.body_limit_bytes
    body = b'{"title": "Red shirt"' + b" " * limit
    assert "color:red" in ids(tags(send(server.client, body[: limit - 1] + b"}")))


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "json"])
def test_a_body_of_another_type(client: httpx.Client, media_type: str) -> None:
    response = client.post("/v1/tags", content=b'{"title": "x"}', headers={"content-type": media_type})
    assert "application/json" in problem(response, 415, "unsupported-media-type")["hint"]


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/ld+json"])
def test_the_ways_to_say_json(client: httpx.Client, media_type: str) -> None:
    response = client.post("/v1/tags", content=b'{"title": "Red shirt"}', headers={"content-type": media_type})
    assert "color:red" in ids(tags(response))


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/v1/nothing", 404, "no-such-path"),
        ("GET", "/v1/tags/", 404, "no-such-path"),
        ("GET", "/v1/tags", 405, "method-not-allowed"),
        ("POST", "/v1/listings/a/tags", 405, "method-not-allowed"),
        ("GET", "/v1/listings?limit=0", 422, "invalid-request"),
        ("GET", "/v1/listings?limit=ten", 422, "invalid-request"),
        ("GET", "/v1/listings?after=-1", 422, "invalid-request"),
        ("GET", "/v1/changes?since=99999999999999999999", 422, "invalid-request"),
        ("GET", "/v1/listings?locales=!", 422, "unknown-locale"),
        ("GET", "/v1/listings/tags", 422, "invalid-request"),
    ],
)
def test_addresses_methods_and_queries(client: httpx.Client, method: str, path: str, status: int, kind: str) -> None:
    response = client.request(method, path)
    problem(response, status, kind)
    if status == 405:
        assert response.headers["allow"] in problem(response, status, kind)["detail"]


def test_all_methods_of_an_address_are_named(client: httpx.Client) -> None:
    response = client.post("/v1/listings/a/locks/color:red")
    problem(response, 405, "method-not-allowed")
    assert response.headers["allow"] == "PUT, DELETE"


@pytest.mark.parametrize(
    ("attributes", "kind"),
    [
        ([], "invalid-schema"),
        ([{"name": "a"}, {"name": "a"}], "invalid-schema"),
        ([{"name": " "}], "invalid-schema"),
        ([{"name": "n" * 81}], "invalid-schema"),
        ([{"name": f"a{n}"} for n in range(61)], "invalid-schema"),
        ([{"name": 5}], "invalid-request"),
        ([{"nome": "a"}], "invalid-request"),
        ("a", "invalid-request"),
        (None, "invalid-request"),
    ],
)
def test_attributes_that_cannot_be_asked_for(client: httpx.Client, attributes: Any, kind: str) -> None:
    body = {"listing": {"title": "Mug"}, "attributes": attributes}
    assert problem(client.post("/v1/extract", json=body), 422, kind)["field"].startswith("attributes")


def test_an_extraction_without_a_title(client: httpx.Client) -> None:
    body = {"listing": {"title": " "}, "attributes": [{"name": "a"}]}
    assert problem(client.post("/v1/extract", json=body), 422, "invalid-listing")["field"] == "title"


def test_a_mistake_of_ours_shows_nothing_of_the_inside(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> bytes:
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr(server.context.presenter, "answer", broken)
    response = server.client.post("/v1/tags", json={"title": "Red shirt"})
    problem(response, 500, "internal")
    assert "swordfish" not in response.text
