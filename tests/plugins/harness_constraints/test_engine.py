"""What holds for every type of the catalogue."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import Answered, Doc, Message, Prompt, Response, Score
from harness.opening import FAMILY_ALIASES
from harness_constraints import harness_constraint_types
from harness_constraints.catalogue import catalogue
from harness_constraints.engine import rendered, reworded
from harness_constraints.measurements import MEASUREMENTS
from harness_constraints.picks import asked_words
from harness_constraints.reading import Reading, reading_of
from harness_constraints.relations import RELATIONS

KINDS = {kind.name: kind for kind in harness_constraint_types()}
QUESTION = "How many eggs does Janet sell every day at the market?"
CHAT = """Sure! We know that Janet's ducks lay 16 eggs.

## Solution

1. First, she **eats** three eggs: $16 - 3 = 13$.
2. Then the muffins use four, so the remaining total is 13 - 4 = 9.

- A point
- Another point

Therefore the remaining profit is 9 * $2 = $18.00 (i.e. 18 dollars).

The answer is 18."""
CODE = '''Here is the code:

```python
from typing import List

def total(prices: List[int]) -> int:
    """Add them up."""
    # go on
    best = 0
    for price in sorted(prices):
        if price > best:
            best += price
    return best
```'''
PLAIN = "Janet has 16 - 3 - 4 = 9 eggs left. She sells them, so she makes 9 * 2 = 18 dollars. The answer is 18."
BODY = "    return sum(x for x in numbers if x % 2 == 0)\n"
WORKED = r"""Let x be the price, because it's unknown.

# Given
# Solution

Step 1: According to the context [1], "it" costs 1,250 x 2 = 2,500, or 3/4 of it.
Step 2: the price of one is half of the price of two.
x = 3

| a | b |
|---|---|
| 1 | 2 |

We check the result. Therefore it is \boxed{18}."""
ONLY_CODE = """```python
def helper(n):
    while n > 3:
        n -= 1
    return n

def total(n):
    return 1 if n < 1 else helper(n) + total(n - 1)
```"""
RARE = """So 5% of it is left, as passage 2 says. We verify that the result is right: it costs 2.50"""
PARTS = "The share of each is 3/4."
ODD_CODE = """key = lambda row: row[0]
try:
    best = max(rows, key=key)
except ValueError:
    best = None"""
TEXTS = [
    CHAT, CODE, PLAIN, BODY, WORKED, ONLY_CODE, RARE, PARTS, ODD_CODE,
    "18", "Yes.", "Therefore it is 18.", "Ответ: 18.", "答えは18です。", "👍", "- 3x\n- 4", "a\r\nb\r\n",
]  # fmt: skip


def asked(text: str, name: str = "gsm8k/0") -> Answered:
    return Answered(
        doc=Doc(id=name, task="gsm8k", index=0, fields={"question": QUESTION}, golds=("18",)),
        prompt=Prompt(messages=(Message(role="user", content=f"Q: {QUESTION}\nA:"),)),
        response=Response(text=text),
        score=Score(solved=True),
    )


def test_what_is_drawn_holds_on_its_source_and_not_on_nothing(rule):
    for text, constraint in [(source, made) for source in TEXTS for made in KINDS[rule.name].extract(asked(source))]:
        assert KINDS[rule.name].check(constraint, Response(text=text)).met is True
        assert KINDS[rule.name].check(constraint, Response(text=f"<think>hm</think>{text}")).met is True
        for nothing in ("", " \n", "\u200b", "<think>all of it</think>"):
            assert KINDS[rule.name].check(constraint, Response(text=nothing)).met is False
        assert KINDS[rule.name].check(constraint, Response(text="<think>" + text)).met is None
        assert KINDS[rule.name].check(constraint, Response(finish="error", error="down")).met is None
        assert constraint.type == rule.name
        assert constraint.family == rule.family
        assert "{" not in constraint.text
        assert "\n" not in constraint.text


def test_thinking_is_not_measured(rule):
    inside = f"<think>{CHAT}{CODE}</think>{PLAIN}"
    assert KINDS[rule.name].extract(asked(inside)) == KINDS[rule.name].extract(asked(PLAIN))
    assert KINDS[rule.name].extract(asked("<think>" + PLAIN)) == ()


def test_nothing_is_drawn_of_an_empty_or_failed_answer(rule):
    assert KINDS[rule.name].extract(asked("")) == ()
    failed = Answered(doc=asked("").doc, prompt=asked("").prompt, response=Response(finish="error"), score=Score())
    assert KINDS[rule.name].extract(failed) == ()


def test_every_wording_says_the_parameters(rule):
    kinds = [kind for kind, _ in rule.wordings]
    assert kinds[:4] == ["imperative", "declarative", "polite", "checklist"]
    texts = {rendered(template, rule.example, rule.unit) for _, template in rule.wordings}
    assert len(texts) == len(rule.wordings)
    numbers = [str(value) for key, value in rule.example.items() if isinstance(value, int) and rule.terms.fixed is None]
    for text in texts:
        assert "{" not in text
        assert text.endswith(".")
        assert not [number for number in numbers if number not in text], text
        items = [] if "item" not in rule.example or rule.relation.name == "ends_with" else [rule.example["item"]]
        items = rule.example.get("items", items)
        assert not [item for item in items if f'"{item}"' not in text], text
        assert "must" not in text.split()
        assert "never" not in text.split()


def test_the_same_document_gets_the_same_constraint(rule):
    for text in TEXTS:
        first = KINDS[rule.name].extract(asked(text))
        reading_of.cache_clear()
        assert KINDS[rule.name].extract(asked(text)) == first


def test_documents_share_out_the_wordings(rule):
    source = next(
        text for text in TEXTS if KINDS[rule.name].extract(asked(text))
    )  # each type is offered by one of them
    said = [KINDS[rule.name].extract(asked(source, f"t/{n}"))[0].params["wording"] for n in range(80)]
    assert set(said) == {kind for kind, _ in rule.wordings}
    constraint = KINDS[rule.name].extract(asked(source))[0]
    for kind, _ in rule.wordings:
        other = reworded(rule, constraint, kind)
        assert other.params == {**constraint.params, "wording": kind}
        assert KINDS[rule.name].check(other, Response(text=source)) == KINDS[rule.name].check(
            constraint, Response(text=source)
        )


def test_a_constraint_without_its_parameters_is_not_judged(rule):
    for text in TEXTS if rule.relation.keys else ():
        for constraint in KINDS[rule.name].extract(asked(text)):
            bare = type(constraint)(type=rule.name, family=rule.family, version="1", params={}, text="")
            assert KINDS[rule.name].check(bare, Response(text=text)).met is None


ADVERSARIAL = {
    "words": "word " * 200_000,
    "one word": "a" * 1_000_000,
    "bullets": "- a b\n" * 170_000,
    "nested": "".join(" " * (i % 60) + "- ab\n" for i in range(30_000)),
    "stars": "*" * 1_000_000,
    "star words": "*a " * 330_000,
    "bold": "**a" * 330_000,
    "brackets": "[" * 500_000 + "(" * 500_000,
    "formulas": "\\[" * 500_000,
    "parentheses": "\\(" * 500_000,
    "dollars": "$a" * 500_000,
    "begins": "\\begin{align}" * 70_000,
    "macros": "\\a{" * 330_000,
    "stops": "." * 1_000_000,
    "stops apart": ". " * 500_000,
    "capitals": "A. " * 330_000,
    "quotes": ".\"')" * 250_000,
    "hyphens": "a-" * 500_000,
    "numbers": "1,1." * 250_000,
    "equations": "1=1+" * 250_000,
    "fences": "```\n" * 250_000,
    "ticks": "`" * 1_000_000,
    "tick words": "`a" * 500_000,
    "lines": "\n" * 1_000_000,
    "spaced lines": " \n" * 500_000,
    "spaces": " " * 999_999 + "a",
    "marks": "a" + "\u0315\u0300" * 500_000,
    "tags": "<think>" * 140_000,
    "angles": "<a " * 330_000,
    "pipes": "|-" * 500_000,
    "chinese": "水" * 1_000_000,
    "emoji": "👩‍🔬" * 300_000,
    "statements": "x = 1\n" * 160_000,
    "nesting": "(" * 1_000_000,
    "code": "```python\n" + "x = 1\n" * 160_000 + "```",
    "comments": "```python\n" + "# x\n" * 240_000 + "```",
    "indents": "\n".join("    " * (i % 90) + "if x:" for i in range(5000)),
    "colons": "a:" * 500_000,
    "underscores": "_" * 1_000_000,
    "underscored": "_a" * 500_000,
    "apostrophes": "'" * 1_000_000,
    "currency": "$1," * 330_000,
    "steps": "Step 1\n" * 140_000,
    "sentences": "It is so. " * 100_000,
    "shouts": "AB " * 330_000,
    "hashes": "# a\n" * 250_000,
    "quoted": "> " * 500_000,
    "slashes": "1/" * 500_000,
    "surrogate": "\ud800" * 1_000_000,
    "nul": "\x00" * 1_000_000,
}


#: Those of which a whole megabyte is read.
WHOLE = {"bullets", "equations", "fences", "statements", "words"}


@pytest.mark.parametrize("kind", ADVERSARIAL)
def test_a_megabyte_is_answered_in_a_second(kind):
    """By every type, whichever is asked first; on a busy machine in a few. Most kinds need only a quarter to show."""
    size = 1_000_000 if kind in WHOLE else 250_000
    answered = asked(ADVERSARIAL[kind][:size])
    took = {}
    for rule in catalogue():
        began = time.process_time()
        KINDS[rule.name].extract(answered)
        took[rule.name] = time.process_time() - began
    slowest = max(took, key=lambda name: took[name])
    assert took[slowest] < 3 * size / 1_000_000, (slowest, took[slowest])


ALPHABET = st.sampled_from(
    ["a", "B", "word", "the", " ", "  ", "\n", "\n\n", ".", "!", "?", "...", "- ", "* ", "1. ", "# ", "**", "_", "`", "```\n", "$", "$$",
     "\\(", "\\)", "\\boxed{", "}", "{", "=", "+", "3.5", "1,000", "<think>", "</think>", "é", "水", "👍", "\u200b", "\u200d", "\r\n", "|", ">",
     "def f():\n", "    return 1\n", "import os\n", "#", "'", '"', "Mr.", "e.g.", ":", ";", "\x00", "\x1a", "\ud800", "x = 1\n", "(", ")", "[1]"]
)  # fmt: skip
TEXT = st.lists(ALPHABET, max_size=40).map("".join) | st.text(max_size=80)


@settings(max_examples=60, deadline=None)
@given(text=TEXT)
def test_every_type_is_total_and_true_of_its_source(text):
    answered = asked(text)
    for rule in catalogue():
        for constraint in KINDS[rule.name].extract(answered):
            assert KINDS[rule.name].check(constraint, answered.response).met is True, rule.name
            assert KINDS[rule.name].check(constraint, Response()).met is False, rule.name


@pytest.mark.parametrize("name", MEASUREMENTS)
@settings(max_examples=25, deadline=None)
@given(text=TEXT)
def test_a_measurement_is_total_and_deterministic(name, text):
    measure = MEASUREMENTS[name].bound()
    value = measure(Reading(text))
    assert value == measure(Reading(text))
    assert value is None or isinstance(value, int | str | tuple | dict)
    if isinstance(value, int):
        assert value >= 0


def test_every_measurement_is_used_and_documented():
    used = {rule.measurement.name for rule in catalogue()}
    assert sorted(set(MEASUREMENTS) - used) == []
    for measurement in MEASUREMENTS.values():
        assert measurement.summary.startswith("Return "), measurement.name


def test_every_relation_is_used():
    assert {rule.relation.name for rule in catalogue()} == set(RELATIONS)


def test_keywords_are_neither_in_the_question_nor_in_the_answer():
    rule = next(rule for rule in catalogue() if rule.name == "keyword_use")
    text = "Janet's market makes seventeen dollars of remaining profit, Remaining Boston market."
    words = {constraint.params["item"] for constraint in KINDS[rule.name].extract(asked(text))}
    assert words == {"dollars", "profit"}


def test_the_examples_of_a_prompt_forbid_no_keyword():
    answered = asked("The remaining profit is here.")
    prompt = Prompt(messages=(Message(role="user", content=f"Q: a remaining profit?\nA: 3\n\nQ: {QUESTION}\nA:"),))
    shown = Answered(doc=answered.doc, prompt=prompt, response=answered.response, score=answered.score)
    assert "profit" not in asked_words(shown)
    assert "market" in asked_words(shown)


def test_a_keyword_is_a_whole_word():
    rule = next(rule for rule in catalogue() if rule.name == "keyword_use")
    constraint = KINDS[rule.name].extract(asked("There is profit."))[0]
    meets = [
        text
        for text in ("Profit!", "PROFIT", "non-profit", "profitable", "profits")
        if KINDS[rule.name].check(constraint, Response(text=text)).met
    ]
    assert meets == ["Profit!", "PROFIT", "non-profit"]


def test_the_hook_yields_the_catalogue():
    types = list(harness_constraint_types())
    assert [kind.name for kind in types] == [rule.name for rule in catalogue()]
    families = {kind.family for kind in types}
    assert set(FAMILY_ALIASES.values()) <= families
    assert not set(FAMILY_ALIASES) & families
    assert not {kind.name for kind in types} & families
    for kind in types:
        assert kind.details["example"]
        assert kind.summary.endswith(".")
