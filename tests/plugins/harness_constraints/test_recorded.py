"""Over the recorded answers of real models: every drawn constraint holds on its own source."""

from __future__ import annotations

from harness_constraints.catalogue import catalogue
from harness_constraints.engine import check, extract

#: One answer in so many is read here; benchmarks/constraints.py reads them all.
STRIDE = {
    "faithful_cot_gsm8k": 12,
    "gsm8k_openai_solutions": 5,
    "concise_cot_gpt35": 8,
    "humaneval_prompt_styles": 15,
    "humaneval_ten_runs": 10,
}


def test_every_drawn_constraint_holds_on_its_own_source(recorded, record_property):
    name, domain, answers = recorded
    rules = [rule for rule in catalogue() if not rule.domains or domain in rule.domains]
    seen = offered = solved = strict = 0
    for number, answered in enumerate(answers):
        if number % STRIDE.get(name, 1):
            continue
        drawn = [(rule, constraint) for rule in rules for constraint in extract(rule, answered)]
        for rule, constraint in drawn:
            assert check(rule, constraint, answered.response).met is True, (rule.name, answered.doc.id)
        seen += 1
        offered += bool(drawn)
        if answered.score.solved:
            solved += 1
            strict += any(rule.stratum == "strict" and not rule.touches_answer for rule, _ in drawn)
    record_property("answers", seen)
    record_property("offered", offered)
    record_property("solved", solved)
    record_property("strict", strict)
    assert offered >= 0.97 * seen or domain == "code"
    assert strict >= 0.97 * solved
