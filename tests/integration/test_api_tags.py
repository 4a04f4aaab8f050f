"""POST /v1/tags, /v1/tags:batch and /v1/extract: what good requests get."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from app.api import examples
from app.api.answers import BatchResponse, ExtractResponse, TagResponse
from tests.integration.conftest import DRESS, INJECTION, Server


def post(client: httpx.Client, path: str = "/v1/tags", **body: Any) -> Any:
    response = client.post(path, json=body)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    return response.json()


def tag(answer: Any, tag_id: str) -> Any:
    return next(tag for tag in answer["tags"] if tag["id"] == tag_id)


def ids(answer: Any) -> set[str]:
    return {tag["id"] for tag in answer["tags"]}


def test_a_tag_carries_labels_evidence_and_producer(client: httpx.Client) -> None:
    answer = post(client, title=DRESS, locales=["en", "de", "zh-CN"])
    navy = tag(answer, "color:navy")
    assert navy["labels"] == {"en": "Navy", "de": "Marineblau", "zh-CN": "藏青色"}
    span = navy["evidence"][0]
    assert (span["field"], DRESS[span["start"] : span["end"]]) == ("title", "Navy Blue")
    assert navy["match"] == {"method": "alias", "score": 100.0, "label": "navy blue", "locale": "en"}
    assert not {"locked", "inferred"} & set(navy)
    category = tag(answer, "category:dresses")
    assert (category["path"], category["source"]) == (["category:apparel"], "rule+model")
    assert answer["tags"][0] == category
    assert (answer["lang"], answer["partial"], answer["id"]) == ("en", False, None)


def test_labels_come_in_all_locales_when_none_are_named(client: httpx.Client) -> None:
    locales = set(client.get("/v1/taxonomy").json()["locales"])
    assert set(tag(post(client, title=DRESS), "color:navy")["labels"]) == locales
    assert len(locales) > 5


def test_a_locale_without_labels_falls_back_and_says_so(client: httpx.Client) -> None:
    answer = post(client, title=DRESS, locales=["de-AT", "xx"])
    assert tag(answer, "color:navy")["labels"] == {"de-AT": "Marineblau", "xx": "Navy"}
    assert [w["field"] for w in answer["warnings"] if w["code"] == "locale-fallback"] == ["locales", "locales"]


def test_seller_attributes_may_be_texts_numbers_and_lists(client: httpx.Client) -> None:
    attributes = {"Color": ["navy", "white"], "Weight (g)": 310.0, "Pockets": 2, "Note": " ", "None": []}
    answer = post(client, title="Linen shirt", attributes=attributes)
    spans = [e for t in ("color:navy", "color:white") for e in tag(answer, t)["evidence"]]
    assert spans == [
        {"field": "attributes.Color", "start": 0, "end": 4},
        {"field": "attributes.Color", "start": 6, "end": 11},
    ]


def test_asking_again_is_answered_from_the_cache(client: httpx.Client) -> None:
    title = f"{DRESS}, asked again"
    answers = [post(client, title=title) for _ in range(4)]
    assert [answer["cache"] for answer in answers] == ["miss", "hit", "hit", "hit"]
    assert len({json.dumps([a["tags"], a["unmatched"], a["versions"], a["warnings"]]) for a in answers}) == 1
    # other locales and another id are the same listing
    other = post(client, title=title, locales=["de"], id="again-1")
    assert (other["cache"], other["id"]) == ("hit", "again-1")
    assert tag(other, "color:navy")["labels"] == {"de": "Marineblau"}


def test_warnings_belong_to_the_request_and_not_to_the_cached_answer(client: httpx.Client) -> None:
    whole = "Navy linen dress " + "x" * 483
    answers = [post(client, title=whole + tail) for tail in ("", "yz", "", "yz", "yz")]
    assert [[w["code"] for w in a["warnings"]] for a in answers] == [[], ["cut"], [], ["cut"], ["cut"]]
    assert answers[-1]["cache"] == "hit"


def test_one_listing_asked_for_by_many_at_once_is_decoded_once(server: Server) -> None:
    generator: Any = server.context.service.generator
    before = generator.asked
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: post(server.client, title="SLOW red shirt"), range(20)))
    assert generator.asked - before == 1
    assert {answer["cache"] for answer in answers} == {"miss", "shared"}
    assert all("color:red" in ids(answer) for answer in answers)


@pytest.mark.parametrize("what", ["ENGINE-FAILS", "NEVER-ANSWERS", "CUT-OFF", "OUTSIDE"])
def test_without_the_model_rules_answer_and_say_so(client: httpx.Client, what: str) -> None:
    answers = [post(client, title=f"Red cotton t-shirt {what}") for _ in range(2)]
    for answer in answers:
        assert answer["partial"] is True
        assert "partial" in [warning["code"] for warning in answer["warnings"]]
        assert {"color:red", "material:cotton"} <= ids(answer)
        assert {t["source"] for t in answer["tags"]} == {"rule"}
        assert answer["cache"] == "miss"  # a partial answer is not kept


def test_instructions_in_a_listing_are_only_text(client: httpx.Client) -> None:
    answer = post(client, title=INJECTION)
    known = {t["id"]: client.get(f"/v1/taxonomy/concepts/{t['id']}").status_code for t in answer["tags"]}
    assert set(known.values()) == {200}
    assert not any("weapon" in tag_id for tag_id in known)
    assert any("weapons" in value["raw"] for value in answer["unmatched"])


@pytest.mark.parametrize("name", sorted(examples.TAG))
def test_the_documented_examples_work(client: httpx.Client, name: str) -> None:
    answer = post(client, **examples.TAG[name]["value"])
    TagResponse.model_validate(answer)
    assert any(t["attribute"] == "category" for t in answer["tags"]), answer["tags"]


def test_a_batch_answers_in_order(client: httpx.Client) -> None:
    titles = [DRESS, "Red cotton t-shirt", "Rotes T-Shirt aus Baumwolle"]
    listings = [{"title": title, "id": f"batch-{n}"} for n, title in enumerate(titles)]
    listings[2]["locales"] = ["fr"]  # type: ignore[assignment]
    answer = post(client, "/v1/tags:batch", listings=listings, locales=["de"])
    BatchResponse.model_validate(answer)
    results = answer["results"]
    assert [result["id"] for result in results] == ["batch-0", "batch-1", "batch-2"]
    assert [result["lang"] for result in results] == ["en", "en", "de"]
    assert tag(results[1], "color:red")["labels"] == {"de": "Rot"}
    assert tag(results[2], "color:red")["labels"] == {"fr": "Rouge"}


def test_bad_rows_of_a_batch_harm_no_other(client: httpx.Client) -> None:
    rows: list[Any] = [{"title": DRESS}, {"title": "  ", "id": "r1"}, {"title": 7, "id": "r2"}, "no object", None]
    rows += [{"title": "x", "nope": 1}, {"title": "x", "locales": ["!"]}, {"title": "Red shirt", "id": "r7"}]
    results = post(client, "/v1/tags:batch", listings=rows)["results"]
    assert [result.get("type", "").removeprefix("/problems/") for result in results] == [
        "",
        "invalid-listing",
        "invalid-request",
        "invalid-request",
        "invalid-request",
        "invalid-request",
        "unknown-locale",
        "",
    ]
    assert (results[1]["id"], results[1]["status"], results[1]["field"]) == ("r1", 422, "title")
    assert results[2]["errors"][0]["pointer"] == "#/listings/2/title"
    assert results[5]["field"] == "listings[5].nope"
    assert "color:red" in ids(results[7])


def test_own_attributes_are_extracted_with_evidence(client: httpx.Client) -> None:
    listing = {"title": "Café Aurora Whole Bean Coffee, Dark Roast, 2 lb bag"}
    asked = [{"name": "Roast Level", "examples": ["light"]}, {"name": "Item Form"}, {"name": "Grind"}]
    answer = post(client, "/v1/extract", listing=listing, attributes=asked, category="Coffee")
    ExtractResponse.model_validate(answer)
    assert answer["predicted"]["Roast Level"] == ["Dark Roast"]
    assert "Grind" not in answer["predicted"]
    span = answer["evidence"]["Roast Level"][0]
    assert listing["title"][span["start"] : span["end"]] == "Dark Roast"
    assert answer["versions"]["model"].startswith("scripted@")


@pytest.mark.parametrize("what", ["ENGINE-FAILS", "NEVER-ANSWERS", "CUT-OFF", "OUTSIDE"])
def test_extraction_without_the_model_is_a_problem(client: httpx.Client, what: str) -> None:
    body = {"listing": {"title": f"Mug {what}"}, "attributes": [{"name": "Glaze"}]}
    response = client.post("/v1/extract", json=body)
    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"
    assert int(response.headers["retry-after"]) > 0
    assert response.json()["type"] in ("/problems/engine", "/problems/completion-invalid")


def test_half_a_surrogate_pair_from_the_model_can_be_sent(client: httpx.Client) -> None:
    answer = post(client, title="HALF écharpe rouge")
    raws = [value["raw"] for value in (*answer["unmatched"], *answer["tags"])]
    assert "Zorbo \ufffd" in raws, raws
