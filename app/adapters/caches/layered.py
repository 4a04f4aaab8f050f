"""This process's memory in front of the cache that all processes share."""

from __future__ import annotations

from app.adapters.caches.memory import MemoryCache
from app.pipeline.ports import Cache


class LayeredCache:
    """Port `Cache`. What another process deletes is served from here for ``stale_s`` seconds at most.

    That bound is the front's time to live. It is short on purpose: a storefront asks for the same listing many
    times a second or not at all, so seconds are enough to spare Redis, and no invalidation messages are needed.

    Without the shared cache, `get` still answers from memory and `put` still fills it; both then raise
    CacheUnavailable only where memory did not suffice (`get`) or after memory has been filled (`put`).
    """

    def __init__(
        self, back: Cache, *, stale_s: float = 2.0, max_bytes: int = 64 * 1024 * 1024, max_entries: int = 100_000
    ) -> None:
        self._back = back
        self._front = MemoryCache(ttl_s=stale_s, max_bytes=max_bytes, max_entries=max_entries)
        self._deletions = 0

    async def get(self, key: str) -> bytes | None:
        """Return from memory, else from the shared cache; CacheUnavailable where memory has nothing and it is down."""
        value = await self._front.get(key)
        if value is not None:
            return value
        deletions = self._deletions
        value = await self._back.get(key)
        # A deletion that came while the answer was on its way must win, or it would be undone in memory.
        if value is not None and deletions == self._deletions:
            await self._front.put(key, value)
        return value

    async def put(self, key: str, value: bytes) -> None:
        """Store in both."""
        await self._front.put(key, value)
        await self._back.put(key, value)

    async def delete(self, key: str) -> None:
        """Forget in both; CacheUnavailable means that the shared cache still has it."""
        await self._forget(key)
        try:
            await self._back.delete(key)
        finally:
            # Once more, for a `get` that asked the shared cache between the two.
            await self._forget(key)

    async def close(self) -> None:
        """Close this layer; the shared cache belongs to whoever made it."""
        await self._front.close()

    async def _forget(self, key: str) -> None:
        self._deletions += 1
        await self._front.delete(key)
