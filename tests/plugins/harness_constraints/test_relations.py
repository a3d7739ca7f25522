"""Every relation, at and around its bound, so that a changed comparison is caught."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness_constraints import relations as installed
from harness_constraints.relations import RELATIONS, Terms, is_subsequence

#: Relation, parameters, values that meet it, values that do not: on the bound and beside it.
HOLDS = [
    ("at_most", {"bound": 5}, [0, 4, 5], [6, 100]),
    ("at_least", {"bound": 5}, [5, 6, 100], [0, 4]),
    ("between", {"low": 2, "high": 4}, [2, 3, 4], [1, 5]),
    ("equals", {"value": 3}, [3], [2, 4]),
    ("equals", {"value": "so"}, ["so"], ["s", "so "]),
    ("present", {}, [1, True, "x", ("a",)], [0, False, "", ()]),
    ("absent", {}, [0, False, "", ()], [1, True, "x", ("a",)]),
    ("contains", {"item": "a", "times": 2}, [{"a": 2}, {"a": 3, "b": 1}], [{"a": 1}, {"b": 2}, {}]),
    ("contains", {"item": "a", "times": 1}, [{"a": 1}], [{}]),
    ("lacks", {"item": "a"}, [{}, {"b": 1}], [{"a": 1}, {"a": 2, "b": 1}]),
    ("starts_with", {"item": "to"}, ["to", "to be", "to."], ["o", "", "be to", "today", "to's", "to-day"]),
    ("starts_with", {"item": "-"}, ["-", "-a"], ["a-", ""]),
    ("ends_with", {"item": "be"}, ["be", "to be"], ["b", "", "be to", "maybe", "to-be"]),
    ("ends_with", {"item": "."}, [".", "so."], ["so", ""]),
    ("sequence", {"items": ["a", "c"]}, [("a", "c"), ("a", "b", "c")], [("c", "a"), ("a",), ("c",), ()]),
]
#: Relation, value of the source, terms, candidate items, the parameters it derives.
DERIVES = [
    ("at_most", 5, {}, "", [{"bound": 5}]),
    ("at_most", 5, {"least": 5, "most": 5}, "", [{"bound": 5}]),
    ("at_most", 5, {"least": 6}, "", []),
    ("at_most", 5, {"most": 4}, "", []),
    ("at_most", 5, {"most": 6}, "", [{"bound": 5}]),
    ("at_most", 5, {"fixed": 5}, "", [{"bound": 5}]),
    ("at_most", 6, {"fixed": 5}, "", []),
    ("at_most", 101, {"slack": 20, "step": 0}, "", [{"bound": 130}]),
    ("at_most", 7, {"slack": 50, "step": 5}, "", [{"bound": 15}]),
    ("at_most", 3, {"margin": 1}, "", [{"bound": 4}]),
    ("at_most", 0, {}, "", [{"bound": 0}]),
    ("at_least", 5, {}, "", [{"bound": 5}]),
    ("at_least", 1, {}, "", [{"bound": 1}]),
    ("at_least", 0, {}, "", []),
    ("at_least", 5, {"least": 6}, "", []),
    ("at_least", 2, {"fixed": 2}, "", [{"bound": 2}]),
    ("at_least", 1, {"fixed": 2}, "", []),
    ("at_least", 3, {"margin": 3}, "", []),
    ("at_least", 101, {"slack": 20, "step": 0}, "", [{"bound": 80}]),
    ("between", 5, {"margin": 1}, "", [{"low": 4, "high": 6}]),
    ("between", 2, {"margin": 1}, "", [{"low": 1, "high": 3}]),
    ("between", 5, {}, "", [{"low": 5, "high": 5}]),
    ("between", 1, {"margin": 1}, "", []),
    ("between", 5, {"margin": 1, "least": 6}, "", []),
    ("equals", 5, {}, "", [{"value": 5}]),
    ("equals", 5, {"fixed": 5}, "", [{"value": 5}]),
    ("equals", 5, {"fixed": 4}, "", []),
    ("equals", 5, {"fixed": 6}, "", []),
    ("equals", 5, {"most": 4}, "", []),
    ("equals", "so", {}, "", [{"value": "so"}]),
    ("equals", "so", {"least": 3}, "", [{"value": "so"}]),
    ("present", 1, {}, "", [{}]),
    ("present", 0, {}, "", []),
    ("absent", 0, {}, "", [{}]),
    ("absent", 2, {}, "", []),
    ("contains", {"a": 3, "b": 1}, {"fixed": 1}, "abc", [{"item": "a", "times": 1}, {"item": "b", "times": 1}]),
    ("contains", {"a": 3, "b": 1}, {"least": 2}, "abc", [{"item": "a", "times": 3}]),
    ("contains", {"a": 3}, {"least": 2, "slack": 20}, "a", [{"item": "a", "times": 2}]),
    ("contains", {"a": 3}, {"least": 3, "slack": 20}, "a", []),
    ("contains", {"a": 3}, {"fixed": 4}, "a", []),
    ("contains", {"a": 3}, {"fixed": 3}, "a", [{"item": "a", "times": 3}]),
    ("contains", {"a": 3}, {"most": 2}, "a", []),
    ("contains", {}, {}, "a", []),
    ("lacks", {"a": 1}, {}, "ab", [{"item": "b"}]),
    ("starts_with", "to be", {}, ["to", "be", "t", ""], [{"item": "to"}]),
    ("ends_with", "to be", {}, ["to", "be", "e", ""], [{"item": "be"}]),
    ("sequence", ("a", "b", "c"), {}, ["a", "c"], [{"items": ["a", "c"]}]),
    ("sequence", ("a", "b", "c"), {}, ["c", "a"], []),
    ("sequence", ("a",), {}, ["a"], []),
]


def failures(relations: Any) -> Iterator[str]:
    """Yield what is wrong with a module of relations, by the tables above."""
    for name, params, meets, misses in HOLDS:
        holds = relations.RELATIONS[name].holds
        yield from (f"{name} {params} misses {value!r}" for value in meets if not holds(value, params))
        yield from (f"{name} {params} meets {value!r}" for value in misses if holds(value, params))
    for name, value, terms, candidates, expected in DERIVES:
        found = relations.RELATIONS[name].derive(value, relations.Terms(**terms), candidates)
        if list(found) != expected:
            yield f"{name} of {value!r} with {terms} derives {found}"


def test_a_relation_holds_and_derives_exactly_this():
    assert list(failures(installed)) == []


def test_every_relation_has_its_cases():
    assert {name for name, *_ in HOLDS} == set(RELATIONS)
    assert {name for name, *_ in DERIVES} == set(RELATIONS)


SWAPPED: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.LtE: (ast.Lt, ast.GtE, ast.Eq),
    ast.GtE: (ast.Gt, ast.LtE, ast.Eq),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.Eq: (ast.NotEq, ast.GtE, ast.LtE),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
}
#: What decides whether a relation holds, and what it derives.
MUTATED = {
    "up", "down", "offers", "begins", "ends", "_bound_above", "_bound_below", "_range", "_same", "_some", "_none", "_holding",
    "_lacking", "_beginning", "_ending", "_order", "is_subsequence", "RELATIONS",
}  # fmt: skip


def places(tree: ast.Module) -> Iterator[tuple[ast.AST, str, int]]:
    """Yield the operators of what is mutated: node, field, position in the field."""
    owners = [node for node in ast.walk(tree) if getattr(node, "name", "") in MUTATED or "RELATIONS" in _targets(node)]
    for owner in owners:
        for node in ast.walk(owner):
            if isinstance(node, ast.Compare):
                yield from ((node, "ops", number) for number in range(len(node.ops)))
            elif isinstance(node, ast.BoolOp | ast.BinOp):
                yield node, "op", -1
            elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
                yield node, "op", -2


def _targets(node: ast.AST) -> set[str]:
    return {node.target.id} if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) else set()


def mutants() -> Iterator[tuple[str, str]]:
    """Yield a name and the source of every mutant of the module of relations: one operator is another in each."""
    source = Path(installed.__file__).read_text(encoding="utf-8")
    for number in range(len(list(places(ast.parse(source))))):
        tree = ast.parse(source)
        node, name, at = list(places(tree))[number]
        old = getattr(node, name)[at] if at >= 0 else getattr(node, name)
        where = f"line {node.lineno}: {ast.unparse(node)}"
        if at == -2:
            node.op = ast.UAdd()  # not x -> +x is no bool; below it is replaced by a double negation
            yield f"{where} without not", ast.unparse(tree).replace("+value", "value")
            continue
        for new in SWAPPED.get(type(old), ()):
            if at >= 0:
                getattr(node, name)[at] = new()
            else:
                setattr(node, name, new())
            yield f"{where} -> {ast.unparse(node)}", ast.unparse(tree)
    relations = sorted(RELATIONS)
    for name in relations:  # at_most holds as at_least does, and so on
        for other in relations:
            if other != name and RELATIONS[other].keys == RELATIONS[name].keys:
                line = f"RELATIONS = {{**RELATIONS, {name!r}: replace(RELATIONS[{name!r}], holds=RELATIONS[{other!r}].holds)}}"
                yield f"{name} holds as {other}", f"{source}\nfrom dataclasses import replace\n{line}\n"


MUTANTS = dict(mutants())
#: Mutants that no value can tell from the original.
EQUIVALENT: set[str] = set()


def test_there_are_mutants_of_every_relation():
    assert len(MUTANTS) > 60
    assert "at_most holds as at_least" in MUTANTS
    assert any(name.endswith("value < params['bound']") for name in MUTANTS)


@pytest.mark.parametrize("name", MUTANTS)
def test_a_changed_relation_is_caught(name):
    module = ModuleType("mutated")
    sys.modules["mutated"] = module  # dataclasses look their module up
    try:
        exec(compile(MUTANTS[name], "mutated", "exec"), module.__dict__)  # our own source
        caught = any(failures(module))
    except (TypeError, AttributeError, ValueError, KeyError, ZeroDivisionError):
        caught = True
    finally:
        del sys.modules["mutated"]
    assert caught is (name not in EQUIVALENT)


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
