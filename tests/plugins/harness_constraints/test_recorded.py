"""Over the recorded answers of real models: every drawn constraint holds on its own source, and every answer is counted."""

from __future__ import annotations

import os
import sys
from collections import Counter, defaultdict
from itertools import islice

from harness_constraints import harness_constraint_types, lexicon
from harness_constraints.catalogue import catalogue
from harness_constraints.reading import Reading, reading_of

#: One answer in so many is read here; HARNESS_RECORDED=all reads every one.
STRIDE = {
    "faithful_cot_gsm8k": 24,
    "gsm8k_openai_solutions": 10,
    "concise_cot_gpt35": 16,
    "humaneval_prompt_styles": 20,
    "humaneval_ten_runs": 10,
    "faithful_cot_strategyqa": 24,
    "faithful_cot_aqua_multiarith": 10,
    "reflexion_mbpp": 3,
    "codet_codegen16b": 4,
    "pot_outputs": 8,
    "ifeval": 4,
}
KINDS = {kind.name: kind for kind in harness_constraint_types()}


def test_every_drawn_constraint_holds_on_its_own_source(recorded, capsys):
    name, domain, answers = recorded
    stride = 1 if os.environ.get("HARNESS_RECORDED") == "all" else STRIDE.get(name, 1)
    rules = [rule for rule in catalogue() if not rule.domains or domain in rule.domains]
    funnel: Counter[str] = Counter()
    offered = strict = 0
    for number, answered in enumerate(answers):
        if number % stride:
            continue
        drawn = [(rule, constraint) for rule in rules for constraint in KINDS[rule.name].extract(answered)]
        for rule, constraint in drawn:
            assert KINDS[rule.name].check(constraint, answered.response).met is True, (rule.name, answered.doc.id)
            assert KINDS[rule.name].check(constraint, type(answered.response)()).met is False, (
                rule.name,
                answered.doc.id,
            )
        unfit = reading_of(answered.response.text).unfit
        assert not (unfit and drawn)
        funnel["asked"] += 1
        funnel["unfit" if unfit else "offered" if drawn else "no constraint"] += 1
        offered += len(drawn)
        if answered.score.solved:
            funnel["solved"] += 1
            strict += any(rule.stratum == "strict" and not rule.touches_answer and rule.hint == 0 for rule, _ in drawn)
    assert funnel["unfit"] + funnel["offered"] + funnel["no constraint"] == funnel["asked"] > 0
    with capsys.disabled():
        if stride == 1 and name in STRIDE:
            sys.stdout.write(
                f"\n{name}: {dict(funnel)}, {offered:,} constraints, strict for {strict} of {funnel['solved']} solved\n"
            )
    assert strict >= 0.97 * funnel["solved"]


def test_a_word_to_be_avoided_is_one_that_models_use(recorded_sets):
    """Each is used in one answer in twenty of some model's: a word that nobody uses would be no constraint."""
    pools: defaultdict[str, list[Counter[str]]] = defaultdict(list)
    for name in (
        "concise_cot_gpt35",
        "faithful_cot_strategyqa",
        "faithful_cot_gsm8k",
        "ifeval",
        "reflexion_hotpotqa_cot",
    ):
        for answered in islice(recorded_sets(name), 0, None, 4 if name in {"ifeval", "reflexion_hotpotqa_cot"} else 24):
            which = "ifeval" if name == "ifeval" else "/".join(answered.doc.id.split("/")[:2])
            pools[which].append(Reading(answered.response.text).vocabulary)
    most = {
        word: max(sum(word in used for used in pool) / len(pool) for pool in pools.values() if len(pool) > 20)
        for word in lexicon.AVOIDABLE
    }
    assert {word: share for word, share in most.items() if share < 0.05} == {}
