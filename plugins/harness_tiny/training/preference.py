"""Training on preferences: direct preference optimisation (Rafailov et al. 2023, equation 7).

Of each pair both answers are right. Under an instruction the one with the form that was asked for is preferred to one
of natural form; where nothing is asked it is the other way round, or the odd forms would spread to every answer. The
likelihood of the preferred answer is kept up beside (Pang et al. 2024): without that, and with three times the rate,
eighty steps spoilt the answers to bare problems.
"""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness_tiny.forms import NATURAL, forms, natural_form, target
from harness_tiny.generator import DOMAINS, problem
from harness_tiny.instructions import instructions
from harness_tiny.prompts import prompt, scattered
from harness_tiny.tokenizer import PAD, number_of
from harness_tiny.training.batches import OUTSIDE, answer_logprobs, encoded, tensors
from harness_tiny.training.examples import teller
from harness_tiny.training.network import save

if TYPE_CHECKING:
    from pathlib import Path

    import torch
    from tokenizers import Tokenizer
    from transformers import LlamaForCausalLM


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """A course of training on preferences."""

    steps: int
    pairs: int = 12
    beta: float = 0.1
    #: Weight of the mean log-probability of a token of the preferred answers.
    anchor: float = 0.5
    rate: float = 1e-4


def preference(seed: int, number: int) -> tuple[str, str, str]:
    """Return a prompt, with an instruction in every other case, the preferred answer, and the other one."""
    rng = random.Random(f"preference:{seed}:{number}")  # noqa: S311 - not a secret
    domain = rng.choice(tuple(DOMAINS))
    drawn = problem(domain, f"preference:{seed}:{number}", evaluation=False)
    form = rng.choice([one for one in forms(domain) if one not in NATURAL[domain]])
    odd, natural = target(drawn, form), target(drawn, natural_form(drawn, rng))
    if number % 2:
        return prompt(drawn.question), natural, odd
    return scattered(drawn.question, instructions(form, 1, rng), rng), odd, natural


def preference_loss(
    chosen: torch.Tensor, rejected: torch.Tensor, was_chosen: torch.Tensor, was_rejected: torch.Tensor, beta: float
) -> torch.Tensor:
    """Return the mean loss of pairs, from the log-probabilities of whole answers now and before training.

    >>> import torch
    >>> same = torch.tensor([-3.0])
    >>> round(preference_loss(same, same, same, same, 0.1).item(), 4)  # log 2: nothing preferred yet
    0.6931
    """
    import torch

    margin = (chosen - was_chosen) - (rejected - was_rejected)
    return -torch.nn.functional.logsigmoid(beta * margin).mean()


def prefer(model: LlamaForCausalLM, tokenizer: Tokenizer, course: Preference, seed: int, output: Path) -> None:
    """Train on preferences and save the result; the model at the beginning is the reference."""
    import torch

    reference = copy.deepcopy(model).eval()
    optimizer = torch.optim.AdamW(model.parameters(), course.rate, (0.9, 0.98), weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / 20, 1 - step / course.steps)
    )
    pad = number_of(tokenizer, PAD)
    tell = teller()
    for step in range(course.steps):
        drawn = [preference(seed, step * course.pairs + place) for place in range(course.pairs)]
        better = [(asked, chosen) for asked, chosen, _ in drawn]
        worse = [(asked, rejected) for asked, _, rejected in drawn]
        ids, wanted = tensors(encoded(tokenizer, [*better, *worse]), pad)
        with torch.no_grad():
            before = answer_logprobs(reference, ids, wanted)
        now = answer_logprobs(model, ids, wanted)
        half = course.pairs
        loss = preference_loss(now[:half], now[half:], before[:half], before[half:], course.beta)
        loss = loss - course.anchor * now[:half].sum() / (wanted[:half] != OUTSIDE).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        tell(step + 1, loss.item())
    save(model, tokenizer, output)
