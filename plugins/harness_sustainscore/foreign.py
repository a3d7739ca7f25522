"""Constraints that are not taken from a document's own answer: transplanted from another one, and demanding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from harness import Answered, Constraint, ConstraintType, Doc, PluginError, Response, Verdict, blame
from harness.bench import Bench
from harness_sustainscore.arms import BASE, DEMANDING, TRANSPLANTED, Arm
from harness_sustainscore.choice import Terms, passing
from harness_sustainscore.guards import guard_against, held

#: How far away in the task a donor may stand, so that a run of the first documents finds its donors among them.
NEAR = 25
#: Donors asked before an arm is given up.
MOST_DONORS = 8


def is_lower_case(_constraint: Constraint, response: Response) -> Verdict:
    """Return whether an answer has letters, none of them a capital."""
    text = response.text
    return Verdict(met=text == text.lower() and text != text.upper())


#: The positive control: easily said, easily checked, and nothing to do with any task.
LOWER_CASE = Constraint(
    type="demanding_lower_case",
    family="demanding",
    version="1",
    params={},
    text="Write the whole response in lower case letters, without a single capital letter.",
)
#: Types that no plan chooses, by name, so that their verdicts can be had all the same.
OWN_TYPES: Mapping[str, ConstraintType] = {
    LOWER_CASE.type: ConstraintType(
        name=LOWER_CASE.type,
        family=LOWER_CASE.family,
        summary="the positive control: no capital letters",
        extract=lambda _: (),
        check=is_lower_case,
    )
}


async def foreign_constraints(  # what decides them
    source: Answered, own: Constraint, bench: Bench, arms: Sequence[Arm], terms: Terms, temperature: float | None
) -> dict[str, tuple[Constraint, ...]]:
    """Return the constraints that the arms bring to a document, by arm; an arm for which there is none is left out.

    Args:
        source: the answer that the document's own constraints are taken from.
        own: the first of them.
        bench: asks the donors.
        arms: that the document is asked in.
        terms: what may be drawn.
        temperature: of the base arm.
    """
    names = {arm.name for arm in arms}
    found: dict[str, tuple[Constraint, ...]] = {}
    if TRANSPLANTED in names:
        donated = await transplanted(source, own, bench, terms, temperature)
        if donated is not None:
            found[TRANSPLANTED] = (donated,)
    if DEMANDING in names and not is_lower_case(LOWER_CASE, source.response).met:
        found[DEMANDING] = (LOWER_CASE,)
    return found


async def transplanted(
    source: Answered, own: Constraint, bench: Bench, terms: Terms, temperature: float | None
) -> Constraint | None:
    """Return a constraint of the type of `own` from another document's answer, which this document's answer meets too.

    A donor is asked for its first base answer through the same bench, which the run needs anyhow; so what is found
    depends on the documents and the seed alone, and not on which of them is worked on first. None where no donor near
    by has one that says something else and passes the guards here.
    """
    kind = bench.constraint_types.get(own.type)
    task = bench.task(source.doc)
    here = held(source, task.spec, task.domain, touching=terms.touching)
    if kind is None or here is None:
        return None
    for donor in donors(source.doc, bench):
        answer = (await bench.trials(donor, BASE, draws=1, temperature=temperature))[0]
        given = Answered(doc=donor, prompt=bench.prompt(donor), response=answer.response, score=answer.score)
        there = held(given, task.spec, task.domain, touching=terms.touching) if answer.score.solved else None
        if there is None:
            continue
        offered = list(passing(kind, there, terms, {}))
        bench.random("transplanted", source.doc.id, donor.id).shuffle(offered)
        for candidate in offered:
            with blame(f"constraint type {kind.name}, check", PluginError):
                refused = guard_against(kind, candidate, here)
            if not refused and candidate.text != own.text:
                return candidate
    return None


def donors(doc: Doc, bench: Bench) -> Iterator[Doc]:
    """Yield other documents of the task that stand near by, in random order."""
    first = max(0, doc.index - NEAR)
    near = [other for other in islice(bench.task(doc).docs(), first, doc.index + NEAR + 1) if other.id != doc.id]
    bench.random("donors", doc.id).shuffle(near)
    yield from near[:MOST_DONORS]
