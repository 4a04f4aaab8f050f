"""Odd but honest input is answered: marks, controls, halves of emoji, long texts, languages that no one supports."""

from __future__ import annotations

import json

import httpx
import pytest

from tests.integration.asking import ids, send, tags


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
