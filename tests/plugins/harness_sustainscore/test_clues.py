"""What tells an answer is found in every form in which it can be said; what the question says is no secret."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import Doc, Message, Prompt
from harness_sustainscore.clues import clues_of, words_of


def tells(text, *golds, question="Who or what or how many is it?", **fields):
    doc = Doc(id="d/0", task="d", index=0, fields={}, golds=golds, question=(question,), **fields)
    return clues_of(doc, Prompt(messages=(Message(role="user", content=question),))).told_by(text)


@pytest.mark.parametrize(
    ("gold", "text"),
    [
        ("Richard Nixon", "Mention Richard Nixon by name."),
        ("Richard Nixon", "Use the name Nixon."),
        ("The Beatles", "Mention Beatles once."),
        ("São Paulo", "Name SAO PAULO."),
        ("1,200", "Use at most 1200 words."),
        ("1200", "Use at most twelve hundred words."),
        ("21", "Use twenty-one lines."),
        ("105", "Write one hundred and five words."),
        ("0.5", "Fill half of the page."),
        ("3/4", "Use three quarters of the page."),
        ("\\frac{3}{4}", "Use 3/4 of the page."),
        ("\\frac34", "Use 0.75 pages."),
        ("-17", "Use 17 words."),
        ("$18", "Use at most 18 lines."),
        ("50\\%", "Use 50 words."),
        ("\\left( 3, \\frac{\\pi}{2} \\right)", "Write the point (3, π/2)."),
        ("2\\sqrt{3}", "Use the surd 2√3."),
        ("x^2+1", "Write x^2 + 1 on a line."),
        ("\\text{Friday}", "Name Friday."),
        ("June 1982", "Give the year 1982."),
        ("no", "Use no bullet points."),
        ("B", 'Choose "B".'),
        ("(B)", "Name the choice (B)."),
        ("51.0", "Use 51 words."),
        ("A dozen", "Use 12 lines."),
    ],
)
def test_an_answer_is_told_however_it_is_written(gold, text):
    assert tells(text, "something else", gold)


@pytest.mark.parametrize(
    ("gold", "text"),
    [
        ("Nixon", "Use the word 'nixons'."),
        ("12", "Use at most 120 words."),
        ("12", "Use at most 1.2 words."),
        ("B", "Begin with a capital letter."),
        ("A", "A response has a title."),
        ("0.5", "Use at most 5 words."),
        ("Line of Duty", "Use at most 9 lines."),
        ("yes", "Use no bullet points."),
        ("17", "Use at most 18 lines."),
        ("x^2+1", "Write x on a line."),
    ],
)
def test_nothing_else_is_taken_for_it(gold, text):
    assert tells(text, gold) == ""


def test_steps_to_the_answer_are_told_and_what_the_question_says_is_not():
    hops = ("Mountrail County", "Van Hook Township")
    question = "What is the seat of the county where Van Hook Township is located?"
    assert tells("Mention Mountrail.", "Stanley", question=question, hops=hops)
    assert tells("Mention Van Hook Township.", "Stanley", question=question, hops=hops) == ""


def test_numbers_and_names_of_a_worked_solution_are_steps():
    question = "Ann has 16 eggs and eats 3. She sells the rest for $2 each."
    worked = ("She sells 16 - 3 = <<16-3=13>>13 eggs to Robert.\nShe makes 13 * 2 = 26.\n#### 26",)
    assert tells("Use at least 13 words.", "26", question=question, worked=worked)
    assert tells("Name Robert.", "26", question=question, worked=worked)
    assert tells("Use at most 16 words.", "26", question=question, worked=worked) == ""


def test_a_long_right_answer_is_a_worked_solution_or_a_program():
    assert tells("Use 13 words.", "She sells 16 - 3 = 13 eggs.\nSo 26.\n#### 26", "26")
    program = "def f(numbers):\n    seen = Counter(numbers)\n    return sorted(seen)"
    assert tells('Use the name "Counter".', program, question="def f(numbers):")
    assert tells("Use `numbers` as the name.", program, question="def f(numbers):") == ""


@pytest.mark.parametrize("name", ["sorted", "best_so_far", "heapq"])
def test_identifiers_of_the_reference_program_are_steps(name):
    program = ("    import heapq\n    best_so_far = sorted(numbers)\n    return heapq.nlargest(1, best_so_far)",)
    assert tells(f"Use {name} in the code.", program=program, question="def f(numbers):") == name


@pytest.mark.parametrize("text", ["Use a for loop.", "Return the result on the last line.", "Use at most 5 lines."])
def test_words_of_any_requirement_are_no_identifiers(text):
    program = ("    for line in lines:\n        result = line\n    return result",)
    assert tells(text, program=program, question="def f(lines):") == ""


@given(st.integers(2, 99_999), st.integers(2, 99_999))
def test_a_number_tells_itself_and_no_other(gold, other):
    assert bool(tells(f"Use at most {other:,} words.", f"{gold}")) is (gold == other)


@pytest.mark.parametrize("name", ["musique", "2wikimultihopqa", "hotpotqa"])
def test_every_hop_of_real_rows_is_a_clue_and_their_questions_are_not(hub_sources, name):
    told = known = 0
    for one in hub_sources(name, 60):
        doc = one.answered.doc
        clues = clues_of(doc, one.answered.prompt)
        question = f" {' '.join(words_of(doc.question[0]))} "
        for hop in doc.hops:
            if f" {' '.join(words_of(hop))} " in question:
                known += 1
            elif len(hop) > 3:
                told += 1
                assert clues.told_by(f"Mention {hop} in the second sentence."), (doc.id, hop)
        assert clues.told_by(f"End with {doc.golds[0]}.")
        assert clues.told_by("Use bold text for one word of the last sentence.") in {"", "1"}
    assert told >= 50
    assert known > 5


@pytest.mark.parametrize("name", ["gsm8k_chat", "math500"])
def test_every_answer_of_real_problems_is_told_by_itself(hub_sources, name):
    for one in hub_sources(name, 200):
        clues = clues_of(one.answered.doc, one.answered.prompt)
        gold = one.answered.doc.golds[0]
        assert clues.told_by(f"Write {gold} first."), (one.answered.doc.id, gold)
        assert clues.told_by(f"Use ${gold}$ in the text."), (one.answered.doc.id, gold)
