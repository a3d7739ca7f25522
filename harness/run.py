"""A whole run on one page: read this first.

Plan -> registry, tasks, model -> one coroutine for every document -> records.jsonl -> metrics -> results.json
"""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import metadata
from itertools import islice
from pathlib import Path

import msgspec

import harness
from harness.asker import NAMING, Asker, Counts
from harness.bench import Bench
from harness.budget import Budget, Pot
from harness.contracts import ConstraintType, Elsewhere, Finished, Model, Task, Work
from harness.data import RECORD_SCHEMA, Doc, Json, Record
from harness.errors import BackendError, blame
from harness.further import open_further
from harness.garbage import settled
from harness.ledger import LEDGER_SCHEMA, MANIFEST, Ledger, open_ledger
from harness.opening import check_fit, label_of, limits
from harness.options import option_files
from harness.plan import Plan
from harness.preparing import Prepared, prepare
from harness.prices import usage_rows
from harness.registry import Registry
from harness.secrets import Secrets
from harness.store import Answers, open_store
from harness.summary import summary_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run has come; sent after each record."""

    done: int
    total: int
    #: How often each mark was met so far.
    marks: Mapping[str, int]
    counts: Counts


Watch = Callable[[Progress], None]

#: Fields of a plan that change no result, so that a run goes on with others.
SETTINGS = (
    *("output", "concurrency", "batch_size", "executor", "executor_option"),
    *("batch_api", "max_cost", "max_tokens_total", "prices"),
)


async def run(plan: Plan, registry: Registry, watch: Watch = lambda _: None) -> Finished:
    """Carry out a plan; what an equal run left unfinished is taken up where it stopped.

    Raises:
        HarnessError: of whatever kind, with a message for the user. What was answered is stored.
    """
    prepared = prepare(plan, registry)
    secrets = prepared.secrets
    folder = Path(plan.output)
    identity = {**public(plan, secrets), **versions(prepared, registry)}
    ledger = open_ledger(folder, label_of(plan, prepared.evaluation), identity, secrets)
    try:
        with open_store(folder / "store.db") as store:
            async with AsyncExitStack() as stack:
                model = await stack.enter_async_context(open_model(plan, prepared, registry))
                bench = await stack.enter_async_context(open_bench(plan, prepared, registry, store, model))
                models = {role: dict(one.model.identity) for role, one in bench.further.items()}
                manifest = {**begun(plan, prepared, model, registry, ledger.started or now()), "further_models": models}
                ledger.write(MANIFEST, manifest)
                await record_all(plan, prepared, bench, ledger, watch)
        counts = {role: one.counts for role, one in bench.further.items() if one is not bench.asker}
        return finished(plan, prepared, registry, ledger, {**manifest, **ended(bench.asker.counts, counts)})
    finally:
        ledger.close()


@asynccontextmanager
async def open_model(plan: Plan, prepared: Prepared, registry: Registry) -> AsyncIterator[Model]:
    """Open the evaluated model, where the plan's executor has it."""
    async with AsyncExitStack() as stack:
        with blame(f"backend {prepared.backend.name}", BackendError):
            if prepared.executor.open is None:
                opened = prepared.backend.open(prepared.rest, prepared.model_options)
            else:
                elsewhere = Elsewhere(plan=plan, plugin_files=registry.files, disabled=registry.disabled)
                opened = prepared.executor.open(elsewhere, prepared.executor_options)
            model = await stack.enter_async_context(opened)
        yield model


@asynccontextmanager
async def open_bench(
    plan: Plan, prepared: Prepared, registry: Registry, store: Answers, model: Model
) -> AsyncIterator[Bench]:
    """Give the bench around an open model; what is being asked when it ends is waited for and kept.

    Raises:
        HarnessError: model, tasks and evaluation do not go together, or a further model cannot be opened.
    """
    check_fit(prepared.evaluation, prepared.options, prepared.tasks, frozenset(model.can), plan.model)
    width, budget = plan.concurrency or model.concurrency, budget_of(plan)
    async with AsyncExitStack() as stack:
        asker = Asker(model, store, concurrency=width, secrets=prepared.secrets, price=prepared.price, budget=budget)
        stack.push_async_exit(asker.aclose)
        further = await open_further(prepared.further, asker, store, stack, prepared.secrets, budget)
        known = registry.constraint_types
        with settled():
            yield Bench(asker, prepared.tasks, prepared.types, plan.seed, further=further, known_types=known)


def budget_of(plan: Plan) -> Budget:
    """Return what a plan may spend, none of it spent."""
    return Budget(Pot("--max-cost", plan.max_cost), Pot("--max-tokens-total", plan.max_tokens_total))


def documents(plan: Plan, tasks: Mapping[str, Task]) -> Iterator[Doc]:
    """Yield the documents of all tasks, in order."""
    for name, count in limits(plan, tasks).items():
        yield from islice(tasks[name].docs(), count)


async def record_all(plan: Plan, prepared: Prepared, bench: Bench, ledger: Ledger, watch: Watch) -> None:
    """Evaluate every document and write its record."""
    work = Work(
        plan=plan,
        docs=documents(plan, prepared.tasks),
        evaluate=evaluator(prepared, bench),
        width=plan.concurrency or bench.asker.model.concurrency,
        counts=limits(plan, prepared.tasks),
        model=bench.asker.model,
        told=bench.asker.counts.add,
    )
    marks: Counter[str] = Counter()
    with ledger.recording() as write:
        records: AsyncIterator[Record] = prepared.executor.execute(work)
        async with aclosing(records) as stream:  # type: ignore[type-var]
            done = 0
            async for record in stream:
                write(record)
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
    found = summary_of(ledger.records, metrics, prepared.tasks, prepared.evaluation.funnel)
    ledger.write(MANIFEST, manifest)
    end = Finished(
        folder=ledger.folder,
        plan=replace(
            plan,
            option=prepared.secrets.hidden_options(plan.option),
            model_option=prepared.secrets.hidden_options(plan.model_option),
            extractor_option=prepared.secrets.hidden_options(plan.extractor_option),
            judge_option=prepared.secrets.hidden_options(plan.judge_option),
        ),
        manifest=manifest,
        evaluation=prepared.evaluation,
        tasks=prepared.tasks,
        records=ledger.records,
        estimates=found.estimates,
        funnel=found.funnel,
        reasons=found.reasons,
        usage=found.usage,
        price=prepared.price,
    )
    for reporter in registry.reporters.values():
        with blame(f"reporter {reporter.name}"):
            list(reporter.write(end))
    ledger.finish(results(end, manifest))
    return end


def public(plan: Plan, secrets: Secrets) -> dict[str, Json]:
    """Return the plan as JSON without secrets, and without what cannot change a result."""
    named: dict[str, Json] = secrets.hidden(msgspec.to_builtins(plan))
    named["option"] = secrets.hidden_options(plan.option)
    named["model_option"] = secrets.hidden_options(plan.model_option)
    named["extractor_option"] = secrets.hidden_options(plan.extractor_option)
    named["judge_option"] = secrets.hidden_options(plan.judge_option)
    for name in SETTINGS:
        del named[name]
    for name in ("sandbox", "allow_weak_sandbox"):
        del named["settings"][name]
    return named


def versions(prepared: Prepared, registry: Registry) -> dict[str, Json]:
    """Return the versions of all that a result is made by."""
    metrics = [metric for metric in registry.metrics.values() if metric.evaluation == prepared.evaluation.name]
    holders = [suite for suite in registry.suites.values() if any(spec.name in prepared.tasks for spec in suite.tasks)]
    return {
        "evaluation": {"name": prepared.evaluation.name, "version": prepared.evaluation.version},
        "constraint_types": {name: kind.version for name, kind in checking(prepared.types, registry).items()},
        "files": option_files(prepared.options),
        "suites": {suite.name: suite.version for suite in holders},
        "metrics": {metric.name: metric.version for metric in metrics},
        "tasks": {name: known(task) for name, task in prepared.tasks.items()},
    }


def checking(types: Mapping[str, ConstraintType], registry: Registry) -> Mapping[str, ConstraintType]:
    """Return the types by whose rules constraints may hold: all there are, where a model writes them."""
    return types if all(kind.propose is None for kind in types.values()) else registry.constraint_types


def known(task: Task) -> dict[str, Json]:
    """Return what a manifest tells of a task: enough to read its records and to tell it from another."""
    return {"version": task.version, **task.facts, "domain": task.domain, "grading": msgspec.to_builtins(task.spec)}


def begun(plan: Plan, prepared: Prepared, model: Model, registry: Registry, started: str) -> dict[str, Json]:
    """Return the manifest of a run that begins."""
    return {
        "schema": LEDGER_SCHEMA,
        "record_schema": RECORD_SCHEMA,
        "naming": NAMING,
        "harness": harness.__version__,
        "plan": public(plan, prepared.secrets),
        "output": plan.output,
        "concurrency": plan.concurrency,
        "executor": plan.executor,
        "batch_size": plan.batch_size,
        "batch_api": plan.batch_api,
        "max_cost": plan.max_cost,
        "max_tokens_total": plan.max_tokens_total,
        "price": msgspec.to_builtins(prepared.price),
        "model": dict(model.identity),
        **versions(prepared, registry),
        "plugins": {plugin.name: plugin.source for plugin in registry.plugins},
        "environment": environment(),
        "started": started,
    }


def ended(counts: Counts, further: Mapping[str, Counts]) -> dict[str, Json]:
    """Return what the end adds to a manifest: what this run asked of its models."""
    return {
        "ended": now(),
        "requests": msgspec.to_builtins(counts),
        "further_requests": msgspec.to_builtins(dict(further)),
    }


def results(end: Finished, manifest: Mapping[str, Json]) -> dict[str, Json]:
    """Return what results.json holds: nothing that two equal runs would not share."""
    kept = ("schema", "plan", "model", "further_models", "evaluation", "constraint_types", "suites", "metrics", "tasks")
    return {
        **{name: manifest[name] for name in kept},
        "funnel": dict(end.funnel),
        "reasons": dict(end.reasons),
        "estimates": msgspec.to_builtins(end.estimates),
        "usage": usage_rows(end.usage, end.price),
        "price": msgspec.to_builtins(end.price),
    }


def environment() -> dict[str, str]:
    """Return the versions on which a number can depend."""
    found = {"python": platform.python_version(), "platform": platform.platform()}
    for name in ("lm-eval", "torch", "transformers", "datasets", "numpy", "scipy", "tokenizers"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def now() -> str:
    """Return the time, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
