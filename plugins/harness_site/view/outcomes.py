"""What became of a document, in one word: for the list of samples and its filter."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from harness_sustainscore import BASE, CONSTRAINED

#: Word and meaning, in the order in which a reader asks for them.
OUTCOMES = {
    "lost": "a constrained answer is wrong, and every control is right",
    "unsteady": "a constrained answer is wrong, and so is a control",
    "kept": "every constrained answer is right",
    "unconstrained": "solved, but no constraint was asked",
    "unsolved": "the base answer is wrong",
    "unscored": "the base answer could not be judged",
}
CODES = tuple(OUTCOMES)


class Graded(msgspec.Struct, gc=False, frozen=True):
    """Of a score, whether it is right."""

    solved: bool | None = None


class Attempt(msgspec.Struct, gc=False, frozen=True):
    """Of a trial, which one it is and whether it is right."""

    arm: str
    draw: int
    score: Graded
    k: int = 0


class Outline(msgspec.Struct, gc=False, frozen=True):
    """Of a record, what the list of samples is made of; answers are not read."""

    doc: str
    task: str
    index: int
    marks: tuple[str, ...] = ()
    why: str = ""
    trials: tuple[Attempt, ...] = ()


def outcome_of(trials: Sequence[Attempt]) -> str:
    """Return what became of a document. Of an evaluation without arms, whether its answer is right.

    >>> right, wrong = Graded(solved=True), Graded(solved=False)
    >>> base = Attempt(arm="base", draw=0, score=right)
    >>> outcome_of([base, Attempt(arm="placebo", draw=0, score=right), Attempt(arm="constrained", draw=0, score=wrong)])
    'lost'
    >>> outcome_of([base]), outcome_of([Attempt(arm="plain", draw=0, score=wrong)]), outcome_of([])
    ('unconstrained', 'unsolved', 'unscored')
    """
    arms = {trial.arm for trial in trials}
    base = next((trial for trial in trials if trial.arm == BASE), trials[0] if trials else None)
    if base is None or base.score.solved is None:
        return "unscored"
    if not base.score.solved:
        return "unsolved"
    if CONSTRAINED not in arms:
        return "unconstrained" if BASE in arms else "kept"
    if all(trial.score.solved for trial in trials if trial.arm == CONSTRAINED):
        return "kept"
    controls = [trial for trial in trials if trial.arm not in {BASE, CONSTRAINED}]
    return "lost" if all(trial.score.solved for trial in controls) else "unsteady"
