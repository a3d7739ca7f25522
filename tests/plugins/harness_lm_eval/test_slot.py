"""Added text stands after the question and before the cue for the answer, in the templates that tasks use."""

import pytest

from harness_lm_eval.prompts import prompt_of
from harness_lm_eval.slot import slot

HUMANEVAL = 'from typing import List\n\n\ndef f(x: List[int]) -> int:\n    """ Sum.\n    >>> f([1])\n    1\n    """\n'

#: The question as a task renders it: what stands before the slot, what after.
TEMPLATES = {
    "gsm8k": ("Question: How many?", "\nAnswer:"),
    "gsm8k_cot": ("Q: How many?", "\nA:"),
    "gsm8k_cot_zeroshot": ("Q: How many?", "\nA: Let's think step by step."),
    "minerva_math": ("Problem:\nSolve $x: 3$.", "\n\nSolution:"),
    "hotpot": ("Title: A\nText: B.\n\nQuestion: Who?", "\nAnswer in a few words:"),
    "humaneval": ("", HUMANEVAL),
    "humaneval_without_imports": ("", HUMANEVAL.split("\n\n\n")[1]),
    "humaneval_instruct": ("Write a solution that passes the tests:", f"\n```python\n{HUMANEVAL}"),
    "closed_code": ("Mend this:\n```python\nx = 1\n```", "\n"),
    "mbpp": ("Here is your task: T Your code should pass these tests:\n\nassert f(1) == 2", "\n[BEGIN]\n"),
    "triviaqa": ("Question: Who wrote it?", "\nAnswer:"),
    "mmlu": ("Which?\nA. one\nB. two\nC. three\nD. four", "\nAnswer:"),
    "bbh": ("Q: Is Bob taller?\nOptions:\n- Yes\n- No", "\nA: Let's think step by step.\n"),
    "rte": ("Dogs bark.\nQuestion: Cats bark. True or False?", "\nAnswer:"),
    "one_line": ("Dogs bark. Question: True, False or Neither?", " Answer:"),
    "anli": ("Premise: p\nHypothesis: h", "\nLabel (true, false):"),
    "chinese": ("问题：多少？", "\n答案："),  # noqa: RUF001
    "alpaca": ("Say it.", "\n\n### Response:\n"),
    "two_cues": ("How many?", "\n\nAnswer:\nLet's think step by step."),
    "in_line": ("How many?", " Let's think step by step."),
    "therefore": ("How many?", "\nThe answer is"),
    "sst2": ("It is bad.", "\nSentiment:"),
    "hellaswag": ("A man sits on a roof. He", ""),
    "lambada": ("She went to the", " "),
    "only_a_cue": ("Complete the sentence:", ""),
    "ifeval": ("Write 300 words.\n\nDo not use commas.", ""),
    "question_last": ("Solve: 3x = 9.\nWhat is x?", ""),
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_slot_of_a_template(name):
    before, after = TEMPLATES[name]
    assert slot(before + after) == len(before)


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_belongs_to_the_last_question(name):
    before, after = TEMPLATES[name]
    shots = f"{before + after} yes\n\n" * 2
    assert prompt_of(shots + before + after, before + after, "").slot == len(shots + before)


def test_the_beginning_of_an_answer_stays_behind_it():
    prompt = prompt_of("Q: Why? Because", "Q: Why?", " Because")
    assert prompt.with_inserted((("", " "), ("c0", "Be brief."))).text == "Q: Why? Be brief. Because"


def test_a_context_that_ends_otherwise_has_no_slot():
    assert prompt_of("something else", "Q: Why?", "").slot is None
