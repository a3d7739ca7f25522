"""On recorded answers of real models: the guards leave nearly every solved answer a strict constraint."""

from __future__ import annotations

from random import Random

from harness_constraints import harness_constraint_types
from harness_sustainscore.choice import OFFERED, Terms, chosen_constraints
from harness_sustainscore.design import levels
from harness_sustainscore.guards import GUARDS
from harness_sustainscore.options import SustainOptions

TYPES = {kind.name: kind for kind in harness_constraint_types()}
#: One answer in so many is read here, some fifty of each recording.
STRIDE = {"gsm8k": 113, "openai_solutions": 41, "strategyqa": 173, "hotpotqa": 11, "humaneval": 67, "mbpp": 11}
LEAST = 0.97


def chosen(one, **terms):
    wording = levels(one.answered.doc.index, ("appended",), SustainOptions().wording)[1]
    return chosen_constraints(
        one.answered,
        TYPES,
        spec=one.spec,
        domain=one.domain,
        random=Random(one.answered.doc.id),
        terms=Terms(wording=wording, **terms),
    )


def test_nearly_every_solved_answer_gets_a_strict_constraint(recorded):
    name, answers = recorded
    sources = answers(STRIDE[name])
    assert len(sources) >= 40
    strict = [chosen(one, strata=frozenset({"strict"})).constraints for one in sources]
    assert all(constraint.stratum == "strict" for drawn in strict for constraint in drawn)
    assert sum(map(len, strict)) >= LEAST * len(sources)


def test_sets_of_sixteen_are_nested_hold_together_and_every_candidate_is_accounted_for(recorded):
    name, answers = recorded
    for one in answers(STRIDE[name] * 5):
        choice = chosen(one, most=16)
        drawn = choice.constraints
        assert len(drawn) == 16, one.answered.doc.id
        for k in (1, 2, 4, 8):
            assert chosen(one, most=k).constraints == drawn[:k]
        assert all(TYPES[made.type].check(made, one.answered.response).met for made in drawn)
        groups = [TYPES[made.type].group or made.type for made in drawn if "item" not in made.params]
        assert len(groups) == len(set(groups))
        for family, count in choice.counts.items():
            assert set(count) <= {OFFERED, *GUARDS}
            passed = count[OFFERED] - sum(count.get(guard, 0) for guard in GUARDS)
            assert passed >= sum(made.family == family for made in drawn)
