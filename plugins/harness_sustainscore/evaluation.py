"""SustainScore over one document: solve, take a constraint from the answer, ask again with it, beside the controls.

The protocol of arXiv 2601.22047, with the arms that tell interference from noise; `harness_sustainscore.arms` says
what each of them adds to the prompt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from random import Random

from harness import (
    Answered,
    Constraint,
    ConstraintType,
    Doc,
    HarnessError,
    PluginError,
    Prompt,
    Proposing,
    Record,
    Response,
    Task,
    Trial,
    Verdict,
    blame,
)
from harness.bench import Bench
from harness_sustainscore import portable
from harness_sustainscore.arms import ARMS, BASE, REPEAT, Arm, Known, asked_together, conditions
from harness_sustainscore.choice import Choice, Terms, Written, chosen_constraints
from harness_sustainscore.design import Wording, levels
from harness_sustainscore.foreign import LOWER_CASE, OWN_TYPES, foreign_constraints
from harness_sustainscore.options import SustainOptions
from harness_sustainscore.stand_in import STAND_IN

#: Marks of the funnel, in order.
FUNNEL = ("unscored", "cut", "solved", "constrained", "lost")
#: Why a document of a run with portable constraints has none.
NOT_PORTABLE = "no portable constraint for the document"
#: Why a document counts in no estimate but those on all items.
SOLVED_LATER = "unsolved by the selection sample; asked all the same, for the effect on all items"


async def evaluate(doc: Doc, bench: Bench, options: SustainOptions) -> Record:
    """Follow one document through the protocol.

    The first base answer decides whether the document is solved. Its constraints come from the first base answer that
    is right: where that is a later one, the document counts in the effect on all items alone. No base answer is ever
    used as a control.
    """
    position, wording = levels(doc.index, options.position, options.wording)
    bench = bench.placed(position)
    draws = 1 if asks_once(doc, bench, options) else options.base_draws
    base = await bench.trials(doc, BASE, draws=draws, temperature=options.temperature)
    if base[0].score.solved is None:
        return bench.record(doc, trials=base, marks=("unscored",), why=f"unscored: {base[0].score.note}")
    missing, why = lost(base)
    reached = ("solved",) if base[0].score.solved else ()
    source = source_among(base, options)
    if source is None:
        return bench.record(doc, trials=base, marks=missing, why=why or "unsolved")
    answer = Answered(doc=doc, prompt=bench.prompt(doc), response=source.response, score=source.score)
    terms = terms_of(options, wording)
    own = options.constraint_source == "own"
    choice = await drawn_constraints(answer, bench, terms, options, source) if own else shared_constraints(doc, options)
    if not choice.constraints:
        none = why or (choice.why if reached else "unsolved")
        return bench.record(doc, trials=base, marks=(*reached, *missing), why=none, guards=choice.counts)
    arms, brings = await answered_arms(answer, choice.constraints, bench, options, terms)
    trials = await asyncio.gather(
        *(judged(one, (*choice.constraints, *brings.get(one.arm, ())), bench) for one in (*base, *arms))
    )
    missing, why = lost(trials)
    return bench.record(
        doc,
        trials=trials,
        marks=(*reached, *(("constrained",) if reached else ()), *missing),
        why=why or ("" if reached else SOLVED_LATER),
        source=source.draw,
        constraints=choice.constraints,
        foreign=brings,
        guards=choice.counts,
    )


async def answered_arms(
    answer: Answered, own: tuple[Constraint, ...], bench: Bench, options: SustainOptions, terms: Terms
) -> tuple[tuple[Trial, ...], dict[str, tuple[Constraint, ...]]]:
    """Return the trials of all arms beside the base, and the constraints that arms brought, by arm."""
    doc = answer.doc
    still = asks_once(doc, bench, options)
    asked = asked_arms(doc, options, still=still)
    brings = await foreign_constraints(answer, own[0], bench, asked, terms, options.temperature)
    known = Known(
        prompt=answer.prompt,
        own=own,
        foreign=brings,
        random=lambda *key: bench.random(*key[:1], doc.id, *key[1:]),
    )
    wanted = tuple(conditions(known, asked, counts(options, len(own))))
    draws = 1 if still else options.draws
    return await asked_together(doc, bench, wanted, draws=draws, temperature=options.temperature), brings


def source_among(base: Sequence[Trial], options: SustainOptions) -> Trial | None:
    """Return the base answer that gives the constraints: the first right one; without `all_items`, draw 0 or none."""
    candidates = base if options.all_items else base[:1]
    return next((trial for trial in candidates if trial.score.solved), None)


def lost(trials: Iterable[Trial]) -> tuple[tuple[str, ...], str]:
    """Return the mark of a document of which an answer could not be had or judged, and why; empty if none."""
    why = next((trial.score.note for trial in trials if trial.score.solved is None), None)
    return ((), "") if why is None else (("lost",), f"lost: {why}")


def asks_once(doc: Doc, bench: Bench, options: SustainOptions) -> bool:
    """Whether a second draw of one prompt must equal the first: greedy decoding on a deterministic engine.

    The repeat arm is then not asked: it would read as "no noise". The placebo is the null.
    """
    return bench.deterministic and all(one.sampling.greedy for one in bench.requests(doc, options.temperature))


def asked_arms(doc: Doc, options: SustainOptions, *, still: bool) -> tuple[Arm, ...]:
    """Return the arms that a document is asked in."""
    return tuple(
        arm
        for arm in ARMS
        if arm.name in options.arms
        and not (still and arm.name == REPEAT)
        and not (arm.part and doc.index >= options.further_items)
    )


async def drawn_constraints(
    answer: Answered, bench: Bench, terms: Terms, options: SustainOptions, source: Trial
) -> Choice:
    """Return the constraints taken from the source answer; drawn anew for each item, model, draw and seed."""
    task = bench.task(answer.doc)
    written = await written_for(answer, bench, options)
    return chosen_constraints(
        answer,
        bench.constraint_types,
        spec=task.spec,
        domain=task.domain,
        random=bench.random("constraints", answer.doc.id, bench.model, source.draw),
        terms=terms,
        written=written,
    )


def shared_constraints(doc: Doc, options: SustainOptions) -> Choice:
    """Return the portable constraints of a document, exactly as their file has them."""
    found = portable.read(options.constraint_file).items.get(doc.id, ())
    drawn = tuple(one.constraint for one in found[: max(options.constraint_count)])
    return Choice(constraints=drawn, why="" if drawn else NOT_PORTABLE)


def ready(options: SustainOptions, tasks: Mapping[str, Task], types: Mapping[str, ConstraintType]) -> None:
    """Check that constraint types and a file of portable constraints go with the tasks, before anything is asked.

    Raises:
        HarnessError: no type suits any of them, or the file does not go with the run.
    """
    if options.constraint_source == "portable":
        portable.check(options.constraint_file, tasks, types)
    elif not any(kind.suits(task.domain) for kind in types.values() for task in tasks.values()):
        domains = ", ".join(sorted({task.domain for task in tasks.values()}))
        suited = ", ".join(sorted(frozenset[str]().union(*(kind.domains for kind in types.values()))))
        raise HarnessError(
            f"none of the {len(types)} chosen constraint types suits the domain of the tasks ({domains}); they are for "
            f"{suited}: choose others with --constraint-type (`harness list constraints`), or mend the task's domain"
        )


async def written_for(answer: Answered, bench: Bench, options: SustainOptions) -> Written:
    """Return what the chosen types that ask a model had written for an answer."""
    asking = Proposing(answered=answer, bench=bench, temperature=options.temperature, leak_tries=options.leak_tries)
    proposed = {}
    for name, kind in bench.constraint_types.items():
        if kind.propose is not None:
            with blame(f"constraint type {name}, propose", PluginError):
                proposed[name] = await kind.propose(asking)
    return Written(proposed=proposed, checkers=bench.known_types if proposed else {})


def terms_of(options: SustainOptions, wording: Wording) -> Terms:
    """Return which constraints may be drawn."""
    return Terms(
        most=max(options.constraint_count),
        wording=wording,
        touching=options.touching,
        most_hint=options.most_hint,
        strata=frozenset(options.stratum),
    )


def counts(options: SustainOptions, drawn: int) -> list[int]:
    """Return the wanted numbers of constraints for which enough were drawn."""
    return [k for k in sorted(set(options.constraint_count)) if k <= drawn]


async def judged(trial: Trial, constraints: Iterable[Constraint], bench: Bench) -> Trial:
    """Return the trial with a verdict for each constraint, whether or not its prompt held them."""
    verdicts = [await verdict(constraint, trial.response, bench) for constraint in constraints]
    return replace(trial, verdicts=tuple(verdicts))


async def verdict(constraint: Constraint, response: Response, bench: Bench) -> Verdict:
    """Return whether a response met a constraint, by its final part; an empty one meets none.

    A failed request and an answer cut off while thinking are not judged: that is truncation, and no violation.
    """
    if response.finish == "error":
        return Verdict(met=None, note="no response")
    final = response.final
    if final is None:
        return Verdict(met=None, note="truncated thinking")
    if not final.strip():
        return Verdict(met=False, note="empty answer")
    kind = OWN_TYPES.get(constraint.type) or bench.kind_of(constraint)
    answer = replace(response, text=final)
    try:
        with blame(f"constraint type {constraint.type}, check"):
            if constraint.judged and kind.judge is not None:
                return await kind.judge(constraint, answer, bench)
            return kind.check(constraint, answer)
    except PluginError as error:
        return Verdict(met=None, note=str(error))


def requests(options: SustainOptions) -> Mapping[str, int]:
    """Return how many requests one solved document takes at the most, by arm."""
    sizes = len(set(options.constraint_count))
    each = {BASE: options.base_draws}
    for arm in ARMS:
        if arm.name in options.arms:
            each[arm.name] = options.draws * (sizes if arm.nested else 1)
    return each


def preview(prompt: Prompt, options: SustainOptions) -> tuple[tuple[str, Prompt], ...]:
    """Return what each arm would ask in each position, with a stand-in for the constraint yet unknown."""
    brings = {arm.name: (LOWER_CASE if arm.name == "demanding" else STAND_IN,) for arm in ARMS if arm.foreign}
    shown = [(BASE, prompt)]
    for position in options.position:
        here = replace(prompt, place=position)
        known = Known(prompt=here, own=(STAND_IN,), foreign=brings, random=lambda *_: Random(0))  # noqa: S311  # an example
        wanted = conditions(known, [arm for arm in ARMS if arm.name in options.arms and arm.name != REPEAT], (1,))
        shown += [(f"{one.arm}, {position}", here.with_inserted(one.pieces)) for one in wanted]
    return tuple(shown)
