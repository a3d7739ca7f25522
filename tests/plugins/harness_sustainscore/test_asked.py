"""What a prompt says or entails already, and what it only mentions."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import Doc, Message, Prompt
from harness_sustainscore.asked import asked_by
from harness_sustainscore.bounds import Bound, bounds_of

QUESTION = "A list of 12 steps leads to a table. How many units of the sentence are tests?"


def said(instruction, text, *, question=QUESTION, before="", after="", system=""):
    body = f"{instruction}\n\nQuestion: {question}\nAnswer:{after}"
    messages = [Message(role="system", content=system)] if system else []
    prompt = Prompt(messages=(*messages, Message(role="user", content=before + body)), start=len(before), chat=True)
    doc = Doc(id="d/0", task="d", index=0, fields={"question": question}, question=(question,))
    return asked_by(doc, prompt).says(text)


@pytest.mark.parametrize(
    ("instruction", "text"),
    [
        ("Solve the problem step by step.", "Number the steps."),
        ("Let's think step by step.", "Show the steps one after another."),
        ("Answer in one sentence.", "Use at most 3 sentences."),
        ("Answer in at most 50 words.", "The response has at most 60 words."),
        ("Answer in at most 50 words.", "Please keep the first sentence to at most 60 words."),
        ("Use fewer than 10 lines.", "No more than nine lines."),
        ("Write 50 to 80 words.", "Use at least 40 words."),
        ("Write between twenty and thirty words.", "Use between 20 and 40 words."),
        ("Write three sentences or fewer.", "Use at most five sentences."),
        ("Write the function in one Python code block.", "Put all code into a single fenced block."),
        ("Return only the code.", "Write no explanation."),
        ("Use bullet points.", "The response has at least 2 bullet points."),
        ("Keep your answer short and do not use any tables.", "Do not use tables."),
        ("Give your final answer as a fraction in simplest form.", "Give the answer as a fraction."),
        ("Explain your reasoning.", "The response explains its reasoning."),
        ("Reply in JSON.", "Write valid JSON."),
    ],
)
def test_what_the_prompt_says_or_entails_is_not_asked_again(instruction, text):
    assert said(instruction, text)


@pytest.mark.parametrize(
    ("instruction", "text"),
    [
        ("Answer the question.", "Number the steps."),  # the question speaks of steps, the instruction does not
        ("Answer the question.", "Use no table."),
        ("Answer in at most 50 words.", "Use at most 40 words."),  # tighter
        ("Answer in at most 50 words.", "Use at least 20 words."),
        ("Use at least one sentence.", "Use at most 5 sentences."),
        ("Keep every sentence to at most 20 words.", "Use at most 25 words."),  # a part is not the whole
        ('End with a sentence of the form "The answer is 12."', "Use at most 3 sentences."),
        ('End with a line of the form "Answer: yes" or "Answer: no".', "Use at most 3 lines."),
        ("Answer in at most 50 words.", "Use at most 60 characters."),
        ("Solve the problem.", "No question marks."),
    ],
)
def test_what_it_does_not_say_may_be_asked(instruction, text):
    assert said(instruction, text) == ""


def test_the_system_message_the_cue_and_the_description_count_and_examples_do_not():
    assert said("Solve it.", "Number the steps.", system="Think step by step.")
    assert said("Solve it.", "Number the steps.", after=" Let's think step by step.")
    assert said("Question: x", "Number the steps.", before="Work step by step.\n\nQuestion: 1?\nAnswer: 1\n\n")
    assert not said("Question: x", "Number the steps.", before="Question: how many steps?\nAnswer: 9 steps\n\n")


AMOUNTS = st.integers(1, 500)


@given(AMOUNTS, AMOUNTS)
def test_a_bound_entails_exactly_the_looser_ones(mine, other):
    (tight,) = bounds_of(f"Use at most {mine} words.")
    (loose,) = bounds_of(f"Use no more than {other:,} words.")
    assert tight.entails(loose) is (mine <= other)
    (many,) = bounds_of(f"Use at least {mine} words.")
    (few,) = bounds_of(f"The response has {other} words or more.")
    assert many.entails(few) is (mine >= other)


def test_fewer_and_more_than_leave_the_number_out():
    assert bounds_of("fewer than 10 lines") == {Bound(unit="line", low=0, high=9, scoped=False)}
    assert bounds_of("more than 10 lines") == {Bound(unit="line", low=11, high=inf, scoped=False)}
    assert bounds_of("no more than 10 lines") == {Bound(unit="line", low=0, high=10, scoped=False)}


@given(st.text(alphabet=st.sampled_from("0123 9,aonetw-.!\nlinesmt"), max_size=400))
def test_no_text_is_too_strange(text):
    for bound in bounds_of(text + " at most 7 lines"):
        assert bound.unit == bound.unit.lower()
        assert bound.high >= 0
