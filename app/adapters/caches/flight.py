"""Work that is done once, however many ask for it at the same time: in one process, and across processes.

`work` is expected to store its result where `lookup` finds it before it returns: that is how a caller in another
process, and one that asks a moment too late, gets it. Results and errors are not remembered here.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from app.domain.errors import CacheUnavailable, ServiceError

if TYPE_CHECKING:
    from app.adapters.caches.link import RedisLink

log = logging.getLogger(__name__)

Lookup = Callable[[], Awaitable[bytes | None]]
Work = Callable[[], Awaitable[bytes]]

# Redis compares and acts in one step, so a lease that has passed to someone else is left alone.
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"
_RENEW = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0"
_FIRST_WAIT_S = 0.02
_LONGEST_WAIT_S = 0.2


class LocalFlight:
    """Port `SingleFlight` within one process.

    The work runs in a task of its own, so the caller that came first may go away without harm to the others.
    When the last of them has gone, the work is cancelled.
    """

    def __init__(self) -> None:
        self._flights: dict[str, _Flight] = {}

    async def once(self, key: str, lookup: Lookup, work: Work) -> bytes:
        """Return the result of ``work``, run by the first caller; its error is raised in every caller."""
        flight = self._flights.get(key)
        if flight is None:
            flight = _Flight(asyncio.create_task(_unless_known(lookup, work)))
            self._flights[key] = flight
            flight.task.add_done_callback(lambda _: self._land(key, flight))
        flight.callers += 1
        try:
            return await asyncio.shield(flight.task)
        except asyncio.CancelledError as exc:
            current = asyncio.current_task()
            if flight.task.cancelled() and not (current and current.cancelling()):
                # Not this caller was cancelled but the work, from within: to a caller that is a failure.
                raise ServiceError("the work was cancelled") from exc
            raise
        finally:
            flight.callers -= 1
            if flight.callers == 0 and not flight.task.done():
                self._land(key, flight)
                flight.task.cancel()

    def _land(self, key: str, flight: _Flight) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
        if flight.task.done() and not flight.task.cancelled():
            flight.task.exception()  # Marks it as seen, for the case that nobody waits any more.


class _Flight:
    __slots__ = ("callers", "task")

    def __init__(self, task: asyncio.Task[bytes]) -> None:
        self.task = task
        self.callers = 0


class RedisFlight:
    """Port `SingleFlight` across processes: whoever holds the lease of a key in Redis works, the others wait.

    A lease lasts ``lease_s`` and is renewed while the work runs; when its holder dies, a waiter takes it over
    after at most that long. When the holder fails, a waiter takes over too and meets the error, if it persists, itself.
    Without Redis, and after ``patience_s`` of waiting, the work is done in this process: slower, not wrong.
    """

    def __init__(self, link: RedisLink, *, lease_s: float = 5.0, patience_s: float = 60.0) -> None:
        self._link = link
        self._lease_s = lease_s
        self._patience_s = patience_s
        self._local = LocalFlight()

    async def once(self, key: str, lookup: Lookup, work: Work) -> bytes:
        """Return the result of ``work``, run here or, where another process ran it, what ``lookup`` finds."""
        return await self._local.once(key, _unasked, lambda: self._across(key, lookup, work))

    async def _across(self, key: str, lookup: Lookup, work: Work) -> bytes:
        token = uuid.uuid4().hex
        give_up = time.monotonic() + self._patience_s
        wait_s = _FIRST_WAIT_S
        while time.monotonic() < give_up:
            try:
                acquired = await self._acquire(key, token)
            except CacheUnavailable:
                break
            if acquired:
                return await self._leased(key, token, lookup, work)
            # Spread, so that the waiters of many processes do not ask in step.
            await asyncio.sleep(wait_s * random.uniform(0.75, 1.25))
            wait_s = min(wait_s * 1.5, _LONGEST_WAIT_S)
            found = await _known(lookup)
            if found is not None:
                return found
        return await _unless_known(lookup, work)

    async def _acquire(self, key: str, token: str) -> bool:
        answer = await self._link.command("SET", self._lease(key), token, "NX", "PX", round(self._lease_s * 1000))
        return answer is not None

    async def _leased(self, key: str, token: str, lookup: Lookup, work: Work) -> bytes:
        renewal = asyncio.create_task(self._renew(key, token))
        try:
            # Again, now that nobody else works: the last holder may have finished between our look and our lease.
            return await _unless_known(lookup, work)
        finally:
            renewal.cancel()
            with suppress(CacheUnavailable):
                await self._link.command("EVAL", _RELEASE, 1, self._lease(key), token)

    async def _renew(self, key: str, token: str) -> None:
        while True:
            await asyncio.sleep(self._lease_s / 3)
            try:
                held = await self._link.command(
                    "EVAL", _RENEW, 1, self._lease(key), token, round(self._lease_s * 1000), insist=True
                )
            except CacheUnavailable:
                continue  # The lease may still be alive when Redis answers again.
            if not held:
                log.info("a lease was lost; another process may do the same work")
                return

    def _lease(self, key: str) -> str:
        return self._link.key("lease", key)


async def _unless_known(lookup: Lookup, work: Work) -> bytes:
    found = await _known(lookup)
    return await work() if found is None else found


async def _unasked() -> None:
    """The lookup of a flight whose work looks up itself."""


async def _known(lookup: Lookup) -> bytes | None:
    try:
        return await lookup()
    except CacheUnavailable:
        return None
