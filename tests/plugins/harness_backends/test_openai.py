"""A server's faults are retried or told, never taken for an answer; and no key is ever shown."""

from __future__ import annotations

import asyncio
import email.utils
import time

import pytest

from harness import BackendError, Message, Prompt, Request, RequestFailed, Sampling
from harness_backends.openai import OpenAIOptions, open_openai

KEY = "sk-very-secret-0123456789"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def request(text="1+1?", *, chat=False, prefix="", system="", draw="base:0", seed=0, kind="generate", **sampling):
    messages = (Message(role="user", content=text),)
    if system:
        messages = (Message(role="system", content=system), *messages)
    prompt = Prompt(messages=messages, chat=chat, prefix=prefix)
    return Request(kind=kind, prompt=prompt, sampling=Sampling(**sampling), draw=draw, seed=seed)


def said(text, finish="stop", **more):
    message = {"role": "assistant", "content": text, **more}
    return {
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 7},
    }


def options(server, **more):
    settings = {"base_url": server.url, "api_key": KEY, "backoff": 0.01, "max_retries": 3, "timeout": 5.0} | more
    return OpenAIOptions(**settings)


async def ask(server, one=None, **more):
    async with open_openai("m", options(server, **more)) as model:
        return await model.generate(one or request())


async def test_a_chat_is_sent_as_it_is_and_its_answer_comes_back(loopback, reply):
    server = await loopback(lambda n, seen: reply(said("2")))
    answer = await ask(server, request(system="Be brief.", chat=True, max_tokens=9))
    assert (answer.text, answer.finish) == ("2", "stop")
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (5, 7)
    (seen,) = server.seen
    assert seen["path"] == "/v1/chat/completions"
    assert seen["headers"]["authorization"] == f"Bearer {KEY}"
    assert seen["body"] == {
        "model": "m",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "1+1?"}],
        "max_tokens": 9,
        "temperature": 0.0,
    }


async def test_a_plain_text_is_one_user_message_or_raw_text_by_choice(loopback, reply):
    def script(n, seen):
        return reply(
            {"choices": [{"text": " 2", "finish_reason": "length"}]} if "prompt" in seen["body"] else said("2")
        )

    server = await loopback(script)
    plain = request("Q: 1+1?\nA:", system="Add.\n")
    assert (await ask(server, plain)).text == "2"
    raw = await ask(server, plain, endpoint="completions")
    assert (raw.text, raw.finish, raw.usage.prompt_tokens) == (" 2", "length", None)
    first, second = server.seen
    assert first["body"]["messages"] == [{"role": "user", "content": "Add.\nQ: 1+1?\nA:"}]
    assert second["path"] == "/v1/completions"
    assert second["body"]["prompt"] == "Add.\nQ: 1+1?\nA:"
    with pytest.raises(BackendError, match="endpoint=chat"):
        await ask(server, request(chat=True), endpoint="completions")


async def test_settings_reach_the_server_under_the_names_it_wants(loopback, reply):
    server = await loopback(lambda n, seen: reply(said("2")))
    drawn = {"temperature": 0.7, "top_p": 0.9, "extra": {"min_p": 0.1, "do_sample": True}, "max_tokens": 3}
    for draw in ("base:0", "base:1"):
        await ask(
            server,
            request(draw=draw, stop=tuple("abcdef"), **drawn),
            max_tokens_field="max_completion_tokens",
            extra_body={"enable": 1},
        )
    await ask(server, request(**drawn), omit=("temperature", "seed"))
    await ask(server, request(chat=True, prefix="Sure"), continue_final_message=True)
    first, second, third, fourth = [seen["body"] for seen in server.seen]
    assert first["max_completion_tokens"] == 3
    assert "max_tokens" not in first
    assert (first["temperature"], first["top_p"], first["min_p"], first["enable"]) == (0.7, 0.9, 0.1, 1)
    assert "do_sample" not in first
    assert first["stop"] == list("abcd")
    assert first["seed"] != second["seed"]
    assert not {"temperature", "seed"} & set(third)
    assert fourth["messages"][-1] == {"role": "assistant", "content": "Sure"}
    assert fourth["continue_final_message"] is True


async def test_the_text_ends_before_the_first_of_all_stops_however_many_the_server_takes(loopback, reply):
    server = await loopback(lambda n, seen: reply(said("one\nQ: two\n\nthree", "length")))
    answer = await ask(server, request(stop=("a", "b", "c", "d", "\n\n", "Q:")))
    assert answer.text == "one\n"
    assert answer.finish == "stop"


async def test_reasoning_that_came_apart_stands_first_in_think_tags(loopback, reply):
    thoughts = [
        said("4", reasoning_content="2+2\n\nso"),
        said("4", reasoning="hm"),
        said("", "length", reasoning_content="long"),
        said([{"type": "thinking", "thinking": []}, {"type": "text", "text": "4"}]),
    ]
    server = await loopback(lambda n, seen: reply(thoughts[n - 1]))
    texts = [(await ask(server, request(stop=("\n\n",)))).text for _ in thoughts]
    assert texts == ["<think>2+2\n\nso</think>\n\n4", "<think>hm</think>\n\n4", "<think>long", "4"]


async def test_an_empty_answer_is_an_answer_only_where_the_server_says_so(loopback, reply):
    server = await loopback(lambda n, seen: reply([said(""), said(None, "length")][n - 1]))
    assert (await ask(server)).text == ""
    cut = await ask(server)
    assert (cut.text, cut.finish) == ("", "length")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (said(None), "no content"),
        (said(None, "tool_calls"), "no content"),
        (said("half", "content_filter"), "withheld"),
        (said("", "content_filter"), "withheld"),
    ],
)
async def test_a_withheld_answer_fails_and_is_not_asked_again(loopback, reply, body, words):
    server = await loopback(lambda n, seen: reply(body))
    with pytest.raises(RequestFailed, match=words):
        await ask(server)
    assert len(server.seen) == 1


FAULTS = {
    "429": {"body": {"error": {"message": "slow down"}}, "status": 429},
    "500": {"body": b"oops", "status": 500},
    "503": {"body": b"", "status": 503},
    "408": {"body": {}, "status": 408},
    "truncated": {"body": b'{"choices": [{"mess'},
    "reset in the body": {"body": said("2"), "break_after": 20},
    "reset before the body": {"body": said("2"), "break_after": 0},
    "wrong schema": {"body": {"hello": "world"}},
    "no choices": {"body": {"choices": []}},
    "choices of another kind": {"body": {"choices": [{"delta": {}}]}},
    "a number": {"body": {"choices": [{"message": {"content": 5}}]}},
    "a list": {"body": [1, 2]},
    "not UTF-8": {"body": b'{"choices": "\xff\xfe"}'},
    "an error in a 200": {"body": {"error": {"message": "overloaded", "code": 502}}},
    "broken off": {"body": said("2", "error")},
    "hang": {"body": said("late"), "delay": 2.0},
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_passing_fault_is_tried_again(loopback, reply, fault):
    server = await loopback(lambda n, seen: reply(said("2")) if n > 2 else reply(**FAULTS[fault]))
    answer = await ask(server, timeout=0.2 if fault == "hang" else 5.0)
    assert answer.text == "2"
    assert len(server.seen) == 3


@pytest.mark.parametrize("fault", ["429", "truncated", "wrong schema", "hang", "reset in the body"])
async def test_a_lasting_fault_fails_the_request_with_its_reason(loopback, reply, fault):
    server = await loopback(lambda n, seen: reply(**FAULTS[fault]))
    with pytest.raises(RequestFailed, match="failed 3 times, last: ") as caught:
        await ask(server, max_retries=2, timeout=0.1 if fault == "hang" else 5.0)
    assert len(server.seen) == 3
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("form", ["seconds", "date", "milliseconds"])
async def test_the_wait_the_server_asks_for_is_kept(loopback, reply, form):
    def script(n, seen):
        if n > 1:
            return reply(said("2"))
        date = email.utils.formatdate(time.time() + 2.0, usegmt=True)
        headers = {
            "seconds": {"Retry-After": "1"},
            "date": {"Retry-After": date},
            "milliseconds": {"retry-after-ms": "900"},
        }
        return reply({}, 429, headers[form])

    server = await loopback(script)
    assert (await ask(server, backoff=0.001)).text == "2"
    first, second = server.seen
    assert 0.85 < second["at"] - first["at"] < 3.0


async def test_a_wait_of_hours_is_not_sat_out(loopback, reply):
    server = await loopback(lambda n, seen: reply({}, 429, {"Retry-After": "7200"}))
    with pytest.raises(RequestFailed, match="7,200 s"):
        await ask(server)


@pytest.mark.parametrize("status", [400, 413, 422])
async def test_a_refused_request_fails_at_once_with_the_servers_words(loopback, reply, status):
    message = f"This model's maximum context length is 8 tokens. key={KEY} " + "x" * 1000
    server = await loopback(lambda n, seen: reply({"error": {"message": message}}, status))
    with pytest.raises(RequestFailed, match="maximum context length") as caught:
        await ask(server)
    assert len(server.seen) == 1
    assert KEY not in str(caught.value)
    assert len(str(caught.value)) < 450


QUOTED = 'other "quoted" \\secret'


@pytest.mark.parametrize("before", ["", "x" * 250, "x" * 290])
@pytest.mark.parametrize("secret", [KEY, QUOTED])
@pytest.mark.parametrize("place", ["finish_reason", "error in a 200", "detail", "html"])
async def test_a_key_is_not_shown_wherever_a_server_repeats_it(loopback, reply, place, secret, before):
    told = before + secret
    status, body = {
        "finish_reason": (200, {"choices": [{"message": {"content": None}, "finish_reason": told}]}),
        "error in a 200": (200, {"error": {"code": 400, "reason": told, "headers": [told, {told: told}]}}),
        "detail": (400, {"detail": {"input": told}}),
        "html": (422, f"<html>{told}</html>".encode()),
    }[place]
    server = await loopback(lambda n, seen: reply(body, status))
    with pytest.raises(RequestFailed) as caught:
        await ask(server, headers={"x-other": QUOTED})
    assert not any(part in str(caught.value) for part in (KEY[:8], QUOTED[:8]))
    assert len(str(caught.value)) < 450


async def test_a_model_that_is_not_there_ends_the_run(loopback, reply):
    server = await loopback(lambda n, seen: reply({"error": {"message": "no such model"}}, 404))
    with pytest.raises(BackendError, match="no such model; check base_url and the name of the model"):
        await ask(server)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {"error": {"message": f"Incorrect API key provided: {KEY}"}}),
        (403, {"detail": "no"}),
        (429, {"error": {"message": "pay", "code": "insufficient_quota", "type": "insufficient_quota"}}),
    ],
)
async def test_a_refused_key_ends_the_run_and_is_not_shown(loopback, reply, status, body):
    server = await loopback(lambda n, seen: reply(body, status))
    if status == 429:
        body["error"]["message"] = "insufficient_quota: pay"
    with pytest.raises(BackendError, match="OPENAI_API_KEY") as caught:
        await ask(server)
    assert KEY not in str(caught.value)
    assert len(server.seen) == 1


async def test_a_server_that_is_not_there_ends_the_run(loopback, reply):
    server = await loopback(lambda n, seen: reply(said("2")))
    server.url = "http://127.0.0.1:1/v1"
    with pytest.raises(BackendError, match="is the server running"):
        await ask(server, max_retries=1)


async def test_requests_run_at_once_over_one_pool(loopback, reply):
    server = await loopback(lambda n, seen: reply(said(seen["body"]["messages"][0]["content"]), delay=0.05))
    async with open_openai("m", options(server, concurrency=64, adaptive=False)) as model:
        assert model.concurrency == 64
        texts = [str(n) for n in range(128)]
        answers = await asyncio.gather(*(model.generate(request(text)) for text in texts[:64]))
        answers += await asyncio.gather(*(model.generate(request(text)) for text in texts[64:]))
    assert [answer.text for answer in answers] == texts
    assert server.busiest >= 48
    assert server.connections <= 64


async def test_many_faults_at_once_lose_nothing_and_ask_nothing_twice(loopback, reply):
    faults = [fault for name, fault in FAULTS.items() if name != "hang"]

    def script(n, seen):
        return reply(said(seen["body"]["messages"][0]["content"])) if n % 3 else reply(**faults[n % len(faults)])

    server = await loopback(script)
    async with open_openai("m", options(server, max_retries=12, backoff=0.002)) as model:
        answers = await asyncio.gather(*(model.generate(request(str(n))) for n in range(100)), return_exceptions=True)
    assert [getattr(answer, "text", answer) for answer in answers] == [str(n) for n in range(100)]
    assert 100 < len(server.seen) < 300


async def test_the_identity_holds_no_secret_and_tells_models_apart(loopback, reply):
    async with open_openai(
        "m",
        OpenAIOptions(base_url="http://me:pass-word@host:8000/v1/chat/completions?key=abcdef", api_key=KEY),
    ) as model:
        shown = dict(model.identity)
        assert model.can == {"generate"}
        assert not model.deterministic
    assert shown == {"backend": "openai", "model": "m", "server": "http://host:8000/v1", "endpoint": "chat"}


@pytest.mark.parametrize(
    ("name", "settings", "words"),
    [
        ("", {}, "which model"),
        ("m", {}, "OPENAI_API_KEY"),
        ("m", {"base_url": "host:8000"}, "http"),
        ("m", {"base_url": "http://host", "api_key": "sk-\u00e9-secret"}, "authorization"),
        ("m", {"base_url": "http://host", "headers": {"x": "a\nb-secret"}}, "'x'"),
    ],
)
async def test_what_cannot_be_right_is_told_before_the_first_request(name, settings, words):
    with pytest.raises(BackendError, match=words) as caught:
        async with open_openai(name, OpenAIOptions(**settings)):
            pass
    assert "secret" not in str(caught.value)


async def test_the_environment_gives_server_and_key(loopback, reply, monkeypatch):
    server = await loopback(lambda n, seen: reply(said("2")))
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    async with open_openai("m", OpenAIOptions()) as model:
        assert (await model.generate(request())).text == "2"
    assert server.seen[0]["headers"]["authorization"] == f"Bearer {KEY}"


async def test_log_likelihoods_come_from_an_echoed_prompt(loopback, reply):
    logprobs = {
        "tokens": ["Par", "is", " is", " nice", "!"],
        "token_logprobs": [None, -0.5, -1.0, -2.0, -9.0],
        "text_offset": [0, 3, 5, 8, 13],
        "top_logprobs": [None, {"is": -0.5}, {" is": -1.0}, {" big": -0.1}, {"!": -9.0}],
    }
    body = {"choices": [{"text": "Paris is nice!", "logprobs": logprobs}], "usage": {"prompt_tokens": 4}}
    server = await loopback(lambda n, seen: reply(body))
    settings = {"endpoint": "completions", "logprobs": True}

    def weigh(context, continuation):
        prompt = Prompt(messages=(Message(role="user", content=context),))
        return Request(kind="loglikelihood", prompt=prompt, continuation=continuation)

    async with open_openai("m", options(server, **settings)) as model:
        assert model.can == {"generate", "loglikelihood"}
        answer = await model.loglikelihood(weigh("Paris ", "is nice"))
        assert (answer.logprob, answer.greedy) == (-3.0, False)
        assert (await model.loglikelihood(weigh("Par", "is is nice"))).logprob == -3.5
        with pytest.raises(RequestFailed, match="without a context"):
            await model.loglikelihood(weigh("", "Paris"))
    assert server.seen[0]["body"]["prompt"] == "Paris is nice"
    assert server.seen[0]["body"]["echo"] is True
    async with open_openai("m", options(server)) as model:
        with pytest.raises(BackendError, match="logprobs=true"):
            await model.loglikelihood(weigh("Paris", " is"))


@pytest.mark.parametrize(
    "settings",
    [{"timeout": 0}, {"max_retries": -1}, {"concurrency": 0}, {"deadline": 0}, {"hedge": -1}, {"logprobs": True}],
    ids=str,
)
def test_options_that_cannot_be_are_refused(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        OpenAIOptions(**settings)


async def test_a_request_on_a_dead_connection_is_sent_again_beside_itself(loopback, reply):
    server = await loopback(lambda n, seen: reply(said(str(n)), delay=20.0 if n == 3 else 0.0))
    async with open_openai("m", options(server, hedge=0.2, timeout=10.0)) as model:
        texts = [(await model.generate(request(str(n)))).text for n in range(3)]
    assert texts == ["1", "2", "4"]
    assert len(server.seen) == 4
    assert [seen["body"]["messages"][0]["content"] for seen in server.seen[2:]] == ["2", "2"]


@pytest.mark.parametrize("fault", ["reset before the body", "503"])
async def test_of_two_that_are_under_way_the_good_one_wins(loopback, reply, fault):
    def script(n, seen):
        return reply(said("late"), delay=0.5) if n == 1 else reply(**FAULTS[fault])

    server = await loopback(script)
    async with open_openai("m", options(server, hedge=0.1, max_retries=0)) as model:
        assert (await model.generate(request())).text == "late"
    assert len(server.seen) == 2


async def test_a_slow_server_is_not_asked_everything_twice(loopback, reply):
    server = await loopback(lambda n, seen: reply(said("2"), delay=0.3))
    async with open_openai("m", options(server, hedge=0.05)) as model:
        await asyncio.gather(*(model.generate(request(str(n))) for n in range(60)))
    assert 60 <= len(server.seen) <= 64


async def test_a_deadline_ends_a_request_that_never_succeeds(loopback, reply):
    server = await loopback(lambda n, seen: reply({}, 500))
    start = time.monotonic()
    with pytest.raises(RequestFailed, match="last: 500"):
        await ask(server, deadline=0.5, max_retries=1000, backoff=0.05)
    assert time.monotonic() - start < 3
    assert 2 < len(server.seen) < 50


async def test_a_huge_answer_is_not_read_to_its_end(loopback, reply):
    server = await loopback(lambda n, seen: reply(b"x" * (65 * 1024 * 1024)))
    with pytest.raises(RequestFailed, match="longer than"):
        await ask(server)
    assert len(server.seen) == 1


async def test_a_caller_that_is_cancelled_leaves_the_pool_whole(loopback, reply):
    server = await loopback(lambda n, seen: reply(said("2"), delay=1.0 if n == 1 else 0.0))
    async with open_openai("m", options(server)) as model:
        task = asyncio.create_task(model.generate(request()))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await model.generate(request())).text == "2"
