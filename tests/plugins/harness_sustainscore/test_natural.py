"""Natural compliance: counted from the other base answers, pooled by type, shrunk by item, in strata fixed before."""

import math
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import Constraint, Record, Response, Score, Trial, Verdict
from harness_sustainscore.natural import (
    DECLARED,
    STRATA,
    Observed,
    intraclass_correlation,
    natural_compliance,
    observed,
    pooled,
    set_q,
    set_stratum,
    stratum_of,
)

COUNTS = st.lists(
    st.integers(1, 8).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=1, max_size=40
)


def record(*verdicts, stratum="strict"):
    """A record of one constraint; a verdict for each base draw, the source first."""
    made = Constraint(type="t", family="f", version="1", params={}, text="x", stratum=stratum)
    trials = [
        Trial(arm="base", draw=draw, responses=(Response(),), score=Score(), verdicts=(Verdict(met=met),))
        for draw, met in enumerate(verdicts)
    ]
    return Record(doc="d/0", task="d", index=0, constraints=(made,), trials=tuple(trials))


def test_the_source_is_not_counted():
    (one,) = observed(record(True, False, True, True))
    assert (one.met, one.draws, one.declared) == (2, 3, "strict")


def test_a_later_source_is_not_counted_either():
    (one,) = observed(replace(record(False, True, True, False), source=1))
    assert (one.met, one.draws) == (1, 3)


def test_what_could_not_be_judged_is_left_out():
    (one,) = observed(record(True, None, True, None))
    assert (one.met, one.draws) == (1, 1)


def test_one_base_draw_says_nothing_and_the_declared_stratum_stands():
    seen = observed(record(True, stratum="soft"))
    types = natural_compliance(seen)
    kind = types["d", "t"]
    assert (kind.mean, kind.note, kind.stratum) == (None, DECLARED, "soft")
    assert set_q(types, seen) is None
    assert set_stratum(types, seen) == "soft"


def test_without_a_declared_stratum_nothing_is_invented():
    seen = observed(record(True, stratum=""))
    assert set_stratum(natural_compliance(seen), seen) == "unknown"


def test_a_set_is_as_natural_as_its_weakest():
    strict = Observed(task="d", type="a", declared="strict", met=300, draws=300)
    weak = Observed(task="d", type="b", declared="forcing", met=30, draws=300)
    types = natural_compliance([strict, weak])
    assert set_stratum(types, [strict]) == "strict"
    assert set_stratum(types, [strict, weak]) == "forcing"
    assert set_q(types, [strict, weak]) == types["d", "b"].q(weak)


def test_tasks_are_never_pooled():
    ones = [Observed(task=task, type="a", declared="", met=met, draws=9) for task, met in (("x", 9), ("y", 0))]
    assert {key: kind.mean for key, kind in natural_compliance(ones).items()} == {("x", "a"): 1.0, ("y", "a"): 0.0}


def test_three_of_three_in_one_item_do_not_make_a_forcing_type_strict():
    assert pooled([(3, 3)], "forcing").stratum == "forcing"
    assert pooled([(3, 3)], "strict").stratum == "strict"
    assert pooled([(3, 3)] * 100, "forcing").stratum == "strict"


def test_the_beta_binomial_is_recovered():
    """Items from Beta(6, 2), five draws each: mean 0.75, strength 8."""
    chance = random.Random(3)
    counts = []
    for _ in range(6000):
        p = chance.betavariate(6, 2)
        counts.append((sum(chance.random() < p for _ in range(5)), 5))
    found = pooled(counts)
    assert found.mean == pytest.approx(0.75, abs=0.01)
    assert found.strength == pytest.approx(8, rel=0.15)
    assert intraclass_correlation(counts) == pytest.approx(1 / 9, abs=0.015)


def test_items_that_differ_by_chance_alone_all_get_the_mean():
    found = pooled([(2, 4)] * 50)
    assert math.isinf(found.strength)
    assert found.q(Observed(task="d", type="t", declared="", met=0, draws=4)) == 0.5


@given(COUNTS, st.sampled_from(["", *STRATA]))
def test_a_shrunken_share_lies_between_the_item_and_its_type(counts, declared):
    found = pooled(counts, declared)
    for met, draws in counts:
        q = found.q(Observed(task="d", type="t", declared=declared, met=met, draws=draws))
        low, high = sorted((found.mean, met / draws))
        assert low - 1e-12 <= q <= high + 1e-12
        assert stratum_of(q) in STRATA


@given(COUNTS)
def test_more_of_the_same_item_counts_for_more(counts):
    found = pooled([*counts, (1, 4)])
    if 0 < found.strength < math.inf:
        few = found.q(Observed(task="d", type="t", declared="", met=4, draws=4))
        many = found.q(Observed(task="d", type="t", declared="", met=40, draws=40))
        assert many >= few
