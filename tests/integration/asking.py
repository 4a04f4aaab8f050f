"""How the tests of the API ask, and what they expect of every answer."""

from __future__ import annotations

from typing import Any

import httpx

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
