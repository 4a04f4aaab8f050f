"""The taxonomy over HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from app.api.answers import AttributesOut, ConceptOut, ConceptsOut, HitsOut, ImpliedTagsOut, LocalesOut, TaxonomyOut


def get(client: httpx.Client, path: str, **query: Any) -> Any:
    response = client.get(f"/v1/taxonomy{path}", params=query)
    assert response.status_code == 200, response.text
    return response.json()


def test_the_taxonomy_says_what_it_is(client: httpx.Client) -> None:
    about = get(client, "")
    TaxonomyOut.model_validate(about)
    assert about["name"] == "tagwright"
    locales = LocalesOut.model_validate(get(client, "/locales")).locales
    assert list(locales) == about["locales"]
    assert sum(locales.values()) == about["counts"]["labels"]


def test_attributes_and_their_values(client: httpx.Client) -> None:
    attributes = AttributesOut.model_validate(get(client, "/attributes", locales="de")).attributes
    color = next(attribute for attribute in attributes if attribute.id == "color")
    assert (color.kind, color.labels) == ("closed", {"de": "Farbe"})
    pages = [get(client, "/attributes/color/values", limit=7, offset=offset) for offset in range(0, color.values, 7)]
    found = [concept["id"] for page in pages for concept in page["concepts"]]
    assert len(found) == len(set(found)) == color.values == pages[0]["total"]
    roots = get(client, "/attributes/color/values", roots=True, limit=500)
    assert {concept["broader"] for concept in roots["concepts"]} == {None}
    assert 0 < roots["total"] < color.values
    counts = get(client, "")["counts"]
    assert get(client, "/attributes/category/values")["total"] == counts["categories"]


def test_a_concept_has_names_place_and_relevant_attributes(client: httpx.Client) -> None:
    navy = ConceptOut.model_validate(get(client, "/concepts/color:navy", locales="en,de-AT"))
    assert (navy.labels, navy.broader) == ({"en": "Navy", "de-AT": "Marineblau"}, "color:blue")
    assert "navy blue" in navy.alt_labels["en"]
    dresses = ConceptOut.model_validate(get(client, "/concepts/category:dresses"))
    assert dresses.path == ["category:apparel", "category:dresses"]
    assert {"color", "sleeve_length"} <= set(dresses.attributes)
    assert isinstance(dresses.google_id, int)
    assert ConceptOut.model_validate(get(client, "/concepts/volume")).path == ["volume"]


def test_children(client: httpx.Client) -> None:
    answer = get(client, "/concepts/category:apparel/children", limit=500)
    ConceptsOut.model_validate(answer)
    assert {concept["broader"] for concept in answer["concepts"]} == {"category:apparel"}
    assert get(client, "/concepts/category:apparel")["narrower"] == answer["total"] > 0
    assert get(client, "/concepts/color:navy/children")["total"] == 0


def test_what_follows_from_a_concept_and_why(client: httpx.Client) -> None:
    answer = ImpliedTagsOut.model_validate(get(client, "/concepts/category:parkas/implied", locales="de"))
    found = {one.id: one for one in answer.implied}
    assert (answer.id, list(found)[:2]) == ("category:parkas", ["category:outerwear", "season:winter"])
    winter = found["season:winter"]
    assert (winter.labels, winter.rule, winter.chain) == (
        {"de": "Winter"}, "parka", ["category:parkas", "season:winter"],
    )  # fmt: skip
    assert "cold weather" in winter.why
    assert found["category:apparel"].rule == "broader"
    assert get(client, "/concepts/color:red/implied")["implied"] == []
    assert get(client, "/concepts/volume/implied")["implied"] == []


@pytest.mark.parametrize(
    "path",
    ["/concepts/color:nope", "/concepts/color:nope/implied", "/concepts/a%2Fb/children", "/attributes/nope/values"],
)
def test_what_is_not_there(client: httpx.Client, path: str) -> None:
    response = client.get(f"/v1/taxonomy{path}")
    assert (response.status_code, response.json()["type"]) == (404, "/problems/not-found")


@pytest.mark.parametrize(
    ("query", "first", "method"),
    [
        ({"q": "Navy"}, "color:navy", "exact"),
        ({"q": "NAVY-BLUE", "attribute": "color"}, "color:navy", "alias"),
        ({"q": "marinebl", "lang": "de"}, "color:navy", "prefix"),
        ({"q": "藏青色", "lang": "zh-CN"}, "color:navy", "exact"),
        ({"q": "azul mari", "attribute": "color", "lang": "es"}, "color:navy", "prefix"),
        ({"q": "turqoise", "attribute": "color"}, "color:turquoise", "fuzzy"),
    ],
)
def test_search(client: httpx.Client, query: dict[str, str], first: str, method: str) -> None:
    answer = get(client, "/search", **query)
    HitsOut.model_validate(answer)
    assert (answer["results"][0]["id"], answer["results"][0]["match"]["method"]) == (first, method)


def test_search_has_limits(client: httpx.Client) -> None:
    assert len(get(client, "/search", q="a", limit=5)["results"]) == 5
    assert {hit["attribute"] for hit in get(client, "/search", q="a", attribute="material")["results"]} == {"material"}
    assert get(client, "/search", q="a", attribute="nope")["results"] == []
    assert get(client, "/search", q="\u200b!?")["results"] == []
    assert client.get("/v1/taxonomy/search").status_code == 422
    assert client.get("/v1/taxonomy/search", params={"q": "x" * 201}).json()["field"] == "q"
