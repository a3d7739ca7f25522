"""Training on examples: the next token of right answers, by Muon for matrices and AdamW for the rest."""

from __future__ import annotations

import copy
import itertools
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness_tiny.training.batches import OUTSIDE, answer_logits, batches
from harness_tiny.training.network import save, size, split

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.synchronize import Barrier
    from pathlib import Path

    import torch
    from tokenizers import Tokenizer
    from transformers import LlamaForCausalLM

    from harness_tiny.mixtures import Curriculum

MATRIX_RATE = 0.01
OTHER_RATE = 0.004
WARMUP = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """A course of training on examples."""

    curriculum: Curriculum
    steps: int
    #: Number of the first sample: two courses of one member see different ones.
    first: int = 0
    #: Tokens that one worker takes in a step; a step takes so many of every worker.
    tokens: int = 3000
    workers: int = 1
    #: Share of the steps in which the learning rates fall to nothing.
    fall: float = 0.65
    #: Factor on the learning rates.
    scale: float = 1.0


def rate(step: int, course: Examples) -> float:
    """Return the factor on the learning rates: a short rise, a plateau, and a fall to nothing.

    >>> course = Examples(curriculum=(), steps=1000, fall=0.5)
    >>> rate(0, course) < 0.02, rate(300, course), rate(750, course), rate(1000, course)
    (True, 1.0, 0.5, 0.0)
    """
    falling = (course.steps - step) / (course.fall * course.steps) if course.fall else 1.0
    return course.scale * min(1.0, (step + 1) / WARMUP, falling)


def answer_loss(model: LlamaForCausalLM, ids: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Return the mean loss over the tokens of the answers."""
    import torch

    return torch.nn.functional.cross_entropy(answer_logits(model, ids, wanted), wanted[wanted != OUTSIDE])


def learn(model: LlamaForCausalLM, tokenizer: Tokenizer, course: Examples, seed: int, output: Path) -> None:
    """Train on examples in this process, or in several, and save the result."""
    import torch
    from torch.multiprocessing.spawn import spawn

    if course.workers == 1:
        work(0, model, tokenizer, course, seed, output, None)
        return
    context = torch.multiprocessing.get_context("spawn")
    gradients = torch.zeros(course.workers, size()).share_memory_()  # type: ignore[no-untyped-call]
    meeting = Meeting(gradients=gradients, barrier=context.Barrier(course.workers))
    spawn(work, (model, tokenizer, course, seed, output, meeting), nprocs=course.workers)  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """Where workers exchange gradients: shared memory of shape (workers, parameters), and a barrier."""

    gradients: torch.Tensor
    barrier: Barrier

    def average(self, model: LlamaForCausalLM, worker: int) -> None:
        """Put the mean of all workers' gradients in place of this one's."""
        import torch

        held = [one for one in model.parameters() if one.grad is not None]
        self.gradients[worker] = torch.nn.utils.parameters_to_vector([one.grad for one in held])
        self.barrier.wait()
        mean = self.gradients.mean(0)
        self.barrier.wait()  # nobody writes before all have read
        for one, part in zip(held, torch.split(mean, [one.numel() for one in held]), strict=True):
            one.grad = part.view_as(one)


def work(
    worker: int,
    model: LlamaForCausalLM,
    tokenizer: Tokenizer,
    course: Examples,
    seed: int,
    output: Path,
    meeting: Meeting | None,
) -> None:
    """Train as one of the workers: each takes its share of the batches, and all make the same step.

    One thread a worker, with one meeting a step, is faster than as many threads in one process.
    """
    import torch

    from harness_tiny.muon import Muon

    torch.set_num_threads(1)
    if meeting is not None:
        model = copy.deepcopy(model)  # what comes from another process lies in memory that all workers share
    matrices, others = split(model)
    optimizers = [Muon(matrices, lr=MATRIX_RATE), torch.optim.AdamW(others, OTHER_RATE, (0.9, 0.98), weight_decay=0.0)]
    schedules = [torch.optim.lr_scheduler.LambdaLR(o, lambda step: rate(step, course)) for o in optimizers]
    told = teller() if worker == 0 else None
    drawn = batches(tokenizer, seed, course.curriculum, course.first, course.tokens)
    for step, (ids, wanted) in enumerate(
        itertools.islice(drawn, worker, course.steps * course.workers, course.workers)
    ):
        loss = answer_loss(model, ids, wanted)
        loss.backward()  # type: ignore[no-untyped-call]
        if meeting is not None:
            meeting.average(model, worker)
        torch.nn.utils.clip_grad_norm_(others, 1.0)
        for optimizer, schedule in zip(optimizers, schedules, strict=True):
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
        if told is not None:
            told(step + 1, loss.item())
    if worker == 0:
        save(model, tokenizer, output)


def teller(every: int = 50) -> Callable[[int, float], None]:
    """Return a function that prints the smoothed loss (or reward) every so many steps."""
    began, smooth = time.monotonic(), 0.0

    def tell(step: int, value: float) -> None:
        nonlocal smooth
        smooth = value if step == 1 else 0.95 * smooth + 0.05 * value
        if step % every == 0:
            print(f"step {step} {smooth:.4f} {(time.monotonic() - began) / 60:.1f} min", flush=True)  # noqa: T201

    return tell
