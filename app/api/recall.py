"""The same bytes asked again: reading them once more would give the same listing, so the way to it is remembered."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.errors import CacheUnavailable
from app.domain.tags import TagSet
from app.pipeline.localize import Locales
from app.pipeline.ports import Cache


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What a body asked for, and the answer that the cache had for it."""

    tags: TagSet
    locales: Locales
    cached: bytes


class Recall:
    """Bodies of requests whose answer came out of the cache, least recently asked out first.

    Parsing, cleaning and identifying the language take several times as long as all the rest of a cached answer.
    The cache is asked all the same: what it has forgotten or replaced is not answered from here. Listings with
    an id are not remembered, since the store has a say in their answer.
    """

    def __init__(
        self,
        cache: Cache,
        *,
        max_bytes: int = 16 * 1024 * 1024,
        longest_body: int = 64 * 1024,
        max_entries: int = 20_000,
    ) -> None:
        self._cache = cache
        self._max_bytes = max_bytes
        self._longest_body = longest_body
        self._max_entries = max_entries
        self._bytes = 0
        self._known: OrderedDict[bytes, Known] = OrderedDict()

    async def find(self, body: bytes) -> Known | None:
        """Return what a body asked for if the cache still has the answer that it had then."""
        known = self._known.get(body)
        if known is None:
            return None
        if await self._cached(known.tags.fingerprint) != known.cached:
            self._drop(body)
            return None
        if body in self._known:  # another request may have dropped it meanwhile
            self._known.move_to_end(body)
        return known

    async def keep(self, body: bytes, tags: TagSet, locales: Locales) -> None:
        """Remember what a body asked for; ``tags`` as answered, warnings included."""
        cached = await self._cached(tags.fingerprint)
        if cached is None or len(body) > self._longest_body:
            return
        self._drop(body)
        self._known[body] = Known(tags=tags, locales=locales, cached=cached)
        self._bytes += _cost(body, cached)
        while self._bytes > self._max_bytes or len(self._known) > self._max_entries:
            self._drop(next(iter(self._known)))

    def forget(self, fingerprints: Iterable[str]) -> None:
        """Drop the bodies whose answers are to be erased: they hold the text of the listing."""
        gone = frozenset(fingerprints)
        for body in [body for body, known in self._known.items() if known.tags.fingerprint in gone]:
            self._drop(body)

    async def _cached(self, fingerprint: str) -> bytes | None:
        try:
            return await self._cache.get(fingerprint)
        except CacheUnavailable:
            return None

    def _drop(self, body: bytes) -> None:
        known = self._known.pop(body, None)
        if known is not None:
            self._bytes -= _cost(body, known.cached)


def _cost(body: bytes, cached: bytes) -> int:
    # the tag set's objects take a few times what its JSON does
    return len(body) + 4 * len(cached)
