"""The lines of the board, from the estimates of submissions: one for each run, task, k and family of constraints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from harness import Estimate
from harness_site.board.submission import SUSTAINSCORE, Submission
from harness_sustainscore import ALL, cells_of, labels_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Within what lines are ranked: numbers of other tasks, constraints or families are of another kind."""

    domain: str
    #: `all`: the whole domain, where a run has several of its tasks.
    task: str
    #: Constraints in the prompt.
    k: int
    #: Family of constraints; `all`: whatever the documents got.
    family: str

    @property
    def title(self) -> str:
        """In words."""
        where = f"{self.domain}, all tasks" if self.task == ALL else self.task
        what = "" if self.family == ALL else f", {self.family}"
        return f"{where}, k = {self.k}{what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rank:
    """The places that a line may hold, the first and the last; equal ones are ties that no test tells apart."""

    best: int
    worst: int
    #: Lines of its scope that have a rank.
    among: int

    @property
    def text(self) -> str:
        """The places in words.

        >>> Rank(best=1, worst=1, among=4).text, Rank(best=2, worst=4, among=4).text
        ('1', '2-4')
        """
        return str(self.best) if self.best == self.worst else f"{self.best}-{self.worst}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One run in one scope."""

    submission: Submission
    scope: Scope
    #: The estimates of the cell, by metric, and `base_accuracy` of its task.
    cell: Mapping[str, Estimate]
    #: Class of failure and its estimates, the largest excess over the control first.
    excess: tuple[Estimate, ...] = ()
    #: None: it is not ranked, and `why` says why.
    rank: Rank | None = None
    why: str = ""
    #: Runs of the scope that it could not be compared with, and what they differ in.
    apart: Mapping[str, str] = field(default_factory=dict)

    def value(self, metric: str) -> float | None:
        """Return the value of a metric; None where it is not known."""
        return self.cell[metric].value if metric in self.cell else None


def lines_of(submissions: Sequence[Submission]) -> list[Line]:
    """Return the lines of all submissions of the evaluation `sustainscore`, without ranks."""
    return [line for one in submissions if one.evaluation == SUSTAINSCORE for line in submission_lines(one)]


def submission_lines(submission: Submission) -> Iterator[Line]:
    """Yield the whole cells of a run and those of its families."""
    accuracy = {
        (one.labels.get("domain"), one.labels.get("task")): one
        for one in submission.estimates
        if one.metric == "base_accuracy"
    }
    for cell in cells_of(submission.estimates):
        labels = labels_of(cell)
        if labels["type"] != ALL or labels["stratum"] != ALL or not labels["k"].isdigit():
            continue
        scope = Scope(domain=labels["domain"], task=labels["task"], k=int(labels["k"]), family=labels["family"])
        base = accuracy.get((scope.domain, scope.task))
        yield Line(
            submission=submission,
            scope=scope,
            cell={**cell, **({"base_accuracy": base} if base else {})},
            excess=excess_of(submission.estimates, scope),
        )


def excess_of(estimates: Sequence[Estimate], scope: Scope) -> tuple[Estimate, ...]:
    """Return how much of each class of failure the constraint adds, the most first; of families nothing is told."""
    if scope.family != ALL:
        return ()
    where = {"task": scope.task, "domain": scope.domain, "k": str(scope.k)}
    found = [
        one
        for one in estimates
        if one.metric == "excess" and one.value is not None and where.items() <= dict(one.labels).items()
    ]
    return tuple(sorted(found, key=lambda one: (-(one.value or 0.0), one.labels["class"])))
