"""The report accounts for every candidate, and puts every drawn constraint into a stratum."""

from harness import Constraint, Record, Response, Score, Trial, Verdict
from harness.testing import ListTask
from harness_sustainscore.drawn import Drawn, drawn_estimates, drawn_row

TASK = ListTask(name="t", rows=(), domain="math")


def record(number, guards, *met, stratum="strict"):
    made = Constraint(type="k", family="length", version="1", params={}, text="x", stratum=stratum)
    trials = [
        Trial(arm="base", draw=draw, responses=(Response(),), score=Score(), verdicts=(Verdict(met=one),))
        for draw, one in enumerate(met)
    ]
    return Record(
        doc=f"t/{number}",
        task="t",
        index=number,
        guards=guards,
        constraints=(made,) if met else (),
        trials=tuple(trials),
    )


def values(*records):
    drawn = Drawn()
    for row in (drawn_row(one, TASK) for one in records):
        if row is not None:
            drawn.append(row)
    found = list(drawn_estimates(drawn, {}))
    return {(one.labels.get("candidates of") or one.labels["natural compliance"], one.metric): one for one in found}


def test_every_candidate_is_counted_once():
    found = values(
        record(0, {"length": {"candidates": 5, "vacuous": 1, "leaks the answer": 2}}, True, True),
        record(1, {"length": {"candidates": 3}, "case": {"candidates": 2, "vacuous": 2}}, True, True),
        record(2, {}),
    )
    assert found["length", "candidates"].value == 8
    assert found["length", "passed"].value == 8 - 1 - 2
    assert found["case", "passed"].value == 0
    assert found["length", "candidates"].n == 2
    assert sum(found["length", name].value for name in ("vacuous", "leaks the answer", "passed")) == 8


def test_strata_are_those_that_were_observed():
    strict = values(*(record(n, {}, True, True, True) for n in range(20)))
    assert strict["strict", "constraints"].value == 20
    assert strict["strict", "natural_q"].value > 0.95
    forcing = values(*(record(n, {}, True, False, False) for n in range(20)))
    assert forcing["forcing", "constraints"].value == 20


def test_without_other_answers_q_is_unknown_and_the_note_says_so():
    found = values(record(0, {}, True, stratum="soft"))
    assert found["soft", "natural_q"].value is None
    assert "the type declares" in found["soft", "natural_q"].note
