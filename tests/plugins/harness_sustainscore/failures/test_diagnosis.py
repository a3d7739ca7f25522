"""The classes of a failure, each with cases that are it and near ones that are not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.testing import HARD_TEXTS
from harness.thinking import final_start
from harness_sustainscore.failures import KINDS, Failure, diagnosis, primary
from harness_sustainscore.failures.case import Form

EGGS = (
    "Janet has 16 eggs. She eats 3 and bakes with 4, so 16 - 3 - 4 = 9 eggs are left. "
    "She sells each for $2 and makes 9 * 2 = $18 every day. The answer is 18."
)
QUESTION = "Janet's ducks lay 16 eggs. She eats 3 and bakes with 4, and sells the rest for $2 each. What does she make?"


def sum_of(text, **more):
    given = {"golds": ("18",), "base": (EGGS,), "question": QUESTION, "constraints": ("Use no table.",)} | more
    return Failure(form="expression", text=text, **given)


SONG = (
    "The main campus in Lawrence belongs to the University of Kansas, and the fight song of that university is the "
    "Kansas Song.\nAnswer: Kansas Song"
)


def hop(text, **more):
    asked = "Passage 1, Rock Chalk: a chant. What is the fight song of the university in Lawrence?"
    given = {"golds": ("Kansas Song",), "base": (SONG,), "question": asked} | more
    return Failure(form="words", text=text, **({"hops": ("University of Kansas", "Kansas Song")} | given))


DOUBLE = "```python\ndef double(x):\n    return 2 * x\n```"


def program(text, note="failed: AssertionError", **more):
    given = {"base": (DOUBLE,), "question": "Write double(x).", "constraints": ("Use at most 50 lines.",)} | more
    return Failure(form="program", text=text, note=note, **given)


LONG = "So we go on and on without ever coming to the point of it all. "
CASES = {
    "infrastructure": [
        sum_of("", finish="error", note="request failed: 500"),
        sum_of(" \n"),
        program("", note="syntax"),
    ],
    "truncation": [
        sum_of(EGGS[:60], finish="length"),
        sum_of("<think>16 - 3 - 4 = 9"),
        sum_of("The eggs. " + LONG * 40),
        sum_of("ha" * 400),
    ],
    "output_specification": [
        sum_of(EGGS.replace("The answer is 18.", "That makes 18 dollars.")),
        sum_of("She has 9 eggs left and sells them. #### 18", lenient=False),
        sum_of("We find $\\boxed{18}$ in the end, after 9 * 2 = 18."),
        sum_of("Something the grader alone can read.", lenient=True),
        sum_of("Half of it, in short:\n\n\\boxed{\\dfrac{1}{2}}", golds=(r"\frac{1}{2}",)),
        hop("Answer: It is the Kansas Song, sung at games."),
        hop("That university sings a song before the games, and its name is of course Kansas Song"),
        program("def double(x):\n    return 2 * x\n\nI hope this helps!", note="syntax"),
        program("class Doubles:\n    x = 2", note="failed: NameError", question="", base=("class Double:\n    x = 2",)),
        program("```python\ndef double(x):\n    return 2 * x\n```", note="", base=("def double(x):\n    return 2 * x",)),
        program("def double(x) return 2 * x", note="failed: SyntaxError"),
        program("```python\n```", note="no code"),
        sum_of("The answer is $22. She has 9 eggs left and sells them for a total of $18 (9 x $2 = $18)."),
        program("```python\ndef twice(x):\n    return 2 * x\n```", note="failed: NameError"),
        program("Here you are: double it.", note="syntax"),
        program("def double(x):\n    return 2 * x", note="failed: NameError", lenient=True),
    ],
    "answer_conflict": [
        sum_of("The answer is 20. Wait, no. 16 - 3 - 4 = 9 eggs, 9 * 3 = 27. The answer is 27. " + EGGS[:100]),
        hop("Answer: Jayhawk\nOr rather, thinking of it again, it must be another one.\nAnswer: Fight On"),
    ],
    "refusal": [
        sum_of("The answer is not given, as it cannot be determined from what is told about the ducks and the eggs."),
        sum_of("I'm sorry, but I cannot help with that request as it is asked here and now."),
        sum_of("Could you please clarify how many eggs the ducks lay on a Sunday? Then it can be worked out."),
        hop("It is not possible to answer within these rules about the song of this university and its campus."),
    ],
    "constraint_as_content": [
        sum_of("16 - 3 - 4 = 9 eggs, 9 * 50 = 450. The answer is 450.", constraints=("Use at most 50 words.",)),
        sum_of("It must be about fifty then, as far as one can see. The answer is 50.", constraints=("Use 50 words.",)),
        hop("The song of it is well known to all who went there.\nAnswer: therefore", constraints=("Use 'therefore'.",)),
        program("```python\ndef double(x):\n    return [2 * x] * 50\n```"),
    ],
    "constraint_fixation": [
        sum_of(
            "The constraint says that no table may be used, so as requested there is no table. I need to follow the "
            "instructions. 16 - 3 = 13. 13 - 4 = 9. 9 + 2 = 11. The answer is 11.",
        ),
        sum_of(
            "<think>Let me count. That is 12 words. Let me try again. Let me count.</think>" + EGGS.replace("18", "19"),
        ),
    ],
    "curtailed_reasoning": [
        sum_of("The answer is 14."),
        sum_of("They are sold at two dollars for each of the eggs that are left over, which is what she makes. "
               "The answer is 14."),
        hop("Answer: Bulldog"),
    ],
    "calculation_slip": [
        sum_of("She has 16 - 3 - 4 = 8 eggs left after breakfast and baking, and 8 * 2 = $16. The answer is 16."),
    ],
    "wrong_plan": [
        sum_of("She has 16 - 3 = 13 eggs left, because the baking is for friends, and 13 * 2 = $26. The answer is 26."),
        program("```python\ndef double(x):\n    return x\n```"),
        program("```python\ndef double(x):\n    return y\n```", note="failed: NameError"),
        program("```python\ndef double(x):\n    while 1: pass\n```", note="timeout"),
    ],
    "hop_error": [
        hop("The main campus in Lawrence belongs to that university, and so one may well say this.\n"
            "Answer: University of Kansas"),
        hop("All things considered, and the passages read one after the other, it must be this one.\nAnswer: Rock Chalk"),
        hop("This is what I recall of it, having been there many years ago in the winter.\nAnswer: Boomer Sooner"),
        hop("He was born in 1960 and she in 1975, so it should be the first of them, I would say.\nAnswer: no",
            golds=("yes",)),
        hop("One was made in 2001, the other in 1999, so the first of them is the one asked for.\nAnswer: Free Guy",
            question="Which film is older, Forbidden Ground or Free Guy?", golds=("Forbidden Ground",), hops=()),
    ],
    "unexplained": [
        sum_of("There are ducks, and ducks lay eggs, and eggs are sold, and selling is what one does with them, so "
               "that is what comes of it in the end.",
               base=("Of the eggs nine are left when she has eaten and baked, at two dollars each. The answer is 18.",)),
        hop("This is what I recall of it, having been there many years ago in the winter.\nAnswer: it is not known"),
        hop("This is what I recall of it, having been there many years ago, but I would not say what song that is."),
        program("```python\ndef double(x):\n    return x\n```", note=""),
    ],
}  # fmt: skip

#: Near ones: (case, the class that it is not).
NEAR = [
    (sum_of(EGGS.replace("18", "19"), finish="stop"), "truncation"),
    (sum_of(" ".join(f"Step {i} adds {i} to {i * 7}." for i in range(60))), "truncation"),
    (sum_of("18 eggs at first. " + EGGS.replace("= $18", "= $17").replace("18.", "17.")), "output_specification"),
    (sum_of("16 - 3 - 4 = 9, 9 * 2 = 18, then 18 + 2 = 20. The answer is 20."), "output_specification"),
    (sum_of("16 eggs and so on until the end comes, when 18 + 2 = 20 dollars are made"), "output_specification"),
    (hop("It is about the Kansas Song, but it is not that one, as said above.\nAnswer: Jayhawk"), "output_specification"),
    (program("```python\ndef double(x):\n    return x\n```"), "output_specification"),
    (sum_of("The answer is 17. So the final answer is 17. #### 17"), "answer_conflict"),
    (sum_of("The answer is 3 + 4 = 7. #### 7"), "answer_conflict"),
    (sum_of("18 eggs were laid, 16 - 3 - 4 = 9 of them are left, and 9 * 3 = 27. The answer is 27."),
     "output_specification"),
    (sum_of("She cannot sell half an egg, so we are sorry for her. 9 * 1 = 9. The answer is 9."), "refusal"),
    (sum_of("I cannot be sure, but let me try. The answer is 9."), "refusal"),
    (sum_of("16 - 3 - 4 = 9, 9 * 50 = 450. The answer is 450.", base=("50 * 1 = 50",), constraints=("50 words.",)),
     "constraint_as_content"),
    (sum_of("In 50 words: 16 - 3 = 13. The answer is 13.", constraints=("Use 50 words.",)), "constraint_as_content"),
    (sum_of("I need to find what she makes. " + EGGS.replace("18", "19") + " " + EGGS.replace("18", "19")),
     "constraint_fixation"),
    (sum_of(EGGS.replace("= $18", "= $17").replace("18.", "17.")), "curtailed_reasoning"),
    (hop("Answer: Bulldog", base=("Answer: Kansas Song",)), "curtailed_reasoning"),
    (sum_of("16 - 3 - 4 = 8 eggs, 8 * 2 = 16. The answer is 16.", base=("3 + 4 = 8 is false too. 18",)),
     "calculation_slip"),
    (sum_of("10 / 3 = 3.33 and 3.33 * 2 = 6.66, with x - 2 = 5. The answer is 6.66."), "calculation_slip"),
    (sum_of("16 - 3 = 12 and 9 * 2 = 18. The answer is 12."), "wrong_plan"),
    (hop("And so it is, one may think.\nAnswer: Kansas Song", golds=("Kansas Song", "KU song")), "hop_error"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "failure"),
    [(kind, failure) for kind, failures in CASES.items() for failure in failures],
    ids=[f"{kind}-{number}" for kind, failures in CASES.items() for number in range(len(failures))],
)
def test_the_first_rule_that_fits_names_the_failure(kind, failure):
    assert primary(failure) == kind
    assert diagnosis(failure).kind == kind


def test_every_class_has_a_case():
    assert tuple(CASES) == KINDS


@pytest.mark.parametrize(("failure", "kind"), NEAR)
def test_a_near_one_is_not_taken_for_it(failure, kind):
    assert kind not in diagnosis(failure).flags


def test_a_failure_can_bear_several_flags():
    found = diagnosis(sum_of("9 * 50 = 451. The answer is 451.", constraints=("Use at most 50 words.",)))
    assert found.kind == "constraint_as_content"
    assert {"calculation_slip", "curtailed_reasoning"} <= set(found.flags)


def test_evidence_says_where():
    failure = sum_of("<think>hm</think>She has 16 - 3 - 4 = 8 eggs left, and so 8 * 2 = $16. The answer is 16.")
    slip = next(one for one in diagnosis(failure).findings if one.kind == "calculation_slip")
    assert [failure.text[span.start : span.end] for span in slip.spans] == ["16 - 3 - 4 = 8"]
    conflict = diagnosis(CASES["answer_conflict"][0])
    assert [CASES["answer_conflict"][0].text[span.start : span.end] for span in conflict.findings[0].spans] == [
        "20",
        "27",
    ]


def test_a_lost_answer_channel_is_told():
    moved = sum_of(EGGS.replace("The answer is 18.", "That makes 18 dollars."), channel="(?i:the answer is)")
    assert [one.detail for one in diagnosis(moved).findings][:2] == [
        "said at the end, without a mark",
        "answer channel displaced",
    ]
    kept = sum_of("The answer is 18!", channel="(?i:the answer is)")
    assert "answer channel displaced" not in [one.detail for one in diagnosis(kept).findings]


def test_a_workaround_is_told():
    made = program(
        "```python\ndef double(x):\n    return my_sorted(x)\ndef my_sorted(x):\n    return x\n```",
        constraints=("Do not use sorted.",),
    )
    assert "works around the constraint: my_sorted" in [one.detail for one in diagnosis(made).findings]


@pytest.mark.parametrize("form", ["expression", "program", "words"])
@settings(deadline=None)
@given(
    text=st.text(max_size=80) | st.sampled_from(HARD_TEXTS),
    base=st.text(max_size=40),
    constraint=st.text(max_size=30),
    gold=st.text(max_size=12),
)
def test_rules_are_total_and_their_spans_lie_in_the_text(form: Form, text, base, constraint, gold):
    failure = Failure(form=form, text=text, base=(base,), constraints=(constraint,), golds=(gold,), hops=(gold,))
    found = diagnosis(failure)
    assert found.kind in KINDS
    assert found == diagnosis(failure)
    assert primary(failure) == found.kind
    for finding in found.findings:
        for span in finding.spans:
            assert 0 <= span.start <= span.end <= len(text)


def test_only_the_last_thinking_counts():
    assert [final_start(text) for text in ("a", "<think>a</think>b", "<think>a</think>b<think>c")] == [0, 16, None]


MEGABYTE = 1_000_000
ENDLESS = [
    ("expression", "1 + 2 = 3 + "),
    ("expression", "#### "),
    ("words", "Answer: 1\n"),
    ("program", "```\n"),
]


@pytest.mark.parametrize(("form", "unit"), ENDLESS)
def test_an_endless_answer_is_a_loop_whatever_it_holds(form: Form, unit):
    text = unit * (MEGABYTE // len(unit))
    failure = Failure(form=form, text=text, golds=("4",), base=("So 2 + 2 = 4. The answer is 4.",), question="Which?")
    assert diagnosis(failure).kind == "truncation"
