"""From an answer to constraints that a model wrote: ask, read, ask twice more at the most, try each at the gates."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from itertools import islice
from typing import Any

import msgspec

from harness import Constraint, Proposed, Proposing, Request
from harness_extractor.asking import VERSION, again, prompt_hash, request_of
from harness_extractor.gates import SHAPE, Court, tried
from harness_extractor.masking import masked
from harness_extractor.reply import MOST, Refused, pieces_of
from harness_extractor.rules import examples, usable
from harness_sustainscore import held

#: Requests after the first, where a reply cannot be read.
RETRIES = 2
#: Answers to other questions that a constraint is held against, drawn from the first documents of the task.
OTHERS, BANK = 5, 12
#: The count of all candidates, and of requests without a reply.
CANDIDATES, UNANSWERED = "candidates", "request failed"


async def written(asking: Proposing) -> Proposed:
    """Return the constraints of an answer that passed every gate, and how many each gate turned away.

    A reply that cannot be read counts as one candidate, turned away for its shape.
    """
    court = await opened(asking)
    if court is None:
        return Proposed()
    request = request_of(asking.answered, court.shown, sorted(court.families), rules_for(asking, court))
    pieces, counts = await replied(request, asking.bench)
    origin = {"model": identity(asking.bench), "prompt": prompt_hash(request), "version": VERSION}
    court = replace(court, origin=origin)
    passed: list[Constraint] = []
    for number, piece in enumerate(pieces):
        found = SHAPE if number >= MOST else await tried(piece, court, passed)
        counts[CANDIDATES] += 1
        if isinstance(found, str):
            counts[found] += 1
        else:
            passed.append(found)
    return Proposed(constraints=tuple(passed), counts=dict(counts))


async def opened(asking: Proposing) -> Court | None:
    """Return what the candidates of an answer are held against; None where its thinking never ended."""
    bench, answered = asking.bench, asking.answered
    task = bench.task(answered.doc)
    against = held(answered, task.spec, task.domain)
    if against is None:
        return None
    kinds = usable(bench.known_types, task.domain)
    return Court(
        asking=asking,
        against=against,
        shown=masked(answered),
        families=frozenset(kind.family for kind in kinds.values()),
        kinds=kinds,
        others=await other_answers(asking),
        origin={},
    )


def rules_for(asking: Proposing, court: Court) -> list[Constraint]:
    """Return the checks that the prompt lists."""
    return examples(court.kinds, court.against, asking.bench.random("rules", asking.answered.doc.id))


async def replied(request: Request, bench: Any) -> tuple[list[Any], Counter[str]]:
    """Return the pieces of the first reply that can be read, and the counts of those before it."""
    counts: Counter[str] = Counter()
    wanted = request
    for attempt in range(1 + RETRIES):
        response = await bench.ask_further("extractor", wanted)
        if response.finish == "error":
            counts.update((CANDIDATES, UNANSWERED))
            return [], counts
        try:
            return pieces_of(response.final or ""), counts
        except Refused as error:
            counts.update((CANDIDATES, SHAPE))
            wanted = again(request, response.text, str(error), attempt + 1)
    return [], counts


async def other_answers(asking: Proposing) -> tuple[str, ...]:
    """Return the final parts of some base answers to other questions: the run asks for them anyway, as a rule."""
    bench, doc = asking.bench, asking.answered.doc
    bank = [other for other in islice(bench.task(doc).docs(), BANK) if other.id != doc.id]
    chosen = bench.random("others", doc.id).sample(bank, min(OTHERS, len(bank)))
    asked = [bench.trials(other, "base", draws=1, temperature=asking.temperature) for other in chosen]
    answers = [trial.responses[0] for trials in await asyncio.gather(*asked) for trial in trials]
    return tuple(answer.final for answer in answers if answer.finish != "error" and answer.final)


def identity(bench: Any) -> str:
    """Return the identity of the writing model."""
    return msgspec.json.encode(dict(bench.further["extractor"].model.identity), order="sorted").decode()
