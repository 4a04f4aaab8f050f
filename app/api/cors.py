"""Lets pages of other origins call one part of the service: OpenRefine's, for reconciliation. The rest stays closed."""

from __future__ import annotations

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

_A_DAY_S = 86_400


class OpenPath:
    """Adds `Access-Control-Allow-Origin: *` at a path and below it, and answers preflight requests there."""

    def __init__(self, app: ASGIApp, path: str) -> None:
        self._app = app
        self._path = path
        self._open = CORSMiddleware(
            app, allow_origins=["*"], allow_methods=["GET", "POST"], allow_headers=["*"], max_age=_A_DAY_S
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI 3.0."""
        if scope["type"] != "http" or not f"{scope['path']}/".startswith(f"{self._path}/"):
            await self._app(scope, receive, send)
            return
        if not any(name == b"origin" for name, _ in scope["headers"]):
            # the specification has the header on every answer; the library leaves it out where no origin was sent
            scope = {**scope, "headers": [*scope["headers"], (b"origin", b"null")]}
        await self._open(scope, receive, send)
