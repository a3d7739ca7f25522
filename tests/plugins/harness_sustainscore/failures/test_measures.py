"""Distances of a failed answer from the one that was right."""

import nltk
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import Verdict
from harness.testing import HARD_TEXTS
from harness_sustainscore.failures import Failure
from harness_sustainscore.failures.measures import approach_distance, edit_distance, measures

TOKENS = st.lists(st.sampled_from("abc"), max_size=12)


@settings(deadline=None)
@given(first=TOKENS, second=TOKENS)
def test_the_edit_distance_is_levenshteins(first, second):
    size = max(len(first), len(second), 1)
    assert edit_distance(first, second) == pytest.approx(nltk.edit_distance(first, second) / size)
    assert edit_distance(first, second) == edit_distance(second, first)


def test_another_way_to_the_answer_is_told_from_the_same_way_with_other_numbers():
    loop = "def f(xs):\n    total = 0\n    for x in xs:\n        total += x\n    return total"
    same = "def g(ys):\n    out = 1\n    for y in ys:\n        out += y\n    return out"
    other = "f = lambda xs: sum(map(int, xs)) if xs else None"
    assert approach_distance(same, loop, "program") == 0
    assert approach_distance(other, loop, "program") > 0.5
    assert approach_distance("3 + 4 = 7", "3 * 4 = 12", "expression") == 1
    assert approach_distance("no sum", "3 * 4 = 12", "expression") is None


def test_an_equal_text_diverges_nowhere():
    failure = Failure(form="words", text="Answer: Paris", base=("Answer: Paris",))
    found = measures(failure, [Verdict(met=False)])
    assert found == {
        "complied": "none",
        "length_ratio": 1.0,
        "edit_distance": 0.0,
        "first_divergence": None,
        "approach_distance": None,
    }


@pytest.mark.parametrize("form", ["expression", "program", "words"])
@pytest.mark.parametrize("text", HARD_TEXTS)
@pytest.mark.parametrize("source", ["", "def f(): return 1 + 2", "\\d \ud800 3 + 4 = 7"])
def test_measures_never_fail(form, text, source):
    found = measures(Failure(form=form, text=text, base=(source,)), [])
    assert found["complied"] is None
    assert 0 <= found["edit_distance"] <= 1
    assert set(measures(Failure(form=form, text=text), [])) == {"complied"}
