"""The `openai` backend against a real server: `transformers serve` with a tiny model gives what `hf` gives."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

from harness import Message, Prompt, Request, RequestFailed, Sampling
from harness_backends import HfOptions, OpenAIOptions, open_hf, open_openai

pytest.importorskip("torch")
SECONDS = 90


def serving_is_installed() -> bool:
    from transformers.utils.import_utils import is_serve_available

    return bool(is_serve_available())


@pytest.fixture(scope="module")
def server(llama, tmp_path_factory):
    """The address of the server; it is ended by its process id."""
    if not serving_is_installed():
        pytest.skip("transformers serve needs fastapi, uvicorn, pydantic and openai")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("transformers")), "serve", "--host", "127.0.0.1"]
    log = tmp_path_factory.mktemp("serve") / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--port", str(port), "--device", "cpu", str(llama)],
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "HF_HUB_OFFLINE": "1"},
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/health", process, log)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for(url: str, process: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            pytest.fail(f"transformers serve ended: {log.read_text()[-1000:]}")
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.3)
    pytest.fail(f"transformers serve did not start: {log.read_text()[-1000:]}")


def request(text: str, *, chat: bool, **sampling) -> Request:
    return Request(
        kind="generate",
        prompt=Prompt(messages=(Message(role="user", content=text),), chat=chat),
        sampling=Sampling(max_tokens=12, **sampling),
    )


@pytest.mark.parametrize("chat", [True, False], ids=["chat", "completions"])
async def test_a_real_server_gives_what_the_weights_give(server, llama, chat):
    requests = [request(text, chat=chat) for text in ("Paris", "The quick brown fox", "Q: What is 12 times 11?\nA:")]
    settings = OpenAIOptions(base_url=server, endpoint="chat" if chat else "completions", max_retries=1, timeout=60)
    async with open_openai(str(llama), settings) as model:
        served = await asyncio.gather(*map(model.generate, requests))
    async with open_hf(str(llama), HfOptions(device="cpu", batch_size=1)) as model:
        own = await asyncio.gather(*map(model.generate, requests))
    assert [one.text.strip() for one in served] == [one.text.strip() for one in own]
    assert all(one.usage.completion_tokens for one in served)


async def test_a_real_server_answers_responses(server, llama):
    one = request("The quick brown fox", chat=True)
    settings = {"base_url": server, "max_retries": 1, "timeout": 60}
    async with open_openai(str(llama), OpenAIOptions(endpoint="chat", **settings)) as model:
        chat = await model.generate(replace(one, sampling=Sampling(max_tokens=16)))
    async with open_openai(str(llama), OpenAIOptions(endpoint="responses", omit=("store",), **settings)) as model:
        answer = await model.generate(one)  # 12 tokens wanted, 16 are the least that the protocol takes
    assert answer.text.strip() == chat.text.strip()
    assert answer.usage.completion_tokens


async def test_a_real_servers_refusal_is_told_in_its_words(server, llama):
    async with open_openai(str(llama), OpenAIOptions(base_url=server, max_retries=0, timeout=60)) as model:
        with pytest.raises(RequestFailed, match=r"refuses this request \(4"):
            await model.generate(request("Paris", chat=True, extra={"no_such_field": 1}))
