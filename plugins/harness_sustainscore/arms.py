"""The arms: under which conditions a document is asked again, as data; what each isolates (method 3.2).

base          the prompt as it is         selection, source answers, natural compliance
repeat        the same again              noise of sampling and serving, regression to the mean
placebo       an idle statement           any added text
wrapper       the frame, nothing in it    the frame and its mood
constrained   the answer's own constraint the effect
transplanted  another document's one      one's own words against any rule that is met
demanding     all in lower case           whether the measurement would see an effect
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from harness import Constraint, Doc, Prompt, Trial
from harness.bench import Bench
from harness_sustainscore.inserts import Pieces, constraint_pieces
from harness_sustainscore.placebo import idle_pieces, wrapper_pieces

#: Arms, as records name them.
BASE, REPEAT, PLACEBO, WRAPPER = "base", "repeat", "placebo", "wrapper"
CONSTRAINED, TRANSPLANTED, DEMANDING = "constrained", "transplanted", "demanding"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a document when its arms are asked."""

    #: Its prompt, with the place for added text.
    prompt: Prompt
    #: Constraints from its own answer, in order of use.
    own: tuple[Constraint, ...]
    #: Those of the arms that bring their own.
    foreign: Mapping[str, tuple[Constraint, ...]]
    #: Seeded by what is passed.
    random: Callable[..., Random]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One condition."""

    name: str
    summary: str
    #: What it adds to the prompt with k constraints.
    added: Callable[[Known, int], Pieces]
    #: Whether it is asked at each number of constraints; otherwise once, at the fixed number that it holds.
    nested: bool = False
    holds: int = 0
    #: Whether only the first documents of each task are asked in it (`further_items`).
    part: bool = False
    #: Whether it brings a constraint that is not the document's own.
    foreign: bool = False


def nothing(_known: Known, _k: int) -> Pieces:
    """Add nothing."""
    return ()


def own(known: Known, k: int) -> Pieces:
    """Add the first k constraints."""
    return constraint_pieces(known.own[:k], known.prompt)


def idle(known: Known, k: int) -> Pieces:
    """Add an idle statement as long as the first k constraints."""
    return idle_pieces(known.prompt, own(known, k), known.random("placebo", k))


def frame(known: Known, _k: int) -> Pieces:
    """Add the frame of a constraint with a request that asks for nothing new."""
    return wrapper_pieces(known.prompt)


def brought(name: str) -> Callable[[Known, int], Pieces]:
    """Return what adds the constraint that an arm brings."""
    return lambda known, _k: constraint_pieces(known.foreign[name], known.prompt)


#: All arms beside the base, in the order of records.
ARMS = (
    Arm(name=REPEAT, summary="the same prompt again", added=nothing),
    Arm(name=PLACEBO, summary="an idle statement as long as the constraints", added=idle, nested=True),
    Arm(name=WRAPPER, summary="the frame of a constraint without one", added=frame, part=True),
    Arm(name=CONSTRAINED, summary="constraints from the document's own answer", added=own, nested=True),
    Arm(
        name=TRANSPLANTED,
        summary="a constraint of the same type from another document's answer, which this answer meets too",
        added=brought(TRANSPLANTED),
        holds=1,
        part=True,
        foreign=True,
    ),
    Arm(
        name=DEMANDING,
        summary="a constraint that the answer does not meet, as a check that an effect would be seen",
        added=brought(DEMANDING),
        holds=1,
        part=True,
        foreign=True,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """An arm at a number of constraints, with the text that it adds to one document's prompt."""

    arm: str
    k: int
    pieces: Pieces


def conditions(known: Known, arms: Sequence[Arm], counts: Sequence[int]) -> Iterator[Condition]:
    """Yield the conditions of a document: each arm once, or at each number of constraints.

    An arm that brings a constraint is left out where none was found.
    """
    for arm in arms:
        if arm.foreign and not known.foreign.get(arm.name):
            continue
        for k in counts if arm.nested else (arm.holds,):
            yield Condition(arm=arm.name, k=k, pieces=arm.added(known, k))


async def asked_together(
    doc: Doc, bench: Bench, wanted: Sequence[Condition], *, draws: int, temperature: float | None
) -> tuple[Trial, ...]:
    """Ask every draw of every condition, interleaved: sent in random order, so that no arm is served earlier.

    Returns:
        The trials by condition, then by draw.
    """
    plain = bench.requests(doc, temperature)
    jobs = []
    for condition in wanted:
        requests = plain
        if condition.pieces:
            requests = tuple(replace(one, prompt=one.prompt.with_inserted(condition.pieces)) for one in plain)
        inserted = "".join(text for _, text in condition.pieces)
        jobs += [(condition, requests, inserted, draw) for draw in range(draws)]
    order = list(range(len(jobs)))
    bench.random("order", doc.id).shuffle(order)

    async def one(job: int) -> tuple[int, Trial]:
        condition, requests, inserted, draw = jobs[job]
        return job, await bench.asked(doc, condition.arm, requests, draw=draw, k=condition.k, inserted=inserted)

    answered = await asyncio.gather(*map(one, order))
    return tuple(trial for _, trial in sorted(answered, key=lambda pair: pair[0]))
