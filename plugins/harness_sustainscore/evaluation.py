"""SustainScore over one document: solve, take a constraint from the answer, ask again with it, beside two controls.

The protocol of arXiv 2601.22047, with the arms that tell interference from noise: `repeat` asks the same
prompt again, `placebo` puts an idle statement of the same length into the same slot.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from random import Random

from harness import Answered, Constraint, Doc, PluginError, Prompt, Record, Response, Trial, Verdict, blame
from harness.bench import Bench
from harness_sustainscore.choice import Choice, Terms, chosen_constraints
from harness_sustainscore.design import Wording, levels
from harness_sustainscore.inserts import Pieces, constraint_pieces, placebo_pieces
from harness_sustainscore.options import SustainOptions
from harness_sustainscore.placebo import placebo_text

#: Arms, as records name them.
BASE, REPEAT, PLACEBO, CONSTRAINED = "base", "repeat", "placebo", "constrained"
#: Marks of the funnel, in order.
FUNNEL = ("unscored", "cut", "solved", "constrained", "lost")


async def evaluate(doc: Doc, bench: Bench, options: SustainOptions) -> Record:
    """Follow one document through the protocol.

    The first base answer decides whether the document is solved, and is the source of its constraints;
    the other base answers are never reused as a control.
    """
    position, wording = levels(doc.index, options.position, options.wording)
    bench = bench.placed(position)
    still = asks_once(doc, bench, options)
    draws = 1 if still else options.draws
    base = await bench.trials(doc, BASE, draws=1 if still else options.base_draws, temperature=options.temperature)
    source = base[0]
    if source.score.solved is None:
        return bench.record(doc, trials=base, marks=("unscored",), why=f"unscored: {source.score.note}")
    missing, why = lost(base)
    if not source.score.solved:
        return bench.record(doc, trials=base, marks=missing, why=why or "unsolved")
    choice = drawn_constraints(doc, bench, options, source, wording)
    if not choice.constraints:
        marks = ("solved", *missing)
        return bench.record(doc, trials=base, marks=marks, why=why or choice.why, guards=choice.counts)
    arms = await asked_arms(doc, bench, options, choice.constraints, draws=draws, repeat=not still)
    trials = [judged(trial, choice.constraints, bench) for trial in (*base, *arms)]
    missing, why = lost(trials)
    return bench.record(
        doc,
        trials=trials,
        marks=("solved", "constrained", *missing),
        why=why,
        source=source.draw,
        constraints=choice.constraints,
        guards=choice.counts,
    )


def lost(trials: Iterable[Trial]) -> tuple[tuple[str, ...], str]:
    """Return the mark of a document of which an answer could not be had or judged, and why; empty if none."""
    why = next((trial.score.note for trial in trials if trial.score.solved is None), None)
    return ((), "") if why is None else (("lost",), f"lost: {why}")


def asks_once(doc: Doc, bench: Bench, options: SustainOptions) -> bool:
    """Whether a second draw of one prompt must equal the first: greedy decoding on a deterministic engine.

    The repeat arm is then not asked: it would read as "no noise". The placebo is the null.
    """
    return bench.deterministic and all(one.sampling.greedy for one in bench.requests(doc, options.temperature))


def drawn_constraints(doc: Doc, bench: Bench, options: SustainOptions, source: Trial, wording: Wording) -> Choice:
    """Return the constraints taken from the source answer; drawn anew for each item, model, draw and seed."""
    task = bench.task(doc)
    return chosen_constraints(
        Answered(doc=doc, prompt=bench.prompt(doc), response=source.response, score=source.score),
        bench.constraint_types,
        spec=task.spec,
        domain=task.domain,
        random=bench.random("constraints", doc.id, bench.model, source.draw),
        terms=terms_of(options, wording),
    )


def terms_of(options: SustainOptions, wording: Wording) -> Terms:
    """Return which constraints may be drawn."""
    return Terms(
        most=max(options.constraint_count),
        wording=wording,
        touching=options.touching,
        most_hint=options.most_hint,
        strata=frozenset(options.stratum),
    )


async def asked_arms(  # what the arms differ in
    doc: Doc, bench: Bench, options: SustainOptions, constraints: tuple[Constraint, ...], *, draws: int, repeat: bool
) -> tuple[Trial, ...]:
    """Ask all arms beside the base together, so that they are interleaved in time."""
    prompt, wanted = bench.prompt(doc), []
    if repeat:
        wanted.append(bench.trials(doc, REPEAT, draws=draws, temperature=options.temperature))
    for k in counts(options, len(constraints)):
        pieces = constraint_pieces(constraints[:k], prompt)
        idle = idle_pieces(prompt, pieces, bench.random("placebo", doc.id, k))
        wanted.append(bench.trials(doc, PLACEBO, draws=draws, insert=idle, k=k, temperature=options.temperature))
        wanted.append(bench.trials(doc, CONSTRAINED, draws=draws, insert=pieces, k=k, temperature=options.temperature))
    return tuple(trial for arm in await asyncio.gather(*wanted) for trial in arm)


def counts(options: SustainOptions, drawn: int) -> list[int]:
    """Return the wanted numbers of constraints for which enough were drawn."""
    return [k for k in sorted(set(options.constraint_count)) if k <= drawn]


def idle_pieces(prompt: Prompt, pieces: Pieces, random: Random) -> Pieces:
    """Return the placebo that stands where the constraints would, as long as they are."""
    header = sum(len(text) for _, text in placebo_pieces("", prompt))
    length = sum(len(text) for _, text in pieces) - header
    return placebo_pieces(placebo_text(length, prompt.text, random), prompt)


def judged(trial: Trial, constraints: Iterable[Constraint], bench: Bench) -> Trial:
    """Return the trial with a verdict for each constraint, whether or not its prompt held them."""
    verdicts = tuple(verdict(constraint, trial.response, bench) for constraint in constraints)
    return replace(trial, verdicts=verdicts)


def verdict(constraint: Constraint, response: Response, bench: Bench) -> Verdict:
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
    try:
        with blame(f"constraint type {constraint.type}, check"):
            return bench.constraint_types[constraint.type].check(constraint, replace(response, text=final))
    except PluginError as error:
        return Verdict(met=None, note=str(error))


def requests(options: SustainOptions) -> Mapping[str, int]:
    """Return how many requests one solved document takes at the most, by arm."""
    sizes = len(set(options.constraint_count))
    return {
        BASE: options.base_draws,
        REPEAT: options.draws,
        PLACEBO: options.draws * sizes,
        CONSTRAINED: options.draws * sizes,
    }


def preview(prompt: Prompt, options: SustainOptions) -> tuple[tuple[str, Prompt], ...]:
    """Return what each arm would ask in each position, with a stand-in for the constraint yet unknown."""
    stand_in = Constraint(
        type="", family="", version="", params={}, text="<a constraint that the model's own answer meets>"
    )
    shown = [(BASE, prompt)]
    for position in options.position:
        here = replace(prompt, place=position)
        pieces = constraint_pieces((stand_in,), here)
        idle = idle_pieces(here, pieces, Random(0))  # noqa: S311  # an example
        shown += [
            (f"{PLACEBO}, {position}", here.with_inserted(idle)),
            (f"{CONSTRAINED}, {position}", here.with_inserted(pieces)),
        ]
    return tuple(shown)
