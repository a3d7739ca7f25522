"""OpenAI's /responses: sent as it wants it, read as everything after expects it."""

from __future__ import annotations

import pytest

from harness import Message, Prompt, Request, RequestFailed, Sampling
from harness_backends import OpenAIOptions, open_openai

USAGE = {
    "input_tokens": 50,
    "input_tokens_details": {"cached_tokens": 40},
    "output_tokens": 7,
    "output_tokens_details": {"reasoning_tokens": 3},
}


def said(*texts, status="completed", thought="", **more):
    content = [{"type": "output_text", "text": text, "annotations": []} for text in texts]
    output = [{"type": "message", "role": "assistant", "content": content}] if texts else []
    if thought:
        output = [{"type": "reasoning", "summary": [{"type": "summary_text", "text": thought}]}, *output]
    return {"object": "response", "status": status, "error": None, "output": output, "usage": USAGE} | more


def request(kind="generate", **sampling):
    messages = (Message(role="system", content="Be brief."), Message(role="user", content="1+1?"))
    return Request(kind=kind, prompt=Prompt(messages=messages, chat=True), sampling=Sampling(**sampling), draw="b:0")


async def ask(server, one=None, **more):
    settings = {"base_url": server.url, "endpoint": "responses", "backoff": 0.01, "max_retries": 2} | more
    async with open_openai("m", OpenAIOptions(**settings)) as model:
        assert model.identity["endpoint"] == "responses"
        return await model.generate(one or request())


async def test_a_conversation_goes_as_input_and_nothing_is_retained(loopback, reply):
    server = await loopback(lambda n, seen: reply(said("2")))
    answer = await ask(server, request(max_tokens=99, temperature=0.7, top_p=0.9, stop=("x",), extra={"until": ["x"]}))
    assert (answer.text, answer.finish) == ("2", "stop")
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.cached_tokens) == (50, 7, 40)
    (seen,) = server.seen
    assert seen["path"] == "/v1/responses"
    assert seen["body"] == {
        "model": "m",
        "input": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "1+1?"}],
        "max_output_tokens": 99,
        "temperature": 0.7,
        "top_p": 0.9,
        "store": False,
        "stream": False,
    }


@pytest.mark.parametrize(
    ("body", "text", "finish"),
    [
        (said("one\nQ: two"), "one\n", "stop"),
        (said("4", thought="2+2"), "<think>2+2</think>\n\n4", "stop"),
        (said("4 and", status="incomplete", incomplete_details={"reason": "max_output_tokens"}), "4 and", "length"),
        (said(status="incomplete", incomplete_details={"reason": "max_output_tokens"}), "", "length"),
        (
            said(status="incomplete", thought="hm", incomplete_details={"reason": "max_output_tokens"}),
            "<think>hm",
            "length",
        ),
    ],
    ids=["stop string", "summary", "cut", "cut before it spoke", "cut while thinking"],
)
async def test_an_answer_is_read(loopback, reply, body, text, finish):
    server = await loopback(lambda n, seen: reply(body))
    answer = await ask(server, request(stop=("Q:",)))
    assert (answer.text, answer.finish) == (text, finish)


async def test_a_refusal_in_words_is_an_answer_and_a_withheld_one_is_none(loopback, reply):
    refusal = said()
    refusal["output"] = [{"type": "message", "content": [{"type": "refusal", "refusal": "I cannot."}]}]
    withheld = said("ha", status="incomplete", incomplete_details={"reason": "content_filter"})
    server = await loopback(lambda n, seen: reply([refusal, withheld, said()][n - 1]))
    assert (await ask(server)).text == "I cannot."
    with pytest.raises(RequestFailed, match="withheld"):
        await ask(server)
    with pytest.raises(RequestFailed, match="no content"):
        await ask(server)


@pytest.mark.parametrize(
    "fault",
    [
        {"status": "failed", "error": {"code": "server_error", "message": "oops"}},
        {"status": "queued", "output": []},
        {"status": "completed", "output": None},
        {"status": "completed", "output": [{"type": "message", "content": [{"type": "output_text", "text": 5}]}]},
        {"status": "completed", "output": [{"type": "message", "content": ["2"]}]},
        [],
    ],
    ids=["failed", "queued", "no output", "a number", "no object", "a list"],
)
async def test_a_passing_fault_is_tried_again(loopback, reply, fault):
    server = await loopback(lambda n, seen: reply(said("2") if n > 1 else fault))
    assert (await ask(server)).text == "2"
    assert len(server.seen) == 2


async def test_the_likeliest_first_tokens_are_told(loopback, reply):
    body = said("4")
    tops = [{"token": "4", "logprob": -0.1}, {"token": "5", "logprob": -2.5}]
    body["output"][0]["content"][0]["logprobs"] = [{"token": "4", "logprob": -0.1, "top_logprobs": tops}]
    server = await loopback(lambda n, seen: reply(body))
    answer = await ask(server, request(kind="alternatives"), top_logprobs=2)
    assert answer.alternatives == {"4": -0.1, "5": -2.5}
    sent = server.seen[0]["body"]
    assert (sent["top_logprobs"], sent["include"]) == (2, ["message.output_text.logprobs"])
