"""Tiny random models with a real tokenizer, made once a session; and a real HTTP server on the loopback."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

TEXTS = [
    "Question: Tom has 3 apples and buys 4 more. How many apples has he now?\nAnswer: 3 + 4 = 7\n\n",
    "The quick brown fox jumps over the lazy dog. Paris is the capital of France, Rome of Italy.\n",
    "Q: What is 12 times 11?\nA: Let's think step by step. 12 * 11 = 132. The answer is 132.\n\n",
]
TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'system' and refuse_system is defined %}"
    "{{ raise_exception('no system here') }}{% endif %}<|{{ m['role'] }}|>{{ m['content'] }}"
    "{% if not loop.last or m['role'] != 'assistant' %}\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def saved_tokenizer(folder: Path, *, bos: bool, template: bool) -> int:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    bare = Tokenizer(models.BPE())
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<s>", "</s>", "<pad>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bare.train_from_iterator(TEXTS * 3, trainer)
    if bos:
        bare.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=bare, bos_token="<s>" if bos else None, eos_token="</s>", pad_token="<pad>"
    )
    if template:
        fast.chat_template = TEMPLATE
    fast.save_pretrained(folder)
    return len(fast)


@pytest.fixture(scope="session")
def save_tokenizer():
    """Saves a small tokenizer into a folder, and returns how many words it has."""
    return saved_tokenizer


@pytest.fixture(scope="session")
def llama(tmp_path_factory) -> Path:
    """A Llama that puts a first token, with a chat template and a context of 96 tokens."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    folder = tmp_path_factory.mktemp("models") / "tiny-llama"
    words = saved_tokenizer(folder, bos=True, template=True)
    torch.manual_seed(1)
    config = LlamaConfig(
        vocab_size=words,
        hidden_size=48,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=96,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=2,
        initializer_range=0.4,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def qwen(tmp_path_factory) -> Path:
    """A Qwen2 without a first token and without a chat template, whose configuration says how to draw."""
    import torch
    from transformers import GenerationConfig, Qwen2Config, Qwen2ForCausalLM

    folder = tmp_path_factory.mktemp("models") / "tiny-qwen"
    words = saved_tokenizer(folder, bos=False, template=False)
    torch.manual_seed(2)
    config = Qwen2Config(
        vocab_size=words,
        hidden_size=48,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=128,
        bos_token_id=None,
        eos_token_id=1,
        pad_token_id=2,
        tie_word_embeddings=True,
        initializer_range=0.4,
    )
    model = Qwen2ForCausalLM(config)
    model.generation_config = GenerationConfig(
        eos_token_id=[1, 5],
        pad_token_id=2,
        do_sample=True,
        temperature=0.7,
        top_k=20,
        top_p=0.8,
        repetition_penalty=1.1,
    )
    model.save_pretrained(folder)
    return folder


@dataclass
class Reply:
    """What the loopback server does with one request."""

    body: object = None
    status: int = 200
    headers: dict = field(default_factory=dict)
    #: Seconds before it answers.
    delay: float = 0.0
    #: Bytes of the body that are sent before the connection is broken.
    break_after: int | None = None


@dataclass
class Loopback:
    """A real HTTP server on 127.0.0.1; `script` says what to do with the n-th request."""

    script: object
    url: str = ""
    seen: list = field(default_factory=list)
    busy: int = 0
    busiest: int = 0
    connections: int = 0

    async def serve(self, reader, writer):
        self.connections += 1
        try:
            while await self.one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def one(self, reader, writer) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head[1:] if line)}
        body = json.loads(await reader.readexactly(int(headers["content-length"])))
        self.seen.append({"path": head[0].split()[1], "headers": headers, "body": body, "at": time.monotonic()})
        self.busy += 1
        self.busiest = max(self.busy, self.busiest)
        try:
            reply = self.script(len(self.seen), self.seen[-1])
            await asyncio.sleep(reply.delay)
        finally:
            self.busy -= 1
        data = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        lines = [f"HTTP/1.1 {reply.status} X", f"content-length: {len(data)}"]
        lines += [f"{name}: {value}" for name, value in reply.headers.items()]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + data[: reply.break_after])
        await writer.drain()
        return reply.break_after is None


@pytest.fixture
async def loopback():
    """Starts servers; `await loopback(script)` gives one."""
    servers = []

    async def start(script) -> Loopback:
        one = Loopback(script)
        server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
        servers.append(server)
        one.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        return one

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def reply():
    return Reply
