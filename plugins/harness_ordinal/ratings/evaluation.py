"""The evaluation `ratings`: each document rated in every way the model can, the whole distribution kept."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice

from harness import Doc, Evaluation, HarnessError, Json, Kind, Record, Request, Response, Score, Task, Trial
from harness.bench import Bench
from harness_ordinal.ratings.elicitation import ELICITATIONS, Elicited, question_of
from harness_ordinal.ratings.options import RatingOptions
from harness_ordinal.ratings.scale import LOOKED_AT, check_choices, check_golds, scale_of

#: Marks of the funnel, in order.
FUNNEL = ("unscored", "cut", "rated", "unread")

#: Either of these gives probabilities of labels.
LABELLING: frozenset[Kind] = frozenset({"loglikelihood", "alternatives"})

#: What reading yes and no asks of a model.
NEEDED: Mapping[str, Kind] = {
    "loglikelihood": "loglikelihood",
    "alternatives": "alternatives",
    "sampling": "generate",
}


async def evaluate(doc: Doc, bench: Bench, options: RatingOptions) -> Record:
    """Rate one document; what could not be read in one way is counted and does not spoil the others."""
    task = bench.task(doc)
    scale = scale_of(task, options.labels)
    check_choices(task, doc, scale)
    gold = scale.gold(doc)
    can = frozenset(bench.asker.model.can)
    reading = reading_of(options, can)

    async def ask(request: Request) -> Response:
        return await bench.ask(replace(request, seed=bench.seed))

    asked = question_of(task, doc, scale, ask, options, reading, weighs="loglikelihood" in can)
    found = await asyncio.gather(*(ELICITATIONS[name](asked) for name in chosen(options, can)))
    elicited = [one for ways in found for one in ways]
    common = {"gold": gold, "classes": len(scale), "decodings": options.decoding}
    trials = tuple(trial(one, common) for one in elicited)
    read = [one for one in elicited if one.exceedance is not None]
    cut = ("cut",) if any(one.cut for one in elicited) else ()
    if gold is None or not read:
        why = "no right label" if gold is None else next(one.note for one in elicited if one.note)
        return bench.record(doc, trials=trials, marks=("unscored", *cut), why=why)
    unread = ("unread",) if len(read) < len(elicited) else ()
    return bench.record(doc, trials=trials, marks=(*cut, "rated", *unread))


def trial(one: Elicited, common: Mapping[str, Json]) -> Trial:
    """Return what one way to a rating said, as the record keeps it."""
    values = {**one.told, **common, "exceedance": one.exceedance}
    return Trial(arm=one.name, draw=0, responses=one.responses, score=Score(values=values, note=one.note))


def chosen(options: RatingOptions, can: frozenset[Kind]) -> tuple[str, ...]:
    """Return the ways to a rating that are asked: the ones named, else all that the model can do."""
    if options.elicitation:
        return options.elicitation
    able = {"labels": bool(can & LABELLING), "generated": "generate" in can}
    return tuple(name for name in ELICITATIONS if able.get(name, True))


def reading_of(options: RatingOptions, can: frozenset[Kind]) -> str:
    """Return how yes and no are read: as the options say, else the most exact way the model has."""
    if options.reading != "auto":
        return options.reading
    return next((name for name, kind in NEEDED.items() if kind in can), "sampling")


def fit(tasks: Mapping[str, Task], options: RatingOptions, can: frozenset[Kind] | None) -> None:
    """Check tasks, options and model before the first request.

    Raises:
        TaskError: labels that are no order, choices or right labels that are not the declared ones.
        HarnessError: a way to a rating that the model has not.
    """
    for task in tasks.values():
        scale = scale_of(task, options.labels)
        docs = list(islice(task.docs(), LOOKED_AT))
        if docs:
            check_choices(task, docs[0], scale)
        check_golds(task, docs, scale)
    if can is None:
        return
    reading = reading_of(options, can)
    told = f"it can do {', '.join(sorted(can))}"
    if NEEDED[reading] not in can:
        raise HarnessError(f"option reading={reading} needs a model that can do {NEEDED[reading]}; {told}")
    if "generated" in options.elicitation and "generate" not in can:
        raise HarnessError(f"elicitation generated needs a model that can do generate; {told}")
    if "labels" in options.elicitation and not can & LABELLING:
        raise HarnessError(
            f"elicitation labels needs log-likelihoods or top-logprobs; {told}: use elicitation=generated with "
            "rating_draws above 1, or openai's --model-option top_logprobs=20"
        )


def requests(options: RatingOptions) -> Mapping[str, int]:
    """Return how many requests a document with five labels takes at the most, by way to a rating."""
    thresholds, spellings, classes = 4, 8, 5
    each = options.question_draws if options.reading == "sampling" else spellings
    known = {
        "labels": 2 * classes * (2 if options.calibrate else 1),
        "generated": options.rating_draws,
        "threshold": thresholds * each,
        "conditional": 2 * thresholds * each,
    }
    return {name: known[name] for name in options.elicitation or known}


RATINGS = Evaluation(
    name="ratings",
    summary="rate each document on its task's ordered labels, in every way the model can",
    evaluate=evaluate,
    options=RatingOptions,
    fit=fit,
    funnel=FUNNEL,
    requests=requests,
)
