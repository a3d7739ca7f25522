"""A suite, a constraint type, a backend and a metric for the harness, as a package of its own."""

from contextlib import nullcontext
from pathlib import Path

from harness import Backend, Constraint, ConstraintType, Estimate, Metric, Response, TaskSpec, TaskSuite, Verdict
from harness import hookimpl as hook

CAPITALS = {"France": "Paris", "Italy": "Rome", "Japan": "Tokyo", "Peru": "Lima"}
CALM = Constraint(type="calm", family="tone", version="1", params={}, text="Use no exclamation mark.")


@hook
def harness_task_suites():
    capitals = TaskSpec(name="capitals", solved="exact_match,last-word", channel="capital is")
    yield TaskSuite(name="geography", summary="capitals", tasks=(capitals,), folder=Path(__file__).parent / "tasks")


@hook
def harness_constraint_types():
    check = lambda constraint, response: Verdict(met="!" not in (response.text.strip() or "!"))
    extract = lambda source: (CALM,) if check(CALM, source.response).met else ()
    yield ConstraintType(name="calm", family="tone", summary="no exclamation mark", extract=extract, check=check)


class Atlas:
    identity, deterministic, concurrency, can = {"backend": "atlas"}, True, 8, frozenset({"generate"})

    async def generate(self, request):
        country = next(name for name in CAPITALS if name in request.prompt.text)
        told = "Constraint:" in request.prompt.text and country == "Peru"
        return Response(text="I forgot." if told else f"The capital is {CAPITALS[country]}.")


@hook
def harness_backends():
    yield Backend(name="atlas", summary="knows capitals", open=lambda rest, options: nullcontext(Atlas()))


@hook
def harness_metrics():
    row = lambda record, task: len(record.trials[0].response.text)
    mean = lambda rows, tasks: [Estimate(metric="characters", value=sum(rows) / len(rows), n=len(rows))]
    yield Metric(name="characters", summary="mean length", evaluation="sustainscore", row=row, estimate=mean)
