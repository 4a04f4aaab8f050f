"""The least that FastAPI can do: read the body, return bytes that a file holds. `make bench` compares with it."""

import os
from pathlib import Path

from fastapi import FastAPI, Request, Response

app = FastAPI()
_ANSWER = Path(os.environ["TAGWRIGHT_BENCH_ANSWER"]).read_bytes()


@app.get("/readyz")
async def readyz() -> dict[str, str]:
    """Say that it is up."""
    return {"status": "ok"}


@app.post("/v1/tags")
async def tags(request: Request) -> Response:
    """Return the bytes."""
    await request.body()
    return Response(_ANSWER, media_type="application/json")
