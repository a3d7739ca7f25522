"""Tokens per second of the local engine beside lm-eval's `hf` and plain `generate`, in the shape of GSM8K, 5 examples.

    python benchmarks/engine.py [--docs N] [--batches 1,8,32,auto] [--repeats N] [--size small|1b|8b] [--device cuda]

A random Llama, five worked examples of about 100 tokens before every question, greedy answers of a fixed length.
All three get the same prompts and must give the same texts (in float32); the sides take turns, and the median of the
repeats counts. Loading is left out on all sides. `auto` of plain `generate`, which has none, is a batch of 32.
On a CPU the ratios are of CPU seconds, which neighbours on the machine change little; tokens per second are of the
clock.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness import Message, Prompt, Request, Sampling
from harness_backends import HfOptions, open_hf
from harness_tiny import WEIGHTS

#: Random Llamas: a few million parameters for a CPU, real sizes for a GPU.
SIZES = {
    "small": {"hidden": 192, "layers": 4, "heads": 6, "groups": 2, "inner": 512, "words": 1000},
    "1b": {"hidden": 2048, "layers": 16, "heads": 32, "groups": 8, "inner": 8192, "words": 32000},
    "8b": {"hidden": 4096, "layers": 32, "heads": 32, "groups": 8, "inner": 14336, "words": 128000},
}
CONTEXT = 1024
STOPS = ("Question:", "</s>", "<|im_end|>")
NAMES = ("Natalia", "Weng", "Betty", "Julie", "James", "Mark", "Albert", "Ken", "Alexis", "Tina")
THINGS = ("clips", "stamps", "books", "pages", "letters", "flowers", "pizzas", "boxes", "dresses", "hours")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What all sides are given."""

    folder: Path
    prompts: Sequence[str]
    tokens: int
    device: str
    dtype: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """Seconds by the clock and of CPU."""

    clock: float
    cpu: float

    def __sub__(self, other: Took) -> Took:
        return Took(clock=self.clock - other.clock, cpu=self.cpu - other.cpu)


def now() -> Took:
    """Return what both clocks show."""
    return Took(clock=time.perf_counter(), cpu=time.process_time())


def problem(chance: random.Random) -> tuple[str, str]:
    """Return a question and its worked answer."""
    name, thing = chance.choice(NAMES), chance.choice(THINGS)
    first, times, given = chance.randint(11, 99), chance.randint(2, 9), chance.randint(2, 10)
    question = f"{name} had {first} {thing}, bought {times} times as many, and gave {given} away. How many are left?"
    more = first * times
    answer = (
        f"{name} bought {first} * {times} = {more} {thing}. Together {first} + {more} = {first + more}. "
        f"{first + more} - {given} = {first + more - given} are left.\n#### {first + more - given}"
    )
    return question, answer


def prompts(docs: int) -> list[str]:
    """Return questions after five worked examples."""
    chance = random.Random(7)
    shots = "".join(f"Question: {question}\nAnswer: {answer}\n\n" for question, answer in map(problem, [chance] * 5))
    return [f"{shots}Question: {problem(chance)[0]}\nAnswer:" for _ in range(docs)]


def save_model(folder: Path, size: str, dtype: str) -> int:
    """Save a random Llama with the tokenizer of the embedded model; returns its parameters."""
    import torch
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    shape = SIZES[size]
    AutoTokenizer.from_pretrained(WEIGHTS).save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=shape["words"],
        hidden_size=shape["hidden"],
        intermediate_size=shape["inner"],
        num_hidden_layers=shape["layers"],
        num_attention_heads=shape["heads"],
        num_key_value_heads=shape["groups"],
        max_position_embeddings=CONTEXT,
        bos_token_id=None,
        eos_token_id=0,
        pad_token_id=1,
        initializer_range=0.08 if size == "small" else 0.02,
        dtype=dtype,
    )
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        model = LlamaForCausalLM(config)
    model.generation_config.eos_token_id = None  # every answer takes all its tokens
    model.to(getattr(torch, dtype)).save_pretrained(folder)
    return sum(one.numel() for one in model.parameters())


def ours(given: Setting, batch: int | str) -> tuple[Took, list[str]]:
    """Return what this engine takes, and its texts."""

    async def answered() -> tuple[Took, list[str]]:
        options = HfOptions(device=given.device, dtype=given.dtype, batch_size=batch)
        async with open_hf(str(given.folder), options) as model:
            places = asyncio.Semaphore(model.concurrency)

            async def one(text: str) -> str:
                prompt = Prompt(messages=(Message(role="user", content=text),))
                async with places:
                    sampling = Sampling(max_tokens=given.tokens, stop=STOPS)
                    return (await model.generate(Request(kind="generate", prompt=prompt, sampling=sampling))).text

            start = now()
            texts = await asyncio.gather(*map(one, given.prompts))
            return now() - start, list(texts)

    return asyncio.run(answered())


def lm_eval(given: Setting, batch: int | str) -> tuple[Took, list[str]]:
    """Return what lm-eval's `hf` takes, and its texts."""
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM

    model = HFLM(pretrained=str(given.folder), device=given.device, dtype=given.dtype, batch_size=batch)
    settings = {"until": list(STOPS), "do_sample": False, "max_gen_toks": given.tokens}
    asked = [
        Instance(request_type="generate_until", doc={}, arguments=(text, settings), idx=0) for text in given.prompts
    ]
    start = now()
    texts = model.generate_until(asked, disable_tqdm=True)
    return now() - start, texts


def plain(given: Setting, batch: int | str) -> tuple[Took, list[str]]:
    """Return what `generate` takes, batch after batch, sorted by length, and its texts."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(given.folder, padding_side="left")
    model = AutoModelForCausalLM.from_pretrained(given.folder, dtype=getattr(torch, given.dtype)).to(given.device)
    size = 32 if batch == "auto" else int(batch)
    order = sorted(range(len(given.prompts)), key=lambda at: -len(given.prompts[at]))
    texts = [""] * len(order)
    start = now()
    with torch.inference_mode():
        for first in range(0, len(order), size):
            places = order[first : first + size]
            encoded = tokenizer([given.prompts[at] for at in places], return_tensors="pt", padding=True)
            kept = {name: encoded[name].to(given.device) for name in ("input_ids", "attention_mask")}
            found: Any = model.generate(**kept, max_new_tokens=given.tokens, do_sample=False, pad_token_id=1)
            new = tokenizer.batch_decode(found[:, kept["input_ids"].shape[1] :], skip_special_tokens=True)
            texts = [new[places.index(at)] if at in places else text for at, text in enumerate(texts)]
    return now() - start, [cut(text) for text in texts]


def cut(text: str) -> str:
    """Return a text up to its first stop, as the other sides have it."""
    for stop in STOPS:
        text = text.split(stop, maxsplit=1)[0]
    return text


SIDES: dict[str, Callable[[Setting, int | str], tuple[Took, list[str]]]] = {
    "lm-eval hf": lm_eval,
    "generate": plain,
    "harness hf": ours,
}


def compared(given: Setting, batch: int | str, repeats: int) -> dict[str, Took]:
    """Return the median seconds of each side; say so where their texts differ."""
    took: dict[str, list[Took]] = {name: [] for name in SIDES}
    texts: dict[str, list[str]] = {}
    for _ in range(repeats):
        for name, side in SIDES.items():
            with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
                seconds, texts[name] = side(given, batch)
            took[name].append(seconds)
    for name, found in texts.items():
        same = sum(one == other for one, other in zip(found, texts["harness hf"], strict=True))
        if same < len(found):
            print(f"  batch {batch}: {same} of {len(found)} texts of {name} are ours")
    return {
        name: Took(clock=statistics.median(one.clock for one in some), cpu=statistics.median(one.cpu for one in some))
        for name, some in took.items()
    }


def line(word: str, took: dict[str, Took], tokens: int, *, on_cpu: bool) -> str:
    """Return a line of the table."""
    theirs, bare, own = (took[name] for name in SIDES)
    rates = " | ".join(f"{tokens / one.clock:.0f}" for one in (theirs, bare, own))
    ratios = (one.cpu / own.cpu if on_cpu else one.clock / own.clock for one in (theirs, bare))
    return f"| {word} | {rates} | " + " | ".join(f"{ratio:.1f}" for ratio in ratios) + " |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--docs", type=int, default=256)
    parser.add_argument("--tokens", type=int, default=32, help="of each answer")
    parser.add_argument("--batches", default="1,8,32,auto")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", default="float32")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        parameters = save_model(Path(place), given.size, given.dtype)
        setting = Setting(
            folder=Path(place),
            prompts=prompts(given.docs),
            tokens=given.tokens,
            device=given.device,
            dtype=given.dtype,
        )
        print(
            f"{parameters / 1e6:.1f} M parameters, {given.docs} documents, {given.tokens} new tokens, "
            f"medians of {given.repeats}"
        )
        print("\n| batch | lm-eval hf, tokens/s | generate | harness hf | over lm-eval | over generate |")
        print("| --- | --- | --- | --- | --- | --- |", flush=True)
        for word in given.batches.split(","):
            took = compared(setting, word if word == "auto" else int(word), given.repeats)
            print(line(word, took, given.tokens * given.docs, on_cpu=given.device == "cpu"), flush=True)


if __name__ == "__main__":
    main()
