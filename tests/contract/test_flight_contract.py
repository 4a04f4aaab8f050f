"""Port `SingleFlight`: one suite for both adapters, then what only holds across processes."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from redis.asyncio import Redis

from app.adapters.caches.flight import LocalFlight, RedisFlight
from app.adapters.caches.link import RedisLink
from app.domain.errors import CacheUnavailable, EngineError, ServiceError
from app.pipeline.ports import SingleFlight

Start = Callable[..., "subprocess.Popen[str]"]


class Decoder:
    """Work that can be held back, and a place where its results are found."""

    def __init__(self) -> None:
        self.calls = 0
        self.started = asyncio.Event()
        self.go_on = asyncio.Event()
        self.cancelled = False
        self.found: bytes | None = None

    async def lookup(self) -> bytes | None:
        return self.found

    async def work(self) -> bytes:
        self.calls += 1
        self.started.set()
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        self.found = b"answer"
        return self.found

    async def fail(self) -> bytes:
        self.calls += 1
        self.started.set()
        await self.go_on.wait()
        raise EngineError("the model is gone")


@pytest.fixture
async def link(redis_url: str, prefix: str) -> AsyncIterator[RedisLink]:
    link = RedisLink(redis_url, prefix=prefix)
    yield link
    await link.close()


@pytest.fixture(params=["local", "redis"])
def flight(request: pytest.FixtureRequest, link: RedisLink) -> SingleFlight:
    return LocalFlight() if request.param == "local" else RedisFlight(link)


async def crowd(flight: SingleFlight, decoder: Decoder, count: int) -> list[asyncio.Task[bytes]]:
    """Return ``count`` callers that all wait for the same work."""
    callers = [asyncio.create_task(flight.once("k", decoder.lookup, decoder.work)) for _ in range(count)]
    await asyncio.wait_for(decoder.started.wait(), 5)
    return callers


async def test_a_hundred_callers_are_one_piece_of_work(flight: SingleFlight) -> None:
    decoder = Decoder()
    callers = await crowd(flight, decoder, 100)
    decoder.go_on.set()
    assert await asyncio.gather(*callers) == [b"answer"] * 100
    assert decoder.calls == 1


async def test_the_first_caller_may_go_away(flight: SingleFlight) -> None:
    decoder = Decoder()
    first, *others = await crowd(flight, decoder, 3)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    decoder.go_on.set()
    assert await asyncio.gather(*others) == [b"answer"] * 2
    assert decoder.calls == 1


async def test_when_all_go_away_the_work_stops_and_the_next_caller_starts_anew(flight: SingleFlight) -> None:
    decoder = Decoder()
    for caller in await crowd(flight, decoder, 3):
        caller.cancel()
    decoder.go_on.set()
    assert await asyncio.wait_for(flight.once("k", decoder.lookup, decoder.work), 5) == b"answer"
    assert decoder.cancelled
    assert decoder.calls == 2


async def test_an_error_reaches_every_caller_and_is_not_remembered(flight: SingleFlight) -> None:
    decoder = Decoder()
    callers = [asyncio.create_task(flight.once("k", decoder.lookup, decoder.fail)) for _ in range(5)]
    await decoder.started.wait()
    decoder.go_on.set()
    outcomes = await asyncio.gather(*callers, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [EngineError] * 5
    assert decoder.calls == 1
    assert await flight.once("k", decoder.lookup, decoder.work) == b"answer"


async def test_a_caller_that_comes_a_moment_too_late_finds_the_result(flight: SingleFlight) -> None:
    decoder = Decoder()
    decoder.go_on.set()
    for _ in range(3):
        assert await flight.once("k", decoder.lookup, decoder.work) == b"answer"
    assert decoder.calls == 1


async def test_different_keys_do_not_wait_for_each_other(flight: SingleFlight) -> None:
    both = asyncio.Barrier(2)

    async def nothing() -> bytes | None:
        return None

    async def meet() -> bytes:
        await both.wait()
        return b"met"

    found = await asyncio.wait_for(asyncio.gather(*(flight.once(k, nothing, meet) for k in "ab")), 5)
    assert found == [b"met", b"met"]


async def test_work_that_is_cancelled_from_within_is_a_failure_to_its_callers(flight: SingleFlight) -> None:
    async def nothing() -> bytes | None:
        return None

    async def closing() -> bytes:
        raise asyncio.CancelledError

    with pytest.raises(ServiceError):
        await flight.once("k", nothing, closing)


async def test_a_lookup_that_fails_is_a_miss(flight: SingleFlight) -> None:
    async def unavailable() -> bytes | None:
        raise CacheUnavailable("gone")

    decoder = Decoder()
    decoder.go_on.set()
    assert await flight.once("k", unavailable, decoder.work) == b"answer"


# Across processes. Two links stand for two processes where the clock matters; real ones follow.


@pytest.fixture
async def processes(redis_url: str, prefix: str) -> AsyncIterator[list[RedisFlight]]:
    links = [RedisLink(redis_url, prefix=prefix) for _ in range(3)]
    yield [RedisFlight(link, lease_s=0.3) for link in links]
    for link in links:
        await link.close()


async def test_the_lease_is_renewed_while_the_work_takes_longer(processes: list[RedisFlight]) -> None:
    decoder = Decoder()
    callers = [asyncio.create_task(flight.once("k", decoder.lookup, decoder.work)) for flight in processes]
    await decoder.started.wait()
    await asyncio.sleep(1.0)  # More than three leases.
    decoder.go_on.set()
    assert await asyncio.gather(*callers) == [b"answer"] * 3
    assert decoder.calls == 1


async def test_after_a_failure_the_next_process_tries_itself(processes: list[RedisFlight]) -> None:
    decoder = Decoder()
    failing = asyncio.create_task(processes[0].once("k", decoder.lookup, decoder.fail))
    await decoder.started.wait()
    waiting = asyncio.create_task(processes[1].once("k", decoder.lookup, decoder.work))
    await asyncio.sleep(0.1)
    assert decoder.calls == 1
    decoder.go_on.set()
    with pytest.raises(EngineError):
        await failing
    assert await waiting == b"answer"
    assert decoder.calls == 2


async def test_a_lease_that_passed_to_another_is_not_released(link: RedisLink, redis_url: str) -> None:
    decoder = Decoder()
    caller = asyncio.create_task(RedisFlight(link).once("k", decoder.lookup, decoder.work))
    await decoder.started.wait()
    async with Redis.from_url(redis_url) as client:
        await client.set(link.key("lease", "k"), "someone else")
        decoder.go_on.set()
        assert await caller == b"answer"
        assert await client.get(link.key("lease", "k")) == b"someone else"


async def test_the_lease_is_given_back_at_once(link: RedisLink, redis_url: str) -> None:
    decoder = Decoder()
    decoder.go_on.set()
    await RedisFlight(link, lease_s=60).once("k", decoder.lookup, decoder.work)
    async with Redis.from_url(redis_url) as client:
        assert await client.exists(link.key("lease", "k")) == 0


async def test_a_holder_that_hangs_for_good_is_not_waited_for_for_ever(link: RedisLink, redis_url: str) -> None:
    async with Redis.from_url(redis_url) as client:
        await client.set(link.key("lease", "k"), "hanging")
    decoder = Decoder()
    decoder.go_on.set()
    flight = RedisFlight(link, patience_s=0.3)
    assert await asyncio.wait_for(flight.once("k", decoder.lookup, decoder.work), 5) == b"answer"


async def test_without_redis_the_work_is_shared_within_the_process(own_redis: Any) -> None:
    own_redis.kill()
    link = RedisLink(own_redis.url)
    decoder = Decoder()
    callers = await crowd(RedisFlight(link), decoder, 20)
    decoder.go_on.set()
    assert await asyncio.gather(*callers) == [b"answer"] * 20
    assert decoder.calls == 1
    await link.close()


async def test_redis_killed_during_the_work_does_not_harm_it(own_redis: Any) -> None:
    links = [RedisLink(own_redis.url) for _ in range(2)]
    holder, waiter = (RedisFlight(link, lease_s=0.3) for link in links)
    decoder = Decoder()
    holding = asyncio.create_task(holder.once("k", decoder.lookup, decoder.work))
    await decoder.started.wait()
    waiting = asyncio.create_task(waiter.once("k", decoder.lookup, decoder.work))
    await asyncio.sleep(0.1)
    own_redis.kill()
    await asyncio.sleep(0.3)
    decoder.go_on.set()
    assert list(await asyncio.wait_for(asyncio.gather(holding, waiting), 5)) == [b"answer", b"answer"]
    for link in links:
        await link.close()


async def until_ready(client: Redis, prefix: str, count: int) -> None:
    async with asyncio.timeout(60):
        while int(await client.get(f"{prefix}ready") or 0) < count:
            await asyncio.sleep(0.02)


async def outputs(workers: list[subprocess.Popen[str]]) -> list[str]:
    return [(await asyncio.to_thread(worker.communicate, timeout=60))[0].strip() for worker in workers]


async def test_three_processes_decode_once(redis_url: str, prefix: str, start_worker: Start) -> None:
    workers = [start_worker("decode", redis_url, prefix, "1.5") for _ in range(3)]
    async with Redis.from_url(redis_url) as client:
        await until_ready(client, prefix, 3)
        await client.set(f"{prefix}go", "1")
        assert await outputs(workers) == ["answer"] * 3
        assert await client.get(f"{prefix}decoded") == b"1"


async def test_when_the_process_that_decodes_dies_another_takes_over(
    redis_url: str, prefix: str, start_worker: Start
) -> None:
    async with Redis.from_url(redis_url) as client:
        await client.set(f"{prefix}go", "1")
        doomed = start_worker("decode", redis_url, prefix, "600")
        async with asyncio.timeout(60):
            while not await client.exists(f"{prefix}decoded"):
                await asyncio.sleep(0.02)
        heir = start_worker("decode", redis_url, prefix, "0")
        await until_ready(client, prefix, 2)
        await asyncio.sleep(0.3)
        assert await client.get(f"{prefix}decoded") == b"1", "the heir has to wait while the lease is held"
        doomed.kill()
        died = time.monotonic()
        assert await outputs([heir]) == ["answer"]
        assert time.monotonic() - died < 10
        assert await client.get(f"{prefix}decoded") == b"2"
