"""`tagwright serve`: the HTTP service, in the foreground."""

from __future__ import annotations

import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NoReturn

from app.bootstrap import start_generator
from app.commands import terminal
from app.domain.errors import MissingExtra, SettingsError, TagwrightError
from app.settings import Settings, load_settings

_BACKLOG = 2048


def run(*, host: str | None, port: int | None) -> int:
    """Serve until SIGINT or SIGTERM; what is in flight is answered first, and the exit code is 0.

    Raises SettingsError where the port cannot be had, and whatever TagwrightError kept the service from starting.
    """
    settings = load_settings(host=host, port=port)
    bound = listen(settings)
    loading = start_generator(settings)
    try:
        import uvicorn

        from app.api.app import create_app
    except ModuleNotFoundError as exc:
        raise MissingExtra(f"serving needs {exc.name}", hint="install tagwright again") from exc

    app = create_app(settings, loading)
    problems = _watch_start(app)
    server = uvicorn.Server(uvicorn.Config(app, log_level="info", lifespan="on"))
    # uvicorn finishes what is in flight, then raises the signal again for whoever was there before: this.
    signal.signal(signal.SIGTERM, _leave)
    name = f"[{settings.host}]" if ":" in settings.host else settings.host
    terminal.say(f"Tagwright listens on http://{name}:{bound.getsockname()[1]} (API documentation: /docs)")
    try:
        server.run(sockets=[bound])
    except KeyboardInterrupt:
        return 0
    except SystemExit as exc:
        if problems:
            raise problems[0] from exc
        raise
    finally:
        bound.close()
    return 0 if server.started else 1


def listen(settings: Settings) -> socket.socket:
    """Return a socket that is bound to the settings' host and port; SettingsError where it cannot be."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as exc:
        raise SettingsError(f"the host {settings.host!r} is not known", field="TAGWRIGHT_HOST") from exc
    bound = socket.socket(family, kind, protocol)
    try:
        # without it a restart fails for a minute on connections that the last process left behind
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(_BACKLOG)
    except OSError as exc:
        bound.close()
        raise SettingsError(
            f"cannot listen on {settings.host} port {settings.port}: {exc.strerror}",
            field="TAGWRIGHT_PORT",
            hint="stop what listens there, or choose another with --port or TAGWRIGHT_PORT",
        ) from exc
    return bound


def _watch_start(app: Any) -> list[TagwrightError]:
    """Keep the error that stops the service from starting: uvicorn would show a traceback and forget it."""
    problems: list[TagwrightError] = []
    start = app.router.lifespan_context

    @asynccontextmanager
    async def watched(app: Any) -> AsyncIterator[Any]:
        try:
            async with start(app) as state:
                yield state
        except TagwrightError as exc:
            problems.append(exc)
            raise

    app.router.lifespan_context = watched
    logging.getLogger("uvicorn.error").addFilter(lambda record: not problems or "Traceback" not in record.getMessage())
    return problems


def _leave(*_: Any) -> NoReturn:
    sys.exit(0)
