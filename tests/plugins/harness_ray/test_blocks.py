"""Blocks leave in order, come back in any order, are delivered in order, and none is lost or doubled."""

import asyncio
import random

import pytest

from harness import HarnessError
from harness_ray.blocks import STRIKES, Board, blocks
from harness_ray.options import RayOptions
from harness_ray.remote import Gathered


def board(count=40, size=4, window=4):
    return Board(fresh=blocks({"a": count, "b": 3}, size), window=window)


@pytest.mark.parametrize("seed", range(20))
def test_every_block_is_delivered_once_whoever_is_lost(seed):
    rng = random.Random(seed)
    kept, delivered, held = board(), [], {}
    while not kept.done or kept.back:
        worker = rng.choice("xyz")
        action = rng.random()
        if action < 0.5 and (block := kept.take(worker)) is not None:
            held.setdefault(worker, []).append(block)
        elif action < 0.9 and held.get(worker):
            block = held[worker].pop(rng.randrange(len(held[worker])))
            kept.give(block.number, [b"%d" % block.number])
        elif action >= 0.97:
            kept.lose(worker)
            kept.strikes.clear()
            held.pop(worker, None)
        while (lines := kept.deliver(len(delivered))) is not None:
            delivered.append(lines)
        assert len(kept.back) + len(kept.out) <= kept.window
    assert delivered == [[b"%d" % number] for number in range(11)]


def test_no_block_leaves_beyond_the_window():
    kept = board()
    taken = [kept.take("x") for _ in range(6)]
    assert [one.number for one in taken[:4]] == [0, 1, 2, 3]
    assert taken[4:] == [None, None]
    kept.give(1, [])
    assert kept.take("x") is None
    kept.give(0, [])
    kept.deliver(0)
    assert kept.take("x").number == 4


def test_what_a_lost_worker_gives_back_after_all_is_taken_once():
    kept = board()
    block = kept.take("x")
    kept.lose("x")
    assert kept.give(block.number, [b"late"])
    assert not kept.give(block.number, [b"twice"])
    assert kept.take("y").number == 1
    assert kept.deliver(0) == [b"late"]


def test_a_block_that_costs_workers_again_and_again_is_named():
    kept = board()
    for _ in range(STRIKES - 1):
        kept.take("x")
        assert kept.lose("x") == []
    kept.take("x")
    assert [one.number for one in kept.lose("x")] == [0]


def test_a_number_that_cannot_be_is_an_error():
    with pytest.raises(HarnessError, match="block=0: must be at least 1"):
        RayOptions(block=0)


async def test_calls_that_come_together_leave_together():
    sizes = []

    async def call(items):
        sizes.append(len(items))
        await asyncio.sleep(0)
        return [item * 2 for item in items]

    gathered = Gathered(call)
    assert await asyncio.gather(*(gathered(n) for n in range(50))) == [2 * n for n in range(50)]
    assert sum(sizes) == 50
    assert len(sizes) <= 2


async def test_a_call_that_fails_fails_for_those_who_wait():
    async def call(items):
        raise OSError("gone")

    gathered = Gathered(call)
    results = await asyncio.gather(gathered(1), gathered(2), return_exceptions=True)
    assert [str(one) for one in results] == ["gone", "gone"]
