"""The documentation and the service say the same: schemathesis makes requests out of the one and tries the other."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CheckContext, positive_data_acceptance
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import allow_header_conformance

from app.api import examples
from app.api.answers import TagResponse
from app.api.app import create_app
from app.api.schemas import BatchRequest, ExtractRequest, TagRequest
from app.settings import Settings
from tests.integration.conftest import Server

EXAMPLES = 12
"""Per operation and phase."""


schema = schemathesis.openapi.from_dict(create_app(Settings(engine="scripted")).openapi())
"""What the application says of itself; it is not started for that."""


def refused_for_its_meaning_only(_: CheckContext, response: Response, case: schemathesis.Case) -> None:
    """What has the documented form may be refused (a title of blanks, an unknown id), but not for its form.

    The form has one rule that JSON Schema has no word for: an id's length in bytes.
    """
    if case.meta is not None and case.meta.generation.mode.is_positive and response.status_code == 422:
        problem = response.json()
        assert problem["type"] != "/problems/invalid-request" or problem["field"].endswith("id"), problem


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
def test_answers_are_as_documented(server: Server, case: schemathesis.Case) -> None:
    excluded: list[Any] = [positive_data_acceptance]
    if case.operation.path == "/v1/listings/tags":
        excluded.append(allow_header_conformance)  # a listing may have the id "tags", so DELETE is allowed there too
    case.call_and_validate(
        base_url=server.url, additional_checks=[refused_for_its_meaning_only], excluded_checks=excluded
    )


def operations(document: Any) -> Any:
    return {(method, path): op for path, ops in document["paths"].items() for method, op in ops.items()}


def test_the_answer_that_is_shown_is_one() -> None:
    assert TagResponse.model_validate(examples.ANSWER).tags[1].id == "color:navy"


def test_all_problems_are_documented(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    for operation in operations(document).values():
        for status, response in operation["responses"].items():
            content = set(response.get("content", {}))
            if int(status) >= 400 and operation["operationId"] != "readyz":
                assert content == {"application/problem+json"}, operation["operationId"]
        assert "500" in operation["responses"]
        assert operation["summary"]
        assert operation["description"]
    names = [operation["operationId"] for operation in operations(document).values()]
    assert len(names) == len(set(names)) > 15
    assert not {"HTTPValidationError", "ValidationError"} & set(document["components"]["schemas"])


def test_all_references_lead_somewhere(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    found: list[str] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            found.extend(value[key] for key in value if key == "$ref" and isinstance(value[key], str))
            for one in value.values():
                walk(one)
        elif isinstance(value, list):
            for one in value:
                walk(one)

    walk(document)
    assert len(found) > 30
    assert {ref.removeprefix("#/components/schemas/") for ref in found} <= set(document["components"]["schemas"])


@pytest.mark.parametrize(
    ("path", "given", "model"),
    [
        ("/v1/tags", examples.TAG, TagRequest),
        ("/v1/tags:batch", examples.BATCH, BatchRequest),
        ("/v1/extract", examples.EXTRACT, ExtractRequest),
    ],
)
def test_documented_examples_have_the_documented_form(
    client: httpx.Client, path: str, given: dict[str, Any], model: Any
) -> None:
    body = client.get("/openapi.json").json()["paths"][path]["post"]["requestBody"]["content"]["application/json"]
    assert body["examples"] == given
    for example in given.values():
        model.model_validate(example["value"])
        assert client.post(path, json=example["value"]).status_code == 200
