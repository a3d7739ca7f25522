"""What the viewer shows at each address, from the run folders as they are now."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import msgspec

import harness
from harness import Case, Estimate, Evaluation, HarnessError, Json, Record, blame
from harness.ledger import RECORDS, Records
from harness.recorded import recorded_tasks
from harness.registry import Registry
from harness.report import funnel_line, tables_of
from harness.summary import summary_of
from harness_site.rendering import page
from harness_site.site import drawings, ordered_funnel
from harness_site.view.answers import columns_of, prompt_pieces, verdicts_of
from harness_site.view.folders import Folders, Viewed
from harness_site.view.index import Choice
from harness_site.view.outcomes import OUTCOMES

#: Samples on one page of a list.
PAGE = 50
#: Seconds that a page waits for the index to read on; the rest is read while the reader reads.
PATIENCE = 0.15
#: Records up to which an unfinished run's numbers are computed as it goes; then only once it has ended.
MOST_LIVE = 2_000
#: By how much records must have grown for that to be done again.
GROWTH = 1.1
LINKS = (("Runs", ""), ("Leaderboard", "board/index.html"))


@dataclass(slots=True, kw_only=True)
class Live:
    """The numbers of an unfinished run, as of so many records."""

    count: int = 0
    estimates: tuple[Estimate, ...] = ()
    lock: Lock = field(default_factory=Lock)


@dataclass(slots=True, kw_only=True)
class Pages:
    """The pages over some folders."""

    folders: Folders
    registry: Registry
    _live: dict[str, Live] = field(default_factory=dict)

    def runs(self) -> bytes:
        """Return the list of runs."""
        rows = [self._summary(one) for one in self.folders.look().values()]
        going = any(not row["finished"] for row in rows)
        return self._page("runs.html", "", runs=rows, going=going)

    def run(self, one: Viewed) -> bytes:
        """Return the page of one run: its funnel and its tables, also while it goes on."""
        one.index.read_on(PATIENCE)
        manifest = one.manifest
        evaluation = self._evaluation(one)
        estimates = self._estimates(one)
        return self._page(
            "run.html",
            f"runs/{one.name}/",
            run=self._summary(one),
            outcomes=[(name, told, one.index.outcomes[name]) for name, told in OUTCOMES.items()],
            facts=facts_of(manifest),
            drawings=drawings(f"runs/{one.name}/exhibits/{name}" for name in one.exhibits if name.endswith(".svg")),
            papers=[name for name in one.exhibits if name.endswith(".html")],
            tables=tables_of(estimates, layout=evaluation.layout if evaluation else None),
            partial=None if one.finished else self._live[one.name].count,
            going=not one.finished,
        )

    def samples(self, one: Viewed, choice: Choice, number: int) -> bytes:
        """Return one page of the list of samples.

        Args:
            one: the run.
            choice: which of its samples.
            number: of the page, from 1.
        """
        one.index.read_on(PATIENCE)
        chosen = one.index.chosen(choice)
        last = max(1, -(-len(chosen) // PAGE))
        number = min(max(number, 1), last)
        part = chosen[(number - 1) * PAGE : number * PAGE]
        rows = [
            {"number": place, "doc": outline.doc, "outcome": outcome, "why": outline.why, "arms": tallies(outline)}
            for place, outline, outcome in one.index.outlines(part)
        ]
        return self._page(
            "samples.html",
            f"runs/{one.name}/samples",
            run=self._summary(one),
            rows=rows,
            choice=choice,
            outcomes=OUTCOMES,
            tasks=one.index.tasks,
            number=number,
            last=last,
            count=len(chosen),
            going=not one.finished or not one.index.whole,
        )

    def sample(self, one: Viewed, number: int, choice: Choice, *, rendered: bool) -> bytes:
        """Return one sample, its answers side by side.

        Args:
            one: the run.
            number: of the record.
            choice: within which the next and the last one are looked for.
            rendered: whether answers are shown as the Markdown that they may be.
        """
        record = one.index.record(number)
        chosen = one.index.chosen(choice)
        at, after = bisect_left(chosen, number), bisect_right(chosen, number)
        columns = columns_of(record, self._cases(one, record))
        return self._page(
            "sample.html",
            f"runs/{one.name}/samples/{number}",
            run=self._summary(one),
            record=record,
            number=number,
            choice=choice,
            before=chosen[at - 1] if at else None,
            behind=chosen[after] if after < len(chosen) else None,
            columns=columns,
            verdicts={answer.number: verdicts_of(record, answer.trial) for one in columns for answer in one.answers},
            prompt=list(prompt_pieces(record.prompt)),
            rendered=rendered,
            going=False,
        )

    def wrong(self, status: int, why: str) -> bytes:
        """Return the page of what is not there, or went wrong."""
        return self._page("wrong.html", "", status=status, why=why, going=False)

    def _page(self, template: str, here: str, **values: Any) -> bytes:
        root = "../" * here.count("/") or "./"
        return page(template, root=root, here=here, links=LINKS, version=harness.__version__, **values)

    def _summary(self, one: Viewed) -> dict[str, Any]:
        """Return what the list of runs tells of one; a folder that cannot be read says why."""
        try:
            told: dict[str, Any] = {"model": one.model, "tasks": ", ".join(one.manifest["plan"].get("tasks", ()))}
            evaluation = str(one.manifest.get("evaluation", {}).get("name"))
            funnel = self._funnel(one)
            fault = ""
        except HarnessError as error:
            told, evaluation, funnel, fault = {"model": "", "tasks": ""}, "", {}, str(error)
        return {
            **told,
            "name": one.name,
            "evaluation": evaluation,
            "finished": one.finished,
            "idle": one.idle,
            "funnel": funnel_line(funnel),
            "fault": fault,
        }

    def _funnel(self, one: Viewed) -> Mapping[str, int]:
        """Return the funnel of a run; of an unfinished one as of the records that are there."""
        evaluation = self._evaluation(one)
        marks = evaluation.funnel if evaluation else ()
        if one.finished:
            return ordered_funnel(one.results["funnel"], marks)
        one.index.read_on(PATIENCE)
        return {"asked": len(one.index)} | {mark: one.index.marks[mark] for mark in marks}

    def _evaluation(self, one: Viewed) -> Evaluation | None:
        told: Json = one.manifest.get("evaluation", {})
        return self.registry.evaluations.get(str(told.get("name")))

    def _estimates(self, one: Viewed) -> tuple[Estimate, ...]:
        """Return the numbers of a run; of an unfinished one as of the records that are there."""
        if one.finished:
            return msgspec.convert(one.results["estimates"], tuple[Estimate, ...])
        live = self._live.setdefault(one.name, Live())
        evaluation, count = self._evaluation(one), len(one.index)
        if evaluation is None or count > MOST_LIVE:
            return live.estimates
        with live.lock:
            if count and count >= GROWTH * live.count:
                metrics = [one for one in self.registry.metrics.values() if one.evaluation == evaluation.name]
                tasks = recorded_tasks(one.manifest["tasks"])
                live.estimates = summary_of(Records(one.folder / RECORDS), metrics, tasks, evaluation.funnel).estimates
                live.count = count
        return live.estimates

    def _cases(self, one: Viewed, record: Record) -> Iterator[Case]:
        """Yield the failed answers of a record, if its evaluation tells them apart."""
        evaluation = self._evaluation(one)
        if evaluation is not None and evaluation.failures is not None:
            task = recorded_tasks(one.manifest["tasks"])[record.task]
            with blame(f"evaluation {evaluation.name}, failures, document {record.doc}"):
                yield from evaluation.failures(record, task)


def tallies(outline: Any) -> str:
    """Return how many answers of each arm are right, in words."""
    right: dict[str, list[int]] = {}
    for trial in outline.trials:
        counts = right.setdefault(f"{trial.arm} {trial.k}" if trial.k else trial.arm, [0, 0])
        counts[0] += trial.score.solved is True
        counts[1] += 1
    return " · ".join(f"{arm} {solved}/{asked}" for arm, (solved, asked) in right.items())


def facts_of(manifest: Mapping[str, Json]) -> list[tuple[str, str]]:
    """Return what is known of a run from its start, in words."""
    plan = manifest["plan"]
    told = {
        **{f"Model, {name}": str(value) for name, value in manifest["model"].items()},
        "Tasks": ", ".join(map(str, plan.get("tasks", ()))),
        "Constraint types": ", ".join(map(str, plan.get("constraint_type", ()))),
        "Options": ", ".join(f"{name} = {value}" for name, value in plan.get("option", {}).items()),
        "Seed": str(plan.get("seed")),
        "Harness": str(manifest.get("harness")),
        "Began": str(manifest.get("started")),
        "Ended": str(manifest.get("ended") or "not yet"),
        "Requests": ", ".join(f"{name} {counted(count)}" for name, count in (manifest.get("requests") or {}).items()),
    }
    return [(name, value) for name, value in told.items() if value]


def counted(value: Json) -> str:
    """Return a number of a manifest in words; what is not known is said.

    >>> counted(1200), counted(None)
    ('1,200', 'unknown')
    """
    return "unknown" if value is None else f"{value:,}" if isinstance(value, int) else str(value)
