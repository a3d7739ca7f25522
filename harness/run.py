"""A whole run on one page: read this first.

Plan -> registry, tasks, model -> one coroutine for every document -> records.jsonl -> metrics -> results.json
"""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

import harness
from harness.asker import NAMING, Asker, Counts
from harness.bench import Bench
from harness.contracts import Backend, ConstraintType, Evaluation, Finished, Metric, Model, Task, Work
from harness.data import RECORD_SCHEMA, Doc, Estimate, Json, Record
from harness.errors import blame
from harness.ledger import LEDGER_SCHEMA, MANIFEST, RESULTS, Ledger, open_ledger
from harness.opening import check_fit, chosen_types, label_of, open_tasks
from harness.options import options_from
from harness.plan import Plan
from harness.registry import Registry
from harness.secrets import Secrets, secret_fields, secrets_of
from harness.store import open_store


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run has come; sent after each record."""

    done: int
    total: int
    #: How often each mark was met so far.
    marks: Mapping[str, int]
    counts: Counts


Watch = Callable[[Progress], None]


async def run(plan: Plan, registry: Registry, watch: Watch = lambda _: None) -> Finished:
    """Carry out a plan; what an equal run left unfinished is taken up where it stopped.

    Raises:
        HarnessError: of whatever kind, with a message for the user. What was answered is stored.
    """
    prepared = prepare(plan, registry)
    secrets = prepared.secrets
    folder = Path(plan.output)
    identity = {**public(plan, secrets), "tasks": {name: task.facts for name, task in prepared.tasks.items()}}
    ledger = open_ledger(folder, label_of(plan, prepared.evaluation), identity, secrets)
    try:
        with open_store(folder / "store.db") as store:
            with blame(f"backend {prepared.backend.name}"):
                opened = prepared.backend.open(prepared.rest, prepared.model_options)
            async with opened as model:
                check_fit(prepared.evaluation, prepared.tasks, frozenset(model.can), plan.model)
                width = plan.concurrency or model.concurrency
                asker = Asker(model, store, concurrency=width, secrets=secrets)
                manifest = begun(plan, prepared, model, registry, secrets)
                ledger.write(MANIFEST, manifest)
                bench = Bench(asker, prepared.tasks, prepared.types, plan.seed)
                await record_all(plan, prepared, bench, registry, ledger, watch, width)
        return finished(plan, prepared, registry, ledger, {**manifest, **ended(asker.counts)})
    finally:
        ledger.close()


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What a plan's names stand for, opened as far as can be without a model."""

    evaluation: Evaluation
    options: Any
    tasks: Mapping[str, Task]
    types: Mapping[str, ConstraintType]
    backend: Backend
    #: What follows the colon in `--model NAME:REST`.
    rest: str
    model_options: Any
    secrets: Secrets = field(repr=False)
    total: int


def prepare(plan: Plan, registry: Registry) -> Prepared:
    """Look up every name, read every option and open every task.

    Raises:
        HarnessError: a name, option or task that is wrong.
    """
    registry.checked()
    evaluation = registry.pick("evaluation", registry.evaluations, plan.evaluation)
    options: Any = options_from(evaluation.options, plan.option, f"evaluation {evaluation.name}")
    registry.pick("executor", registry.executors, plan.executor)
    name, _, rest = plan.model.partition(":")
    backend = registry.pick("backend", registry.backends, name)
    given = dict(plan.model_option)
    if plan.batch_size is not None:
        given.setdefault("batch_size", plan.batch_size)
    model_options: Any = options_from(backend.options, given, f"backend {name}")
    types = chosen_types(plan, registry) if evaluation.draws_constraints else {}
    tasks = open_tasks(plan, registry)
    check_fit(evaluation, tasks, None, plan.model)
    counted = [len(task) for task in tasks.values()]
    return Prepared(
        evaluation=evaluation,
        options=options,
        tasks=tasks,
        types=types,
        backend=backend,
        rest=rest,
        model_options=model_options,
        secrets=secrets_of(plan.model_option, secret_fields(backend.options)),
        total=sum(counted) if plan.limit is None else sum(min(plan.limit, count) for count in counted),
    )


def documents(plan: Plan, tasks: Mapping[str, Task]) -> Iterator[Doc]:
    """Yield the documents of all tasks, in order."""
    for task in tasks.values():
        yield from islice(task.docs(), plan.limit)


async def record_all(  # the parts of a run meet here
    plan: Plan, prepared: Prepared, bench: Bench, registry: Registry, ledger: Ledger, watch: Watch, width: int
) -> None:
    """Evaluate every document and write its record."""
    executor = registry.executors[plan.executor]
    work = Work(plan=plan, docs=documents(plan, prepared.tasks), evaluate=evaluator(prepared, bench), width=width)
    marks: Counter[str] = Counter()
    with ledger.record_writer() as file:
        records: AsyncIterator[Record] = executor.execute(work)
        async with aclosing(records) as stream:  # type: ignore[type-var]
            done = 0
            async for record in stream:
                file.write(ledger.encoded(record))
                done += 1
                marks.update(record.marks)
                watch(Progress(done=done, total=prepared.total, marks=marks, counts=bench.asker.counts))


def evaluator(prepared: Prepared, bench: Bench) -> Callable[[Doc], Awaitable[Record]]:
    """Return the coroutine that follows one document; whatever it raises is attributed to it."""

    async def evaluate(doc: Doc) -> Record:
        with blame(f"evaluation {prepared.evaluation.name}, document {doc.id}"):
            return await prepared.evaluation.evaluate(doc, bench, prepared.options)

    return evaluate


def finished(
    plan: Plan, prepared: Prepared, registry: Registry, ledger: Ledger, manifest: Mapping[str, Json]
) -> Finished:
    """Turn the records into estimates, and write results and reports."""
    metrics = [metric for metric in registry.metrics.values() if metric.evaluation == prepared.evaluation.name]
    estimates, funnel, reasons = summed(metrics, ledger, prepared)
    ledger.write(MANIFEST, manifest)
    end = Finished(
        folder=ledger.folder,
        plan=plan,
        manifest=manifest,
        evaluation=prepared.evaluation,
        tasks=prepared.tasks,
        records=ledger.records,
        estimates=estimates,
        funnel=funnel,
        reasons=reasons,
    )
    for reporter in registry.reporters.values():
        with blame(f"reporter {reporter.name}"):
            list(reporter.write(end))
    ledger.write(RESULTS, results(end, manifest))  # last: a folder with results is a finished run
    return end


def summed(
    metrics: list[Metric[Any]], ledger: Ledger, prepared: Prepared
) -> tuple[tuple[Estimate, ...], dict[str, int], dict[str, int]]:
    """Go through the records once; return the estimates, the funnel and the reasons."""
    rows: dict[Any, list[Any]] = {metric.row: [] for metric in metrics}
    marks: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    asked = 0
    for record in ledger.records:
        asked += 1
        marks.update(record.marks)
        if record.why:
            reasons[record.why] += 1
        task = prepared.tasks[record.task]
        for keep, kept in rows.items():
            with blame(f"metric row {keep.__name__}, document {record.doc}"):
                row = keep(record, task)
            if row is not None:
                kept.append(row)
    estimates: list[Estimate] = []
    for metric in metrics:
        with blame(f"metric {metric.name}"):
            estimates += metric.estimate(rows[metric.row], prepared.tasks)
    funnel = {"asked": asked} | {mark: marks[mark] for mark in prepared.evaluation.funnel}
    return tuple(estimates), funnel, dict(sorted(reasons.items()))


def public(plan: Plan, secrets: Secrets) -> dict[str, Json]:
    """Return the plan as JSON without secrets, and without what cannot change a result."""
    fields: dict[str, Json] = secrets.hidden(msgspec.to_builtins(plan))
    for name in ("output", "concurrency", "batch_size"):
        del fields[name]
    return fields


def begun(plan: Plan, prepared: Prepared, model: Model, registry: Registry, secrets: Secrets) -> dict[str, Json]:
    """Return the manifest of a run that begins."""
    return {
        "schema": LEDGER_SCHEMA,
        "record_schema": RECORD_SCHEMA,
        "naming": NAMING,
        "harness": harness.__version__,
        "plan": public(plan, secrets),
        "output": plan.output,
        "concurrency": plan.concurrency,
        "batch_size": plan.batch_size,
        "model": dict(model.identity),
        "evaluation": {"name": prepared.evaluation.name, "version": prepared.evaluation.version},
        "constraint_types": {name: kind.version for name, kind in prepared.types.items()},
        "tasks": {name: dict(task.facts) for name, task in prepared.tasks.items()},
        "plugins": {plugin.name: plugin.source for plugin in registry.plugins},
        "environment": environment(),
        "started": now(),
    }


def ended(counts: Counts) -> dict[str, Json]:
    """Return what the end adds to a manifest."""
    return {"ended": now(), "requests": msgspec.to_builtins(counts)}


def results(end: Finished, manifest: Mapping[str, Json]) -> dict[str, Json]:
    """Return what results.json holds: nothing that two equal runs would not share."""
    kept = ("schema", "plan", "model", "evaluation", "constraint_types", "tasks")
    return {
        **{name: manifest[name] for name in kept},
        "funnel": dict(end.funnel),
        "reasons": dict(end.reasons),
        "estimates": msgspec.to_builtins(end.estimates),
    }


def environment() -> dict[str, str]:
    """Return the versions on which a number can depend."""
    versions = {"python": platform.python_version(), "platform": platform.platform()}
    for name in ("lm-eval", "torch", "transformers", "datasets", "numpy", "scipy", "tokenizers"):
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def now() -> str:
    """Return the time, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
