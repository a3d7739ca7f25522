"""Train the model that ships in `weights/`: `python -m harness_tiny.train --output DIR`.

Samples are drawn by number, so a run never sees one twice and is repeated by its seed alone (up to the rounding of
the machine's own matrix products). The figures reached and the time taken stand in `weights/README.md`.
"""

from __future__ import annotations

import argparse
import itertools
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness_tiny.evaluate import report
from harness_tiny.generator import sample
from harness_tiny.tokenizer import END, PAD, SIZE, trained_tokenizer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.synchronize import Barrier

    import torch
    from tokenizers import Tokenizer
    from transformers import LlamaForCausalLM

STEPS = 2800
BATCH_TOKENS = 3000  # of one worker
CHUNK = 6000  # samples that are sorted by length together
LONGEST = 400
MATRIX_RATE = 0.01
OTHER_RATE = 0.004
WARMUP = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What the command line asked for."""

    output: Path
    steps: int
    seed: int
    workers: int
    check_every: int


def config() -> Any:
    """Return the configuration: one million parameters."""
    from transformers import LlamaConfig

    return LlamaConfig(
        vocab_size=SIZE,
        hidden_size=128,
        intermediate_size=384,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=0,
        pad_token_id=1,
        use_cache=True,
    )


def size() -> int:
    """Return how many parameters the model has."""
    from transformers import LlamaForCausalLM

    return sum(one.numel() for one in LlamaForCausalLM(config()).parameters())


def batches(tokenizer: Tokenizer, seed: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Yield token ids and targets without end; a target of -100 is outside the answer."""
    import torch

    end, pad = (tokenizer.encode(token).ids[0] for token in (END, PAD))
    rng = random.Random(f"batches:{seed}")  # noqa: S311 - not a secret
    start = 0
    while True:
        drawn = [sample(seed, number) for number in range(start, start + CHUNK)]
        start += CHUNK
        prompts = tokenizer.encode_batch_fast([one.prompt for one in drawn])
        answers = tokenizer.encode_batch_fast([one.answer for one in drawn])
        pairs = [(p.ids, [*a.ids, end]) for p, a in zip(prompts, answers, strict=True)]
        pairs = sorted((pair for pair in pairs if len(pair[0] + pair[1]) <= LONGEST), key=lambda p: len(p[0] + p[1]))
        groups: list[list[tuple[list[int], list[int]]]] = [[]]
        for pair in pairs:
            if len(pair[0] + pair[1]) * (len(groups[-1]) + 1) > BATCH_TOKENS:
                groups.append([])
            groups[-1].append(pair)
        rng.shuffle(groups)
        for group in groups:
            width = len(group[-1][0] + group[-1][1])
            ids = torch.full((len(group), width), pad)
            wanted = torch.full((len(group), width), -100)
            for row, (asked, answered) in enumerate(group):
                whole = asked + answered
                ids[row, : len(whole)] = torch.tensor(whole)
                wanted[row, len(asked) - 1 : len(whole) - 1] = torch.tensor(answered)
            yield ids, wanted


def answer_loss(model: LlamaForCausalLM, ids: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Return the mean loss over the answers; the logits of the prompts are never computed."""
    import torch

    hidden = model.model(input_ids=ids, use_cache=False).last_hidden_state
    kept = wanted != -100  # noqa: PLR2004 - torch's own mark
    logits = model.lm_head(hidden[kept])
    return torch.nn.functional.cross_entropy(logits, wanted[kept])


def rate(step: int, steps: int) -> float:
    """Return the factor on the learning rates: a short rise, a plateau, and a long fall to nothing."""
    return min(1.0, (step + 1) / WARMUP, (steps - step) / (0.65 * steps))


def average(model: LlamaForCausalLM, worker: int, gradients: torch.Tensor, barrier: Barrier) -> None:
    """Put the mean of all workers' gradients in place of this one's."""
    import torch

    held = [one for one in model.parameters() if one.grad is not None]
    gradients[worker] = torch.nn.utils.parameters_to_vector([one.grad for one in held])
    barrier.wait()
    mean = gradients.mean(0)
    barrier.wait()  # nobody writes before all have read
    for one, part in zip(held, torch.split(mean, [one.numel() for one in held]), strict=True):
        one.grad = part.view_as(one)


def train(worker: int, run: Run, gradients: torch.Tensor, barrier: Barrier) -> None:
    """Train as one of the workers: each takes its share of the batches, and all make the same step.

    One thread a worker, with one meeting a step, is faster than as many threads in one process.
    """
    import torch
    from transformers import LlamaForCausalLM

    from harness_tiny.muon import Muon

    torch.set_num_threads(1)
    torch.manual_seed(run.seed)
    tokenizer, model = trained_tokenizer(run.seed), LlamaForCausalLM(config())
    matrices = [p for name, p in model.named_parameters() if p.ndim == 2 and "embed" not in name]  # noqa: PLR2004
    others = [p for name, p in model.named_parameters() if p.ndim != 2 or "embed" in name]  # noqa: PLR2004
    optimizers = [Muon(matrices, lr=MATRIX_RATE), torch.optim.AdamW(others, OTHER_RATE, (0.9, 0.98), weight_decay=0.0)]
    schedules = [torch.optim.lr_scheduler.LambdaLR(o, lambda step: rate(step, run.steps)) for o in optimizers]
    began, tokens, smooth = time.monotonic(), 0, 0.0
    own = itertools.islice(batches(tokenizer, run.seed), worker, None, run.workers)
    for step, (ids, wanted) in zip(range(1, run.steps + 1), own, strict=False):
        loss = answer_loss(model, ids, wanted)
        loss.backward()  # type: ignore[no-untyped-call]
        average(model, worker, gradients, barrier)
        torch.nn.utils.clip_grad_norm_(others, 1.0)
        for optimizer, schedule in zip(optimizers, schedules, strict=True):
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
        tokens += ids.numel() * run.workers
        smooth = loss.item() if step == 1 else 0.97 * smooth + 0.03 * loss.item()
        if worker == 0 and step % 50 == 0:
            spent = time.monotonic() - began
            print(f"step {step} loss {smooth:.4f} {tokens / spent:.0f} tokens/s {spent / 60:.1f} min", flush=True)  # noqa: T201
        if worker == 0 and (step % run.check_every == 0 or step == run.steps):
            save(model, tokenizer, run.output)
            report(run.output, count=40, seed=7)


def save(model: LlamaForCausalLM, tokenizer: Tokenizer, output: Path) -> None:
    """Write the folder that `AutoModelForCausalLM` and `AutoTokenizer` load."""
    from transformers import GenerationConfig, PreTrainedTokenizerFast

    output.mkdir(parents=True, exist_ok=True)
    model.generation_config = GenerationConfig(eos_token_id=0, pad_token_id=1)
    model.save_pretrained(output)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=END,
        pad_token=PAD,
        model_max_length=1024,
        clean_up_tokenization_spaces=False,
        padding_side="left",
    )
    fast.save_pretrained(output)
    named = output / "tokenizer_config.json"  # transformers 5 writes a class that transformers 4 does not know
    named.write_text(named.read_text().replace('"TokenizersBackend"', '"PreTrainedTokenizerFast"'))


def main() -> None:
    """Read the command line and train."""
    import torch
    from torch.multiprocessing.spawn import spawn

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--output", type=Path, required=True, help="folder for the weights")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2, help="processes of one thread each")
    parser.add_argument("--check-every", type=int, default=1000, help="steps between two evaluations")
    run = Run(**vars(parser.parse_args()))
    context = torch.multiprocessing.get_context("spawn")
    gradients = torch.zeros(run.workers, size()).share_memory_()  # type: ignore[no-untyped-call]
    spawn(train, (run, gradients, context.Barrier(run.workers)), nprocs=run.workers)  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
