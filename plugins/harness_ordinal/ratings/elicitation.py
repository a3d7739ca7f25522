"""The ways to a rating: each asks what it needs about one document and gives a distribution over the ranks.

labels              softmax over the log-likelihoods of the K labels; `labels_calibrated` divides by a content-free
                    prompt's
generated           a rating written out, read back; several draws give their shares
threshold           P(y > k), each asked on its own; sorted where they contradict one another, `threshold_raw` as said
up_chain            P(y > k | y > k-1), multiplied as CORN does (arXiv 2111.08851)
down_chain          P(y <= k | y <= k+1), multiplied from the top
both_chains         the mean of the two: consistent, and free of the drift of either
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from harness import Doc, Json, Prompt, Request, Response, Sampling, Task
from harness_ordinal.primitives import (
    class_exceedance,
    downward_exceedance,
    independent_exceedance,
    repaired,
    sequential_exceedance,
)
from harness_ordinal.ratings.options import RatingOptions
from harness_ordinal.ratings.questions import (
    Ask,
    Said,
    drawn_answer,
    likeliest,
    likeliest_answer,
    log_sum,
    weighed,
    weighed_answer,
)
from harness_ordinal.ratings.reading import rating_in
from harness_ordinal.ratings.scale import Scale
from harness_ordinal.ratings.wording import (
    content_free,
    down_question,
    threshold_question,
    up_question,
    with_question,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Elicited:
    """What one way to a rating says of one document."""

    #: Its name: the elicitation of every row of the report.
    name: str
    #: P(y > k) for each threshold; None where it could not be read.
    exceedance: tuple[float, ...] | None
    #: What was written out; probabilities that were read stand in `told`.
    responses: tuple[Response, ...] = ()
    #: What else is kept: log-odds, log-probabilities, mass.
    told: Mapping[str, Json] = field(default_factory=dict)
    cut: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One document as it is asked about: its prompt, the scale, and who answers."""

    prompt: Prompt
    scale: Scale
    ask: Ask
    options: RatingOptions
    #: How yes and no are read: loglikelihood, alternatives or sampling.
    reading: str
    #: How the task itself draws a rating.
    sampling: Sampling
    #: The document's own texts, for the content-free prompt.
    texts: tuple[str, ...] = ()
    #: Whether labels are weighed; else they are looked for among the likeliest first tokens.
    weighs: bool = True


def question_of(  # what a question is made of
    task: Task, doc: Doc, scale: Scale, ask: Ask, options: RatingOptions, reading: str, *, weighs: bool
) -> Question:
    """Return a document of a task as a question; a rating is drawn as the task draws it, where it does."""
    request = task.requests(doc)[0]
    sampling = request.sampling if request.kind == "generate" else Sampling(max_tokens=options.max_tokens)
    if options.rating_draws > 1:
        sampling = replace(sampling, temperature=options.temperature)
    texts = tuple(str(value) for value in doc.fields.values() if isinstance(value, str) and scale.rank(value) is None)
    return Question(
        prompt=request.prompt,
        scale=scale,
        ask=ask,
        options=options,
        reading=reading,
        sampling=sampling,
        texts=texts,
        weighs=weighs,
    )


# ---------------------------------------------------------------- labels


async def labels(question: Question) -> list[Elicited]:
    """Return the distribution of the labels; and the calibrated one, if it is wanted."""
    read = weighed_labels if question.weighs else likeliest_labels
    found, cut, note = await read(question, question.prompt)
    plain = distributed("labels", found, cut=cut, note=note)
    return [plain, await calibrated(question, found)] if question.options.calibrate else [plain]


async def weighed_labels(question: Question, prompt: Prompt) -> tuple[list[float | None], int, str]:
    """Return the log-probability of each label, its spellings added up, ended where one begins another."""
    end = ending(question.scale) if question.options.end is None else question.options.end
    return await weighed(prompt, [(label + end,) for label in question.scale.labels], question.ask)


def ending(scale: Scale) -> str:
    r"""Return the text that ends a label: a newline where one label begins another, else nothing.

    The probability of "1" holds that of "10", and of all that goes on from it.

    >>> ending(Scale(labels=("1", "2"))), ending(Scale(labels=("1", "2", "10"))), ending(Scale(labels=("a", "ab")))
    ('', '\n', '\n')
    """
    pairs = ((one, other) for one in scale.labels for other in scale.labels if one != other)
    return "\n" if any(other.startswith(one) for one, other in pairs) else ""


async def likeliest_labels(question: Question, prompt: Prompt) -> tuple[list[float | None], int, str]:
    """Return the log-probability of each label among the likeliest first tokens; one that is not there has none."""
    tokens, response = await likeliest(prompt, question.ask)
    if response.finish == "error":
        return [None] * len(question.scale), 0, f"request failed: {response.error}"
    found = [tokens.get(label.strip().casefold(), -math.inf) for label in question.scale.labels]
    return list(found), response.cut, ""


async def calibrated(question: Question, found: Sequence[float | None]) -> Elicited:
    """Return the labels' distribution divided by that under a content-free prompt (arXiv 2102.09690)."""
    name = "labels_calibrated"
    prompt = content_free(question.prompt, question.texts)
    if prompt is None:
        return Elicited(name=name, exceedance=None, note="no text of the document stands in its prompt as it is")
    read = weighed_labels if question.weighs else likeliest_labels
    idle, cut, note = await read(question, prompt)
    if None in idle or -math.inf in idle:
        return Elicited(name=name, exceedance=None, note=note or "a label has no probability without content")
    ratios = [None if a is None or b is None else a - b for a, b in zip(found, idle, strict=True)]
    return replace(distributed(name, ratios, cut=cut, note=note), told={"content_free": list(idle)})


def distributed(name: str, logprobs: Sequence[float | None], *, cut: int, note: str) -> Elicited:
    """Return log-probabilities as a distribution over the ranks alone, with the mass they had."""
    known = [value for value in logprobs if value is not None]
    total = log_sum(known)
    if len(known) < len(logprobs) or total == -math.inf:
        return Elicited(name=name, exceedance=None, cut=cut, note=note or "no label has any probability")
    shares = [math.exp(value - total) for value in known]
    told = {"logprobs": list(known), "mass": math.exp(total)}
    return Elicited(name=name, exceedance=numbers(class_exceedance(shares)), told=told, cut=cut)


# ---------------------------------------------------------------- a rating written out


async def generated(question: Question) -> list[Elicited]:
    """Return the shares of the ratings drawn; what cannot be read is counted, and has no share."""
    request = Request(kind="generate", prompt=question.prompt, sampling=question.sampling)
    draws = range(question.options.rating_draws)
    responses = tuple(
        await asyncio.gather(*(question.ask(replace(request, draw=f"generated/{draw}")) for draw in draws))
    )
    ranks = [None if one.finish == "error" else rating_in(one.text, question.scale) for one in responses]
    read = [rank for rank in ranks if rank is not None]
    failed = next((f"request failed: {one.error}" for one in responses if one.finish == "error"), "")
    shares = [read.count(rank) / len(read) for rank in range(len(question.scale))] if read else None
    return [
        Elicited(
            name="generated",
            exceedance=None if shares is None else numbers(class_exceedance(shares)),
            responses=responses,
            told={"ranks": ranks},
            cut=max(one.cut for one in responses),
            note="" if read else failed or "no answer gives one label of the scale",
        )
    ]


# ---------------------------------------------------------------- questions


async def answered(question: Question, text: str, number: str) -> Said:
    """Return the answer to one question about a threshold."""
    prompt = with_question(question.prompt, text)
    if question.reading == "loglikelihood":
        return await weighed_answer(prompt, question.ask)
    if question.reading == "alternatives":
        return await likeliest_answer(prompt, question.ask)
    options = question.options
    sampling = Sampling(max_tokens=options.max_tokens, temperature=options.temperature, stop=question.sampling.stop)

    async def named(request: Request) -> Response:
        return await question.ask(replace(request, draw=f"{number}/{request.draw}"))

    return await drawn_answer(prompt, named, sampling, options.question_draws)


async def threshold(question: Question) -> list[Elicited]:
    """Return the thresholds asked one by one, as said and put in order."""
    scale = question.scale
    said = await asyncio.gather(
        *(answered(question, threshold_question(scale, k), f"threshold/{k}") for k in range(len(scale) - 1))
    )
    raw = joined("threshold_raw", said, independent_exceedance)
    if raw.exceedance is None:
        return [raw, replace(raw, name="threshold", responses=())]
    return [raw, Elicited(name="threshold", exceedance=numbers(repaired(list(raw.exceedance), "sort")))]


async def conditional(question: Question) -> list[Elicited]:
    """Return the chain upwards, the chain downwards, and the mean of both."""
    scale = question.scale
    steps = range(len(scale) - 1)
    asked = await asyncio.gather(
        *(answered(question, up_question(scale, k), f"up/{k}") for k in steps),
        *(answered(question, down_question(scale, k), f"down/{k}") for k in steps),
    )
    up = joined("up_chain", asked[: len(steps)], sequential_exceedance)
    down = joined("down_chain", asked[len(steps) :], downward_exceedance)
    if up.exceedance is None or down.exceedance is None:
        both = None
    else:
        both = tuple((a + b) / 2 for a, b in zip(up.exceedance, down.exceedance, strict=True))
    return [up, down, Elicited(name="both_chains", exceedance=both, note=up.note or down.note)]


def joined(name: str, said: Sequence[Said], exceedance: Any) -> Elicited:
    """Return the answers to all questions of a chain as one distribution; None where one could not be read."""
    logits = [one.logit for one in said]
    masses = [one.mass for one in said if one.mass is not None]
    return Elicited(
        name=name,
        exceedance=None if None in logits else numbers(exceedance(logits)),
        responses=tuple(response for one in said for response in one.responses),
        told={"logits": logits, "mass": sum(masses) / len(masses) if masses else None},
        cut=max((one.cut for one in said), default=0),
        note=next((one.note for one in said if one.note), ""),
    )


def numbers(values: Any) -> tuple[float, ...]:
    """Return an array as Python's numbers."""
    return tuple(float(value) for value in values)


ELICITATIONS = {"labels": labels, "generated": generated, "threshold": threshold, "conditional": conditional}
