"""Around the routes, in plain ASGI: the body's limit, slashes inside ids, and the last word on exceptions."""

from __future__ import annotations

import logging
from urllib.parse import unquote

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import INTERNAL, Problem, Refused

logger = logging.getLogger(__name__)


class Guard:
    """Answers a mistake of ours with a problem that shows nothing of the inside; the log has it all."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI 3.0."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except ClientDisconnect:
            logger.info("the caller of %s went away while sending", scope["path"])
        except Exception:
            logger.exception("%s %s failed", scope["method"], scope["path"])
            if started:
                raise  # the server cuts the connection: a half answer must not look whole
            await INTERNAL.response()(scope, receive, send)


class BodyLimit:
    """Refuses a body over ``limit`` bytes, by its stated length or, where it comes in chunks, as soon as it is over."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI 3.0."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        stated = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if stated.isdigit() and int(stated) > self._limit:
            await self._discard(receive)
            await self._problem().response()(scope, receive, send)
            return
        got = 0

        async def counted() -> Message:
            nonlocal got
            message = await receive()
            got += len(message.get("body", b""))
            if got > self._limit:
                if message.get("more_body"):
                    await self._discard(receive)
                raise Refused(self._problem())
            return message

        await self._app(scope, counted, send)

    async def _discard(self, receive: Receive) -> None:
        """Read what is still being sent, up to a point: callers look for an answer when they have sent all."""
        left = 4 * self._limit
        while left > 0:
            message = await receive()
            left -= len(message.get("body", b""))
            if not message.get("more_body"):
                return

    def _problem(self) -> Problem:
        # The rest of the body may be on its way still, so the connection cannot be used again.
        return Problem(
            kind="body-too-large",
            detail=f"a body has at most {self._limit} bytes",
            field="body",
            hint="send fewer listings at once",
            headers={"Connection": "close"},
        )


class EncodedSlashes:
    """Keeps `%2F` inside a part of the path, so that an id with a slash in it is one part; see `path_part`.

    Servers decode the path before it is routed. Where that would lose something, percent signs and slashes inside
    its parts stay encoded.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI 3.0."""
        raw: bytes = scope.get("raw_path") or b""
        if b"%2F" in raw or b"%2f" in raw or b"%25" in raw:
            text = raw.decode("ascii", "replace").replace("%2f", "%2F")
            scope = {**scope, "path": unquote(text.replace("%25", "%2525").replace("%2F", "%252F"))}
        await self._app(scope, receive, send)


def path_part(part: str) -> str:
    """Return what a caller put into one part of the path: the other half of `EncodedSlashes`."""
    return part.replace("%2F", "/").replace("%25", "%")
