"""The causal question: what becomes of answers when attention to the span is turned down or up while they are made.

A number beta is added to the attention logits of the span's columns in the rows that make the answer, in all layers and
heads or in some. The same is done to the placebo's span: what any words in that place do. Draws are the same at every
beta, so that nothing but the push differs; nothing is remembered in the run's store.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from harness import Doc, HarnessError, Model, Plan, Prompt, Record, Request, Response, Task, TaskError, Trial, blame
from harness.ledger import MANIFEST, RECORDS, Records, read_json
from harness.opening import open_tasks
from harness.registry import Registry
from harness_attention.measured import CONSTRAINED, PLACEBO
from harness_attention.placing import Unplaced, prompted
from harness_attention.prompts import sent

if TYPE_CHECKING:
    import torch

    from harness_attention.measured import Measurement

#: What is added to the logits where the user leaves it open; 0 is what the others are compared with.
DOSES = (float("-inf"), -2.0, -1.0, 0.0, 1.0)
DRAWS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How answers are pushed."""

    doses: tuple[float, ...] = DOSES
    #: Answers at each dose; one where decoding is greedy.
    draws: int = DRAWS
    #: First documents of each task; None: all.
    limit: int | None = None
    #: The heads that differ most, so many; 0: all heads of all layers.
    heads: int = 0

    def __post_init__(self) -> None:
        if 0.0 not in self.doses or len(set(self.doses)) < max(2, len(self.doses)):
            shown = ",".join(f"{dose:g}" for dose in self.doses)
            raise HarnessError(f"--push {shown}: two or more different numbers, 0 among them")
        if self.draws < 1 or self.heads < 0:
            raise HarnessError(f"--push-draws {self.draws}, --push-heads {self.heads}: at least 1, and at least 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What became of the answers to one prompt at one dose."""

    doc: str
    task: str
    cluster: str
    arm: str
    dose: float
    #: Shares of the draws that are right, and that meet all constraints; None: not judged, or the placebo arm.
    right: float
    complied: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A prompt of a run that is answered anew: that of a trial, and so of all its arm's draws."""

    record: Record
    trial: Trial
    doc: Doc


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What answers of a run are made and judged with, beside the model."""

    run: Path
    registry: Registry
    plan: Plan
    tasks: Mapping[str, Task]
    temperature: float | None


def setting_of(run: Path, registry: Registry) -> Setting:
    """Open the tasks of a run again.

    Raises:
        HarnessError: they cannot be opened.
    """
    plan = msgspec.convert(read_json(run / MANIFEST)["plan"], Plan)
    told = plan.option.get("temperature")
    return Setting(
        run=run,
        registry=registry,
        plan=plan,
        tasks=open_tasks(plan, registry),
        temperature=None if told in (None, "none") else float(told),
    )


async def pushed_answers(
    setting: Setting,
    model: Model,
    wanted: Wanted,
    heads: torch.Tensor | None,
    watch: Callable[[int], None] = lambda _: None,
) -> list[Pushed]:
    """Return what becomes of the answers to a run's constrained and placebo prompts at every dose.

    Args:
        setting: of the run.
        model: opened, of local weights.
        wanted: how.
        heads: which heads, shape (layers, heads); None: all.
        watch: told how many documents are done.

    Raises:
        HarnessError: an answer cannot be had, or the rows of a task have changed.
    """
    found: list[Pushed] = []
    for done, (record, doc) in enumerate(documents(setting, wanted.limit), start=1):
        for trial in first_trials(record):
            found += [
                one
                async for one in pushed_trial(Asked(record=record, trial=trial, doc=doc), setting, model, wanted, heads)
            ]
        watch(done)
    return found


def documents(setting: Setting, limit: int | None) -> Iterator[tuple[Record, Doc]]:
    """Yield the records that have constraints, with their documents, the first ones of each task."""
    rows: dict[str, Iterator[Doc]] = {name: iter(task.docs()) for name, task in setting.tasks.items()}
    at = dict.fromkeys(rows, 0)
    seen = dict.fromkeys(rows, 0)
    for record in Records(setting.run / RECORDS):
        doc = next(islice(rows[record.task], record.index - at[record.task], None), None)
        at[record.task] = record.index + 1
        seen[record.task] += 1
        if limit is not None and seen[record.task] > limit:
            continue
        if doc is None or doc.id != record.doc:
            raise TaskError(f"task {record.task}: it has no document {record.doc} any more: its rows have changed")
        if record.constraints:
            yield record, doc


def first_trials(record: Record) -> Iterator[Trial]:
    """Yield the first trial of each arm at the smallest number of constraints: its prompt is that of all its draws."""
    for arm in (CONSTRAINED, PLACEBO):
        trials = [one for one in record.arm(arm) if one.spans]
        if trials:
            yield min(trials, key=lambda one: (one.k, one.draw))


async def pushed_trial(
    asked: Asked, setting: Setting, model: Model, wanted: Wanted, heads: torch.Tensor | None
) -> AsyncIterator[Pushed]:
    """Yield what becomes of one prompt at each dose; nothing where its tokens cannot be told apart."""
    import torch

    from harness_attention.blocks import Push
    from harness_attention.interface import Pushing, attending
    from harness_backends import engine_of, plain_answers

    engine = engine_of(model)
    shown = sent(asked.record, asked.trial)
    requests = setting.tasks[asked.record.task].requests(asked.doc)
    if len(requests) != 1 or requests[0].kind != "generate":
        return
    try:
        place = prompted(engine.text, shown)
    except Unplaced:
        return
    columns = torch.tensor(place.span, device=engine.device)
    draws = [drawn(requests[0], shown.prompt, asked.trial.arm, draw, setting) for draw in range(wanted.draws)]
    for dose in wanted.doses:
        push = Push(columns=columns, beta=dose, first=len(place.tokens) - 1, heads=heads)
        with attending(engine.model, Pushing(push=push)):
            chosen = draws[:1] if draws[0].sampling.greedy else draws
            responses = await asyncio.to_thread(plain_answers, model, chosen)
        if any(one.cut for one in responses):
            return
        yield await judged(asked, dose, responses, setting)


def drawn(request: Request, shown: Prompt, arm: str, draw: int, setting: Setting) -> Request:
    """Return the request of one draw: the same noise at every dose."""
    sampling = request.sampling
    if setting.temperature is not None:
        sampling = replace(sampling, temperature=setting.temperature)
    return replace(request, prompt=shown, sampling=sampling, draw=f"push/{arm}/{draw}", seed=setting.plan.seed)


async def judged(asked: Asked, dose: float, responses: Sequence[Response], setting: Setting) -> Pushed:
    """Return what became of the answers at one dose, by the task's grader and the constraints' own checks."""
    record, trial, doc = asked.record, asked.trial, asked.doc
    task = setting.tasks[record.task]
    right = []
    for response in responses:
        with blame(f"task {task.name}, score", TaskError):
            score = (
                await asyncio.to_thread(task.score, doc, (response,)) if task.blocking else task.score(doc, (response,))
            )
        right.append(bool(score.solved))
    met = [complied(record, trial, response, setting.registry) for response in responses]
    known = [one for one in met if one is not None]
    return Pushed(
        doc=record.doc,
        task=record.task,
        cluster=record.unit,
        arm=trial.arm,
        dose=dose,
        right=sum(right) / len(right),
        complied=sum(known) / len(known) if known and trial.arm == CONSTRAINED else None,
    )


def complied(record: Record, trial: Trial, response: Response, registry: Registry) -> bool | None:
    """Return whether an answer meets the constraints of a trial; None where a model judges one, or none can say."""
    final = response.final
    if final is None:
        return None
    if not final.strip():
        return False
    verdicts = []
    for constraint in record.constraints[: trial.k]:
        kind = registry.constraint_types.get(constraint.type)
        if kind is None or kind.version != constraint.version or constraint.judged:
            return None
        with blame(f"constraint type {kind.name}, check"):
            verdicts.append(kind.check(constraint, replace(response, text=final)).met)
    return None if None in verdicts else all(verdicts)


def top_heads(measurement: Measurement, estimates: Sequence[Any], count: int) -> torch.Tensor | None:
    """Return the heads whose d_z to the constraint is largest either way, shape (layers, heads); None: all.

    Raises:
        HarnessError: the run has too few items with both outcomes to tell.
    """
    import torch

    if not count:
        return None
    known = [
        one
        for one in estimates
        if one.metric == "d_z"
        and one.value is not None
        and set(one.labels) == {"span", "layer", "head"}
        and one.labels["span"] == "constraint"
    ]
    if not known:
        raise HarnessError(f"--push-heads {count}: too few items have right and wrong answers to tell heads apart")
    chosen = torch.zeros(len(measurement.kinds), measurement.trials[0].control.shape[1], dtype=torch.bool)
    for one in sorted(known, key=lambda one: -abs(one.value))[:count]:
        chosen[int(one.labels["layer"]), int(one.labels["head"])] = True
    return chosen
