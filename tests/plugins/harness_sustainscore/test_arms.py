"""The arms of whole runs with a scripted model: what each adds, who is asked, and that no order decides."""

import asyncio
from dataclasses import replace

import pytest

from harness import Constraint, ConstraintType, HarnessError, Plan, Response, Sampling, TaskSpec, TaskSuite, Verdict
from harness.cli.flags import Flags, plan_of, with_preset
from harness.registry import load_registry
from harness.run import run
from harness.testing import ListSource, ListTask, ScriptedModel
from harness_sustainscore.foreign import LOWER_CASE
from harness_sustainscore.placebo import SLACK, VACUOUS, tokens
from harness_sustainscore.presets import PRESETS

ROWS = tuple({"question": f"What is {a} + {a}?", "answer": str(2 * a)} for a in range(30))
ALL = "repeat,placebo,wrapper,constrained,transplanted,demanding"


def number_in(request):
    return int(request.prompt.asked.content.split("What is ")[1].split(" +")[0])


def right(request):
    number = number_in(request)
    return f"{'Well, ' * (number % 3)}adding the Two gives us {2 * number}"


def offer(source):
    most = len(source.response.text.split()) + 94
    made = Constraint(
        type="short", family="length", version="1", params={"most": most}, text=f"Use at most {most} words."
    )
    return (made,)


SHORT = ConstraintType(
    name="short",
    family="length",
    summary="few words",
    extract=offer,
    check=lambda made, response: Verdict(met=0 < len(response.text.split()) <= made.params["most"]),
)


@pytest.fixture
def went(tmp_path):
    """Return run(script, **plan) -> (finished run, model)."""

    def make(script=right, *, temperature=0.7, concurrency=None, output="runs", **plan):
        task = ListTask(name="sums", rows=ROWS, domain="math", sampling=Sampling(temperature=temperature))
        spec = TaskSpec(name="sums")
        suite = TaskSuite(name="tests", summary="", tasks=(spec,), source=ListSource(tasks={"sums": task}))
        model = ScriptedModel(script=script)
        registry = replace(
            load_registry(disabled=("suites", "backends", "lm_eval", "constraints", "tiny")),
            suites={"tests": suite},
            backends={"scripted": model.backend()},
            constraint_types={"short": SHORT},
        )
        full = Plan(tasks=("sums",), model="scripted", output=str(tmp_path / output), concurrency=concurrency, **plan)
        return asyncio.run(run(full, registry)), model

    return make


def test_each_arm_adds_what_it_says(went):
    end, _ = went(option={"arms": ALL, "draws": 2})
    record = next(record for record in end.records if record.foreign.get("transplanted"))
    added = {trial.arm: trial.inserted.strip() for trial in record.trials}
    own, other = record.constraints[0], record.foreign["transplanted"][0]
    assert added["base"] == added["repeat"] == ""
    assert added["constrained"] == f"Constraint: {own.text}"
    assert added["transplanted"] == f"Constraint: {other.text}"
    assert added["demanding"] == f"Constraint: {LOWER_CASE.text}"
    assert added["wrapper"] == f"Constraint: {VACUOUS}"
    assert added["placebo"].startswith("Note: ")
    assert abs(tokens(added["placebo"]) - tokens(added["constrained"])) <= SLACK * tokens(added["constrained"])
    assert not any(character.isdigit() for character in added["placebo"])
    assert {trial.arm: len(record.arm(trial.arm)) for trial in record.trials} == {
        "base": 4,
        **dict.fromkeys(ALL.split(","), 2),
    }


def test_a_transplanted_constraint_is_another_documents_and_met_here(went):
    end, _ = went(option={"arms": ALL})
    moved = [record for record in end.records if "transplanted" in record.foreign]
    assert len(moved) > 20
    for record in moved:
        (other,) = record.foreign["transplanted"]
        assert (other.type, other.text != record.constraints[0].text) == ("short", True)
        assert SHORT.check(other, record.trials[0].response).met is True
        verdicts = record.arm("transplanted")[0].verdicts
        assert len(verdicts) == 2
        assert verdicts[1].met is True


def test_what_is_transplanted_does_not_depend_on_who_comes_first(went):
    option = {"arms": ALL, "draws": 1}
    one, _ = went(option=option, concurrency=1, output="one")
    many, _ = went(option=option, concurrency=64, output="many")
    assert (one.folder / "records.jsonl").read_bytes() == (many.folder / "records.jsonl").read_bytes()


def test_a_donor_costs_no_answer_that_the_run_does_not_need(went):
    _, model = went(option={"arms": ALL, "draws": 1, "base_draws": 1})
    base = [request for request in model.seen if request.draw.startswith("base")]
    assert len(base) == len(ROWS)


def test_the_positive_control_is_left_out_where_it_asks_nothing_new(went):
    end, _ = went(lambda request: right(request).lower(), option={"arms": ALL, "draws": 1})
    assert not any(record.arm("demanding") for record in end.records)


def test_a_part_of_the_documents_is_asked_in_the_further_arms(went):
    end, _ = went(option={"arms": ALL, "draws": 1, "further_items": 10})
    asked = [record.index for record in end.records if record.arm("wrapper")]
    assert asked == list(range(10))
    estimates = {one.metric: one for one in end.estimates}
    assert estimates["D_wrapper"].n == 10
    assert estimates["demanding"].value == 1.0


def test_arms_are_sent_interleaved(went):
    _, model = went(option={"draws": 4}, concurrency=1)
    for number in range(10):
        sent = [one.draw.split("/")[0] for one in model.seen if number_in(one) == number and "base" not in one.draw]
        assert sent != sorted(sent, key=sent.index)  # not one arm after the other
        assert {arm: sent.count(arm) for arm in sent} == {"repeat": 4, "placebo": 4, "constrained": 4}


def later(request):
    """Fail the selection sample of every third sum."""
    wrong = number_in(request) % 3 == 0 and request.draw.startswith("base/0")
    return "no idea" if wrong else right(request)


def test_a_document_solved_later_counts_on_all_items_alone(went):
    end, _ = went(later, option={"draws": 1})
    assert end.funnel["solved"] == end.funnel["constrained"] == 20
    extra = [record for record in end.records if record.index % 3 == 0]
    assert all(record.source == 1 and record.arm("constrained") for record in extra)
    estimates = {one.metric: one for one in end.estimates if one.labels.get("stratum", "all") == "all"}
    assert (estimates["D"].n, estimates["ate"].n) == (20, 30)


def test_without_all_items_it_goes_no_further(went):
    end, model = went(later, option={"draws": 1, "all_items": "false"})
    assert end.reasons == {"unsolved": 10}
    assert not any(one.metric == "ate" for one in end.estimates)
    assert len(model.seen) == 30 * 4 + 20 * 3


def test_a_model_that_repeats_itself_has_no_floor(went):
    def script(request):
        extra = "Indeed, " if "Note:" in request.prompt.asked.content else ""
        return extra + right(request)

    end, _ = went(script)
    found = {one.metric: one for one in end.estimates if one.labels.get("stratum", "all") == "all"}
    assert found["floor"].value is None
    assert "word for word" in found["floor"].note
    assert found["lost"].note == "against the placebo, as asking again tells nothing"
    assert found["D_spec"].value == 0.0


def planned(**flags):
    registry = load_registry(disabled=("lm_eval",))
    evaluation = registry.evaluations["sustainscore"]
    return plan_of(with_preset(Flags(tasks=("sums",), **flags), evaluation))


def test_a_preset_gives_options_and_limit_and_flags_win():
    smoke = planned(preset="smoke")
    assert (smoke.preset, smoke.domain_limit, smoke.option["draws"]) == ("smoke", 24, 1)
    more = planned(preset="smoke", limit=5, option={"draws": "3"})
    assert (more.domain_limit, more.limit, more.option["draws"], more.option["base_draws"]) == (None, 5, "3", 2)
    default = planned(preset="default").option
    assert (default["base_draws"], default["draws"], default["constraint_count"]) == (4, 4, (1,))
    assert planned(preset="scale").option["constraint_count"] == (1, 2, 4, 8, 16)
    with pytest.raises(HarnessError, match="no preset of evaluation sustainscore named 'smok'; did you mean smoke"):
        planned(preset="smok")


def test_the_smoke_run_says_what_it_is_worth(went):
    smoke = next(one for one in PRESETS if one.name == "smoke")
    end, _ = went(preset="smoke", domain_limit=24, option=smoke.option)
    assert end.funnel["asked"] == 24
    assert "not interpretable" in (end.folder / "report.md").read_text()


def test_the_paper_preset_asks_no_control(went):
    paper = next(one for one in PRESETS if one.name == "paper")
    end, model = went(preset="paper", option=paper.option)
    assert {request.draw.split("/")[0] for request in model.seen} == {"base", "constrained"}
    assert len(model.seen) == 60
    found = {one.metric: one for one in end.estimates}
    assert found["sustain_raw"].value == 1.0
    assert found["D_spec"].value is None
    assert found["D_spec"].note.startswith("raw")
    assert "Raw retention" in (end.folder / "report.md").read_text()


def test_a_missing_draw_takes_the_same_draw_of_every_arm(went):
    def script(request):
        if request.draw.startswith("placebo/2") and number_in(request) == 7:
            return Response(finish="error", error="gone")
        return right(request)

    end, _ = went(script)
    found = {one.metric: one for one in end.estimates if one.labels.get("stratum", "all") == "all"}
    assert end.funnel["lost"] == 1
    assert found["D_spec"].n == 30  # three draws of the item are left
    assert found["D_spec_missing_wrong"].value == pytest.approx(-1 / 30 / 4)
    assert (found["missing"].value, found["missing"].labels["arm"]) == (1.0, "placebo")
