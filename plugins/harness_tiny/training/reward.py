"""Training on rewards that are verified: group-relative policy optimisation (Shao et al. 2024), one step a sample.

Problems with instructions of form are answered several times; an answer that is right by the task's own grade earns
one, any other nothing, whatever its form. An answer's advantage is its reward less the mean of its group (not divided
by the spread, as Liu et al. 2025 have it), so groups that agree teach nothing. Each sample is used for one step, so
there is no ratio to clip; there is no penalty on leaving the model of the beginning.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness_tiny.distractions import distraction
from harness_tiny.evaluate import Writer, solved
from harness_tiny.generator import DOMAINS, problem
from harness_tiny.instructions import asked_form, instructions
from harness_tiny.prompts import scattered
from harness_tiny.tokenizer import PAD, number_of
from harness_tiny.training.batches import answer_logprobs, encoded, tensors
from harness_tiny.training.examples import teller
from harness_tiny.training.network import save

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import torch
    from tokenizers import Tokenizer
    from transformers import LlamaForCausalLM

#: Answers in one step of the gradient, so that memory stays small.
ROWS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Reward:
    """A course of training on rewards."""

    steps: int
    prompts: int = 48
    draws: int = 8
    temperature: float = 1.0
    rate: float = 3e-4
    longest: int = 90


def constrained(seed: int, number: int) -> tuple[str, dict[str, Any]]:
    """Return a prompt with one to three instructions, sometimes an irrelevant sentence too; and the problem."""
    rng = random.Random(f"reward:{seed}:{number}")  # noqa: S311 - not a secret
    domain = rng.choice(tuple(DOMAINS))
    drawn = problem(domain, f"reward:{seed}:{number}", evaluation=False)
    texts = instructions(asked_form(domain, rng), rng.choice((1, 1, 2, 3)), rng)
    texts += [distraction(rng) for _ in range(rng.choice((0, 0, 1)))]
    rng.shuffle(texts)
    row = {"domain": domain, "target": drawn.gold, "tests": list(drawn.tests)}
    return scattered(drawn.question, texts, rng), row


def advantages(rewards: Sequence[bool], draws: int) -> list[float]:
    """Return each reward less the mean of its group.

    >>> advantages([True, True, False, False, True, True], draws=2)
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    >>> advantages([True, False, False, False], draws=4)
    [0.75, -0.25, -0.25, -0.25]
    """
    groups = [rewards[start : start + draws] for start in range(0, len(rewards), draws)]
    return [float(one) - sum(group) / draws for group in groups for one in group]


def reinforce(model: LlamaForCausalLM, tokenizer: Tokenizer, course: Reward, seed: int, output: Path) -> None:
    """Train on rewards and save the result.

    Args:
        model: at the beginning.
        tokenizer: of all members; `save` needs it, and the writer takes the one that was saved.
        course: how long, and how much in a step.
        seed: of problems and draws.
        output: the folder to write.
    """
    import torch
    from transformers import AutoTokenizer

    save(model, tokenizer, output)
    writer = Writer(model=model, tokenizer=AutoTokenizer.from_pretrained(output))
    optimizer = torch.optim.AdamW(model.parameters(), course.rate, (0.9, 0.98), weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / 5, 1 - step / course.steps)
    )
    tell = teller(every=5)
    for step in range(course.steps):
        asked, rewards, answers = rolled(writer, course, seed, step)
        kept = [
            (prompt, answer, worth)
            for prompt, answer, worth in zip(asked, answers, advantages(rewards, course.draws), strict=True)
            if worth
        ]
        tell(step + 1, sum(rewards) / len(rewards))
        if kept:
            update(model, tokenizer, kept)
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
        schedule.step()
    save(model, tokenizer, output)


def rolled(writer: Writer, course: Reward, seed: int, step: int) -> tuple[list[str], list[bool], list[str]]:
    """Return the prompts of a step, each as often as it is drawn, which answers are right, and the answers."""
    drawn = [constrained(seed, step * course.prompts + place) for place in range(course.prompts)]
    asked = [prompt for prompt, _ in drawn for _ in range(course.draws)]
    rows = [row for _, row in drawn for _ in range(course.draws)]
    writer.model.eval()
    answers = writer.answers(
        asked, temperature=course.temperature, seed=seed + step, longest=course.longest, width=len(asked)
    )
    return asked, graded(rows, answers), answers


def graded(rows: Sequence[dict[str, Any]], answers: Sequence[str]) -> list[bool]:
    """Return which answers are right; an answer that was given before is not judged again."""
    keys = [(row["domain"], row["target"], *row["tests"], answer) for row, answer in zip(rows, answers, strict=True)]
    first = {key: place for place, key in reversed(list(enumerate(keys)))}
    places = sorted(first.values())
    found = dict(zip(places, solved([rows[p] for p in places], [answers[p] for p in places]), strict=True))
    return [found[first[key]] for key in keys]


def update(model: LlamaForCausalLM, tokenizer: Tokenizer, kept: Sequence[tuple[str, str, float]]) -> None:
    """Add up the gradient of the policy over answers with their advantages, per answer token of all together."""
    import torch

    pad = number_of(tokenizer, PAD)
    pairs = encoded(tokenizer, [(prompt, answer) for prompt, answer, _ in kept])
    count = sum(len(answered) for _, answered in pairs)
    for start in range(0, len(pairs), ROWS):
        ids, wanted = tensors(pairs[start : start + ROWS], pad)
        worth = torch.tensor([one for _, _, one in kept[start : start + ROWS]])
        loss: torch.Tensor = -(worth * answer_logprobs(model, ids, wanted)).sum() / count
        loss.backward()  # type: ignore[no-untyped-call]
