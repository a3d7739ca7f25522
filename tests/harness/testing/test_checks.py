"""Each contract check passes what keeps the contract, and names the promise that a broken plugin breaks."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from harness import Backend, Estimate, Evaluation, Executor, Metric, Reporter, Score, TaskSpec, TaskSuite
from harness.registry import load_registry
from harness.testing import (
    SUMS,
    ListSource,
    ScriptedModel,
    check_backend,
    check_evaluation,
    check_executor,
    check_metric,
    check_reporter,
    check_task,
    check_tasks,
    installed_plugin,
    small_run,
)

pytest_plugins = ["harness.testing.fixtures"]

OFFERED = load_registry()

#: Metrics that keep nothing of sums with one constraint: of constraints that models write, programs, ratings, several.
OF_OTHER_RUNS = {"written", "pass_at_k", "ordinal", "sustain_curve"}


async def once(doc, bench, options):
    trials = await bench.trials(doc, "base", draws=1)
    return bench.record(doc, trials=trials, marks=("solved",) if trials[0].score.solved else ())


ONCE = Evaluation(
    name="once", summary="asks once", evaluate=once, funnel=("solved",), requests=lambda options: {"base": 1}
)
SOLVED = Metric(
    name="solved",
    summary="how many",
    evaluation="once",
    row=lambda record, task: record.trials[0].score.solved,
    estimate=lambda rows, tasks: [
        Estimate(
            metric="solved", value=sum(rows) / len(rows) if rows else None, note="" if rows else "none", n=len(rows)
        )
    ],
)


def write(name, text="x"):
    def written(end):
        path = end.folder / name
        path.write_text(text if isinstance(text, str) else text())
        return [path]

    return Reporter(name="file", summary="a file", write=written)


def test_what_keeps_its_contract_passes():
    records = check_evaluation(ONCE)
    assert [record.marks for record in records] == [("solved",)] * 12
    assert check_metric(SOLVED, records)[0].value == 1.0


def test_a_run_in_the_small_world_is_a_whole_run(tmp_path):
    end = small_run(tmp_path, ONCE, SOLVED, evaluation="once", limit=5)
    assert (dict(end.funnel), end.estimates[0].n) == ({"asked": 5, "solved": 5}, 5)
    assert check_reporter(write("file.txt"), end) == (end.folder / "file.txt",)


@pytest.mark.parametrize("name", ["sustainscore", "accuracy"])
def test_the_evaluations_and_metrics_that_are_installed_keep_their_contract(name):
    """Of `ratings`, `probe`, `ordinal-train` and `ifeval`, which want other tasks or models, see their own tests."""
    records = check_evaluation(OFFERED.evaluations[name], OFFERED.constraint_types["words_at_most"])
    for metric in OFFERED.metrics.values():
        if metric.evaluation == name and metric.name not in OF_OTHER_RUNS:
            check_metric(metric, records)


def test_the_executors_that_are_installed_keep_their_contract():
    asyncio.run(check_executor(OFFERED.executors["local"]))


@pytest.mark.parametrize("name", sorted(OFFERED.reporters))
def test_the_reporters_that_are_installed_keep_their_contract(name, tmp_path):
    if name == "lm_eval":
        pytest.skip("writes what lm-eval's own task files say: tests/plugins/harness_lm_eval")
    assert check_reporter(OFFERED.reporters[name], small_run(tmp_path, evaluation="accuracy"))


async def lost(doc, bench, options):
    return replace(await once(doc, bench, options), index=doc.index + 1)


async def forgetful(doc, bench, options, calls=[]):  # noqa: B006  # what is wrong with it
    calls.append(doc)
    return bench.record(doc, trials=await bench.trials(doc, f"base{len(calls)}", draws=1))


async def greedy(doc, bench, options):
    return bench.record(doc, trials=await bench.trials(doc, "base", draws=2))


async def trusting(doc, bench, options):
    trials = await bench.trials(doc, "base", draws=1)
    return bench.record(doc, trials=trials, marks=(trials[0].response.text.split()[-1],))


@pytest.mark.parametrize(
    ("evaluate", "broken"),
    [
        (lost, "not one record a document"),
        (forgetful, "other records of the same answers|asks 12 times again"),
        (greedy, "24 requests, and it says at most 12"),
        (trusting, "evaluation once, document sums/0: IndexError"),
    ],
)
def test_an_evaluation_that_breaks_a_promise_is_told_which(evaluate, broken):
    with pytest.raises(Exception, match=broken):
        check_evaluation(replace(ONCE, evaluate=evaluate))


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ({"version": ""}, "name, version or evaluation is empty"),
        ({"row": lambda record, task: None}, "kept nothing of any record"),
        ({"row": lambda record, task: lambda: record}, "cannot be sent to another process"),
        ({"estimate": lambda rows, tasks: [Estimate(metric="m", value=2.0, low=3.0, high=4.0, n=1)]}, "outside of"),
        ({"estimate": lambda rows, tasks: [Estimate(metric="m", value=None, n=1)]}, "does not say why"),
        ({"estimate": lambda rows, tasks: [Estimate(metric="m", value=0.0, n=12)]}, "of no records"),
        ({"estimate": lambda rows, tasks: [Estimate(metric="m", value=1.0, n=len(rows))] * 2}, "cannot be told apart"),
    ],
)
def test_a_metric_that_breaks_a_promise_is_told_which(tmp_path, change, broken):
    end = small_run(tmp_path, ONCE, evaluation="once")
    with pytest.raises(AssertionError, match=broken):
        check_metric(replace(SOLVED, **change), end.records)


async def unordered(work):
    for doc in reversed(list(work.docs) if work.docs != () else []):
        yield await work.evaluate(doc)


async def crowded(work):
    for record in await asyncio.gather(*(work.evaluate(doc) for doc in work.docs)):
        yield record


async def swallowing(work):
    for doc in work.docs:
        try:
            yield await work.evaluate(doc)
        except OverflowError:
            return


@pytest.mark.parametrize(
    ("execute", "broken"),
    [
        (unordered, "in another order"),
        (crowded, "25 documents under way, 4 were asked for"),
        (swallowing, "swallows the error"),
    ],
)
def test_an_executor_that_breaks_a_promise_is_told_which(execute, broken):
    with pytest.raises(AssertionError, match=broken):
        asyncio.run(check_executor(Executor(name="mine", summary="", execute=execute)))


def spoilt(end):
    (end.folder / "records.jsonl").write_text("")
    return []


def test_a_reporter_that_breaks_a_promise_is_told_which(tmp_path):
    end = small_run(tmp_path, ONCE, evaluation="once")
    numbers = iter("123456")
    broken = {
        "outside of": write("../elsewhere.txt"),
        "changed": Reporter(name="file", summary="", write=spoilt),
        "what it writes of one run changes": write("clock.txt", lambda: next(numbers)),
    }
    for message, reporter in broken.items():
        kept = (end.folder / "records.jsonl").read_bytes()
        with pytest.raises(AssertionError, match=message):
            check_reporter(reporter, end)
        (end.folder / "records.jsonl").write_bytes(kept)


def test_a_backend_that_breaks_a_promise_is_told_which():
    calls = []

    def moody(request):
        calls.append(request)
        return f"answer {len(calls)}"

    for message, model in {
        "an empty identity": ScriptedModel(script=lambda request: "2", identity={}),
        "goes on after the stop": ScriptedModel(script=lambda request: "2\nQuestion: 3 + 3?"),
        "says it is deterministic": ScriptedModel(script=moody),
        "loglikelihood without a logprob": ScriptedModel(script=lambda request: "2"),
    }.items():
        with pytest.raises(AssertionError, match=message):
            asyncio.run(check_backend(model.backend(), ""))


def test_a_backend_that_is_another_each_time_is_told():
    opened = iter("abc")

    @asynccontextmanager
    async def anew(rest, options):
        yield ScriptedModel(script=lambda request: "2", identity={"backend": next(opened)}, can=frozenset({"generate"}))

    with pytest.raises(AssertionError, match="another identity when opened again"):
        asyncio.run(check_backend(Backend(name="mine", summary="", open=anew), ""))


def test_the_tasks_of_a_suite_are_opened_and_graded():
    suite = TaskSuite(name="mine", summary="", tasks=(TaskSpec(name="sums"),), source=ListSource(tasks={"sums": SUMS}))
    assert list(check_tasks(suite, right=lambda doc: f"It is {doc.golds[0]}")) == ["sums"]
    with pytest.raises(AssertionError, match="'no idea' is not graded right"):
        check_tasks(suite, right=lambda doc: "no idea")
    demo = OFFERED.suites["demo"]
    words = replace(demo, tasks=tuple(spec for spec in demo.tasks if spec.name == "demo_words"))
    assert list(check_tasks(words)) == ["demo_words"]


class Lenient(type(SUMS)):
    def score(self, doc, responses):
        return Score(solved=True)


def test_a_task_that_grades_nothing_as_right_is_told():
    with pytest.raises(AssertionError, match="an empty answer is right"):
        check_task(Lenient(name="sums", rows=SUMS.rows))


def test_a_plugin_that_is_not_installed_is_told():
    assert ("executor", "local") in installed_plugin("local").offers
    with pytest.raises(AssertionError, match="no plugin mine is installed"):
        installed_plugin("mine")


def test_the_fixtures_give_a_run_in_a_folder_of_the_tests_own(tried_run, tried_reporter, tmp_path):
    end = tried_run(ONCE, evaluation="once")
    assert (end.funnel["asked"], end.folder.parent) == (12, tmp_path / "runs")
    assert [path.name for path in tried_reporter(write("a.txt"))] == ["a.txt"]
