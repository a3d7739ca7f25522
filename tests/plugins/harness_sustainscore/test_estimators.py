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


def made(kind="c", family="length", stratum="strict"):
    return Constraint(type=kind, family=family, version="1", params={}, text=kind, stratum=stratum)


def drawn(arm, solved, *, k=0, met=(True,), lenient=None, finish="stop"):
    """Trials with their verdicts (one tuple for all draws, or one for each) and lenient grades."""
    return tuple(
        Trial(
            arm=arm,
            draw=draw,
            k=k,
            inserted="x" if k else "",
            responses=(Response(text=f"{arm} {k} {draw}", finish=finish),),
            score=Score(solved=one, lenient=None if lenient is None else lenient[draw]),
            verdicts=tuple(Verdict(met=one) for one in (met[draw] if isinstance(met[0], tuple) else met)),
        )
        for draw, one in enumerate(solved)
    )


def whole_record(number, *trials, constraints=None, source=0, task="t", cluster=""):
    constraints = (made(),) if constraints is None else constraints
    return Record(
        doc=f"{task}/{number}",
        task=task,
        index=number,
        cluster=cluster,
        source=source,
        constraints=constraints,
        trials=tuple(one for arm in trials for one in arm),
    )


def cell(records, tasks=None, **wanted):
    tasks = tasks or {"t": TASK}
    rows = [row for row in (sustain_row(one, tasks[one.task]) for one in records) if row is not None]
    labels = {"family": "all", "type": "all", "stratum": "all", **wanted}
    found = list(sustain_estimates(rows, tasks))
    return {
        one.metric: one for one in found if all(one.labels.get(name, value) == value for name, value in labels.items())
    }


Y, N = True, False


def test_flows_are_the_chance_of_two_fresh_draws():
    """Item 1: Z = 1, T = 0.5. Item 2: Z = 0.5, T = 0.5: lost 0.25 and gained 0.25 at the same net."""
    found = cell(
        [
            whole_record(
                0,
                drawn("base", [Y]),
                drawn("repeat", [Y, Y]),
                drawn("placebo", [Y, Y], k=1),
                drawn("constrained", [Y, N], k=1),
            ),
            whole_record(
                1,
                drawn("base", [Y]),
                drawn("repeat", [Y, N]),
                drawn("placebo", [Y, Y], k=1),
                drawn("constrained", [N, Y], k=1),
            ),
        ]
    )
    assert found["lost"].value == pytest.approx((0.5 + 0.25) / 2)
    assert found["gained"].value == pytest.approx((0.0 + 0.25) / 2)
    assert found["churn"].value == pytest.approx(0.5)
    assert found["lost"].value - found["gained"].value == pytest.approx(found["D"].value)


def test_all_items_hold_the_gains_that_selection_hides():
    """An item that the selection sample failed and the constraint helps: in `ate` alone."""
    records = [
        whole_record(
            i, drawn("base", [Y, Y]), drawn("repeat", [Y]), drawn("placebo", [Y], k=1), drawn("constrained", [Y], k=1)
        )
        for i in range(3)
    ]
    helped = whole_record(
        9,
        drawn("base", [N, Y]),
        drawn("repeat", [N]),
        drawn("placebo", [N], k=1),
        drawn("constrained", [Y], k=1),
        source=1,
    )
    found = cell([*records, helped])
    assert (found["D"].n, found["D"].value) == (3, 0.0)
    assert (found["ate"].n, found["ate"].value) == (4, pytest.approx(-0.25))
    assert (found["gained_all"].value, found["lost_all"].value) == (0.25, 0.0)
    assert found["gained"].value == 0.0


def test_compliance_by_correctness_counts_draws():
    met = ((Y,), (Y,), (N,), (N,))
    found = cell(
        [
            whole_record(
                0,
                drawn("base", [Y]),
                drawn("repeat", [Y, Y, Y, N]),
                drawn("placebo", [Y] * 4, k=1),
                drawn("constrained", [Y, N, Y, N], k=1, met=met),
            )
        ]
    )
    shares = [found[name].value for name in ("comply_correct", "comply_wrong", "violate_correct", "violate_wrong")]
    assert shares == [0.25] * 4
    assert found["compliance"].value == 0.5
    assert found["D_complied"].value == pytest.approx(0.75 - 0.5)
    assert found["D_complied"].p is None
    assert "descriptive" in found["D_violated"].note


def test_the_lenient_grade_tells_a_moved_answer_from_a_lost_one():
    records = [
        whole_record(
            i,
            drawn("base", [Y], lenient=[Y]),
            drawn("repeat", [Y], lenient=[Y]),
            drawn("placebo", [Y], k=1, lenient=[Y]),
            drawn("constrained", [i > 3], k=1, lenient=[Y]),
        )
        for i in range(10)
    ]
    found = cell(records)
    assert found["D_spec"].value == pytest.approx(0.4)
    assert found["D_spec_lenient"].value == 0.0


def test_truncation_is_told_of_both_arms():
    found = cell(
        [
            whole_record(
                0,
                drawn("base", [Y]),
                drawn("repeat", [Y]),
                drawn("placebo", [Y], k=1),
                drawn("constrained", [N], k=1, finish="length"),
            )
        ]
    )
    assert (found["truncated"].value, found["truncated_null"].value) == (1.0, 0.0)


def nested(number, drops):
    """An item with D_spec of `drops[k]` at each k, over ten draws."""
    arms = [drawn("base", [Y, Y, Y], met=(True,) * 8), drawn("repeat", [Y] * 10, met=(True,) * 8)]
    for k, drop in drops.items():
        arms.append(drawn("placebo", [Y] * 10, k=k, met=(True,) * 8))
        arms.append(drawn("constrained", [n >= drop for n in range(10)], k=k, met=(True,) * 8))
    return whole_record(number, *arms, constraints=tuple(made(f"c{n}") for n in range(8)))


def test_the_slope_is_per_unit_of_log2_of_one_plus_k():
    """D_spec of 0.1 log2(1 + k) at k = 1, 3, 7 is 0.1, 0.2, 0.3."""
    records = [nested(i, {1: 1 + i % 2, 3: 2 + i % 2, 7: 3 + i % 2}) for i in range(30)]
    found = cell(records)
    assert found["slope_k"].value == pytest.approx(0.1)
    assert found["slope_k"].labels["k"] == "[1, 3, 7]"


def test_a_plateau_is_a_bound_and_not_a_missing_star():
    flat = cell([nested(i, {4: 3, 8: 3}) for i in range(400)])["plateau"]
    assert (flat.value, flat.labels["k"]) == (0.0, "8 - 4")
    assert flat.p_equivalence < 0.05
    few = cell([nested(i, {4: 3, 8: 3}) for i in range(20)])["plateau"]
    assert few.p_equivalence > 0.05


def of_stratum(number, met, *, lost=False, kind="c", task="t"):
    """An item whose other three base draws meet its constraint as told."""
    base = drawn("base", [Y] * 4, met=tuple((one,) for one in (True, *met)))
    arms = (drawn("repeat", [Y, Y]), drawn("placebo", [Y, Y], k=1), drawn("constrained", [not lost, Y], k=1))
    return whole_record(number, base, *arms, constraints=(made(kind, stratum=""),), task=task)


def split_by(one):
    """What splits the cell of an estimate."""
    return next((name for name in ("family", "type", "stratum") if one.labels[name] != "all"), "")


def test_the_primary_test_is_the_strict_stratum_of_each_domain():
    domains = {"t": "mathematics", "u": "mathematics", "v": "code"}
    tasks = {name: ListTask(name=name, rows=(), domain=domain) for name, domain in domains.items()}
    records = [
        of_stratum(i, (Y, Y, Y), lost=i % 3 == 0, kind="natural", task=task) for task in tasks for i in range(60)
    ] + [of_stratum(100 + i, (N, N, Y), lost=True, kind="odd", task=task) for task in tasks for i in range(60)]
    rows = [sustain_row(one, tasks[one.task]) for one in records]
    found = list(sustain_estimates(rows, tasks))
    primary = [one for one in found if one.primary]
    assert [(one.labels["task"], one.labels["domain"], one.labels["stratum"]) for one in primary] == [
        ("all", "mathematics", "strict"),
        ("v", "code", "strict"),
    ]
    assert [one.value for one in primary] == [pytest.approx(1 / 6)] * 2
    assert {one.adjustment for one in primary} == {"Holm over 2 primary tests"}
    assert max(one.p_adjusted for one in primary) == pytest.approx(max(one.p for one in primary))
    others = [one for one in found if one.metric == "D_spec" and one.p is not None and not one.primary]
    splits = {split_by(one) for one in others}
    assert {"", "type", "stratum"} <= splits
    for split in splits:  # a table's tests are adjusted among themselves
        beside = [one for one in others if split_by(one) == split]
        told = f"{len(beside)} tests of D_spec" + (f" by {split}" if split else "")
        assert {one.adjustment for one in beside} == {f"Benjamini-Hochberg over {told}"}
    assert all(one.p_adjusted >= one.p for one in found if one.p is not None)
    slope = next(one for one in found if one.metric == "slope_q" and one.labels["task"] == "all")
    assert slope.value > 0.3  # the less natural the constraint, the more it costs
    assert {one.labels.get("stratum") for one in found if one.metric == "D_spec"} == {"all", "strict", "forcing"}


def test_without_a_strict_constraint_there_is_no_primary_test():
    found = cell([of_stratum(i, (N, N, N)) for i in range(20)], stratum="strict")
    assert found["D_spec"].value is None
    assert "no primary test" in found["D_spec"].note


def test_a_null_effect_comes_with_a_bound():
    found = cell([of_stratum(i, (Y, Y, Y)) for i in range(400)])
    assert found["D_spec"].p_equivalence < 0.01
    assert cell([of_stratum(i, (Y, Y, Y)) for i in range(40)])["D_spec"].p_equivalence > 0.05
