"""Threads of the store: what waits, what is given up, what is finished."""

from __future__ import annotations

import asyncio
import threading

import pytest

from app.adapters.stores.lane import Lane
from app.domain.errors import StoreUnavailable


async def test_what_has_begun_and_what_waits_is_finished_though_the_callers_went_away() -> None:
    lane, go, done = Lane("test", 1, patience_s=5), threading.Event(), list[int]()

    def work() -> None:
        assert go.wait(10)
        done.append(1)

    callers = [asyncio.create_task(lane.run(work)) for _ in range(3)]
    await asyncio.sleep(0)
    for caller in callers:
        caller.cancel()
    for caller in callers:
        with pytest.raises(asyncio.CancelledError):
            await caller
    assert done == []
    go.set()
    await asyncio.to_thread(lane.close)
    assert done == [1, 1, 1]


async def test_what_finds_no_thread_in_time_is_given_up_and_never_begins() -> None:
    lane, go, done = Lane("test", 1, patience_s=0.05), threading.Event(), list[str]()

    def slow() -> str:
        assert go.wait(10)
        return "slow"

    first = asyncio.create_task(lane.run(slow))
    await asyncio.sleep(0)
    with pytest.raises(StoreUnavailable, match="busy"):
        await lane.run(lambda: done.append("second"))
    assert not first.done(), "what has begun may take longer"
    go.set()
    assert await first == "slow"
    await asyncio.to_thread(lane.close)
    assert done == []


async def test_errors_reach_the_caller_and_a_closed_lane_is_one() -> None:
    lane = Lane("test", 1, patience_s=None)
    with pytest.raises(ZeroDivisionError):
        await lane.run(lambda: 1 // 0)
    lane.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        await lane.run(lambda: 1)
