"""The estimators on records made by hand, where every number can be counted."""

import pytest

from harness import Constraint, Record, Response, Score, Trial, Verdict
from harness.testing import ListTask
from harness_sustainscore.estimators import METRICS, NO_FLOOR, sustain_estimates, sustain_row

TASK = ListTask(name="t", rows=({"question": "", "answer": ""},), domain="mathematics")


def trials(arm, solved, k=0, met=True):
    return tuple(
        Trial(
            arm=arm,
            draw=draw,
            k=k,
            responses=(Response(text="x"),),
            score=Score(solved=one),
            verdicts=(Verdict(met=met),),
        )
        for draw, one in enumerate(solved)
    )


def record(number, base, repeat=(), placebo=(), constrained=(), *, family="length", met=True, cluster="", k=1):
    made = Constraint(type="c", family=family, version="1", params={}, text="c")
    return Record(
        doc=f"t/{number}",
        task="t",
        index=number,
        cluster=cluster,
        constraints=(made,) * k,
        trials=(
            *trials("base", base),
            *trials("repeat", repeat),
            *trials("placebo", placebo, k),
            *trials("constrained", constrained, k, met),
        ),
    )


def estimates(records):
    rows = [row for row in (sustain_row(one, TASK) for one in records) if row is not None]
    return list(sustain_estimates(rows, {"t": TASK}))


def values(records, family="all"):
    found = estimates(records)
    return {one.metric: one for one in found if one.labels.get("family", family) == family}


def test_the_numbers_are_the_ones_that_can_be_counted():
    yes, no = True, False
    found = values(
        [
            record(0, [yes, yes], [yes, yes], [yes, yes], [yes, no]),
            record(1, [yes, no], [yes, no], [yes, no], [no, no], met=False),
            record(2, [no, yes]),
            record(3, [no, no]),
        ]
    )
    assert found["base_accuracy"].value == pytest.approx(4 / 8)
    assert found["sustain_raw"].value == pytest.approx(0.25)
    assert found["floor"].value == pytest.approx(0.75)
    assert found["placebo"].value == pytest.approx(0.75)
    assert found["D"].value == pytest.approx(0.5)
    assert found["D_spec"].value == pytest.approx(0.5)
    assert found["sustain_adjusted"].value == pytest.approx(1 / 3)
    assert found["compliance"].value == pytest.approx(0.5)
    assert found["floor_loo"].value == pytest.approx(2 / 4)
    assert found["sustain_raw"].n == 2


def test_without_a_repeat_arm_the_floor_is_unknown_and_the_placebo_is_the_null():
    found = values([record(i, [True], placebo=[True], constrained=[i % 2 == 0]) for i in range(10)])
    assert found["floor"].value is None
    assert found["D"].note == NO_FLOOR
    assert found["D_spec"].value == pytest.approx(0.5)
    assert found["D_spec"].method.startswith("Tango")


def test_a_lost_answer_takes_the_item_out_of_every_arm():
    whole = [record(i, [True], [True], [True], [True]) for i in range(5)]
    broken = record(9, [True], [True], [None], [True])
    assert values([*whole, broken])["sustain_raw"].n == 5
    assert values([*whole, broken])["base_accuracy"].n == 6


def test_an_unscored_base_answer_counts_nowhere():
    assert sustain_row(record(0, [None]), TASK) is None


def test_nothing_solved_gives_no_number():
    found = values([record(0, [False])])
    assert [found[name].value for name in METRICS] == [None] * len(METRICS)
    assert found["base_accuracy"].value == 0.0


def test_no_difference_is_a_bound_and_not_zero_plus_or_minus_zero():
    found = values([record(i, [True], [True], [True], [True]) for i in range(60)])
    assert found["D"].value == 0.0
    assert found["D"].high > 0.03
    assert "rule of three" in found["D"].note
    assert "5.0%" in found["D"].note


def test_families_are_reported_apart_and_together():
    records = [
        record(i, [True], [True], [True], [i % 2 == 0], family="length" if i % 2 else "format") for i in range(20)
    ]
    assert values(records, "length")["sustain_raw"].value == 0.0
    assert values(records, "format")["sustain_raw"].value == 1.0
    assert values(records, "all")["sustain_raw"].value == 0.5


def test_numbers_of_constraints_are_reported_apart():
    records = [record(i, [True], [True], [True], [True], k=1 + i % 2) for i in range(20)]
    assert {one.labels["k"] for one in estimates(records) if one.metric == "D"} == {"1", "2"}


def test_a_cluster_is_the_unit():
    alone = [record(i, [True], [True], [True, True], [i < 10, True]) for i in range(20)]
    together = [record(i, [True], [True], [True, True], [i < 10, True], cluster=f"p{i // 5}") for i in range(20)]
    wide, narrow = values(together)["D_spec"], values(alone)["D_spec"]
    assert wide.value == narrow.value
    assert wide.high - wide.low > narrow.high - narrow.low
