"""The store and the names of requests: nothing is served to a request that it was not given for."""

import asyncio
import sqlite3
from dataclasses import replace

import pytest

from harness import Message, Prompt, Request, Response, Sampling, StoreError, Usage
from harness.asker import request_name
from harness.store import STORE_VERSION, open_store

MODEL = {"backend": "scripted", "name": "a"}
REQUEST = Request(
    kind="generate",
    prompt=Prompt(messages=(Message(role="user", content="1 + 1?"),)),
    sampling=Sampling(temperature=0.5),
    draw="base/0/0",
)


def asked(content, **changes):
    return replace(
        REQUEST, prompt=replace(REQUEST.prompt, messages=(Message(role="user", content=content),)), **changes
    )


@pytest.mark.parametrize(
    "other",
    [
        asked("1 + 2?"),
        replace(REQUEST, draw="repeat/0/0"),
        replace(REQUEST, draw="base/1/0"),
        replace(REQUEST, seed=1),
        replace(REQUEST, sampling=Sampling(temperature=0.6)),
        replace(REQUEST, sampling=Sampling(temperature=0.5, stop=("\n",))),
        replace(REQUEST, sampling=Sampling(temperature=0.5, extra={"num_beams": 2})),
        replace(REQUEST, prompt=replace(REQUEST.prompt, chat=True)),
        replace(REQUEST, prompt=replace(REQUEST.prompt, prefix="So")),
        replace(REQUEST, prompt=replace(REQUEST.prompt, messages=(Message(role="system", content="1 + 1?"),))),
        replace(REQUEST, kind="loglikelihood", continuation="2"),
    ],
)
def test_whatever_can_change_an_answer_changes_the_name(other):
    assert request_name(MODEL, other) != request_name(MODEL, REQUEST)


def test_what_only_we_see_does_not_change_the_name():
    seen = replace(REQUEST, prompt=replace(REQUEST.prompt, slot=3))
    assert request_name(MODEL, seen) == request_name(MODEL, REQUEST)
    greedy = replace(REQUEST, sampling=Sampling())
    assert request_name(MODEL, replace(greedy, seed=1)) == request_name(MODEL, greedy)


def test_another_model_is_another_name():
    for other in ({**MODEL, "name": "b"}, {**MODEL, "dtype": "bfloat16"}):
        assert request_name(other, REQUEST) != request_name(MODEL, REQUEST)


def test_the_name_of_a_request_stays_what_it_was():
    """Raise `harness.asker.NAMING` when this changes: stored answers would be mistaken or lost."""
    assert request_name(MODEL, REQUEST).hex()[:16] == "a37413ab10337ff9"


def test_a_response_comes_back_as_it_was_put(tmp_path):
    response = Response(
        text="zwei \x00 ✓", finish="length", logprob=-1.5, greedy=True, usage=Usage(prompt_tokens=3), cut=2
    )

    async def put():
        with open_store(tmp_path / "store.db") as store:
            await store.put(b"x", "m", response)
            assert len(store) == 1

    asyncio.run(put())
    with open_store(tmp_path / "store.db") as store:
        assert store.get(b"x") == response
        assert store.get(b"y") is None


def test_many_answers_are_written_together(tmp_path):
    async def put():
        with open_store(tmp_path / "store.db") as store:
            flushed = []
            store._writer.set_trace_callback(lambda sql: flushed.append(sql) if sql == "COMMIT" else None)
            await asyncio.gather(*(store.put(bytes([i]), "m", Response(text=str(i))) for i in range(200)))
            assert len(store) == 200
            assert len(flushed) == 1

    asyncio.run(put())


def test_what_json_cannot_hold_comes_back_too(tmp_path):
    response = Response(logprob=float("-inf"), greedy=False)

    async def put():
        with open_store(tmp_path / "store.db") as store:
            assert await store.put(b"x", "m", response) == response

    asyncio.run(put())


def test_the_first_answer_stays_and_is_what_the_second_writer_gets(tmp_path):
    async def put():
        with open_store(tmp_path / "store.db") as one, open_store(tmp_path / "store.db") as two:
            assert (await one.put(b"x", "m", Response(text="one"))).text == "one"
            assert (await two.put(b"x", "m", Response(text="two"))).text == "one"

    asyncio.run(put())


def test_two_processes_may_share_a_store(tmp_path):
    async def put():
        with open_store(tmp_path / "store.db") as one, open_store(tmp_path / "store.db") as two:
            await asyncio.gather(one.put(b"1", "m", Response(text="1")), two.put(b"2", "m", Response(text="2")))
            assert one.get(b"2") == Response(text="2")
            assert two.get(b"1") == Response(text="1")

    asyncio.run(put())


def test_a_file_that_is_no_store_is_named(tmp_path):
    (tmp_path / "store.db").write_text("not a database, but long enough to be looked at" * 50)
    with (
        pytest.raises(StoreError, match=r"store\.db: file is not a database; move it away"),
        open_store(tmp_path / "store.db"),
    ):
        pass


def test_a_store_of_a_later_version_is_refused(tmp_path):
    connection = sqlite3.connect(tmp_path / "store.db")
    connection.execute(f"PRAGMA user_version = {STORE_VERSION + 1}")
    connection.close()
    with pytest.raises(StoreError, match="written by a later harness"), open_store(tmp_path / "store.db"):
        pass
