"""The generated problems: the same everywhere, right, and apart from what the model was trained on."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from harness_tiny.distractions import UNSEEN_NOUNS, distraction, unseen
from harness_tiny.drills import lookups, sums
from harness_tiny.evaluate import solved
from harness_tiny.forms import NATURAL, forms, target
from harness_tiny.functions import code_in
from harness_tiny.generator import DOMAINS, problem, problems, sample
from harness_tiny.instructions import OBEYS, WORDINGS, instructions
from harness_tiny.mixtures import BARE
from harness_tiny.problem import held_out
from harness_tiny.prompts import prompt

EQUATION = re.compile(r"(\d+) ([-+*/]) (\d+) = (\d+)")
DRAWN = range(300)


def drawn(domain):
    return [problem(domain, f"test:{number}", evaluation=True) for number in DRAWN]


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_same_seed_gives_the_same_rows(domain):
    assert problems(domain, 3, 20) == problems(domain, 3, 20)
    assert problems(domain, 3, 20) != problems(domain, 4, 20)
    assert problems(domain, 3, 20)[:5] == problems(domain, 3, 5)


@pytest.mark.parametrize("domain", DOMAINS)
def test_no_two_rows_are_alike(domain):
    rows = problems(domain, 0, 200)
    assert len({row["question"] for row in rows}) == len(rows)
    assert len({row["id"] for row in rows}) == len(rows)


@pytest.mark.parametrize("domain", DOMAINS)
def test_training_and_evaluation_share_no_problem(domain):
    kept = {one.key for one in drawn(domain)}
    trained = {problem(domain, f"train:0:{number}", evaluation=False).key for number in DRAWN}
    assert not kept & trained
    assert all(held_out(key) for key in kept)
    assert not any(held_out(key) for key in trained)


def test_no_training_prompt_holds_an_evaluation_question():
    asked = {row["question"] for domain in DOMAINS for row in problems(domain, 0, 200)}
    trained = [sample(0, number).prompt for number in range(BARE - 1000, BARE + 2000)]
    assert not [one for one in trained if any(question in one for question in asked)]


def test_every_equation_is_true_and_the_last_gives_the_answer():
    for one in drawn("words"):
        for step in one.steps:
            left, sign, right, result = EQUATION.fullmatch(step).groups()
            value = {"+": int.__add__, "-": int.__sub__, "*": int.__mul__, "/": int.__truediv__}[sign]
            assert value(int(left), int(right)) == int(result)
        assert one.steps[-1].endswith(f"= {one.gold}")


def test_the_facts_of_a_question_lead_to_one_answer():
    for one in drawn("facts"):
        asker = re.search(r"(?:that|whom) ([A-Z]\w+) \w+[^.]*[.?]$", one.question).group(1)
        first, second = one.steps
        assert first.startswith(asker)
        assert second.endswith(one.gold)
        target_person = first.rpartition(" ")[2]
        assert second.startswith(target_person)
        verb = second.removeprefix(target_person).removesuffix(one.gold)
        assert re.findall(rf"{target_person}{verb}(\w+)\.", one.question) == [one.gold]
        bond = first.removeprefix(asker).removesuffix(target_person)
        assert re.findall(rf"{asker}{bond}([A-Z]\w+)\.", one.question).count(target_person) == 1


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_gold_answer_is_right_in_every_form(domain):
    rows, answers = [], []
    for one in drawn(domain)[:40]:
        for form in forms(domain):
            rows.append({"domain": domain, "target": one.gold, "tests": list(one.tests)})
            answers.append(target(one, form))
    verdicts = solved(rows, answers)
    assert all(verdicts), [answer for answer, right in zip(answers, verdicts, strict=True) if not right][:3]


def test_wrong_code_fails_its_tests():
    one = drawn("code")[0]
    row = {"domain": "code", "target": one.gold, "tests": list(one.tests)}
    assert solved([row], [f"def {one.entry_point}(*given): return None"]) == [False]
    assert solved([row], ["I do not know."]) == [False]
    assert code_in("def f(: pass") == "def f(: pass"


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_natural_answer_reasons_first(domain):
    for one in drawn(domain)[:40]:
        for form in NATURAL[domain]:
            answer = target(one, form)
            assert answer[0] in " \n"
            if domain != "code":
                assert answer.endswith(f"The answer is {one.gold}.")
                assert all(step.split()[0] in answer for step in one.steps)


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_form_can_be_asked_for(domain):
    rng = random.Random(0)
    for form in forms(domain):
        assert instructions(form, 1, rng)
        assert set(OBEYS[form]) <= set(WORDINGS)


def test_length_and_keyword_are_never_asked_for_in_training():
    told = " ".join(wording for family in WORDINGS.values() for wording in family)
    assert not re.search(r"\b(at most|at least|fewer|words or|sentences|the word \")", told)


def test_unseen_sentences_hold_words_that_training_does_not():
    rng = random.Random(0)
    seen = " ".join(distraction(rng) for _ in range(5000)).casefold()
    told = [unseen(rng) for _ in range(300)]
    assert all(re.search(rf"\b{noun}", seen) is None for noun in UNSEEN_NOUNS)
    assert sum(len(line.split()) >= 6 for line in told) > 200
    assert len(set(told)) > 200


def test_the_prompt_puts_text_before_the_cue():
    assert prompt("How?") == "Question: How?\nAnswer:"
    assert prompt("How?", "Note: It rains.") == "Question: How?\n\nNote: It rains.\nAnswer:"


def test_every_sum_of_a_drill_is_true():
    rng = random.Random(0)
    for _ in range(300):
        question, answer = sums(rng)
        for line in answer.strip().splitlines():
            left, sign, right, result = EQUATION.fullmatch(line).groups()
            value = {"+": int.__add__, "-": int.__sub__, "*": int.__mul__, "/": int.__truediv__}[sign]
            assert value(int(left), int(right)) == int(result)
            assert f"{left} {sign} {right}" in question


def test_a_drill_of_lookups_repeats_facts_of_its_question():
    rng = random.Random(0)
    for _ in range(300):
        question, answer = lookups(rng)
        assert all(f"{fact}." in question for fact in answer.strip().rstrip(".").split(". "))


def test_no_training_instruction_is_worded_as_in_the_catalogue():
    catalogue = Path(__file__).parents[3] / "constraints"
    worded = " ".join(re.findall(r"\w+", " ".join(file.read_text().casefold() for file in catalogue.glob("*.yaml"))))
    trained = [" ".join(re.findall(r"\w+", one.casefold())) for family in WORDINGS.values() for one in family]
    assert worded
    assert not [one for one in trained if one in worded]
