"""The excess of each class of failure, on records made by hand, where every number can be counted."""

import pytest

from harness import Constraint, Record, Response, Score, TaskSpec, Trial, Verdict
from harness.testing import ListTask
from harness_sustainscore.estimators import sustain_estimates, sustain_row
from harness_sustainscore.failures.excess import excess_estimates, failure_row
from harness_sustainscore.failures.shown import failure_cases

TASK = ListTask(
    name="t", rows=({"question": "", "answer": ""},), domain="mathematics", spec=TaskSpec(name="t", channel="####")
)
RIGHT = "She has 16 - 3 - 4 = 9 eggs and makes 9 * 2 = 18 dollars.\n#### 18"
CUT, EMPTY = "She has 16 -", ""
MOVED = "She has 16 - 3 - 4 = 9 eggs and makes 9 * 2 = 18 dollars, which is 18."
PLAN = "She has 16 - 3 = 13 eggs for sale and so makes 13 * 2 = 26 dollars.\n#### 26"


def trials(arm, texts, k=0):
    return tuple(
        Trial(
            arm=arm,
            draw=draw,
            k=k,
            inserted="\n\nConstraint: Use no table." if k else "",
            responses=(Response(text=text, finish="length" if text == CUT else "stop"),),
            score=Score(solved=None if text is None else text == RIGHT, lenient=text in {RIGHT, MOVED}),
            verdicts=(Verdict(met=True),),
        )
        for draw, text in enumerate(texts)
        if text is not None or arm != "base"
    )


def lost(arm, draw, k=0):
    return Trial(
        arm=arm, draw=draw, k=k, responses=(Response(finish="error", error="500"),), score=Score(note="request failed")
    )


def record(number, repeat, placebo, constrained, base=(RIGHT,), more=()):
    made = Constraint(type="c", family="format", version="1", params={}, text="Use no table.")
    return Record(
        doc=f"t/{number}",
        task="t",
        index=number,
        golds=("18",),
        source=0,
        constraints=(made,),
        trials=(
            *trials("base", base),
            *trials("repeat", repeat),
            *trials("placebo", placebo, 1),
            *trials("constrained", constrained, 1),
            *more,
        ),
    )


RECORDS = [
    record(0, [RIGHT, PLAN], [RIGHT, RIGHT], [MOVED, PLAN]),
    record(1, [RIGHT, RIGHT], [CUT, RIGHT], [CUT, RIGHT]),
    record(2, [RIGHT, RIGHT], [RIGHT, RIGHT], [RIGHT, MOVED]),
    record(3, [RIGHT, RIGHT], [RIGHT, RIGHT], [RIGHT, EMPTY]),
]


def excess(records, metric="excess"):
    rows = [row for row in (failure_row(one, TASK) for one in records) if row is not None]
    return {one.labels["class"]: one for one in excess_estimates(rows, {"t": TASK}) if one.metric == metric}


def test_each_class_is_counted_beside_the_control():
    assert {kind: one.value for kind, one in excess(RECORDS, "failed").items()} == {
        "infrastructure": 1 / 8,
        "truncation": 1 / 8,
        "output_specification": 2 / 8,
        "wrong_plan": 1 / 8,
    }
    assert {kind: one.value for kind, one in excess(RECORDS).items()} == {
        "infrastructure": 1 / 8,
        "truncation": 1 / 8,
        "output_specification": 2 / 8,
        "wrong_plan": 0.0,
    }
    assert excess(RECORDS, "excess_spec")["truncation"].value == 0
    assert excess(RECORDS, "failed_null")["wrong_plan"].value == 1 / 8


def test_an_excess_has_an_interval_and_an_adjusted_p():
    one = excess([record(n, [RIGHT, RIGHT], [RIGHT, RIGHT], [MOVED, RIGHT]) for n in range(12)])["output_specification"]
    assert one.unit == "points"
    assert one.n == 12
    assert one.low <= one.value == 0.5 <= one.high
    assert one.p < 0.01
    assert one.adjustment.startswith("Benjamini-Hochberg")


@pytest.mark.parametrize(("metric", "whole"), [("excess", "D"), ("excess_spec", "D_spec")])
def test_over_all_classes_excess_sums_to_the_interference(metric, whole):
    rows = [sustain_row(one, TASK) for one in RECORDS]
    found = {
        one.metric: one.value for one in sustain_estimates(rows, {"t": TASK}) if one.labels.get("stratum") == "all"
    }
    assert sum(one.value for one in excess(RECORDS, metric).values()) == pytest.approx(found[whole])


def test_the_placebo_is_the_null_where_asking_again_tells_nothing():
    for repeat in ([RIGHT, RIGHT], []):
        found = excess([record(n, repeat, [CUT, RIGHT], [MOVED, RIGHT]) for n in range(4)])
        assert found["truncation"].value == -0.5
        assert "placebo" in found["truncation"].note


def test_a_draw_that_one_arm_lacks_is_left_out_of_all():
    records = [
        record(0, [RIGHT, RIGHT, PLAN], [RIGHT] * 3, [MOVED, RIGHT], more=(lost("constrained", 2, 1),)),
        record(1, [PLAN, RIGHT], [RIGHT] * 2, [RIGHT] * 2),
    ]
    assert excess(records, "failed_null")["wrong_plan"].value == pytest.approx(1 / 4)
    assert "infrastructure" not in excess(records)


def test_an_unsolved_document_counts_nowhere():
    assert failure_row(record(0, [RIGHT], [RIGHT], [PLAN], base=(PLAN, RIGHT)), TASK) is None


def test_cases_tell_what_became_of_an_answer():
    cases = list(failure_cases(RECORDS[0], TASK))
    assert [(case.arm, case.draw, case.kind) for case in cases] == [
        ("repeat", 1, "wrong_plan"),
        ("constrained", 0, "output_specification"),
        ("constrained", 1, "wrong_plan"),
    ]
    moved = cases[1]
    assert moved.before == RIGHT
    assert moved.inserted == "Constraint: Use no table."
    assert "output_specification: answer channel displaced" in moved.findings
    assert [moved.after[one.start : one.end] for one in moved.evidence][:1] == ["18"]
    assert moved.measures["complied"] == "all"
    assert moved.measures["approach_distance"] == 0
    assert moved.measures["first_divergence"] == 18


def test_an_answer_in_an_arm_with_a_constraint_of_its_own_is_read_beside_that_one():
    foreign = Constraint(type="d", family="case", version="1", params={}, text="Use exactly 77 words.")
    wrong = Trial(
        arm="demanding",
        draw=0,
        k=1,
        responses=(Response(text="So 9 * 77 = 693 dollars it is in all, then.\n#### 693"),),
        score=Score(solved=False),
        verdicts=(Verdict(met=True), Verdict(met=False)),
    )
    one = Record(
        **{name: getattr(RECORDS[0], name) for name in ("doc", "task", "index", "golds", "source", "constraints")},
        foreign={"demanding": (foreign,)},
        trials=(*RECORDS[0].arm("base"), wrong),
    )
    (case,) = failure_cases(one, TASK)
    assert case.kind == "constraint_as_content"
    assert case.measures["complied"] == "none"
