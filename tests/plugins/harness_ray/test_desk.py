"""The desk by itself: what becomes of the blocks of a worker that is lost."""

import asyncio

from harness_ray.desk import Desk


async def test_a_lost_worker_that_was_waiting_for_a_block_gets_none():
    desk = Desk("store.db")
    await desk.begin({"sums": 2}, 1, 8)
    assert [(await desk.take("lost"))[0], (await desk.take("lost"))[0]] == [0, 1]
    waiting = asyncio.ensure_future(desk.take("lost"))  # it asked for more before it was lost
    await asyncio.sleep(0)
    assert await desk.lose("lost") == []
    assert await asyncio.wait_for(waiting, 5) is None
    async with asyncio.timeout(5):
        assert [(await desk.take("other"))[0], (await desk.take("other"))[0]] == [0, 1]
