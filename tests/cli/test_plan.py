"""`harness plan`: what a run would cost and could see, from nothing, from the store and from a run."""

import json

import pytest
from typer.testing import CliRunner

from harness.cli.app import program
from harness.errors import HarnessError

PLUGIN = """
import hashlib
from contextlib import asynccontextmanager
from harness import Backend, Constraint, ConstraintType, Response, Sampling, TaskSpec, TaskSuite, Usage, Verdict, hookimpl
from harness.testing import ListSource, ListTask

ROWS = tuple({"question": f"What is {n} + {n}?", "answer": str(2 * n)} for n in range(200))
TASK = ListTask(name="sums", rows=ROWS, domain="math", sampling=Sampling(temperature=1.0, max_tokens=50))


class Chancy:
    identity = {"backend": "chancy"}
    can = frozenset({"generate"})
    deterministic = True
    concurrency = 64

    async def generate(self, request):
        with open("asked.log", "a") as log:
            log.write("x")
        number = int(request.prompt.asked.content.split("What is ")[1].split(" +")[0])
        chance = hashlib.sha256(f"{request.draw}{number}".encode()).digest()[0] / 256
        said = f"That makes {2 * number + (chance > 0.9)}"
        return Response(text=said, usage=Usage(prompt_tokens=20, completion_tokens=5))


@hookimpl
def harness_backends():
    @asynccontextmanager
    async def opened(rest, options):
        yield Chancy()

    yield Backend(name="chancy", summary="", open=opened)


@hookimpl
def harness_task_suites():
    yield TaskSuite(name="tests", summary="", tasks=(TaskSpec(name="sums"),), source=ListSource(tasks={"sums": TASK}))


@hookimpl
def harness_constraint_types():
    made = Constraint(
        type="hundred", family="mine", version="1", params={}, text="Use at most 100 words.", stratum="strict"
    )
    yield ConstraintType(
        name="hundred", family="mine", summary="few words", extract=lambda source: (made,),
        check=lambda constraint, response: Verdict(met=0 < len(response.text.split()) <= 100),
    )
"""
FLAGS = ("--tasks", "sums", "--model", "chancy", "--constraint-type", "mine", "--plugin", "chancy.py")


@pytest.fixture
def harness(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "chancy.py").write_text(PLUGIN)

    def call(*words):
        done = CliRunner().invoke(program(), list(words), catch_exceptions=True)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.stdout

    return call


def planned(harness, *words):
    return json.loads(harness("plan", *FLAGS, "--json", *words))


def test_without_an_answer_it_tells_the_most_and_no_effect(harness, tmp_path):
    found = planned(harness, "--draws", "2", "--limit", "50")
    (cost,) = found["costs"]
    assert cost["documents"] == 50
    assert cost["most"] == {"base": 200, "repeat": 100, "placebo": 100, "constrained": 100}
    assert (cost["expected"], cost["counted"], cost["answer_tokens"]) == (None, False, 50.0)
    assert (found["pilot"], found["estimates"], found["price"]) == (0, [], None)
    assert not (tmp_path / "asked.log").exists()


def test_from_the_stored_base_arm_it_tells_what_can_be_seen_and_asks_nothing(harness, tmp_path):
    harness("run", *FLAGS, "--limit", "60", "--draws", "1")
    asked = (tmp_path / "asked.log").read_text()
    found = planned(harness, "--effect", "5", "--price-in", "1", "--price-out", "10")
    assert (tmp_path / "asked.log").read_text() == asked
    assert found["pilot"] == 60
    (cost,) = found["costs"]
    assert (cost["documents"], cost["prompt_tokens"], cost["answer_tokens"]) == (200, 20.0, 5.0)
    assert 200 * 4 < cost["expected"] <= sum(cost["most"].values()) == 200 * 16
    assert found["price"] == pytest.approx(cost["expected"] * (20 * 1 + 5 * 10) / 1e6)
    told = {(one["metric"], one["labels"].get("stratum", "")): one for one in found["estimates"]}
    assert 0.02 < told["least_effect", "all"]["value"] < 0.09
    assert told["least_effect", "strict"]["value"] is not None
    assert 50 < told["items_needed", "all"]["value"] < 1000
    assert told["solved_expected", ""]["value"] == pytest.approx(180, abs=15)


def test_more_draws_see_less(harness):
    harness("run", *FLAGS, "--limit", "60", "--draws", "1")

    def least(*words):
        found = planned(harness, *words)["estimates"]
        return next(one["value"] for one in found if one["metric"] == "least_effect")

    assert least("--draws", "8") < least("--draws", "2") < least("--draws", "2", "--limit", "100")


def test_a_run_is_a_pilot_for_another_model(harness, tmp_path):
    folder = harness("run", *FLAGS, "--limit", "40", "--draws", "1").strip().splitlines()[-1]
    text = harness("plan", *FLAGS, "--output", "elsewhere", "--pilot", folder, "--effect", "3", "--preset", "default")
    assert f"pilot: 40 documents ({folder})" in text
    assert "least_effect +" in text
    assert "price: not known" in text


def test_prices_are_the_users(harness, tmp_path):
    (tmp_path / "prices.yaml").write_text("chancy: {in: 2, out: 8}\n")
    assert planned(harness, "--prices", "prices.yaml")["price"] > 0
    (tmp_path / "prices.yaml").write_text("other: {in: 2, out: 8}\n")
    assert planned(harness, "--prices", "prices.yaml")["price"] is None
    (tmp_path / "prices.yaml").write_text("chancy: 3\n")
    with pytest.raises(HarnessError, match="wanted: model name"):
        planned(harness, "--prices", "prices.yaml")
    with pytest.raises(HarnessError, match="go together"):
        planned(harness, "--price-in", "2")


def test_a_flag_that_is_nothing_to_a_plan_is_refused(harness):
    with pytest.raises(HarnessError, match="it takes no --dry-run"):
        harness("plan", *FLAGS, "--dry-run")


def test_a_pilot_that_is_no_run_is_an_error(harness, tmp_path):
    with pytest.raises(HarnessError, match=r"--pilot nowhere: no records\.jsonl there"):
        planned(harness, "--pilot", "nowhere")


def test_a_wrong_flag_is_named(harness):
    with pytest.raises(HarnessError, match="no flag named '--drawz'; did you mean --draws"):
        planned(harness, "--drawz", "3")
