"""Plain functions in threads of their own, awaited from the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from app.domain.errors import StoreUnavailable

T = TypeVar("T")


class Lane:
    """A queue, in order of asking, for a number of threads; they start when they are first needed.

    What has not begun within ``patience_s`` never will: a database that hangs must not collect callers for ever.
    """

    def __init__(self, name: str, threads: int, *, patience_s: float | None) -> None:
        self._threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix=f"store-{name}")
        self._patience_s = patience_s

    async def run(self, work: Callable[[], T]) -> T:
        """Run it, to the end even where the caller goes away; StoreUnavailable where it cannot begin."""
        try:
            job = self._threads.submit(work)
        except RuntimeError as exc:
            raise StoreUnavailable("the store is closed") from exc
        ended = asyncio.shield(asyncio.wrap_future(job))
        if self._patience_s is None:
            return await ended
        # Cancelling such a future succeeds only while it waits for a thread.
        timer = asyncio.get_running_loop().call_later(self._patience_s, job.cancel)
        try:
            return await ended
        except asyncio.CancelledError:
            if job.cancelled() and not _is_cancelled():
                raise StoreUnavailable(f"the store is busy: nothing came free in {self._patience_s:g} s") from None
            raise
        finally:
            timer.cancel()

    def close(self) -> None:
        """Wait for what was asked for, then end the threads; blocks."""
        self._threads.shutdown()


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
