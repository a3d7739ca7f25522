"""Guards, choice, placebo and the text that an arm adds."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import Constraint, ConstraintType, Message, Prompt, Verdict
from harness.testing import answered
from harness_sustainscore.choice import chosen_constraints, in_turn
from harness_sustainscore.guards import GUARDS, guard_against
from harness_sustainscore.inserts import constraint_pieces, placebo_pieces
from harness_sustainscore.placebo import SLACK, STATEMENTS, placebo_text


def kind(name="words", family="length", *, text="Use at most 90 words.", met=None, **more):
    def check(_constraint, response):
        return Verdict(met=(0 < len(response.text.split()) <= 90) if met is None else met(response.text))

    made = Constraint(type=name, family=family, version="1", params={}, text=text, **more)
    return ConstraintType(name=name, family=family, summary="", extract=lambda _: (made,), check=check)


def offered(one, source):
    return one.extract(source)[0]


SOURCE = answered("Three and four make seven.", question="What is 3 + 4? Be brief.", golds=("7",))


@pytest.mark.parametrize(
    ("one", "guard"),
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
def test_each_guard_turns_away_what_it_is_for(one, guard):
    assert guard_against(one, offered(one, SOURCE), SOURCE, r"####") == guard


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
    assert (guard_against(one, offered(one, source), source, "") == "leaks the answer") is leaks


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
    types = {f"t{i}": kind(f"t{i}", f"f{i % 3}", text=f"Use at most 9{i} words.") for i in range(8)}
    sets = [
        chosen_constraints(SOURCE, types, most=most, domain="", channel="", random=Random(5)).constraints
        for most in (1, 2, 4, 8)
    ]
    for small, large in pairwise(sets):
        assert large[: len(small)] == small
    assert len(sets[-1]) == 8


def test_types_that_imply_each_other_never_stand_together():
    types = {f"t{i}": replace(kind(f"t{i}", text=f"Use at most 9{i} words."), group="words") for i in range(6)}
    choice = chosen_constraints(SOURCE, types, most=4, domain="", channel="", random=Random(5))
    assert len(choice.constraints) == 1


def test_what_was_turned_away_is_counted():
    types = {"a": kind("a", met=lambda text: False), "b": kind("b")}
    choice = chosen_constraints(SOURCE, types, most=4, domain="", channel="", random=Random(0))
    assert [one.type for one in choice.constraints] == ["b"]
    assert choice.refused == {"untrue on its source": 1}


def test_hints_and_channel_constraints_need_asking_for():
    types = {"a": kind("a", hint=1), "b": kind("b", touches_answer=True)}

    def drawn(**more):
        choice = chosen_constraints(SOURCE, types, most=2, domain="", channel="", random=Random(0), **more)
        return sorted(one.type for one in choice.constraints)

    assert drawn() == []
    assert drawn(most_hint=1) == ["a"]
    assert drawn(touching=True) == ["b"]


@given(st.integers(14, 600), st.integers(0, 10_000))
def test_the_placebo_is_as_long_as_the_constraint(length, seed):
    text = placebo_text(length, "How many marbles has Ann?", Random(seed))
    assert abs(len(text) - length) <= max(SLACK * length, 3)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_placebo_holds_no_number_and_no_name(statement):
    assert not any(character.isdigit() for character in statement)
    assert statement[0].isupper()
    assert statement[1:] == statement[1:].lower()


def test_the_placebo_shares_no_longer_word_with_the_prompt():
    prompt = "A lighthouse and a harbour stand by the meadow. How many lanterns?"
    for seed in range(30):
        text = placebo_text(80, prompt, Random(seed)).lower()
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
