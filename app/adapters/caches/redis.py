"""A cache that all processes share."""

from __future__ import annotations

from app.adapters.caches.link import RedisLink


class RedisCache:
    """Port `Cache` over Redis, under the link's prefix. Raises CacheUnavailable."""

    def __init__(self, link: RedisLink, *, ttl_s: float) -> None:
        self._link = link
        self._ttl_ms = max(1, round(ttl_s * 1000))

    async def get(self, key: str) -> bytes | None:
        """Return what is stored, or None."""
        value: bytes | None = await self._link.command("GET", self._link.key("cache", key))
        return value

    async def put(self, key: str, value: bytes) -> None:
        """Store for ``ttl_s``."""
        await self._link.command("SET", self._link.key("cache", key), value, "PX", self._ttl_ms)

    async def delete(self, key: str) -> None:
        """Forget; tried even while Redis is believed to be down, and CacheUnavailable means: not forgotten."""
        await self._link.command("DEL", self._link.key("cache", key), insist=True)

    async def close(self) -> None:
        """Close the connections."""
        await self._link.close()
