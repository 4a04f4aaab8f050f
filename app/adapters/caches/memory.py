"""A cache in this process: least recently used goes first, bounded by bytes and by entries."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

_OVERHEAD_BYTES = 200
"""What an entry costs besides key and value: two object headers, a tuple, a float and a slot in the table."""


class MemoryCache:
    """Port `Cache`. Belongs to one event loop; nothing here waits, so no lock is needed."""

    def __init__(
        self,
        *,
        ttl_s: float,
        max_bytes: int = 64 * 1024 * 1024,
        max_entries: int = 100_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ttl_s = ttl_s
        self._max_bytes = max_bytes
        self._max_entries = max_entries
        self._clock = clock
        self._entries: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def size_bytes(self) -> int:
        """What the entries take, keys and overhead included."""
        return self._bytes

    async def get(self, key: str) -> bytes | None:
        """Return what is stored and not too old, or None."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        value, expires = entry
        if self._clock() >= expires:
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        return value

    async def put(self, key: str, value: bytes) -> None:
        """Store for ``ttl_s``; a value over the whole budget is not stored, since it would push out all others."""
        self._drop(key)
        if _cost(key, value) > self._max_bytes:
            return
        self._entries[key] = (value, self._clock() + self._ttl_s)
        self._bytes += _cost(key, value)
        while self._bytes > self._max_bytes or len(self._entries) > self._max_entries:
            self._drop(next(iter(self._entries)))

    async def delete(self, key: str) -> None:
        """Forget."""
        self._drop(key)

    async def close(self) -> None:
        """Give the memory back."""
        self._entries.clear()
        self._bytes = 0

    def _drop(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= _cost(key, entry[0])


def _cost(key: str, value: bytes) -> int:
    return len(key.encode("utf-8", "surrogatepass")) + len(value) + _OVERHEAD_BYTES
