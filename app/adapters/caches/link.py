"""The way to Redis: one pool of connections, short timeouts, a pause after a failure, errors mapped."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from app.domain.errors import CacheUnavailable, SettingsError

log = logging.getLogger(__name__)

_GONE = (RedisConnectionError, RedisTimeoutError, TimeoutError, OSError)
"""Redis did not answer, as opposed to: it answered with an error."""
_MAX_WAIT_FOR_CONNECTION_S = 1.0


class RedisLink:
    """Sends commands; shared by the cache and the single flight of one process.

    A command is given ``timeout_s`` to connect and as long to be answered. After Redis failed to answer,
    commands fail at once for ``pause_s``: a dead Redis costs one timeout per pause, not several per request.
    """

    def __init__(
        self,
        url: str,
        *,
        prefix: str = "tagwright:",
        timeout_s: float = 0.2,
        pause_s: float = 1.0,
        max_connections: int = 64,
    ) -> None:
        self._prefix = prefix
        self._pause_s = pause_s
        # Connecting takes a few round trips (HELLO, SELECT, CLIENT SETINFO), each with its own timeout; this one
        # bounds them together, and the sending of a large value, which redis-py does not bound.
        self._deadline_s = 3 * timeout_s
        self._down = False
        self._down_until = 0.0
        try:
            pool = BlockingConnectionPool.from_url(
                url,
                max_connections=max_connections,
                timeout=_MAX_WAIT_FOR_CONNECTION_S,
                socket_timeout=timeout_s,
                socket_connect_timeout=timeout_s,
                # Once more, at once, for pooled connections that a restarted Redis has closed. A timeout is not
                # tried again: that would double what a hanging Redis costs.
                retry=Retry(NoBackoff(), 1, (RedisConnectionError,)),
            )
        except ValueError as exc:
            raise SettingsError(
                "the Redis URL cannot be read", field="redis_url", hint="redis://HOST:PORT/DB, rediss:// or unix://PATH"
            ) from exc
        self._client = Redis.from_pool(pool)

    def key(self, *parts: str) -> str:
        """Return a key under the prefix."""
        return self._prefix + ":".join(parts)

    async def command(self, *words: str | bytes | int, insist: bool = False) -> Any:
        """Send one command and return its answer; raise CacheUnavailable.

        ``insist`` tries also during a pause: for deletions, which must not be skipped lightly.
        """
        if not insist and time.monotonic() < self._down_until:
            raise CacheUnavailable("Redis did not answer a moment ago")
        try:
            async with asyncio.timeout(self._deadline_s + _MAX_WAIT_FOR_CONNECTION_S):
                answer = await self._client.execute_command(*words)  # type: ignore[no-untyped-call]
        except _GONE as exc:
            self._pause(exc)
            raise CacheUnavailable("Redis did not answer") from exc
        except RedisError as exc:
            raise CacheUnavailable(f"Redis refused {words[0]!s}") from exc
        if self._down:
            log.info("redis answers again")
            self._down, self._down_until = False, 0.0
        return answer

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    def _pause(self, exc: Exception) -> None:
        if not self._down:
            log.warning("redis does not answer, going on without it: %s", exc)
        self._down, self._down_until = True, time.monotonic() + self._pause_s
