"""What looking at attention costs, beside `output_attentions`; and whether shuffled labels are called an effect.

    python benchmarks/attention.py                 # memory and time by length, then by response at 8,192 tokens
    python benchmarks/attention.py --null RUN      # a run's real attention, outcomes shuffled within items
    python benchmarks/attention.py --gpu           # a random model of 7B shape, 4,096 tokens, on a GPU

Every case is a process of its own, so that the peak of its resident memory is its own. Models are random.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from harness_attention.analysis import Analysis
    from harness_attention.measured import Measured

#: 32 heads, as a model of 7B has; narrow, so that weights and activations do not hide what attention takes.
SHAPE = {"hidden_size": 512, "intermediate_size": 512, "num_hidden_layers": 4, "num_attention_heads": 32}
SEVEN_B = {"hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32}
MIB = 2**20
SHUFFLES, LEVEL = 400, 0.05


def model_of(shape: dict[str, int], dtype: str, device: str) -> Any:
    import torch
    import transformers

    torch.manual_seed(0)
    config = transformers.LlamaConfig(
        vocab_size=32000, num_key_value_heads=8, max_position_embeddings=16384, dtype=getattr(torch, dtype), **shape
    )
    with torch.device(device):
        return transformers.AutoModelForCausalLM.from_config(config, dtype=getattr(torch, dtype)).eval()


def spans_for(length: int, response: int) -> list[list[int]]:
    prompt = length - response
    return [list(range(prompt - 40, prompt - 10)), list(range(4, prompt)), list(range(40, 70))]


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MIB


def ours(model: Any, tokens: list[int], start: int, spans: list[list[int]]) -> None:
    from harness_attention.masses import span_masses

    span_masses(model, tokens, start, spans, len(tokens))


def theirs(model: Any, tokens: list[int], start: int, spans: list[list[int]]) -> None:
    """Sum what `output_attentions` gives."""
    import torch

    model.set_attn_implementation("eager")
    with torch.inference_mode():
        told = model.base_model(
            torch.tensor([tokens], device=model.device), output_attentions=True, use_cache=False
        ).attentions
        for weights in told:
            torch.stack([weights[0][:, start:, places].sum(-1) for places in spans], dim=-1)


def case(way: str, length: int, response: int) -> None:
    """Run one case in this process, and print what it took."""
    import torch

    torch.set_num_threads(1)
    model = model_of(SHAPE, "float32", "cpu")
    measure = {"ours": ours, "theirs": theirs}[way]
    tokens = torch.randint(0, 32000, (length,)).tolist()
    measure(model, tokens[:128], 64, spans_for(128, 40))
    before, began = peak(), time.perf_counter()
    measure(model, tokens, length - response, spans_for(length, response))
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "above": peak() - before, "whole": peak()}))


def measured(way: str, length: int, response: int) -> dict[str, float]:
    words = [sys.executable, __file__, "--case", way, str(length), str(response)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def lengths() -> None:
    print("| tokens | response | ours: s | MiB above the model | output_attentions: s | MiB | ratio of memory |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for length in (512, 1024, 2048):
        mine, peer = (measured(way, length, length // 2) for way in ("ours", "theirs"))
        print(
            f"| {length:,} | {length // 2:,} | {mine['seconds']:.2f} | {mine['above']:.0f} | {peer['seconds']:.2f} | "
            f"{peer['above']:,.0f} | {peer['above'] / max(mine['above'], 1):.0f} |",
            flush=True,
        )


def responses() -> None:
    print("\n| tokens | response | s | MiB above the model | whole process, MiB |\n| --- | --- | --- | --- | --- |")
    for response in (256, 1024, 4096):
        found = measured("ours", 8192, response)
        print(
            f"| 8,192 | {response:,} | {found['seconds']:.1f} | {found['above']:.0f} | {found['whole']:.0f} |",
            flush=True,
        )


def shuffled(trials: Sequence[Measured], random: np.random.Generator) -> Iterator[Measured]:
    """Yield the trials of items with both outcomes, outcomes shuffled within each item."""
    from harness_attention.within import mixed_items

    for item in mixed_items(trials, lambda one: one.phases["final"]["lift"]):
        members = [*item.right, *item.wrong]
        for place, other in enumerate(random.permutation(len(members))):
            yield replace(members[place], solved=members[other].solved)


def null(run: Path) -> None:
    """Shuffle the outcomes of a run's own answers again and again, and count what is called an effect."""
    import asyncio

    import numpy as np

    from harness.stats import max_t
    from harness_attention import analyse
    from harness_attention.within import item_means, mixed_items
    from harness_backends import HfOptions
    from harness_tiny import open_tiny

    async def analysis() -> Analysis:
        async with open_tiny("", HfOptions(device="cpu")) as model:
            return analyse(run, model)

    trials = asyncio.run(analysis()).measurement.trials
    print("| arm | items with both outcomes | p < .05, lift | any head with max-T p < .05 |\n| --- | --- | --- | --- |")
    for arm in ("constrained", "placebo"):
        random = np.random.default_rng(0)
        alone = together = items = 0
        for turn in range(SHUFFLES):
            mixed = mixed_items(
                shuffled([one for one in trials if one.arm == arm], random), lambda one: one.phases["final"]["lift"]
            )
            items = len(mixed)
            right, wrong = item_means(mixed, lambda one: one.phases["final"]["lift"])
            heads = item_means(mixed, lambda one: one.heads["lift"].reshape(-1))
            clusters = [item.cluster for item in mixed]
            alone += float(max_t((right - wrong)[:, None], clusters, seed=turn)[0][0]) < LEVEL
            together += float(max_t(heads[0] - heads[1], clusters, seed=turn)[1].min()) < LEVEL
        print(f"| {arm} | {items} | {alone / SHUFFLES:.1%} | {together / SHUFFLES:.1%} |", flush=True)


def gpu() -> None:
    """Measure a random model of 7B shape on a GPU."""
    import torch

    if not torch.cuda.is_available():
        print("no GPU: nothing measured")
        return
    model = model_of(SEVEN_B, "bfloat16", "cuda")
    weights = torch.cuda.memory_allocated() / MIB
    tokens = torch.randint(0, 32000, (4096,)).tolist()
    ours(model, tokens[:128], 64, spans_for(128, 40))
    print(f"{torch.cuda.get_device_name()}, weights {weights:,.0f} MiB, bfloat16")
    print("| tokens | response | s | MiB above the weights |\n| --- | --- | --- | --- |")
    for response in (256, 1024, 2048):
        torch.cuda.reset_peak_memory_stats()
        torch.cuda.synchronize()
        began = time.perf_counter()
        ours(model, tokens, 4096 - response, spans_for(4096, response))
        torch.cuda.synchronize()
        above = torch.cuda.max_memory_allocated() / MIB - weights
        print(f"| 4,096 | {response:,} | {time.perf_counter() - began:.2f} | {above:,.0f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--null", type=Path, metavar="RUN")
    parser.add_argument("--gpu", action="store_true")
    given = parser.parse_args()
    if given.case:
        case(given.case[0], int(given.case[1]), int(given.case[2]))
    elif given.null:
        null(given.null)
    elif given.gpu:
        gpu()
    else:
        lengths()
        responses()


if __name__ == "__main__":
    main()
