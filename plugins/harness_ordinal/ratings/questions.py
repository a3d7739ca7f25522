"""A question with the answers yes and no, as log-odds: weighed, from the likeliest tokens, or from drawn answers."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from harness import Prompt, Request, Response, Sampling
from harness_ordinal.ratings.reading import NO, YES, yes_in

#: Asks one request: the bench in a run, a script in a simulation.
Ask = Callable[[Request], Awaitable[Response]]

#: The spellings of an answer, whose probabilities are added up.
SPELLINGS = {True: ("yes", "Yes"), False: ("no", "No")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The answer to one question."""

    #: log P(yes) - log P(no); None where it could not be read.
    logit: float | None
    #: Probability of all that was counted as yes or no; None where the reading cannot tell.
    mass: float | None = None
    #: Drawn answers; none where probabilities were read.
    responses: tuple[Response, ...] = ()
    #: Tokens cut off the prompt.
    cut: int = 0
    note: str = ""


def spaced(prompt: Prompt, text: str) -> tuple[str, ...]:
    """Return a continuation as it may follow a prompt: with the space before it first, and without.

    Tokenizers keep the space with the word, and models differ in which they prefer, so both are weighed. Where the
    assistant's turn begins, or the prompt ends with white space, there is none to add.
    """
    begins = (prompt.chat and not prompt.prefix) or prompt.text.endswith((" ", "\n", "\t"))
    return (text,) if begins else (f" {text}", text)


def log_sum(values: Iterable[float]) -> float:
    """Return log(sum(exp(values))); minus infinity of nothing.

    >>> round(log_sum([math.log(0.25), math.log(0.5), -math.inf]), 6) == round(math.log(0.75), 6)
    True
    """
    known = list(values)
    top = max(known, default=-math.inf)
    return top if math.isinf(top) else top + math.log(sum(math.exp(value - top) for value in known))


async def weighed(prompt: Prompt, texts: Sequence[Sequence[str]], ask: Ask) -> tuple[list[float | None], int, str]:
    """Return the log-probability of each text, its spellings added up, the tokens cut off, and why one is None."""
    spellings = [[form for text in one for form in spaced(prompt, text)] for one in texts]
    asked = [Request(kind="loglikelihood", prompt=prompt, continuation=form) for one in spellings for form in one]
    responses = iter(answers := await asyncio.gather(*map(ask, asked)))
    found: list[float | None] = []
    for one in spellings:
        values = [next(responses).logprob for _ in one]
        found.append(None if None in values else log_sum(value for value in values if value is not None))
    note = next((f"request failed: {one.error}" for one in answers if one.finish == "error"), "")
    return found, max((one.cut for one in answers), default=0), note


async def weighed_answer(prompt: Prompt, ask: Ask) -> Said:
    """Return the log-odds from log-likelihoods of the spellings of yes and no."""
    (yes, no), cut, note = await weighed(prompt, (SPELLINGS[True], SPELLINGS[False]), ask)
    if yes is None or no is None or (yes == no == -math.inf):
        return Said(logit=None, cut=cut, note=note or "neither yes nor no has any probability")
    return Said(logit=yes - no, mass=math.exp(log_sum((yes, no))), cut=cut)


async def likeliest(prompt: Prompt, ask: Ask) -> tuple[Mapping[str, float], Response]:
    """Return the log-probabilities of the likeliest first tokens, stripped and without case, and the response."""
    response = await ask(Request(kind="alternatives", prompt=prompt))
    found: dict[str, list[float]] = {}
    for token, logprob in response.alternatives.items():
        found.setdefault(token.strip().casefold(), []).append(logprob)
    return {token: log_sum(values) for token, values in found.items()}, response


async def likeliest_answer(prompt: Prompt, ask: Ask) -> Said:
    """Return the log-odds from the likeliest first tokens; one that is not among them counts as the last that is."""
    tokens, response = await likeliest(prompt, ask)
    if response.finish == "error":
        return Said(logit=None, note=f"request failed: {response.error}")
    yes = log_sum(value for token, value in tokens.items() if token in YES)
    no = log_sum(value for token, value in tokens.items() if token in NO)
    if yes == no == -math.inf:
        return Said(logit=None, note="neither yes nor no among the likeliest tokens")
    mass, least = math.exp(log_sum((yes, no))), min(tokens.values())
    return Said(logit=max(yes, least) - max(no, least), mass=mass, cut=response.cut)


async def drawn_answer(prompt: Prompt, ask: Ask, sampling: Sampling, draws: int) -> Said:
    """Return the log-odds of the share of yes among drawn answers, (yes + 1) / (no + 1): Laplace's rule."""
    request = Request(kind="generate", prompt=prompt, sampling=sampling)
    responses = tuple(await asyncio.gather(*(ask(replace(request, draw=str(draw))) for draw in range(draws))))
    read = [yes_in(one.text) if one.finish != "error" else None for one in responses]
    yes, no = read.count(True), read.count(False)
    if not yes + no:
        failed = next((f"request failed: {one.error}" for one in responses if one.finish == "error"), "")
        return Said(logit=None, responses=responses, note=failed or "no answer says yes or no")
    return Said(
        logit=math.log((yes + 1) / (no + 1)), mass=(yes + no) / draws, responses=responses, cut=responses[0].cut
    )
