"""Erasing from the caches, also where a cache does not answer just now."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from app.domain.errors import CacheUnavailable
from app.pipeline.ports import Cache

logger = logging.getLogger(__name__)


class Forgetting:
    """Removes answers from the cache and from ``others``, memories of this process.

    What cannot be removed at once is tried again until the cache answers: the store has forgotten by then, so the
    caller has nothing left that could be sent again.
    """

    def __init__(
        self, cache: Cache, others: Sequence[Callable[[Sequence[str]], None]] = (), *, retry_s: float = 2.0
    ) -> None:
        self._cache = cache
        self._others = others
        self._retry_s = retry_s
        self._pending: dict[str, None] = {}
        self._task: asyncio.Task[None] | None = None

    async def forget(self, fingerprints: Sequence[str]) -> None:
        """Remove the answers with these fingerprints."""
        for forget in self._others:
            forget(fingerprints)
        self._pending.update(dict.fromkeys(fingerprints))
        if not await self._delete_pending() and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._retry())

    async def close(self) -> None:
        """Try once more and give up: what is left goes when its time to live is over."""
        if self._task is not None:
            self._task.cancel()
        if not await self._delete_pending():
            logger.error("%d erased answers are still in the cache, until they expire", len(self._pending))

    async def _retry(self) -> None:
        while not await self._delete_pending():
            await asyncio.sleep(self._retry_s)

    async def _delete_pending(self) -> bool:
        for key in list(self._pending):
            try:
                await self._cache.delete(key)
            except CacheUnavailable as exc:
                logger.warning("an erased answer is still in the cache: %s", exc.message)
                return False
            self._pending.pop(key, None)
        return True
