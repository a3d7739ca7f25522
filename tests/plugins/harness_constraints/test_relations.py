"""Every relation, at and around its bound, so that a changed comparison is caught."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness_constraints.relations import RELATIONS, Terms, is_subsequence


@pytest.mark.parametrize(
    ("relation", "params", "meets", "misses"),
    [
        ("at_most", {"bound": 5}, [0, 4, 5], [6, 100]),
        ("at_least", {"bound": 5}, [5, 6, 100], [0, 4]),
        ("between", {"low": 2, "high": 4}, [2, 3, 4], [1, 5]),
        ("equals", {"value": 3}, [3], [2, 4]),
        ("equals", {"value": "so"}, ["so"], ["s", "so "]),
        ("present", {}, [1, True, "x", ("a",)], [0, False, "", ()]),
        ("absent", {}, [0, False, "", ()], [1, True, "x", ("a",)]),
        ("contains", {"item": "a", "times": 2}, [{"a": 2}, {"a": 3, "b": 1}], [{"a": 1}, {"b": 2}, {}]),
        ("lacks", {"item": "a"}, [{}, {"b": 1}], [{"a": 1}, {"a": 2, "b": 1}]),
        ("starts_with", {"item": "to"}, ["to", "to be"], ["o", "", "be to"]),
        ("ends_with", {"item": "be"}, ["be", "to be"], ["b", "", "be to"]),
        ("sequence", {"items": ["a", "c"]}, [("a", "c"), ("a", "b", "c")], [("c", "a"), ("a",), ()]),
    ],
)
def test_a_relation_holds_exactly_here(relation, params, meets, misses):
    holds = RELATIONS[relation].holds
    assert [value for value in meets if not holds(value, params)] == []
    assert [value for value in misses if holds(value, params)] == []


def test_every_relation_has_a_case_above():
    names = {mark.args[1][i][0] for mark in test_a_relation_holds_exactly_here.pytestmark for i in range(12)}
    assert names == set(RELATIONS)


TERMS = st.builds(
    Terms,
    slack=st.integers(0, 100),
    margin=st.integers(0, 5),
    step=st.sampled_from([0, 1, 5, 50]),
    least=st.integers(0, 5),
)


@given(st.integers(0, 100_000), TERMS)
def test_bounds_made_of_a_value_hold_for_it(value, terms):
    assert terms.down(value) <= value <= terms.up(value)
    for name in ("at_most", "at_least", "between", "equals"):
        for params in RELATIONS[name].derive(value, terms, ()):
            assert RELATIONS[name].holds(value, params)


@given(st.integers(0, 50), TERMS)
def test_what_is_present_is_not_absent(value, terms):
    present, absent = (bool(RELATIONS[name].derive(value, terms, ())) for name in ("present", "absent"))
    assert present is not absent


@given(st.dictionaries(st.sampled_from("abcd"), st.integers(1, 9)), TERMS)
def test_items_are_contained_or_lacked(value, terms):
    for name in ("contains", "lacks"):
        for params in RELATIONS[name].derive(value, terms, "abcd"):
            assert RELATIONS[name].holds(value, params)
    lacked = {params["item"] for params in RELATIONS["lacks"].derive(value, terms, "abcd")}
    assert lacked == set("abcd") - set(value)


@pytest.mark.parametrize(("size", "bound"), [(3, 4), (9, 15), (41, 50), (101, 130), (300, 400), (1000, 1200)])
def test_bounds_are_round_for_their_size(size, bound):
    assert Terms(slack=20, step=0).up(size) == bound


def test_a_fixed_bound_is_offered_only_where_it_holds():
    terms = Terms(fixed=2)
    assert RELATIONS["at_least"].derive(1, terms, ()) == []
    assert RELATIONS["at_least"].derive(2, terms, ()) == [{"bound": 2}]
    assert RELATIONS["at_most"].derive(3, terms, ()) == []
    assert RELATIONS["equals"].derive(3, terms, ()) == []


def test_a_bound_that_anything_meets_is_not_offered():
    assert RELATIONS["at_least"].derive(1, Terms(slack=50), ()) == []


def test_a_value_out_of_range_offers_nothing():
    assert RELATIONS["at_most"].derive(3, Terms(least=4), ()) == []
    assert RELATIONS["equals"].derive(9, Terms(most=8), ()) == []


@given(st.lists(st.integers(0, 3)), st.lists(st.integers(0, 3)))
def test_a_subsequence_is_what_remains_when_others_go(items, others):
    assert is_subsequence(items, sorted(items + others)) is (items == sorted(items))
    assert is_subsequence(items, items + others)
