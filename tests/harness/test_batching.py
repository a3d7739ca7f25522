"""Micro-batches: nobody waits for a barrier, nobody starves, nobody fails for his neighbour."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from harness.batching import Batcher
from harness.errors import HarnessError


class Recorder:
    """Doubles numbers, and remembers the batches and threads it was called with."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.batches: list[list[int]] = []
        self.threads: set[int] = set()
        self.seconds = seconds
        self.busy = 0

    def __call__(self, items: list[int]) -> list[int]:
        self.busy += 1
        assert self.busy == 1, "two batches at once"
        self.batches.append(list(items))
        self.threads.add(threading.get_ident())
        time.sleep(self.seconds)
        self.busy -= 1
        return [2 * item for item in items]


async def test_every_item_gets_its_own_result_in_batches_of_at_most_the_size():
    run = Recorder()
    async with Batcher(run, size=8) as batcher:
        results = await asyncio.gather(*(batcher.submit(n) for n in range(100)))
    assert results == [2 * n for n in range(100)]
    assert max(map(len, run.batches)) == 8
    assert len(run.batches) == 13
    assert len(run.threads) == 1
    assert threading.get_ident() not in run.threads


async def test_items_that_come_while_the_worker_is_busy_go_together_and_wait_for_no_barrier():
    run = Recorder(seconds=0.05)
    async with Batcher(run, size=4) as batcher:
        first = asyncio.create_task(batcher.submit(0))
        await asyncio.sleep(0.02)
        late = [asyncio.create_task(batcher.submit(n)) for n in (1, 2, 3)]
        await first
        assert not any(task.done() for task in late)
        await asyncio.gather(*late)
    assert run.batches == [[0], [1, 2, 3]]


async def test_those_who_ask_again_at_once_share_a_batch():
    run = Recorder(seconds=0.002)

    async def chain(start: int) -> None:
        for step in range(5):
            await batcher.submit(start + step)

    async with Batcher(run, size=8) as batcher:
        await asyncio.gather(*(chain(10 * n) for n in range(8)))
    assert [len(batch) for batch in run.batches] == [8] * 5


async def test_a_batch_holds_items_of_similar_length():
    run = Recorder()
    lengths = [1, 100, 2, 101, 3, 102, 4, 103]
    async with Batcher(run, size=4, order=float) as batcher:
        await asyncio.gather(*map(batcher.submit, lengths))
    assert [sorted(batch) for batch in run.batches] == [[1, 2, 3, 4], [100, 101, 102, 103]]


async def test_the_oldest_leads_the_next_batch_however_odd_its_length():
    run = Recorder(seconds=0.01)
    async with Batcher(run, size=2, order=float) as batcher:
        await asyncio.gather(*map(batcher.submit, [1, 1000, 2, 3, 4, 5]))
    assert 1000 in run.batches[1]


async def test_groups_do_not_mix():
    run = Recorder()
    async with Batcher(run, size=16, group=lambda n: n % 3) as batcher:
        await asyncio.gather(*map(batcher.submit, range(12)))
    assert sorted(map(sorted, run.batches)) == [[0, 3, 6, 9], [1, 4, 7, 10], [2, 5, 8, 11]]


async def test_the_size_is_asked_again_before_every_batch():
    sizes = iter([4] * 8 + [1] * 80)
    run = Recorder()
    async with Batcher(run, size=lambda: next(sizes)) as batcher:
        await asyncio.gather(*map(batcher.submit, range(40)))
    assert {len(batch) for batch in run.batches} == {1, 4}


async def test_a_bad_item_fails_alone():
    def run(items: list[int]) -> list[int]:
        if 7 in items:
            raise ValueError("seven")
        return items

    async with Batcher(run, size=10) as batcher:
        results = await asyncio.gather(*map(batcher.submit, range(10)), return_exceptions=True)
    assert [r for r in results if isinstance(r, int)] == [n for n in range(10) if n != 7]
    assert isinstance(results[7], ValueError)


@pytest.mark.parametrize("error", [StopIteration("done"), HarnessError("no")])
async def test_any_exception_reaches_whoever_waits(error):
    def run(items: list[int]) -> list[int]:
        raise error

    async with Batcher(run, size=2) as batcher:
        with pytest.raises(type(error) if isinstance(error, HarnessError) else RuntimeError):
            await batcher.submit(1)


async def test_a_wrong_number_of_results_is_an_error_and_no_guess():
    async with Batcher(lambda items: items[:-1], size=1) as batcher:
        with pytest.raises(RuntimeError, match="1 items gave 0 results"):
            await batcher.submit(1)


async def test_a_caller_that_is_cancelled_is_not_run_and_harms_nobody():
    run = Recorder(seconds=0.03)
    async with Batcher(run, size=1) as batcher:
        first = asyncio.create_task(batcher.submit(1))
        second = asyncio.create_task(batcher.submit(2))
        third = asyncio.create_task(batcher.submit(3))
        await asyncio.sleep(0.015)
        first.cancel()  # it runs already: its result is dropped
        second.cancel()  # it waits: it is never run
        assert await third == 6
    assert run.batches == [[1], [3]]
    assert first.cancelled()
    assert second.cancelled()


async def test_closing_finishes_the_running_batch_and_tells_the_waiting():
    run = Recorder(seconds=0.05)
    batcher = Batcher(run, size=1)
    running = asyncio.create_task(batcher.submit(1))
    waiting = asyncio.create_task(batcher.submit(2))
    await asyncio.sleep(0.02)
    await batcher.aclose()
    await batcher.aclose()
    assert await running == 2
    with pytest.raises(HarnessError, match="closed before"):
        await waiting
    with pytest.raises(HarnessError, match="already closed"):
        await batcher.submit(3)


async def test_closing_one_that_never_ran_is_nothing():
    async with Batcher(lambda items: items, size=1):
        pass


async def test_a_worker_task_that_is_cancelled_tells_all_who_wait():
    run = Recorder(seconds=0.05)
    batcher = Batcher(run, size=1)
    waiting = [asyncio.create_task(batcher.submit(n)) for n in (1, 2)]
    await asyncio.sleep(0.02)
    batcher._server.cancel()
    outcomes = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 1)
    assert all(isinstance(outcome, HarnessError) for outcome in outcomes)
    with pytest.raises(asyncio.CancelledError):
        await batcher.aclose()


async def test_ten_thousand_items_cost_little():
    began = time.perf_counter()
    async with Batcher(lambda items: items, size=64, order=float) as batcher:
        results = await asyncio.gather(*map(batcher.submit, range(10_000)))
    assert results == list(range(10_000))
    assert time.perf_counter() - began < 10
