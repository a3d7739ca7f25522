"""From a plan to what its names stand for: everything opened that can be without a model, everything checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from harness.contracts import Backend, ConstraintType, Evaluation, Executor, Task
from harness.data import Json
from harness.errors import HarnessError, blame
from harness.further import Chosen, check_asked, chosen_models, declared_secrets
from harness.opening import check_fit, chosen_types, limits, open_tasks
from harness.options import options_from
from harness.plan import Plan
from harness.prices import Price, price_of, read_prices
from harness.registry import Registry
from harness.secrets import Secrets, secret_fields, secrets_of


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
    #: Of the model's tokens; None: not known.
    price: Price | None
    #: Models that are not evaluated, by what they are for.
    further: Mapping[str, Chosen]
    executor: Executor
    executor_options: Any
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
    executor = registry.pick("executor", registry.executors, plan.executor)
    executor_options: Any = options_from(executor.options, plan.executor_option, f"executor {executor.name}")
    if executor.open is not None and (plan.max_cost is not None or plan.max_tokens_total is not None):
        flags = "--max-cost and --max-tokens-total"
        raise HarnessError(f"--executor {executor.name}: {flags} are kept on one machine only")
    name, _, rest = plan.model.partition(":")
    backend = registry.pick("backend", registry.backends, name)
    model_options: Any = options_from(backend.options, given_options(plan, backend), f"backend {name}")
    prices = read_prices(Path(plan.prices)) if plan.prices else {}
    price = price_of(plan.model, prices) or backend.price(rest, model_options)
    price = price.batched if price and plan.batch_api else price
    types = chosen_types(plan, registry) if evaluation.draws_constraints else {}
    further = chosen_models(plan, registry, prices)
    check_priced(plan, price, further)
    check_asked(types, plan)
    tasks = open_tasks(plan, registry)
    check_fit(evaluation, options, tasks, None, plan.model)
    if evaluation.ready is not None:
        with blame(f"evaluation {evaluation.name}, options"):
            evaluation.ready(options, tasks, types)
    return Prepared(
        evaluation=evaluation,
        options=options,
        tasks=tasks,
        types=types,
        backend=backend,
        rest=rest,
        model_options=model_options,
        price=price,
        further=further,
        executor=executor,
        executor_options=executor_options,
        secrets=secrets_of(
            plan.model_option,
            plan.option,
            plan.extractor_option,
            plan.judge_option,
            declared=(*secret_fields(backend.options), *secret_fields(evaluation.options), *declared_secrets(further)),
        ),
        total=sum(limits(plan, tasks).values()),
    )


def given_options(plan: Plan, backend: Backend) -> dict[str, Json]:
    """Return the options of the evaluated model's backend: those given by name, and those that are flags of the run.

    Raises:
        HarnessError: a flag that means nothing to it.
    """
    given = dict(plan.model_option)
    known = {one.name for one in fields(backend.options)}
    if plan.batch_size is not None:
        if "batch_size" not in known:
            raise HarnessError(f"--batch-size {plan.batch_size}: backend {backend.name} has no batches")
        given["batch_size"] = plan.batch_size
    if plan.batch_api:
        if "batch_folder" not in known:
            raise HarnessError(f"--batch-api: backend {backend.name} knows no batch API")
        given.setdefault("batch_folder", str(Path(plan.output) / "batches"))
    if plan.concurrency is not None and "concurrency" in known:
        given.setdefault("concurrency", plan.concurrency)
    return given


def check_priced(plan: Plan, price: Price | None, further: Mapping[str, Chosen]) -> None:
    """Check that a limit on money can be kept.

    Raises:
        HarnessError: what a model costs is not known.
    """
    unknown = [role for role, one in further.items() if one.backend is not None and one.price is None]
    if plan.max_cost is not None and (price is None or unknown):
        whose = plan.model if price is None else f"the {unknown[0]} model"
        raise HarnessError(f"--max-cost: the price of {whose} is not known; give --prices FILE, or --max-tokens-total")
