"""Anthropic's protocol: sent as it wants it, read as everything after expects it, and no key is ever shown."""

from __future__ import annotations

import pytest

from harness import BackendError, Message, Prompt, Request, RequestFailed, Sampling
from harness_backends import AnthropicOptions, open_anthropic

KEY = "sk-ant-very-secret-0123456789"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch):
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def said(text, stop="end_turn", thought=None):
    content = [{"type": "text", "text": text}] if text is not None else []
    if thought is not None:
        content = [{"type": "thinking", "thinking": thought, "signature": "s"}, *content]
    usage = {"input_tokens": 5, "output_tokens": 7, "cache_read_input_tokens": 20, "cache_creation_input_tokens": None}
    return {"type": "message", "role": "assistant", "content": content, "stop_reason": stop, "usage": usage}


def request(text="1+1?", *, chat=True, prefix="", system="Be brief.", **sampling):
    messages = (Message(role="system", content=system), Message(role="user", content=text))
    prompt = Prompt(messages=messages, chat=chat, prefix=prefix)
    return Request(kind="generate", prompt=prompt, sampling=Sampling(**sampling), draw="base:0")


async def ask(server, one=None, **more):
    settings = {"base_url": server.url, "api_key": KEY, "backoff": 0.01, "max_retries": 2, "timeout": 5.0} | more
    async with open_anthropic("m", AnthropicOptions(**settings)) as model:
        assert KEY not in str(model.identity)
        return await model.generate(one or request())


async def test_a_conversation_is_sent_and_its_answer_comes_back(loopback, reply):
    server = await loopback(lambda n, seen: reply(said("2")))
    answer = await ask(server, request(max_tokens=9, stop=("\n\n", "Q:"), prefix="It is ", extra={"do_sample": False}))
    assert (answer.text, answer.finish) == ("2", "stop")
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.cached_tokens) == (25, 7, 20)
    (seen,) = server.seen
    assert seen["path"] == "/v1/messages"
    assert seen["headers"]["x-api-key"] == KEY
    assert seen["headers"]["anthropic-version"] == "2023-06-01"
    assert "authorization" not in seen["headers"]
    assert seen["body"] == {
        "model": "m",
        "system": "Be brief.",
        "messages": [{"role": "user", "content": "1+1?"}, {"role": "assistant", "content": "It is"}],
        "max_tokens": 9,
        "temperature": 0.0,
        "stop_sequences": ["Q:"],
    }


async def test_a_plain_text_is_one_user_message(loopback, reply):
    server = await loopback(lambda n, seen: reply(said("2")))
    await ask(server, request(chat=False, system="Add.\n"))
    assert server.seen[0]["body"]["messages"] == [{"role": "user", "content": "Add.\n1+1?"}]
    assert "system" not in server.seen[0]["body"]


async def test_thinking_has_tokens_of_its_own_and_stands_first_in_tags(loopback, reply):
    server = await loopback(lambda n, seen: reply(said("2", thought="1+1\n\nis")))
    answer = await ask(server, request(max_tokens=10, stop=("\n\n",), prefix="It"), thinking=2000)
    assert answer.text == "<think>1+1\n\nis</think>\n\n2"
    body = server.seen[0]["body"]
    assert body["thinking"] == {"type": "enabled", "budget_tokens": 2000}
    assert body["max_tokens"] == 2010
    assert body["messages"] == [{"role": "user", "content": "1+1?"}]
    assert "temperature" not in body


@pytest.mark.parametrize(
    ("body", "text", "finish"),
    [
        (said("one\n\ntwo", "max_tokens"), "one", "stop"),
        (said("half", "max_tokens"), "half", "length"),
        (said("half", "model_context_window_exceeded"), "half", "length"),
        (said("4", "stop_sequence"), "4", "stop"),
        (said(None), "", "stop"),
        (said(None, "max_tokens", thought="hm"), "<think>hm", "length"),
    ],
)
async def test_an_answer_is_read(loopback, reply, body, text, finish):
    server = await loopback(lambda n, seen: reply(body))
    answer = await ask(server, request(stop=("\n\n",)))
    assert (answer.text, answer.finish) == (text, finish)


@pytest.mark.parametrize("stop", ["refusal", "tool_use", "pause_turn"])
async def test_no_whole_answer_fails_and_is_not_asked_again(loopback, reply, stop):
    server = await loopback(lambda n, seen: reply(said("ha", stop)))
    with pytest.raises(RequestFailed, match=stop):
        await ask(server)
    assert len(server.seen) == 1


OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}


@pytest.mark.parametrize(
    "fault",
    [
        {"body": OVERLOADED, "status": 529},
        {"body": OVERLOADED},
        {
            "body": {"type": "error", "error": {"type": "rate_limit_error"}},
            "status": 429,
            "headers": {"retry-after": "0"},
        },
        {"body": {"content": [{"text": "2"}]}},
        {"body": {"content": [{"type": "text", "text": 2}], "stop_reason": "end_turn"}},
        {"body": {"content": "2"}},
        {"body": [1]},
        {"body": b'{"content": "\xff'},
    ],
    ids=["529", "overloaded in a 200", "429", "no type", "a number", "no blocks", "a list", "no JSON"],
)
async def test_a_passing_fault_is_tried_again(loopback, reply, fault):
    server = await loopback(lambda n, seen: reply(said("2")) if n > 1 else reply(**fault))
    assert (await ask(server)).text == "2"
    assert len(server.seen) == 2


@pytest.mark.parametrize(
    ("status", "kind", "message"),
    [
        (401, "authentication_error", f"invalid x-api-key {KEY}"),
        (403, "permission_error", "no"),
        (400, "invalid_request_error", "Your credit balance is too low to access the API."),
    ],
)
async def test_a_refused_key_ends_the_run_and_is_not_shown(loopback, reply, status, kind, message):
    body = {"type": "error", "error": {"type": kind, "message": message}}
    server = await loopback(lambda n, seen: reply(body, status))
    with pytest.raises(BackendError, match="ANTHROPIC_API_KEY") as caught:
        await ask(server)
    assert KEY not in str(caught.value)
    assert len(server.seen) == 1


async def test_what_cannot_be_right_is_told_before_the_first_request():
    for name, settings, words in [("", {}, "which model"), ("m", {}, "ANTHROPIC_API_KEY")]:
        with pytest.raises(BackendError, match=words):
            async with open_anthropic(name, AnthropicOptions(**settings)):
                pass
    with pytest.raises(ValueError, match="at least 1024"):
        AnthropicOptions(thinking=100)
    with pytest.raises(ValueError, match="timeout"):
        AnthropicOptions(timeout=0)


async def test_log_likelihoods_are_refused_by_name(loopback, reply):
    server = await loopback(lambda n, seen: reply(said("2")))
    async with open_anthropic("m", AnthropicOptions(base_url=server.url)) as model:
        assert model.can == {"generate"}
        with pytest.raises(BackendError, match="no log-probabilities"):
            await model.loglikelihood(request())
