"""Asks the parts of the service whether they work."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from app.bootstrap import Service
from app.domain.errors import TagwrightError
from app.pipeline.ports import Prompt

_SMALLEST = Prompt(text="=", schema={"type": "object", "properties": {}, "additionalProperties": False}, max_tokens=8)
FRESH_S = 5.0
"""How long an outcome stands: probes come every few seconds from several sides, the model is asked once."""
WAIT_S = 1.0
"""How long a caller waits for a fresh outcome before the last one is given: Kubernetes gives up after a second."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """How one part is: ``ok``, ``failing`` or ``off``."""

    status: str
    detail: str


class Probes:
    """The state of model, cache and store."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._checks: dict[str, Callable[[], Awaitable[object]]] = {
            "model": self._ask_model,
            "cache": lambda: service.cache.get("readiness"),
            "store": self._ask_store,
        }
        self._last: dict[str, Part] = {}
        self._since = -FRESH_S
        self._running: asyncio.Task[None] | None = None

    async def parts(self) -> Mapping[str, Part]:
        """Return the state of each part, at most a few seconds old; one that does not answer is failing."""
        if time.monotonic() - self._since >= FRESH_S:
            if self._running is None or self._running.done():
                self._running = asyncio.create_task(self._check_all())
            await asyncio.wait({self._running}, timeout=WAIT_S)
        unknown = Part(status="failing", detail="has not answered yet")
        return {name: self._last.get(name, unknown) for name in self._checks}

    async def close(self) -> None:
        """Stop asking."""
        if self._running is not None:
            self._running.cancel()

    async def _check_all(self) -> None:
        await asyncio.gather(*(self._check(name) for name in self._checks))
        self._since = time.monotonic()

    async def _check(self, name: str) -> None:
        patience_s = self._service.settings.answer_timeout_s
        try:
            async with asyncio.timeout(patience_s):
                outcome = await self._checks[name]()
            self._last[name] = outcome if isinstance(outcome, Part) else Part(status="ok", detail="answers")
        except TimeoutError:
            self._last[name] = Part(status="failing", detail=f"did not answer within {patience_s:g} s")
        except TagwrightError as exc:
            self._last[name] = Part(status="failing", detail=exc.type)

    async def _ask_model(self) -> Part | None:
        generator = self._service.generator
        if generator is None:
            return Part(status="off", detail="rules alone answer")
        await generator.generate([_SMALLEST])
        return Part(status="ok", detail=generator.card().model)

    async def _ask_store(self) -> Part | None:
        if self._service.store is None:
            return Part(status="off", detail="nothing is stored")
        await self._service.store.get_many("default", ["readiness"])
        return None
