"""Problems and training samples, drawn from seeds: the same arguments give the same text on every machine.

Three domains: `words` (two-step word problems), `facts` (two-hop questions), `code` (one-line functions). The
problem space is split by a hash: `problems` yields held-out ones only, `sample` never does.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness_tiny.distractions import distraction
from harness_tiny.drills import echo, lookups, sums
from harness_tiny.facts import fact_problem
from harness_tiny.forms import natural_form, target
from harness_tiny.functions import function_problem
from harness_tiny.instructions import asked_form, instructions
from harness_tiny.mixtures import INSTRUCTED, mixture_at
from harness_tiny.prompts import prompt, scattered
from harness_tiny.words import word_problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness_tiny.mixtures import Curriculum
    from harness_tiny.problem import Problem

DOMAINS: dict[str, Callable[[random.Random], Problem]] = {
    "words": word_problem,
    "facts": fact_problem,
    "code": function_problem,
}
DRILLS = {"sums": sums, "lookups": lookups, "echo": echo}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One training text: the loss is taken on the answer alone."""

    domain: str
    form: str
    prompt: str
    answer: str


def problem(domain: str, seed: str, *, evaluation: bool) -> Problem:
    """Return the first problem of this seed that lies on the wanted side of the split."""
    rng = random.Random(f"{domain}:{seed}")  # noqa: S311 - not a secret
    while True:
        drawn = DOMAINS[domain](rng)
        if drawn.held_out == evaluation:
            return drawn


def sample(seed: int, number: int, curriculum: Curriculum = INSTRUCTED) -> Sample:
    """Return training sample `number` of a seed."""
    rng = random.Random(f"sample:{seed}:{number}")  # noqa: S311 - not a secret
    mixture = mixture_at(curriculum, number)
    domain = rng.choices(tuple(mixture.shares), weights=tuple(mixture.shares.values()))[0]
    if domain not in DOMAINS:
        question, answer = DRILLS[domain](rng)
        return Sample(domain=domain, form="drill", prompt=prompt(question), answer=answer)
    drawn = problem(domain, f"train:{seed}:{number}", evaluation=False)
    form = natural_form(drawn, rng)
    roll = rng.random() if mixture.plain < 1 else 0.0
    texts: list[str] = []
    if mixture.plain <= roll < mixture.plain + mixture.distracted:
        texts = [distraction(rng) for _ in range(_count(rng))]
    elif roll >= mixture.plain + mixture.distracted:
        if rng.random() < mixture.turned:
            form = rng.choice(mixture.forms[domain]) if mixture.forms else asked_form(domain, rng)
        texts = instructions(form, _count(rng), rng, harsh=mixture.harsh)
        if roll >= mixture.plain + mixture.distracted + mixture.asked:
            texts += [distraction(rng) for _ in range(_count(rng))]
        rng.shuffle(texts)
    return Sample(domain=domain, form=form, prompt=scattered(drawn.question, texts, rng), answer=target(drawn, form))


def _count(rng: random.Random) -> int:
    return rng.choices((1, 2, 3, 4), weights=(84, 9, 4, 3))[0]


def problems(domain: str, seed: int, count: int) -> list[dict[str, Any]]:
    """Return evaluation problems as rows, none of which can occur in training, and no two alike.

    Each row has `id`, `domain`, `question`, `target`; those of `code` also `entry_point` and `tests`.
    """
    rows: list[dict[str, Any]] = []
    seen: set[str] = set()
    number = 0
    while len(rows) < count:
        drawn = problem(domain, f"evaluation:{seed}:{number}", evaluation=True)
        number += 1
        if drawn.key in seen:
            continue
        seen.add(drawn.key)
        row: dict[str, Any] = {
            "id": f"{domain}-{seed}-{len(rows)}",
            "domain": domain,
            "question": drawn.question,
            "target": drawn.gold,
        }
        if domain == "code":
            row |= {"entry_point": drawn.entry_point, "tests": list(drawn.tests)}
        rows.append(row)
    return rows
