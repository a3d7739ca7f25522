"""The traps that published checkers fell into, each with the text that springs it."""

from __future__ import annotations

import re

import pytest

from harness import Answered, Doc, Message, Prompt, Response, Score
from harness_constraints import harness_constraint_types
from harness_constraints.catalogue import catalogue

RULES = {rule.name: rule for rule in catalogue()}
KINDS = {kind.name: kind for kind in harness_constraint_types()}


def asked(text: str, *, prompt: str = "How much is it?", golds: tuple[str, ...] = ("18",)) -> Answered:
    return Answered(
        doc=Doc(id="t/0", task="t", index=0, fields={"question": prompt}, golds=golds),
        prompt=Prompt(messages=(Message(role="user", content=prompt),)),
        response=Response(text=text),
        score=Score(solved=True),
    )


def drawn(name, text, **more):
    return [constraint.params for constraint in KINDS[name].extract(asked(text, **more))]


def meets(name, source, other):
    (constraint, *_) = KINDS[name].extract(asked(source))
    return KINDS[name].check(constraint, Response(text=other)).met


def test_the_longest_word_bounds_every_word_from_above_and_never_from_below():
    """Crab says the longest word's length as the least of every word, and is false of 20 sources in 20."""
    source = "An answer with some extraordinary words in it, and with a few short ones too."
    (constraint,) = KINDS["longest_word_at_most"].extract(asked(source))
    assert constraint.params["bound"] == len("extraordinary") + 3
    assert (
        "no word of more than" in constraint.text.lower()
        or "at most" in constraint.text
        or "no more" in constraint.text.lower()
    )
    assert meets("longest_word_at_most", source, "a b c")
    assert not meets("longest_word_at_most", source, "incomprehensibilities")


def test_the_counter_and_the_sentence_shown_count_the_same_words():
    """Crab counts punctuation marks as words, and is false of 9 sources in 20 for a reader."""
    source = "Yes, 3.5 of 1,000 (i.e. few) -- well-known facts; isn't it? " * 4
    (constraint,) = KINDS["words_exactly"].extract(asked(source))
    assert constraint.params["value"] == 4 * len(
        ["Yes", "3.5", "of", "1,000", "i", "e", "few", "well-known", "facts", "isn't", "it"]
    )


@pytest.mark.parametrize("name", [name for name in RULES if name.endswith("_absent")])
def test_nothing_passes_on_an_empty_answer(name):
    """Seven published checks of absence pass on no answer at all."""
    for source in ("It is so, and we stop here with it.", "def total(prices):\n    return sum(prices)"):
        for constraint in KINDS[name].extract(asked(source)):
            assert KINDS[name].check(constraint, Response(text=" \n")).met is False


def test_a_keyword_is_no_expression_and_has_word_boundaries():
    """IFEval searches keywords unescaped and anywhere: "cat" is found in "category", and f(x) is an expression."""
    rule = RULES["keyword_use"]
    made = KINDS[rule.name].extract(asked("The profit is here."))[0]
    assert KINDS[rule.name].check(made, Response(text="profitable")).met is False
    for word in ("f(x)", "a.c", "[a-z]+", "\\", "("):
        odd = type(made)(
            type=made.type, family=made.family, version=made.version, text="", params={"item": word, "times": 1}
        )
        assert KINDS[rule.name].check(odd, Response(text="abc f x")).met is False


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bullets_absent", "16\n- 3x\n= 13, which is what remains of it."),
        ("bold_absent", "2 ** 3 ** 2 is what we compute here."),
        ("italics_absent", "2*x*y and a*b*c are products, it seems."),
        ("headings_absent", "So she makes it.\n#### 18"),
        ("table_absent", "P(A|B) = |x| and so on for all of them."),
        ("block_quote_absent", "3 > 2 and so 5 > 4, as it must be."),
        ("numbered_steps_absent", "It was in 1999. Then came 3.5 more of them."),
        ("latex_absent", "It costs $5 and then $6, so $11 in all of it."),
        ("exclamation_marks_absent", r"There are \(5!\) ways to do it all."),
        ("html_absent", "3 < 4 and 5 > 4, so it is in between."),
        ("commas_absent", "It is 1,250 and 3,000 in all of them."),
        ("colons_absent", "It began at 12:30 with odds of 3:2 for them."),
        ("dashes_absent", "A well-known fact is that 5 - 3 is 2 here."),
        ("capitals_absent", "The NASA of the USA and the BBC of the UK said so on TV."),
        ("i_absent", "World War I ended then, and Elizabeth I was dead."),
        ("we_absent", "The US economy grew in that year of it."),
        ("refusals_absent", "Hawaii cannot be reached by land from there."),
        ("links_absent", "The ratio a://b is no address at all for them."),
        ("decimals_absent", "Version 1.2.3 came 5. Then it was so."),
    ],
)
def test_arithmetic_and_names_are_not_marks(name, text):
    assert drawn(name, text) == [{"wording": drawn(name, text)[0]["wording"]}]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("It costs 3.50 dollars in all. That is what is left.", 2),
        ("Dr. J. Smith met Mr. Doe, e.g. at 5 p.m. on Monday. They talked.", 2),
        ("The answer is no. The other one is older.", 2),
        ("See fig. 3 and no. 7 of it. They are so.", 2),
        ("It takes 5 sec. Then it stops.", 2),
        ("Is it? Yes! So it is...", 3),
    ],
)
def test_sentences_are_a_readers(text, count):
    assert drawn("sentences_exactly", text)[0]["value"] == count


def test_decimals_hyphens_and_formulas_are_one_word_each():
    text = r"Then \(x^2 - 3x\) of 3.5 is a well-known $y + 1$ for all of us, and it is so on and on until the end."
    (constraint,) = KINDS["words_exactly"].extract(asked(text))
    assert constraint.params["value"] == len(re.sub(r"\\\(.*?\\\)|\$.*?\$", "X", text).split())


def test_less_than_and_at_most_are_never_mixed():
    """IFEval's "less than" is strict and its "at least" is not; here a bound is always met by itself."""
    for name, rule in RULES.items():
        if rule.relation.name in {"at_most", "at_least", "between"}:
            for _, wording in rule.wordings:
                assert not re.search(r"\b(?:less|fewer|more) than\b", wording.replace("no more than", "").replace("No more than", "").replace("No fewer than", "").replace("no word of more than", "").replace("No word of the response has more than", "").replace("has more than", "")), (name, wording)  # fmt: skip


def test_the_trailing_full_stop_is_seen_behind_quotes_and_emphasis():
    """IFEval's end checker strips quotes only."""
    for text in ("It is so.", 'He said "so."', "**It is so.**", "(It is so.)", "It is so. \n"):
        assert drawn("ends_with_full_stop", text), text
    assert not drawn("ends_with_full_stop", "It is so")


def test_the_first_word_is_whole():
    assert meets("first_word", "So it is.", "**So** be it.")
    for other in ("Some are.", "So-called.", "5 so", "It is so."):
        assert not meets("first_word", "So it is.", other)


def test_code_is_read_by_its_tree():
    comment = "def f(n):\n    return '# no comment' + n\n"
    assert drawn("comments_absent", comment)
    assert not drawn("comments_absent", comment + "    # one\n")
    assert drawn("while_absent", "def f(n):\n    '''while for lambda'''\n    return n")
    assert drawn("for_absent", "def f(n):\n    return [x for x in n]")
    nested = "def f(n):\n    def g(m):\n        return m\n    return g(n)"
    assert not drawn("nested_function_absent", nested)
    assert drawn("returns_exactly", nested)[0]["value"] == 2
    assert drawn("returns_at_most", nested)[0]["bound"] == 2
    assert not drawn("while_absent", "def f(:\n    return 1")


HEAD = 'def f(n: int) -> int:\n    """Return it."""\n'


@pytest.mark.parametrize("name", ["docstring_present", "parameters_annotated", "results_annotated"])
def test_what_is_copied_from_the_prompt_is_no_constraint(name):
    """HumanEval's prompts hold the head of the function, with its types and its docstring."""
    answer = f"{HEAD}    return n\n"
    assert drawn(name, answer, prompt="Write the function f.")
    for prompt in (HEAD, f"Complete this:\n```python\n{HEAD}```", f"from typing import List\n\n\n{HEAD}"):
        assert not drawn(name, answer, prompt=prompt), prompt


def test_a_bound_leaves_room_and_is_no_knifes_edge():
    text = " ".join(["word"] * 101)
    assert drawn("words_at_most", text)[0]["bound"] == 130
    assert drawn("words_at_least", text)[0]["bound"] == 80


def test_thinking_is_not_read_and_truncated_thinking_is_no_violation():
    source = "So it is here, as we said before."
    assert meets("bullets_absent", source, "<think>\n- a point\n- another point\n</think>So it is.")
    assert meets("bullets_absent", source, "<think>\n- a point\n- another") is None


def test_the_language_is_told_without_chance():
    """langdetect is unseeded, and its failure passes silently."""
    source = "So it is here, as we said."
    assert meets("latin_script", source, "123 + 456 = ???") is True
    assert meets("latin_script", source, "Это так.") is False
    assert meets("latin_script", source, "Naïve café, \u03c0 and \u211d.") is True
