"""A whole run, in memory: what is asked, what is remembered, what is written."""

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pytest

from harness import BackendError, HarnessError, Plan, RequestFailed, Response, UnknownName, Verdict
from harness.ledger import Records
from harness.run import run
from harness.testing import ListTask, ScriptedModel


def went(plan, registry):
    return asyncio.run(run(plan, registry))


def values(end):
    return {estimate.metric: estimate.value for estimate in end.estimates}


def test_a_model_that_ignores_the_constraint_sustains_everything(world):
    plan, registry, model = world()
    end = went(plan, registry)
    assert end.funnel == {"asked": 40, "unscored": 0, "cut": 0, "solved": 40, "constrained": 40, "lost": 0}
    assert values(end)["sustain_raw"] == 1.0
    assert values(end)["D_spec"] == 0.0
    assert values(end)["floor"] is None  # greedy on a deterministic engine: asking again tells nothing
    assert len(model.seen) == 3 * 40


def test_interference_is_told_from_any_added_text(world):
    def script(request):
        text = request.prompt.asked.content
        number = int(text.split("What is ")[1].split(" +")[0])
        return "no idea" if "Constraint:" in text and number % 2 else f"The sum must be {2 * number}"

    end = went(*world(script)[:2])
    assert values(end)["sustain_raw"] == 0.5
    assert values(end)["placebo"] == 1.0
    assert values(end)["D_spec"] == 0.5
    assert next(e.p for e in end.estimates if e.metric == "D_spec") < 0.001


def test_a_drawn_model_gets_a_repeat_arm_with_its_own_draws(world):
    plan, registry, model = world(greedy=False, option={"base_draws": 2, "draws": 3})
    end = went(plan, registry)
    arms = {}
    for record in end.records:
        for trial in record.trials:
            arms[trial.arm] = arms.get(trial.arm, 0) + 1
    assert arms == {"base": 80, "repeat": 120, "placebo": 120, "constrained": 120}
    assert len({request.draw for request in model.seen if "base" in request.draw or "repeat" in request.draw}) == 5
    assert values(end)["floor"] == 1.0


def test_a_second_run_asks_nothing_and_writes_the_same(world):
    plan, registry, model = world(greedy=False)
    first = went(plan, registry)
    asked = len(model.seen)
    second = went(plan, registry)
    assert len(model.seen) == asked
    assert second.folder != first.folder
    for name in ("records.jsonl", "results.json"):
        assert (first.folder / name).read_bytes() == (second.folder / name).read_bytes()


def test_another_constraint_type_pays_nothing_for_the_base_arm(world):
    plan, registry, model = world()
    went(plan, registry)
    model.seen.clear()
    other = replace(registry.constraint_types["short"], name="brief", family="brevity")

    def renamed(source):
        return tuple(
            replace(one, type="brief", family="brevity", text="Be brief.")
            for one in registry.constraint_types["short"].extract(source)
        )

    types = {"brief": replace(other, extract=renamed)}
    went(plan, replace(registry, constraint_types=types))
    assert {request.draw.split("/")[0] for request in model.seen} == {"placebo", "constrained"}


def test_two_models_in_one_store_never_share_an_answer(world):
    plan, registry, _ = world(evaluation="sustainscore", limit=5)
    went(plan, registry)
    wrong = ScriptedModel(script=lambda _: "it is 0", identity={"backend": "scripted", "name": "other"})
    end = went(plan, replace(registry, backends={"scripted": wrong.backend()}))
    assert len(wrong.seen) == 5 + 2  # five base answers; "What is 0 + 0?" is solved and goes on
    assert end.funnel["solved"] == 1


def test_one_request_that_fails_for_good_is_unscored_and_the_run_goes_on(world):
    def script(request):
        if "What is 7 +" in request.prompt.asked.content:
            raise RequestFailed("the server refuses sevens")
        return right_answer(request)

    end = went(*world(script)[:2])
    assert end.funnel["asked"] == 40
    assert end.funnel["unscored"] == 1
    assert end.reasons == {"unscored: request failed: the server refuses sevens": 1}


def right_answer(request):
    number = int(request.prompt.asked.content.split("What is ")[1].split(" +")[0])
    return f"That makes {2 * number}"


def test_a_failed_request_is_asked_again_next_time(world):
    broken = [True]

    def script(request):
        if broken[0] and "What is 3 +" in request.prompt.asked.content:
            return Response(finish="error", error="overloaded")
        return right_answer(request)

    plan, registry, _ = world(script)
    assert went(plan, registry).funnel["unscored"] == 1
    broken[0] = False
    assert went(plan, registry).funnel["unscored"] == 0


class Fussy(ListTask):
    """A task whose scorer stumbles over one document."""

    def score(self, doc, responses):
        return {}["answer"] if doc.index == 2 else ListTask.score(self, doc, responses)


def test_one_document_whose_scorer_raises_is_unscored_with_its_reason(world):
    end = went(*world(task=Fussy)[:2])
    assert end.funnel["unscored"] == 1
    assert list(end.reasons) == ["unscored: task sums, score: KeyError: 'answer'"]


def test_a_lost_arm_excludes_the_document_from_all_arms(world):
    def script(request):
        if "Note:" in request.prompt.asked.content and "What is 5 +" in request.prompt.asked.content:
            raise RequestFailed("gone")
        return right_answer(request)

    end = went(*world(script)[:2])
    assert end.funnel["lost"] == 1
    assert next(e.n for e in end.estimates if e.metric == "sustain_raw") == 39


def test_types_of_another_domain_alone_are_refused_before_anything_is_asked(world):
    plan, registry, model = world(task=partial(ListTask, domain="math"))
    types = {
        name: replace(kind, domains=frozenset({"code", "poetry"})) for name, kind in registry.constraint_types.items()
    }
    with pytest.raises(HarnessError, match=r"none of the 1 chosen .* \(math\); they are for code, poetry"):
        went(plan, replace(registry, constraint_types=types))
    assert model.seen == []


def test_nothing_solved_gives_no_number(world):
    end = went(*world(lambda _: "no idea")[:2])
    assert end.funnel["solved"] == 0
    assert values(end)["sustain_raw"] is None
    assert values(end)["base_accuracy"] == 0.0


def test_a_model_that_cannot_go_on_ends_the_run_and_keeps_what_was_answered(world):
    count = []

    def script(request):
        count.append(1)
        if len(count) > 20:
            raise BackendError("the key was revoked")
        return right_answer(request)

    plan, registry, model = world(script, concurrency=1)
    with pytest.raises(BackendError, match="revoked"):
        went(plan, registry)
    model.seen.clear()
    count.extend([0] * -len(count))
    count.clear()
    healthy = ScriptedModel(script=right_answer)
    end = went(plan, replace(registry, backends={"scripted": healthy.backend()}))
    assert end.funnel["solved"] == 40
    assert len(healthy.seen) == 3 * 40 - 20


def test_a_broken_off_run_is_taken_up_in_its_folder(world):
    plan, registry, _ = world(lambda _: (_ for _ in ()).throw(BackendError("no")))
    with pytest.raises(BackendError):
        went(plan, registry)
    healthy = ScriptedModel(script=right_answer)
    end = went(plan, replace(registry, backends={"scripted": healthy.backend()}))
    assert len(list(end.folder.parent.glob("*/"))) == 1


def test_identical_requests_in_flight_are_asked_once(world):
    rows = [{"question": "What is 1 + 1?", "answer": "2"}] * 8
    plan, registry, model = world(rows=rows)
    went(plan, registry)
    assert len([request for request in model.seen if request.draw.startswith("base")]) == 1


def test_records_are_in_document_order_and_read_back_as_written(world):
    end = went(*world()[:2])
    records = list(Records(end.folder / "records.jsonl"))
    assert [record.index for record in records] == list(range(40))
    assert records == list(end.records)
    trial = records[3].arm("constrained")[0]
    span = trial.spans[0]
    base = records[3].prompt[0].content
    assert trial.inserted.strip() == f"Constraint: {records[3].constraints[0].text}"
    assert span.label == "c0"
    assert (
        base.replace("\nAnswer:", trial.inserted + "\nAnswer:")[span.start : span.end] == records[3].constraints[0].text
    )


def test_the_manifest_holds_no_secret(world, monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "sk-environment-value")

    def script(_request):
        raise RequestFailed("401 for sk-environment-value")

    plan, registry, _ = world(script, limit=2)
    end = went(plan, registry)
    for file in end.folder.rglob("*"):
        if file.is_file():
            assert b"sk-environment-value" not in file.read_bytes()
    assert b"***" in (end.folder / "records.jsonl").read_bytes()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tasks": ("sum",)}, "no task, suite, group, tag or file named 'sum'; did you mean sums"),
        ({"model": "scripte:x"}, "no backend named 'scripte'; did you mean scripted"),
        ({"evaluation": "sustain"}, "no evaluation named 'sustain'; did you mean sustainscore"),
        ({"constraint_type": ("lenght",)}, "no constraint type or family named 'lenght'; did you mean length"),
        ({"option": {"drawz": "3"}}, "no option of evaluation sustainscore named 'drawz'; did you mean draws"),
        ({"option": {"draws": "many"}}, "evaluation sustainscore, option draws: 'many' does not fit"),
        ({"option": {"draws": "0"}}, "must be at least 1"),
        ({"executor": "rya"}, "no executor named 'rya'"),
        ({"model_option": {"key": "x"}}, "no option of backend scripted named 'key'"),
    ],
)
def test_a_wrong_word_is_named_before_anything_is_asked(world, changes, message):
    plan, registry, model = world()
    with pytest.raises(HarnessError, match=message.replace("(", r"\(")):
        went(replace(plan, **changes), registry)
    assert not model.seen


def test_a_model_that_cannot_generate_is_refused_in_one_line(world):
    model = ScriptedModel(script=right_answer, can=frozenset({"loglikelihood"}))
    plan, registry, _ = world(model=model)
    with pytest.raises(HarnessError, match="task sums needs a model that can do generate"):
        went(plan, registry)


def test_results_hold_what_equal_runs_share_and_nothing_else(world):
    end = went(*world()[:2])
    results = json.loads((end.folder / "results.json").read_text())
    assert set(results) == {
        "schema",
        "plan",
        "model",
        "further_models",
        "evaluation",
        "constraint_types",
        "suites",
        "metrics",
        "tasks",
        "funnel",
        "reasons",
        "estimates",
        "usage",
        "price",
    }
    assert "output" not in results["plan"]


def test_text_that_no_file_can_hold_survives(world):
    plan, registry, _ = world(lambda _: "bad \ud800 \x00 \u202e 2", limit=2)
    end = went(plan, registry)
    assert len(list(end.records)) == 2


def test_a_number_of_numpy_in_a_score_is_a_number(world):
    class Numpy(ListTask):
        def score(self, doc, responses):
            return replace(ListTask.score(self, doc, responses), values={"exact_match,none": np.float64(1)})

    end = went(*world(task=Numpy, limit=2)[:2])
    assert next(iter(end.records)).trials[0].score.values == {"exact_match,none": 1.0}


def test_a_score_that_no_file_can_hold_is_unscored(world):
    class Odd(ListTask):
        def score(self, doc, responses):
            return replace(ListTask.score(self, doc, responses), values={"exact_match,none": object()})

    end = went(*world(task=Odd, limit=2)[:2])
    assert end.funnel["unscored"] == 2
    assert "a value of type object is no JSON" in next(iter(end.reasons))


def test_whoever_gives_up_on_a_request_takes_nobody_with_him(world):
    plan, registry, _ = world(rows=[{"question": "What is 1 + 1?", "answer": "2"}] * 3)

    class Slow(ScriptedModel):
        async def generate(self, request):
            await asyncio.sleep(0.05)
            return await ScriptedModel.generate(self, request)

    async def hasty(doc, bench, options):
        if doc.index == 0:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await bench.asked(doc, "base")
            return bench.record(doc, trials=())
        return bench.record(doc, trials=[await bench.asked(doc, "base")])

    slow = Slow(script=right_answer)
    evaluations = {"sustainscore": replace(registry.evaluations["sustainscore"], evaluate=hasty)}
    end = went(plan, replace(registry, backends={"scripted": slow.backend()}, evaluations=evaluations, metrics={}))
    assert [len(record.trials) for record in end.records] == [0, 1, 1]
    assert len(slow.seen) == 1


def test_a_backend_that_does_not_open_is_named(world):
    plan, registry, model = world()

    @asynccontextmanager
    async def closed(_rest, _options):
        raise OSError("no such device")
        yield

    broken = replace(model.backend(), open=closed)
    with pytest.raises(BackendError, match="backend scripted: OSError: no such device"):
        went(plan, replace(registry, backends={"scripted": broken}))


def test_a_check_that_raises_is_not_judged_and_named(world):
    def script(request):
        return ("Oh! " if "Constraint:" in request.prompt.asked.content else "") + right_answer(request)

    def check(constraint, response):
        if response.text.startswith("Oh!"):
            raise ValueError("an exclamation")
        return Verdict(met=0 < len(response.text.split()) <= 100)

    plan, registry, _ = world(script, limit=4)
    kind = replace(registry.constraint_types["short"], check=check)
    end = went(plan, replace(registry, constraint_types={"short": kind}))
    assert end.funnel["constrained"] == 4
    verdict = next(iter(end.records)).arm("constrained")[0].verdicts[0]
    assert verdict == Verdict(met=None, note="constraint type short, check: ValueError: an exclamation")


def test_a_lost_base_answer_is_counted(world):
    def script(request):
        if request.draw.startswith("base/1"):
            raise RequestFailed("gone")
        return right_answer(request)

    end = went(*world(script, greedy=False, limit=4)[:2])
    assert end.funnel["lost"] == 4
    assert end.reasons == {"lost: request failed: gone": 4}


def test_a_task_that_votes_gets_all_its_answers_in_every_arm(world):
    class Voting(ListTask):
        def requests(self, doc):
            one = ListTask.requests(self, doc)[0]
            return tuple(replace(one, draw=str(number)) for number in range(3))

        def score(self, doc, responses):
            assert len(responses) == 3
            return ListTask.score(self, doc, responses)

    end = went(*world(task=Voting, limit=2)[:2])
    assert end.funnel["constrained"] == 2
    assert all(len(trial.responses) == 3 for record in end.records for trial in record.trials)


def test_many_reasons_are_summed_up(world):
    def script(request):
        raise RequestFailed(f"request {request.prompt.asked.content}")

    end = went(*world(script)[:2])
    assert len(end.reasons) == 21
    assert end.reasons["for other reasons"] == 20


def test_options_that_are_secret_by_name_are_masked_whatever_they_hold(world):
    @dataclass(frozen=True, kw_only=True)
    class Options:
        api_key: str = ""
        headers: dict[str, str] = field(default_factory=dict, metadata={"secret": True})

    plan, registry, _ = world(limit=1, model_option={"api_key": "1234", "headers": {"X-Thing": "abcdefg"}})

    def script(_request):
        raise RequestFailed("refused 1234 with abcdefg")

    backend = replace(ScriptedModel(script=script).backend(), options=Options)
    end = went(plan, replace(registry, backends={"scripted": backend}))
    written = b"".join(path.read_bytes() for path in end.folder.rglob("*") if path.is_file())
    assert b"abcdefg" not in written
    assert b"refused ***" in written
    assert end.plan.model_option == {"api_key": "***", "headers": "***"}


def test_a_plan_is_a_value():
    assert Plan(tasks=("a",)) == Plan(tasks=("a",))
    assert issubclass(UnknownName, HarnessError)
