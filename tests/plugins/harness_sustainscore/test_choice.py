"""Guards, choice, placebo and the text that an arm adds."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import Constraint, ConstraintType, Message, PluginError, Prompt, TaskSpec, Verdict
from harness.testing import answered
from harness_sustainscore.choice import ALL_REFUSED, NOTHING_OFFERED, TRUNCATED, Terms, chosen_constraints, in_turn
from harness_sustainscore.guards import GUARDS, guard_against, held
from harness_sustainscore.inserts import constraint_pieces, placebo_pieces
from harness_sustainscore.pairs import clash
from harness_sustainscore.placebo import SLACK, STATEMENTS, placebo_text, tokens


def kind(name="words", family="length", *, text="Use at most 90 words.", met=None, **more):
    def check(_constraint, response):
        return Verdict(met=(0 < len(response.text.split()) <= 90) if met is None else met(response.text))

    made = Constraint(type=name, family=family, version="1", params={}, text=text, **more)
    return ConstraintType(name=name, family=family, summary="", extract=lambda _: (made,), check=check)


def offered(one, source):
    return one.extract(source)[0]


def chosen(source, types, *, seed=0, domain="", channel="", **terms):
    spec = TaskSpec(name="test", channel=channel)
    return chosen_constraints(
        source, types, spec=spec, domain=domain, random=Random(seed), terms=Terms(**{"most": 1, **terms})
    )


def guard(one, source, channel="", domain=""):
    against = held(source, TaskSpec(name="test", channel=channel), domain)
    return guard_against(one, offered(one, against.source), against)


SOURCE = answered("Three and four make seven.", question="What is 3 + 4? Be brief.", golds=("7",))


@pytest.mark.parametrize(
    ("one", "name"),
    [
        (kind(), ""),
        (kind(met=lambda text: False), "untrue on its source"),
        (kind(met=lambda text: len(text) < 80), "met by an empty answer"),
        (kind(met=bool), "vacuous"),
        (kind(text="Be brief."), "already in the prompt"),
        (kind(text="Use the number 7 once."), "leaks the answer"),
        (kind(text="Say seven somewhere."), "leaks the answer"),
        (kind(text="Use at most 70 words."), ""),
        (kind(touches_answer=True), "touches the answer channel"),
        (kind(text="End with #### and the number."), "touches the answer channel"),
    ],
)
def test_each_guard_turns_away_what_it_is_for(one, name):
    assert guard(one, SOURCE, channel=r"####") == name


def test_every_guard_has_a_case():
    names = {mark.args[1][i][1] for mark in test_each_guard_turns_away_what_it_is_for.pytestmark for i in range(10)}
    assert names - {""} == set(GUARDS)


@pytest.mark.parametrize(
    ("gold", "text", "leaks"),
    [
        ("Richard Nixon", "Mention Richard Nixon by name.", True),
        ("Nixon", "Use the word 'nixons'.", False),
        ("1,200", "Use at most 1200 words.", True),
        ("no", "Use no bullet points.", True),  # a yes/no gold: a false alarm costs a constraint, a leak costs the run
        ("12", "Use at most 120 words.", False),
        ("twelve", "Use twelve lines.", True),
    ],
)
def test_a_leak_is_a_whole_word_or_number(gold, text, leaks):
    one = kind(text=text)
    source = replace(SOURCE, doc=replace(SOURCE.doc, golds=(gold,)))
    assert (guard(one, source) == "leaks the answer") is leaks


def test_the_draw_is_uniform_over_types_not_over_families():
    types = {f"t{i}": kind(f"t{i}", "big" if i < 6 else f"small{i}") for i in range(8)}
    first = Counter(in_turn(types.values(), "", Random(seed))[0].family for seed in range(2000))
    assert 0.70 < first["big"] / 2000 < 0.80


def test_families_take_turns():
    types = [kind(f"a{i}", "a") for i in range(5)] + [kind(f"b{i}", "b") for i in range(2)] + [kind("c", "c")]
    order = [one.family for one in in_turn(types, "", Random(1))]
    assert set(order[:3]) == {"a", "b", "c"}
    assert sorted(order[3:5]) == ["a", "b"]


def test_types_of_another_domain_are_left_out():
    code = replace(kind("loops", "code"), domains=frozenset({"code"}))
    assert in_turn([code], "mathematics", Random(0)) == []
    assert in_turn([code], "code", Random(0)) == [code]


def test_smaller_sets_are_the_beginning_of_larger_ones():
    marks = ("tables", "headings", "bullets", "italics", "emoji", "quotes", "semicolons", "links")
    types = {f"t{i}": kind(f"t{i}", f"f{i % 3}", text=f"Use no {mark}.") for i, mark in enumerate(marks)}
    sets = [chosen(SOURCE, types, most=most, seed=5).constraints for most in (1, 2, 4, 8)]
    for small, large in pairwise(sets):
        assert large[: len(small)] == small
    assert len(sets[-1]) == 8


def test_types_that_imply_each_other_never_stand_together():
    types = {f"t{i}": replace(kind(f"t{i}", text=f"Use at most 9{i} words."), group="words") for i in range(6)}
    choice = chosen(SOURCE, types, most=4, seed=5)
    assert len(choice.constraints) == 1


def test_what_was_turned_away_is_counted():
    types = {"a": kind("a", met=lambda text: False), "b": kind("b")}
    choice = chosen(SOURCE, types, most=4)
    assert [one.type for one in choice.constraints] == ["b"]
    assert choice.counts == {"length": {"candidates": 2, "untrue on its source": 1}}


def test_hints_and_channel_constraints_need_asking_for():
    types = {"a": kind("a", hint=1), "b": kind("b", touches_answer=True)}

    def drawn(**more):
        choice = chosen(SOURCE, types, most=2, **more)
        return sorted(one.type for one in choice.constraints)

    assert drawn() == []
    assert drawn(most_hint=1) == ["a"]
    assert drawn(touching=True) == ["b"]


@given(st.integers(4, 150), st.integers(0, 10_000))
def test_the_placebo_is_as_long_as_the_constraint(length, seed):
    text = placebo_text("word " * length, "How many marbles has Ann?", Random(seed))
    assert abs(tokens(text) - length) <= SLACK * length


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_placebo_holds_no_number_and_no_name(statement):
    assert not any(character.isdigit() for character in statement)
    assert statement[0].isupper()
    assert statement[1:] == statement[1:].lower()


def test_the_placebo_shares_no_longer_word_with_the_prompt():
    prompt = "A lighthouse and a harbour stand by the meadow. How many lanterns?"
    for seed in range(30):
        text = placebo_text("word " * 20, prompt, Random(seed)).lower()
        assert not {"lighthouse", "harbour", "meadow", "lanterns"} & set(text.replace(".", "").split())


def test_constraints_and_placebo_share_the_slot():
    content = "Question: 1 + 1?\nAnswer:"
    prompt = Prompt(messages=(Message(role="user", content=content),), slot=content.index("\nAnswer"))
    one = offered(kind(), SOURCE)
    treated = prompt.with_inserted(constraint_pieces((one,), prompt))
    idle = prompt.with_inserted(placebo_pieces("Moss is soft.", prompt))
    assert treated.text == "Question: 1 + 1?\n\nConstraint: Use at most 90 words.\nAnswer:"
    assert idle.text == "Question: 1 + 1?\n\nNote: Moss is soft.\nAnswer:"
    two = prompt.with_inserted(constraint_pieces((one, one), prompt))
    assert two.text == "Question: 1 + 1?\n\nConstraints:\n- Use at most 90 words.\n- Use at most 90 words.\nAnswer:"
    assert [two.text[span.start : span.end] for span in two.spans] == [one.text, one.text]


def test_text_before_a_program_is_set_off_from_it():
    prompt = Prompt(messages=(Message(role="user", content="def f(x):"),), slot=0)
    treated = prompt.with_inserted(constraint_pieces((offered(kind(), SOURCE),), prompt))
    assert treated.text == "Constraint: Use at most 90 words.\n\ndef f(x):"


def items(name, *words, group="keyword", family="keyword"):
    """A type that offers one constraint for each word, as the keyword types do."""
    made = tuple(
        Constraint(
            type=name, family=family, version="1", params={"item": word}, text=f'Use the word "{word}".', stratum="soft"
        )
        for word in words
    )

    def check(constraint, response):
        return Verdict(met=constraint.params["item"] in response.text.split())

    return ConstraintType(name=name, family=family, summary="", group=group, extract=lambda _: made, check=check)


def test_one_type_gives_sixteen_different_words_and_no_part_of_another():
    words = [f"{a}{b}" for a in "pqrs" for b in "abcd"]
    source = answered(" ".join([*words, "pab"]))
    drawn = chosen(source, {"use": items("use", *words, "pab")}, most=16).constraints
    assert len({one.params["item"] for one in drawn}) == 16
    assert not {"pa", "pab"} <= {one.params["item"] for one in drawn}


def test_another_type_comes_before_a_second_word_of_the_first():
    source = answered("alpha beta gamma delta")
    types = {"use": items("use", "alpha", "beta", "gamma"), "more": items("more", "delta", group="")}
    for seed in range(10):
        drawn = chosen(source, types, most=3, seed=seed).constraints
        assert {one.type for one in drawn[:2]} == {"use", "more"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (kind("a", text="Use at most 10 sentences."), kind("b", text="Use at most 20 sentences.")),
        (kind("a", text="The response has 20 words or more."), kind("b", text="Use at least 15 words.")),
        (kind("a", text="Use no bullet points at all."), kind("b", text="Please use no bullet point at all.")),
        (kind("a", text="One."), kind("b", text="One.")),
        (replace(kind("a", text="Use prose."), group="g"), replace(kind("b", text="Use no list."), group="g")),
        (items("a", "however", group=""), items("b", "however", group="")),
        (items("a", "how", group=""), items("b", "however", group="")),
    ],
)
def test_what_implies_excludes_or_repeats_another_never_stands_with_it(one, other):
    first, second = one.extract(None)[0], other.extract(None)[0]
    assert clash(one, first, other, second)
    assert clash(other, second, one, first)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (kind("a", text="Use at most 10 sentences."), kind("b", text="Use at least 2 sentences.")),
        (kind("a", text="Use at most 10 sentences."), kind("b", text="Use at most 20 words.")),
        (kind("a", text="Use no table."), kind("b", text="Use no bullet points.")),
        (items("a", "however"), items("b", "although")),
        (kind("a", text="No tables."), kind("b", text="No headings.")),
    ],
)
def test_two_requirements_may_stand_together(one, other):
    assert not clash(one, one.extract(None)[0], other, other.extract(None)[0])


def test_all_that_is_drawn_is_asserted_on_the_source():
    seen = Counter()

    def wavering(text):
        seen[text] += text == SOURCE.response.text
        return 0 < len(text.split()) <= 90 and seen[text] < 2

    with pytest.raises(PluginError, match=r"constraint type words: .* held on its source, and does not now"):
        chosen(SOURCE, {"words": kind(met=wavering)})


def test_only_what_follows_the_thinking_is_read():
    thought = replace(SOURCE, response=replace(SOURCE.response, text=f"<think>{'so ' * 200}</think>It is seven."))
    (drawn,) = chosen(thought, {"words": kind()}).constraints
    assert drawn.text == "Use at most 90 words."
    assert guard(kind(met=lambda text: "so" in text), thought) == "untrue on its source"


def test_thinking_that_never_ends_is_truncation():
    cut = replace(SOURCE, response=replace(SOURCE.response, text="<think>Three and four make seven."))
    choice = chosen(cut, {"words": kind()})
    assert choice.constraints == ()
    assert choice.why == TRUNCATED


def test_why_there_is_none_is_said():
    nothing = replace(kind(), extract=lambda _: ())
    assert chosen(SOURCE, {"a": nothing}).why == NOTHING_OFFERED
    assert chosen(SOURCE, {"a": kind(met=bool)}).why == ALL_REFUSED
    assert chosen(SOURCE, {"a": kind()}).why == ""


def test_strata_can_be_asked_for():
    source = answered("alpha beta gamma delta")
    types = {"use": items("use", "alpha"), "words": kind()}
    assert [one.type for one in chosen(source, types, most=2, strata=frozenset({"soft"})).constraints] == ["use"]
    assert len(chosen(source, types, most=2).constraints) == 2


def test_the_wording_that_is_asked_for_is_used_and_guarded():
    def reworded(constraint, wording):
        return replace(constraint, text={"polite": "Please say seven.", "imperative": "Be short."}[wording])

    one = replace(kind(), reworded=reworded)
    assert chosen(SOURCE, {"a": one}, wording="imperative").constraints[0].text == "Be short."
    assert chosen(SOURCE, {"a": one}, wording="polite").counts["length"]["leaks the answer"] == 1


@pytest.mark.parametrize(
    ("channel", "text"),
    [
        (r"####\s*.*", "Put #### before the number."),
        (r"\\boxed\b|\\fbox\b", "Use \\boxed once."),
        (r"(?i:the answer is)[^\n]*", 'End with "The answer is".'),
        (r"(?im:^[ \t*_#>-]*(?:final )?answer[ \t*_]*:.*)", 'Close with a line "Answer: ..." and nothing else.'),
        (r"```|~~~|(?m:^[ \t]*(?:async\s+)?def\s)", "Wrap the code in ``` marks."),
    ],
)
def test_the_marks_of_every_suite_are_recognised_inside_a_sentence(channel, text):
    assert guard(kind(text=text), SOURCE, channel=channel) == "touches the answer channel"
    assert guard(kind(text="Use at most 90 words."), SOURCE, channel=channel) == ""


def test_a_program_in_the_prompt_that_has_it_says_it():
    def check(_, response):
        return Verdict(met='"""' in response.text)

    made = Constraint(type="doc", family="code", version="1", params={}, text="Describe every function inside it.")
    one = ConstraintType(
        name="doc", family="code", summary="", extract=lambda _: (made,), check=check, details={"relation": "present"}
    )
    stub = 'def f(x):\n    """Return x."""\n'
    source = answered(stub + "    return x", question=f"Complete:\n{stub}")
    shown = replace(source, doc=replace(source.doc, question=(stub,)))
    assert guard(one, shown, domain="code") == "already in the prompt"
    assert guard(one, replace(source, doc=replace(source.doc, question=("def f(x):",))), domain="code") == ""
