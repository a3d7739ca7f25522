"""A suite, a constraint type, a backend and a metric for the harness, as a package of its own."""

from contextlib import asynccontextmanager
from pathlib import Path

from harness import (
    Backend,
    Constraint,
    ConstraintType,
    Estimate,
    Metric,
    Response,
    TaskSpec,
    TaskSuite,
    Verdict,
    hookimpl,
)

CAPITALS = {"France": "Paris", "Italy": "Rome", "Japan": "Tokyo", "Peru": "Lima"}
CALM = Constraint(type="calm", family="tone", version="1", params={}, text="Use no exclamation mark.")


@hookimpl
def harness_task_suites():
    capitals = TaskSpec(name="capitals", solved="exact_match,last-word", channel="capital is")
    yield TaskSuite(name="geography", summary="capitals", tasks=(capitals,), folder=Path(__file__).parent / "tasks")


@hookimpl
def harness_constraint_types():
    check = lambda constraint, response: Verdict(met=bool(response.text) and "!" not in response.text)
    extract = lambda source: (CALM,) if check(CALM, source.response).met else ()
    yield ConstraintType(name="calm", family="tone", summary="no exclamation mark", extract=extract, check=check)


class Atlas:
    identity, deterministic, concurrency, can = {"backend": "atlas"}, True, 8, frozenset({"generate"})

    async def generate(self, request):
        country = next(name for name in CAPITALS if name in request.prompt.text)
        lost = "Constraint:" in request.prompt.text and country == "Peru"
        return Response(text="I would rather not say." if lost else f"The capital is {CAPITALS[country]}.")


@hookimpl
def harness_backends():
    @asynccontextmanager
    async def opened(rest, options):
        yield Atlas()

    yield Backend(name="atlas", summary="knows capitals", open=opened)


@hookimpl
def harness_metrics():
    row = lambda record, task: len(record.trials[0].response.text)
    mean = lambda rows, tasks: [Estimate(metric="characters", value=sum(rows) / len(rows), n=len(rows))]
    yield Metric(name="characters", summary="mean length", evaluation="sustainscore", row=row, estimate=mean)
