"""What the suites run in other processes: `worker.py VERB WORDS...`; prints one line of JSON or text."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from redis.asyncio import Redis

from app.adapters.caches.flight import RedisFlight
from app.adapters.caches.link import RedisLink
from app.adapters.caches.redis import RedisCache
from app.adapters.stores import open_store
from app.domain.listing import Listing
from app.domain.tags import TagSet, Versions

_VERSIONS = Versions(model="m", adapter="a", prompt="p", schema="s", rules="r", taxonomy="t", pipeline="1")


async def decode(url: str, prefix: str, seconds: str) -> str:
    """Ask for one key when told to; count in Redis how often the work is really done."""
    link = RedisLink(url, prefix=prefix)
    cache = RedisCache(link, ttl_s=60)
    counter = Redis.from_url(url)

    async def work() -> bytes:
        await counter.incr(f"{prefix}decoded")
        await asyncio.sleep(float(seconds))
        await cache.put("listing", b"answer")
        return b"answer"

    await counter.incr(f"{prefix}ready")
    while not await counter.exists(f"{prefix}go"):
        await asyncio.sleep(0.01)
    answer = await RedisFlight(link, lease_s=1).once("listing", lambda: cache.get("listing"), work)
    await counter.aclose()
    await link.close()
    return answer.decode()


async def save(url: str, tenant: str, name: str, count: str) -> str:
    """Open the store and save listings NAME-0, NAME-1 ...; print their cursors."""
    store = await open_store(url)
    cursors = []
    for number in range(int(count)):
        tags = TagSet(fingerprint="f", lang="en", tags=(), unmatched=(), partial=False, versions=_VERSIONS)
        saved = await store.save(tenant, Listing(title="Mug", id=f"{name}-{number}"), tags)
        cursors.append(saved.cursor)
    await store.close()
    return json.dumps(cursors)


if __name__ == "__main__":
    verbs: dict[str, Callable[..., Coroutine[Any, Any, str]]] = {"decode": decode, "save": save}
    print(asyncio.run(verbs[sys.argv[1]](*sys.argv[2:])))
