"""Bad and odd input gets a sensible answer or a problem that names what is wrong; never a 500."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.integration.conftest import Server

JSON = {"content-type": "application/json"}


def send(client: httpx.Client, body: bytes, path: str = "/v1/tags") -> httpx.Response:
    return client.post(path, content=body, headers=JSON)


def problem(response: httpx.Response, status: int, kind: str) -> Any:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert (body["type"], body["status"]) == (f"/problems/{kind}", status)
    assert body["title"]
    assert body["detail"]
    return body


def tags(response: httpx.Response) -> Any:
    assert response.status_code == 200, response.text
    return response.json()


def ids(answer: Any) -> set[str]:
    return {tag["id"] for tag in answer["tags"]}


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


def test_a_byte_order_mark_is_no_harm(client: httpx.Client) -> None:
    assert "color:red" in ids(tags(send(client, b'\xef\xbb\xbf{"title": "Red cotton t-shirt"}')))


@pytest.mark.parametrize(
    "escaped",
    [
        r"\ud83d Red cotton t-shirt",
        r"Red cotton t-shirt \ude00",
        r"Red cotton t-shirt \ud83d\ud83d\ude00",
        r"\u0000Red cotton t-shirt\u0007",
        r"\u001bRed \u009bcotton\u0085t-shirt",
        r"Red cotton t-shirt 👕🔥",
        r"\u200fRed cotton t-shirt\u202e",
        r"\u2066Red cotton t-shirt\u2069",
        r"<b>Red</b> cotton <i>t-shirt</i><script>alert('navy')</script>",
        r"**Red** cotton [t-shirt](https://shop.example/navy)",
        r"Red&nbsp;cotton t&#45;shirt",
    ],
)
def test_odd_characters_do_no_harm(client: httpx.Client, escaped: str) -> None:
    body = b'{"title": "' + escaped.encode() + b'", "description": "' + escaped.encode() + b'"}'
    answer = tags(send(client, body))
    assert {"color:red", "material:cotton"} <= ids(answer)
    assert "color:navy" not in ids(answer)
    title = json.loads(body)["title"]
    cotton = next(tag for tag in answer["tags"] if tag["id"] == "material:cotton")
    span = next(span for span in cotton["evidence"] if span["field"] == "title")
    assert title[span["start"] : span["end"]].lower() == "cotton"


def test_half_a_surrogate_pair_in_names_and_ids(client: httpx.Client) -> None:
    body = rb'{"title": "Red shirt", "id": "half-\ud83d", "attributes": {"Farbe \udc00": "navy \ud800"}}'
    answer = tags(send(client, body))
    assert answer["id"] == "half-\ufffd"
    stored = client.get("/v1/listings/half-%EF%BF%BD/tags")
    assert ids(tags(stored)) == ids(answer)


def test_a_long_description_is_cut_and_said_so(client: httpx.Client) -> None:
    answer = tags(client.post("/v1/tags", json={"title": "Red cotton t-shirt", "description": "lovely " * 150_000}))
    assert ("cut", "description") in [(w["code"], w["field"]) for w in answer["warnings"]]
    assert "color:red" in ids(answer)


def test_more_reviews_and_attributes_than_are_read(client: httpx.Client) -> None:
    body = {
        "title": "Red cotton t-shirt",
        "reviews": ["fine"] * 500,
        "attributes": {f"Field {n}": f"value {n}" for n in range(500)},
    }
    answer = tags(client.post("/v1/tags", json=body))
    assert {("cut", "reviews"), ("cut", "attributes")} <= {(w["code"], w["field"]) for w in answer["warnings"]}


@pytest.mark.parametrize("number", [0, -1, 10**400, 1.5e300, 3.0])
def test_any_number_may_be_an_attribute(client: httpx.Client, number: float) -> None:
    body = json.dumps({"title": "Red shirt", "attributes": {"Model": number}}).encode()
    assert "color:red" in ids(tags(send(client, body)))


def test_an_infinite_number_may_not(client: httpx.Client) -> None:
    problem(send(client, b'{"title": "Red shirt", "attributes": {"Model": 1e999}}'), 422, "invalid-request")


@pytest.mark.parametrize(
    "title",
    [
        "Σακίδιο πλάτης γυναικείο δερμάτινο κόκκινο με φερμουάρ και πολλές θήκες",
        "ქალის წითელი კაბა ბამბის, ზაფხულის კოლექცია, მსუბუქი და კომფორტული",
    ],
)
def test_a_language_without_labels_is_answered_with_a_warning(client: httpx.Client, title: str) -> None:
    answer = tags(client.post("/v1/tags", json={"title": title}))
    assert "unsupported-language" in [warning["code"] for warning in answer["warnings"]]


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
