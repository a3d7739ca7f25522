"""Short answers are found and compared as the benchmarks do."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness_suites.grades import short_answer
from harness_suites.grading import qa


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Because.\nAnswer: Kansas Song", "Kansas Song"),
        ("**Answer:** Kansas Song", "Kansas Song"),
        ("**Answer: Kansas Song**", "Kansas Song"),
        ("Answer: no\nAnswer: yes", "yes"),
        ("- Final answer: 1984", "1984"),
        ('answer: "Kansas Song"', "Kansas Song"),
        ("The answer is Kansas Song", None),
        ("", None),
    ],
)
def test_the_answer_line(text: str, line: str | None):
    assert qa.answer_line(text) == line


@pytest.mark.parametrize(
    ("answer", "strict", "lenient"),
    [
        ("Answer: The Kansas Song.", 1, 1),
        ("Answer: It is called Kansas Song", 0, 1),
        ("So the answer is Kansas Song.", 0, 1),
        ("Kansas Song", 0, 1),
        ("Answer: I'm a Jayhawk", 0, 0),
        ("The paragraphs name Kansas Song and others.\nAnswer: unknown", 0, 0),
        ("", 0, 0),
        ("Answer:", 0, 0),
        ("Answer: KU song", 1, 1),
    ],
)
def test_strict_and_lenient(answer: str, strict: int, lenient: int):
    grade = short_answer({"answer": "Kansas Song", "answer_aliases": ["KU Song"]}, [answer])
    assert (grade["exact_match"], grade["exact_match_lenient"]) == (strict, lenient)


@pytest.mark.parametrize(
    ("answer", "lenient"),
    [("Answer: no", 1), ("Answer: No, it is not.", 1), ("Answer: I know it", 0), ("Answer: yes", 0)],
)
def test_yes_and_no_must_open_the_answer(answer: str, lenient: int):
    assert short_answer({"answer": "no"}, [answer])["exact_match_lenient"] == lenient


@given(st.text(), st.text(min_size=1))
def test_a_right_answer_is_right_by_every_measure(answer: str, gold: str):
    assert 0 <= qa.f1(answer, gold) <= 1
    if qa.exact(answer, [gold]):
        assert qa.close(answer, [gold])


@pytest.mark.parametrize("file", ["cot_no_context_base", "cot_context_reflexion"])
def test_recorded_answers_get_the_verdict_of_their_log(file: str, rows, expected):
    transcripts = rows(f"reflexion_hotpotqa_cot/{file}.jsonl")
    answers = [re.findall(r"Finish\[(.*)\]", row["transcript"]) for row in transcripts]
    graded = [
        short_answer({"answer": row["correct_answer"]}, [f"Answer: {found[-1]}" if found else ""])["exact_match"]
        for row, found in zip(transcripts, answers, strict=True)
    ]
    for trial, figures in expected("reflexion_hotpotqa_cot")[file].items():
        of_trial = [grade for grade, row in zip(graded, transcripts, strict=True) if str(row["trial"]) == trial]
        assert (len(of_trial), sum(of_trial)) == (figures["rows"], figures["own_em"])
    assert [bool(grade) for grade in graded] == [row["verdict"] == "correct" for row in transcripts]
