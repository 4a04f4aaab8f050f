"""For whoever runs the service."""

from __future__ import annotations

import httpx

from app import __version__
from app.api.answers import ReadyOut
from app.api.problems import KINDS
from tests.integration.conftest import StartServer

NOWHERE = "redis://127.0.0.1:1/0"


def test_the_process_lives_and_all_parts_work(client: httpx.Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok", "version": __version__}
    response = client.get("/readyz")
    ready = ReadyOut.model_validate(response.json())
    assert (response.status_code, ready.status) == (200, "ready")
    assert {name: part.status for name, part in ready.parts.items()} == dict.fromkeys(("model", "cache", "store"), "ok")


def test_without_the_cache_the_service_is_degraded_but_ready(start_server: StartServer) -> None:
    with start_server(redis_url=NOWHERE) as server:
        response = server.client.get("/readyz")
        ready = ReadyOut.model_validate(response.json())
        assert (response.status_code, ready.status, ready.parts["cache"].status) == (200, "degraded", "failing")
        body = {"title": "Red cotton t-shirt", "id": "a"}
        assert "color:red" in [tag["id"] for tag in server.client.post("/v1/tags", json=body).json()["tags"]]
        assert server.client.delete("/v1/listings/a").status_code == 204


def test_without_the_model_the_service_is_not_ready(start_server: StartServer) -> None:
    with start_server(script=[{"fail": "timeout"}], answer_timeout_s=0.3) as server:
        response = server.client.get("/readyz")
        ready = ReadyOut.model_validate(response.json())
        assert (response.status_code, ready.status, ready.parts["model"].status) == (503, "not-ready", "failing")
        assert int(response.headers["retry-after"]) > 0
        answer = server.client.post("/v1/tags", json={"title": "Red cotton t-shirt"})
        assert answer.json()["partial"] is True


def test_types_of_problems_can_be_looked_up(client: httpx.Client) -> None:
    for name, kind in KINDS.items():
        answer = client.get(f"/problems/{name}").json()
        assert answer == {"type": f"/problems/{name}", "title": kind.title, "status": kind.status}
    assert client.get("/problems/nope").status_code == 404


def test_the_documentation_is_served(client: httpx.Client) -> None:
    page = client.get("/docs")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "/openapi.json" in page.text
