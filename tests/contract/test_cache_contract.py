"""Port `Cache`: one suite for every adapter, then what is particular to each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from redis.asyncio import Redis

from app.adapters.caches.layered import LayeredCache
from app.adapters.caches.link import RedisLink
from app.adapters.caches.memory import MemoryCache
from app.adapters.caches.redis import RedisCache
from app.domain.errors import CacheUnavailable, SettingsError
from app.pipeline.ports import Cache

Build = Callable[[float], Cache]


@pytest.fixture
async def links() -> AsyncIterator[Callable[..., RedisLink]]:
    opened: list[RedisLink] = []

    def link(url: str, **options: Any) -> RedisLink:
        opened.append(RedisLink(url, **options))
        return opened[-1]

    yield link
    for one in opened:
        await one.close()


@pytest.fixture(params=["memory", "redis", "layered"])
def build(request: pytest.FixtureRequest, redis_url: str, prefix: str, links: Callable[..., RedisLink]) -> Build:
    """Return a function from a time to live in seconds to a cache."""

    def memory(ttl_s: float) -> Cache:
        return MemoryCache(ttl_s=ttl_s)

    def redis(ttl_s: float) -> Cache:
        # patient: what a slow machine does to the short timeouts of service is not asked here
        return RedisCache(links(redis_url, prefix=prefix, timeout_s=5.0), ttl_s=ttl_s)

    def layered(ttl_s: float) -> Cache:
        return LayeredCache(redis(ttl_s), stale_s=min(ttl_s, 2.0))

    builders: dict[str, Build] = {"memory": memory, "redis": redis, "layered": layered}
    return builders[request.param]


@pytest.fixture
def cache(build: Build) -> Cache:
    return build(60)


@pytest.mark.parametrize("value", [b"", b"\x00\xff\r\n", bytes(range(256)) * 8192], ids=["empty", "binary", "2MiB"])
async def test_bytes_come_back_as_they_were(cache: Cache, value: bytes) -> None:
    await cache.put("k", value)
    assert await cache.get("k") == value


async def test_what_was_never_stored_is_none(cache: Cache) -> None:
    await cache.put("a", b"1")
    assert await cache.get("b") is None


async def test_a_later_value_replaces_an_earlier_one(cache: Cache) -> None:
    await cache.put("k", b"old")
    await cache.put("k", b"new")
    assert await cache.get("k") == b"new"


async def test_what_is_deleted_is_gone_and_nothing_else(cache: Cache) -> None:
    await cache.put("k", b"1")
    await cache.put("other", b"2")
    await cache.delete("k")
    await cache.delete("never stored")
    assert await cache.get("k") is None
    assert await cache.get("other") == b"2"


async def test_an_entry_expires(build: Build) -> None:
    cache = build(0.1)
    await cache.put("k", b"1")
    assert await cache.get("k") == b"1"
    await asyncio.sleep(0.15)
    assert await cache.get("k") is None


async def test_many_at_once(cache: Cache) -> None:
    await asyncio.gather(*(cache.put(f"k{n}", str(n).encode()) for n in range(300)))
    found = await asyncio.gather(*(cache.get(f"k{n}") for n in range(300)))
    assert found == [str(n).encode() for n in range(300)]


# Memory


async def test_memory_lets_the_least_recently_used_go_first() -> None:
    cache = MemoryCache(ttl_s=60, max_entries=2)
    await cache.put("a", b"1")
    await cache.put("b", b"2")
    await cache.get("a")
    await cache.put("c", b"3")
    assert [await cache.get(k) for k in "abc"] == [b"1", None, b"3"]


async def test_memory_stays_within_its_bytes() -> None:
    cache = MemoryCache(ttl_s=60, max_bytes=10_000)
    for number in range(100):
        await cache.put(f"k{number}", b"x" * 1000)
        assert cache.size_bytes <= 10_000
    assert await cache.get("k99") is not None
    assert 5 < len(cache) < 10
    for number in range(100):
        await cache.delete(f"k{number}")
    assert (len(cache), cache.size_bytes) == (0, 0)


async def test_memory_does_not_empty_itself_for_a_value_over_its_budget() -> None:
    cache = MemoryCache(ttl_s=60, max_bytes=10_000)
    await cache.put("small", b"1")
    await cache.put("k", b"old")
    await cache.put("k", b"x" * 20_000)
    assert await cache.get("small") == b"1"
    assert await cache.get("k") is None, "the value that was to be replaced is out of date"


async def test_memory_measures_age_from_the_last_put() -> None:
    now = 0.0
    cache = MemoryCache(ttl_s=10, clock=lambda: now)
    await cache.put("k", b"1")
    now = 9.9
    assert await cache.get("k") == b"1"
    now = 10.0
    assert await cache.get("k") is None
    assert cache.size_bytes == 0


# Redis


async def test_redis_keys_have_the_prefix_and_an_end(
    redis_url: str, prefix: str, links: Callable[..., RedisLink]
) -> None:
    await RedisCache(links(redis_url, prefix=prefix), ttl_s=60).put("k", b"1")
    async with Redis.from_url(redis_url) as client:
        keys = await client.keys(f"{prefix}*")
        assert keys == [f"{prefix}cache:k".encode()]
        assert 0 < await client.pttl(keys[0]) <= 60_000
    assert await RedisCache(links(redis_url, prefix="other:"), ttl_s=60).get("k") is None


async def test_redis_killed_is_unavailable_at_once_and_comes_back(
    own_redis: Any, links: Callable[..., RedisLink]
) -> None:
    cache = RedisCache(links(own_redis.url, pause_s=0.2), ttl_s=60)
    await cache.put("k", b"1")
    own_redis.kill()
    started = time.monotonic()
    for _ in range(20):
        with pytest.raises(CacheUnavailable):
            await cache.get("k")
        with pytest.raises(CacheUnavailable):
            await cache.put("k", b"2")
    with pytest.raises(CacheUnavailable):
        await cache.delete("k")
    assert time.monotonic() - started < 2
    own_redis.start()
    await asyncio.sleep(0.25)
    await cache.put("k", b"3")
    assert await cache.get("k") == b"3"


async def test_a_restart_of_redis_is_not_noticed(own_redis: Any, links: Callable[..., RedisLink]) -> None:
    cache = RedisCache(links(own_redis.url), ttl_s=60)
    await cache.put("k", b"1")
    own_redis.kill()
    own_redis.start()
    await cache.put("k", b"2")
    assert await cache.get("k") == b"2"


async def test_a_frozen_redis_costs_one_timeout_and_not_one_per_call(
    own_redis: Any, links: Callable[..., RedisLink]
) -> None:
    cache = RedisCache(links(own_redis.url, timeout_s=0.2, pause_s=30), ttl_s=60)
    await cache.put("k", b"1")
    own_redis.freeze()
    try:
        started = time.monotonic()
        for _ in range(50):
            with pytest.raises(CacheUnavailable):
                await cache.get("k")
        assert 0.15 < time.monotonic() - started < 2
    finally:
        own_redis.thaw()
    await cache.delete("k")  # A deletion is tried all the same, and its success ends the pause.
    assert await cache.get("k") is None


async def test_an_error_that_redis_answers_is_mapped(
    redis_url: str, prefix: str, links: Callable[..., RedisLink]
) -> None:
    cache = RedisCache(links(redis_url, prefix=prefix), ttl_s=60)
    async with Redis.from_url(redis_url) as client:
        await client.hset(f"{prefix}cache:hash", "field", "x")  # type: ignore[misc]
    with pytest.raises(CacheUnavailable):
        await cache.get("hash")
    await cache.put("k", b"1")
    assert await cache.get("k") == b"1", "an answered error does not count as an outage"


def test_a_url_that_is_none_is_a_settings_error() -> None:
    with pytest.raises(SettingsError):
        RedisLink("localhost:6379")


# Layered


async def test_layered_answers_from_memory_when_redis_is_killed(
    own_redis: Any, links: Callable[..., RedisLink]
) -> None:
    cache = LayeredCache(RedisCache(links(own_redis.url), ttl_s=60), stale_s=5)
    await cache.put("k", b"1")
    own_redis.kill()
    assert await cache.get("k") == b"1"
    with pytest.raises(CacheUnavailable):
        await cache.get("unknown")
    with pytest.raises(CacheUnavailable):
        await cache.put("new", b"2")
    assert await cache.get("new") == b"2"
    with pytest.raises(CacheUnavailable):
        await cache.delete("k")  # Redis still has it: the caller has to know.
    with pytest.raises(CacheUnavailable):
        await cache.get("k")  # But memory has not.


async def test_layered_deletes_from_both(redis_url: str, prefix: str, links: Callable[..., RedisLink]) -> None:
    back = RedisCache(links(redis_url, prefix=prefix), ttl_s=60)
    cache = LayeredCache(back)
    await cache.put("k", b"1")
    await cache.delete("k")
    assert await back.get("k") is None
    assert await cache.get("k") is None


async def test_what_another_process_deleted_is_served_for_the_stated_time_at_most(
    redis_url: str, prefix: str, links: Callable[..., RedisLink]
) -> None:
    here, there = (LayeredCache(RedisCache(links(redis_url, prefix=prefix), ttl_s=60), stale_s=0.3) for _ in range(2))
    await there.put("k", b"1")
    assert await here.get("k") == b"1"
    await there.delete("k")
    await asyncio.sleep(0.35)
    assert await here.get("k") is None


async def test_a_deletion_is_not_undone_by_a_read_that_was_on_its_way(
    redis_url: str, prefix: str, links: Callable[..., RedisLink]
) -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()

    class Slow(RedisCache):
        """Holds back what Redis has answered."""

        async def get(self, key: str) -> bytes | None:
            value = await super().get(key)
            arrived.set()
            await go_on.wait()
            return value

    cache = LayeredCache(Slow(links(redis_url, prefix=prefix), ttl_s=60))
    await RedisCache(links(redis_url, prefix=prefix), ttl_s=60).put("k", b"1")
    reading = asyncio.create_task(cache.get("k"))
    await arrived.wait()
    await cache.delete("k")
    go_on.set()
    assert await reading == b"1"
    assert await cache.get("k") is None
