"""Requests in flight climb while that brings more answers, and fall when the server says so."""

from __future__ import annotations

import asyncio
import selectors
from functools import wraps
from itertools import count

import pytest

from harness_backends.http.pace import FIRST, Pace


class Skipping(selectors.SelectSelector):
    """Waits for nothing: time goes on by as much as would have been waited."""

    now = 0.0

    def select(self, timeout=None):
        self.now += timeout or 0.0
        return super().select(0)


def in_no_time(test):
    """Run a coroutine in a loop whose clock skips what nothing happens in, so that no neighbour changes a figure."""

    @wraps(test)
    def run(**given):
        selector = Skipping()
        loop = asyncio.SelectorEventLoop(selector)
        loop.time = lambda: selector.now
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(test(**given))

    return run


async def served(pace, count, seconds, refused=lambda n: False):
    """Ask `count` times, as a server that takes `seconds(in flight)` would answer; return the most ever in flight."""
    busy = most = 0

    async def one(number):
        nonlocal busy, most
        begun = await pace.enter()
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(seconds(busy))
        busy -= 1
        if refused(number):
            pace.refused(begun)
        else:
            pace.answered(begun)
        pace.leave()

    await asyncio.gather(*map(one, range(count)))
    assert busy == 0
    return most


@in_no_time
async def test_it_climbs_to_the_most_while_latency_stays():
    pace = Pace(256)
    assert await served(pace, 2000, lambda _: 0.01) == 256
    assert pace.limit == 256


@in_no_time
async def test_it_doubles_with_every_latency():
    latencies = count()
    await served(Pace(256), 2000, lambda _: 1 + next(latencies) % 16 / 1000)  # no two of a burst answer together
    # 32, 64 and 128 in the first three seconds, then 256 at a time
    assert asyncio.get_running_loop().time() == pytest.approx(3 + 7, abs=0.5)


@in_no_time
async def test_it_stops_where_latency_grows_with_what_is_in_flight():
    pace = Pace(512)  # 64 at once, the others queue: more in flight brings nothing
    most = await served(pace, 4000, lambda busy: 0.01 * max(1, busy / 64))
    assert most <= 256
    assert pace.limit <= 160


@in_no_time
async def test_it_does_not_climb_where_nobody_waits():
    pace = Pace(256)
    for _ in range(20):
        await served(pace, FIRST, lambda _: 0.001)
    assert pace.limit == FIRST


@in_no_time
async def test_a_burst_of_refusals_cuts_once():
    pace = Pace(100, adaptive=True)
    await served(pace, 32, lambda _: 0.01, refused=lambda _: True)
    assert pace.limit == 22


@in_no_time
async def test_refusals_now_and_then_leave_some_in_flight():
    pace = Pace(256)
    await served(pace, 2000, lambda _: 0.001, refused=lambda number: number % 20 == 0)
    assert 1 <= pace.limit < 64


@in_no_time
async def test_a_fixed_pace_stays_where_it_is():
    pace = Pace(50, adaptive=False)
    assert await served(pace, 300, lambda _: 0.001, refused=lambda number: number % 3 == 0) == 50
    assert pace.limit == 50


@in_no_time
async def test_a_wait_holds_everybody_back():
    pace = Pace(4)
    loop = asyncio.get_running_loop()
    begun = await pace.enter()
    pace.refused(begun, 0.2)
    pace.leave()
    start = loop.time()
    await asyncio.gather(*(pace.enter() for _ in range(2)))
    assert 0.19 <= loop.time() - start < 2


@pytest.mark.parametrize("when", ["waiting", "let in"])
@in_no_time
async def test_whoever_gives_up_leaves_no_place_taken(when):
    pace = Pace(1)
    await pace.enter()
    tasks = [asyncio.create_task(pace.enter()) for _ in range(3)]
    await asyncio.sleep(0)
    if when == "let in":
        pace.leave()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    if when == "waiting":
        pace.leave()
    await asyncio.wait_for(pace.enter(), 1)
