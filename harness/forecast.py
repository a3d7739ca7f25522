"""What a run would cost and could tell, before it: counted from the plan and from what was answered already."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from harness.asker import Asker
from harness.bench import Bench
from harness.contracts import Model, Task
from harness.data import Kind, Record, Request, Response
from harness.errors import BackendError, HarnessError, RequestFailed, StoreError, blame
from harness.figures import Estimate
from harness.ledger import RECORDS, Records
from harness.opening import limits
from harness.plan import Plan
from harness.prices import MILLION, Price
from harness.run import documents
from harness.store import open_store

if TYPE_CHECKING:
    from harness.preparing import Prepared

#: Documents whose prompts are measured where no answer told their tokens.
SAMPLE = 100
#: Characters to a token, roughly, where no tokenizer has been loaded.
CHARACTERS = 4
UNASKED = "not asked: a forecast asks nothing"


@dataclass(frozen=True, slots=True)
class Silent:
    """A model that answers nothing, under the name of another: what the store holds of that one is all there is."""

    model: Model

    @property
    def identity(self) -> Mapping[str, str]:
        """The other's."""
        return self.model.identity

    @property
    def can(self) -> frozenset[Kind]:
        """The other's."""
        return self.model.can

    @property
    def deterministic(self) -> bool:
        """The other's."""
        return self.model.deterministic

    @property
    def concurrency(self) -> int:
        """The other's."""
        return self.model.concurrency

    async def generate(self, _request: Request) -> Response:
        """Refuse."""
        raise RequestFailed(UNASKED)

    async def loglikelihood(self, _request: Request) -> Response:
        """Refuse."""
        raise RequestFailed(UNASKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one task would take."""

    task: str
    documents: int
    #: Requests by arm, at the most: as if every document went all the way.
    most: Mapping[str, int]
    #: Requests as the pilot lets expect; None without one.
    expected: float | None
    #: Tokens of a prompt, and of an answer; the answer's is the limit where no answer is known.
    prompt_tokens: float
    answer_tokens: float
    #: Whether the tokens were counted by the model.
    counted: bool

    @property
    def requests(self) -> float:
        """Requests to reckon with."""
        return sum(self.most.values()) if self.expected is None else self.expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a run would cost and could tell."""

    costs: tuple[Cost, ...]
    #: What it could tell; empty where the evaluation cannot say.
    estimates: tuple[Estimate, ...]
    #: Records that it rests on, and where they come from.
    pilot: int
    source: str

    def price(self, price: Price) -> float:
        """Return what is to be asked costs."""
        asked = sum(one.requests * one.prompt_tokens for one in self.costs)
        said = sum(one.requests * one.answer_tokens for one in self.costs)
        return (asked * price.prompt + said * price.answer) / MILLION


def forecast(plan: Plan, prepared: Prepared, pilot: Path | None, effect: float | None) -> Forecast:
    """Return what a run would cost and could tell; asks nothing.

    Args:
        plan: the run.
        prepared: the same, opened.
        pilot: folder of a run whose records tell how the model answers; None: what the plan's store holds.
        effect: difference of shares that one would like to see, 0.02 for two points; None: none.

    Raises:
        HarnessError: the pilot is no run, or holds no record of the plan's tasks.
    """
    records = pilot_records(pilot, prepared) if pilot else asyncio.run(stored_records(plan, prepared))
    counts = limits(plan, prepared.tasks)
    exact = pilot is None  # the same options gave these records, so they show every draw that would be asked
    costs = tuple(cost(task, counts[name], prepared, records, exact=exact) for name, task in prepared.tasks.items())
    foresee = prepared.evaluation.foresee
    estimates = () if foresee is None else tuple(foresee(records, prepared.tasks, counts, prepared.options, effect))
    source = str(pilot) if pilot else str(Path(plan.output) / "store.db")
    return Forecast(costs=costs, estimates=estimates, pilot=len(records), source=source)


def pilot_records(folder: Path, prepared: Prepared) -> list[Record]:
    """Return the records that a run left of the plan's tasks."""
    if not (folder / RECORDS).is_file():
        raise StoreError(f"--pilot {folder}: no {RECORDS} there; give the folder of a run")
    records = [record for record in Records(folder / RECORDS) if record.task in prepared.tasks]
    if not records:
        raise HarnessError(f"--pilot {folder}: no record of {', '.join(prepared.tasks)}")
    return records


async def stored_records(plan: Plan, prepared: Prepared) -> list[Record]:
    """Return the records of the documents whose answers the store holds, as far as it holds them."""
    path = Path(plan.output) / "store.db"
    if not path.is_file() or prepared.further:
        return []
    with open_store(path) as store:
        async with AsyncExitStack() as stack:
            with blame(f"backend {prepared.backend.name}", BackendError):
                model = await stack.enter_async_context(prepared.backend.open(prepared.rest, prepared.model_options))
            asker = Asker(Silent(model), store, concurrency=model.concurrency, secrets=prepared.secrets)
            stack.push_async_exit(asker.aclose)
            bench = Bench(asker, prepared.tasks, prepared.types, plan.seed)
            found = []
            for doc in documents(plan, prepared.tasks):
                record = await prepared.evaluation.evaluate(doc, bench, prepared.options)
                if any(trial.score.solved is not None for trial in record.trials):
                    found.append(record)
            return found


def cost(task: Task, count: int, prepared: Prepared, records: Sequence[Record], *, exact: bool) -> Cost:
    """Return what one task takes."""
    mine = [record for record in records if record.task == task.name]
    sample = [task.requests(doc) for doc in islice(task.docs(), min(count, SAMPLE))]
    each = per_document(prepared, sample)
    usages = [response.usage for record in mine for trial in record.trials for response in trial.responses]
    asked = [one.prompt_tokens for one in usages if one.prompt_tokens is not None]
    said = [one.completion_tokens for one in usages if one.completion_tokens is not None]
    texts = [len(request.prompt.text) + len(request.continuation) for group in sample for request in group]
    generated = [request for group in sample for request in group if request.kind == "generate"]
    limit = max((request.sampling.max_tokens for request in generated), default=1)  # a log-likelihood says one token
    return Cost(
        task=task.name,
        documents=count,
        most={arm: round(number * count) for arm, number in each.items()},
        expected=count * requests_of_one(each, mine, exact=exact) if mine else None,
        prompt_tokens=mean(asked) if asked else mean(texts) / CHARACTERS,
        answer_tokens=mean(said) if said else float(limit),
        counted=bool(asked and said),
    )


def per_document(prepared: Prepared, sample: Sequence[Sequence[Request]]) -> Mapping[str, float]:
    """Return the requests of a document by arm, at the most; those of some documents tell where nothing else does."""
    if prepared.evaluation.requests is not None:
        return prepared.evaluation.requests(prepared.options)
    return {"plain": sum(map(len, sample)) / max(len(sample), 1)}


def requests_of_one(each: Mapping[str, float], records: Sequence[Record], *, exact: bool) -> float:
    """Return the requests that a document takes, by the records of a pilot.

    Args:
        each: requests of a document by arm, at the most.
        records: of the pilot.
        exact: whether they were asked with the options of the planned run; otherwise only the share of documents
            that got as far as an arm is taken from them.
    """
    if exact:
        return mean([sum(len(trial.responses) for trial in record.trials) for record in records])
    reached = [{trial.arm for trial in record.trials} for record in records]
    return sum(number * mean([arm in arms for arms in reached]) for arm, number in each.items())


def mean(values: Sequence[float]) -> float:
    """Return the mean; 0 of nothing."""
    return sum(values) / len(values) if values else 0.0
