"""From a record to its failures: which trial failed, against which base answers, asked with which constraints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness import Record, Task, Trial, Verdict
from harness.data import Finish
from harness_sustainscore.arms import BASE, CONSTRAINED
from harness_sustainscore.failures.case import Failure, Form, form_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What the failed answers of a document stand beside: made once for all of them."""

    record: Record
    form: Form
    question: str
    #: Base answers that are solved, the source of the constraints first.
    base: tuple[str, ...]
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A trial that is not solved, as the rules see it."""

    trial: Trial
    #: The number of constraints whose texts the rules know: those of the prompt, or those that a control stands beside.
    k: int
    failure: Failure
    #: Of each of those constraints.
    verdicts: tuple[Verdict, ...]


def failed_trials(record: Record, task: Task) -> Iterator[Failed]:
    """Yield the failed trials of a document that was asked again, in the order of its trials.

    An answer to a prompt without constraints, such as a repeat, is read beside the smallest number of them.
    """
    if record.source is None:
        return
    beside = beside_of(record, task)
    smallest = min((trial.k for trial in record.trials if trial.arm == CONSTRAINED), default=0)
    for trial in record.trials:
        if trial.arm != BASE and trial.score.solved is not True:
            yield failed(beside, trial, trial.k or smallest)


def beside_of(record: Record, task: Task) -> Beside:
    """Return what the failed answers of a document stand beside."""
    return Beside(
        record=record,
        form=form_of(task.domain, record.golds),
        question="\n".join(message.content for message in record.prompt),
        base=solved_answers(record),
        channel=task.spec.channel,
    )


def failed(beside: Beside, trial: Trial, k: int) -> Failed:
    """Return a failed trial beside k constraints of its document, or the ones that its arm brought."""
    foreign, own = beside.record.foreign.get(trial.arm), len(beside.record.constraints)
    verdicts = trial.verdicts[own : own + len(foreign)] if foreign else trial.verdicts[:k]
    return Failed(trial=trial, k=k, verdicts=verdicts, failure=failure_of(beside, trial, k))


def failure_of(beside: Beside, trial: Trial, k: int) -> Failure:
    """Return what the rules see of a failed trial."""
    record, score = beside.record, trial.score
    constraints = record.foreign.get(trial.arm) or record.constraints[:k]
    return Failure(
        form=beside.form,
        text=said(trial),
        finish=finish_of(trial),
        lenient=score.lenient,
        note=score.note,
        question=beside.question,
        constraints=tuple([constraint.text for constraint in constraints]),
        base=beside.base,
        golds=record.golds,
        hops=record.hops,
        channel=beside.channel,
    )


def said(trial: Trial) -> str:
    """Return the answers of a trial as one text."""
    return "\n".join([response.text for response in trial.responses])


def finish_of(trial: Trial) -> Finish:
    """Return how the answers of a trial ended: the worst of them."""
    ends = [response.finish for response in trial.responses]
    return "error" if "error" in ends else "length" if "length" in ends else "stop"


def solved_answers(record: Record) -> tuple[str, ...]:
    """Return the base answers that are solved, the source of the constraints first."""
    solved = [trial for trial in record.trials if trial.arm == BASE and trial.score.solved]
    solved.sort(key=lambda trial: (trial.draw != record.source, trial.draw))
    return tuple(map(said, solved))
