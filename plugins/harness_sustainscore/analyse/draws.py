"""One row for each judged draw of the constrained and the placebo arm, over the solved items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness import Record, Task, Trial
from harness.ledger import RECORDS, Records, read_results
from harness.recorded import recorded_tasks
from harness_sustainscore.arms import BASE, CONSTRAINED, PLACEBO
from harness_sustainscore.failures.diagnosis import primary
from harness_sustainscore.failures.failed import beside_of, failure_of
from harness_sustainscore.natural import natural_compliance, observed, set_q
from harness_sustainscore.rows import common

#: How bad what became of an answer is, in order.
SEVERITIES = ("kept", "lost, complied", "lost, violated", "broken output")
KEPT, COMPLIED, VIOLATED, BROKEN = range(len(SEVERITIES))
#: Classes of failure in which no answer can be read.
UNREADABLE = frozenset({"infrastructure", "truncation", "output_specification"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One judged answer of one item."""

    task: str
    domain: str
    item: str
    cluster: str
    family: str
    wording: str
    k: int
    #: Whether the prompt held the constraints; else the placebo stood in their place.
    treated: bool
    solved: bool
    #: A rank of SEVERITIES; None where no verdict tells whether a lost answer complied.
    severity: int | None
    #: Natural compliance of its constraints; None: unknown.
    q: float | None


def draws_of(folder: Path) -> list[Draw]:
    """Return the draws of a finished run, in the order of its records.

    Raises:
        StoreError: it is no finished run.
    """
    tasks = recorded_tasks(read_results(folder)["tasks"])
    records = Records(folder / RECORDS)
    pooled = natural_compliance(one for record in records for one in observed(record))
    found: list[Draw] = []
    for record in records:
        seen = observed(record)
        found += [replace(draw, q=set_q(pooled, seen[: draw.k])) for draw in record_draws(record, tasks[record.task])]
    return found


def record_draws(record: Record, task: Task) -> Iterator[Draw]:
    """Yield the judged draws of one record; none where its selection sample is not solved. Their q is yet unknown."""
    base = record.arm(BASE)
    if not base or not base[0].score.solved or record.source != base[0].draw:
        return
    for trial in record.trials:
        if trial.arm not in {CONSTRAINED, PLACEBO} or trial.score.solved is None or not trial.k:
            continue
        used = record.constraints[: trial.k]
        yield Draw(
            task=record.task,
            domain=task.domain,
            item=record.doc,
            cluster=record.unit,
            family=common([constraint.family for constraint in used]),
            wording=common([str(constraint.params.get("wording", "")) for constraint in used]),
            k=trial.k,
            treated=trial.arm == CONSTRAINED,
            solved=trial.score.solved,
            severity=severity(record, task, trial),
            q=None,
        )


def severity(record: Record, task: Task, trial: Trial) -> int | None:
    """Return how bad what became of an answer is: a rank of SEVERITIES; None where its verdicts do not tell."""
    if trial.score.solved:
        return KEPT
    if primary(failure_of(beside_of(record, task), trial, trial.k)) in UNREADABLE:
        return BROKEN
    met = [verdict.met for verdict in trial.verdicts[: trial.k]]
    if False in met:
        return VIOLATED
    return COMPLIED if met and None not in met else None


def by_task(draws: Sequence[Draw]) -> dict[str, list[Draw]]:
    """Return the draws of each task."""
    found: dict[str, list[Draw]] = {}
    for draw in draws:
        found.setdefault(draw.task, []).append(draw)
    return found
