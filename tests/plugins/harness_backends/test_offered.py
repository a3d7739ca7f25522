"""What the package offers, and that offering it costs nothing."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

import harness_backends
from harness.testing import check_backend

ROOT = Path(__file__).parents[3]
OFFERED = {backend.name: backend for backend in harness_backends.harness_backends()}


def test_four_backends_are_offered():
    assert sorted(OFFERED) == ["anthropic", "hf", "openai", "replay"]


@pytest.mark.parametrize("name", OFFERED)
def test_every_option_says_what_it_is_for_and_can_be_read_from_words(name):
    for option in dataclasses.fields(OFFERED[name].options):
        assert option.metadata["help"]
    assert msgspec.convert({}, OFFERED[name].options) == OFFERED[name].options()


@pytest.mark.parametrize("name", ["openai", "anthropic"])
def test_keys_are_declared_secret(name):
    secret = {f.name for f in dataclasses.fields(OFFERED[name].options) if f.metadata.get("secret")}
    assert secret == {"api_key", "headers"}


def test_offering_imports_nothing_heavy():
    code = (
        "import sys, harness_backends; list(harness_backends.harness_backends()); "
        "print([name for name in ('torch', 'transformers', 'aiohttp', 'numpy') if name in sys.modules])"
    )
    paths = f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / 'plugins')!r}]; "
    done = subprocess.run([sys.executable, "-c", paths + code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_local_weights_keep_the_contract(llama):
    pytest.importorskip("torch")
    await check_backend(OFFERED["hf"], str(llama), harness_backends.HfOptions(device="cpu", max_length=512))


async def test_a_server_keeps_the_contract(loopback, reply):
    answer = {"choices": [{"message": {"content": "2"}, "finish_reason": "stop"}]}
    server = await loopback(lambda n, seen: reply(answer))
    await check_backend(OFFERED["openai"], "m", harness_backends.OpenAIOptions(base_url=server.url))


async def test_a_server_of_the_other_protocol_keeps_the_contract(loopback, reply):
    server = await loopback(lambda n, seen: reply({"content": [{"type": "text", "text": "2"}]}))
    await check_backend(OFFERED["anthropic"], "m", harness_backends.AnthropicOptions(base_url=server.url))


async def test_recordings_keep_the_contract(tmp_path):
    file = tmp_path / "rows.jsonl"
    file.write_text(json.dumps({"prompt": "Question: 1 + 1?\nAnswer:", "text": " 2"}))
    await check_backend(OFFERED["replay"], str(file))
