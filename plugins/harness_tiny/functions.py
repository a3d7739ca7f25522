"""Functions of one line in Python: what is asked for, the expression, and tests from a reference of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from harness_tiny.problem import Problem, listed

if TYPE_CHECKING:
    import random

Reference: TypeAlias = Callable[..., Any]

VERBS = listed("compute find get make build solve count check pick join take give")
NOUNS = listed("value result total number answer item text list part sum word score")
PARAMETERS = {
    "int": (("x", "y"), ("a", "b"), ("n", "m"), ("p", "q"), ("first", "second"), ("left", "right")),
    "list[int]": (("items",), ("values",), ("numbers",), ("data",), ("row",)),
    "str": (("text",), ("word",), ("s",), ("name",), ("line",)),
}
INPUTS: dict[str, tuple[Any, ...]] = {
    "int": ((3, 8), (10, 4), (7, 7), (12, 5), (1, 20)),
    "list[int]": ([4, 1, 7], [2, 2], [9], [5, 3, 8, 6], [10, 12, 1]),
    "str": ("hello", "Level", "a bc a", "Python", "tree top"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a function returns, in words and in Python; `{k}` is a small constant."""

    what: str
    expression: str
    takes: str
    arity: int
    gives: str
    reference: Callable[[int], Reference]


def _shape(
    what: str, expression: str, takes: str, arity: int, gives: str, reference: Callable[[int], Reference]
) -> Shape:
    return Shape(what=what, expression=expression, takes=takes, arity=arity, gives=gives, reference=reference)


SHAPES = (
    _shape("the sum of {x} and {y} plus {k}", "{x} + {y} + {k}", "int", 2, "int", lambda k: lambda x, y: k + x + y),
    _shape("{x} plus {k} times {y}", "{x} + {k} * {y}", "int", 2, "int", lambda k: lambda x, y: x + y * k),
    _shape("{k} times {x} minus {y}", "{k} * {x} - {y}", "int", 2, "int", lambda k: lambda x, y: x * k - y),
    _shape("the product of {x} and {y} plus {k}", "{x} * {y} + {k}", "int", 2, "int", lambda k: lambda x, y: k + y * x),
    _shape(
        "the sum of {x} and {y} times {k}", "({x} + {y}) * {k}", "int", 2, "int", lambda k: lambda x, y: x * k + y * k
    ),
    _shape(
        "the larger of {x} and {y} plus {k}",
        "max({x}, {y}) + {k}",
        "int",
        2,
        "int",
        lambda k: lambda x, y: k + (max(y, x)),
    ),
    _shape(
        "the smaller of {x} and {y} times {k}",
        "min({x}, {y}) * {k}",
        "int",
        2,
        "int",
        lambda k: lambda x, y: k * (min(y, x)),
    ),
    _shape(
        "the distance between {x} and {y} plus {k}",
        "abs({x} - {y}) + {k}",
        "int",
        2,
        "int",
        lambda k: lambda x, y: k + (x - y if x > y else y - x),
    ),
    _shape("the square of {x} plus {k}", "{x} * {x} + {k}", "int", 1, "int", lambda k: lambda x: k + x**2),
    _shape("the rest of {x} divided by {k}", "{x} % {k}", "int", 1, "int", lambda k: lambda x: x - k * (x // k)),
    _shape("whether {x} is larger than {k}", "{x} > {k}", "int", 1, "bool", lambda k: lambda x: not x <= k),
    _shape(
        "whether {x} can be divided by {k}", "{x} % {k} == 0", "int", 1, "bool", lambda k: lambda x: x // k * k == x
    ),
    _shape(
        "the number of elements in {x} plus {k}",
        "len({x}) + {k}",
        "list[int]",
        1,
        "int",
        lambda k: lambda x: k + sum(1 for _ in x),
    ),
    _shape(
        "the sum of all elements of {x} times {k}",
        "sum({x}) * {k}",
        "list[int]",
        1,
        "int",
        lambda k: lambda x: sum(k * i for i in x),
    ),
    _shape(
        "the largest element of {x} minus {k}",
        "max({x}) - {k}",
        "list[int]",
        1,
        "int",
        lambda k: lambda x: -min(-i for i in x) - k,
    ),
    _shape(
        "the smallest element of {x} plus {k}",
        "min({x}) + {k}",
        "list[int]",
        1,
        "int",
        lambda k: lambda x: -max(-i for i in x) + k,
    ),
    _shape(
        "the last element of {x} times {k}", "{x}[-1] * {k}", "list[int]", 1, "int", lambda k: lambda x: k * x[::-1][0]
    ),
    _shape(
        "a list of the elements of {x} times {k}",
        "[i * {k} for i in {x}]",
        "list[int]",
        1,
        "list[int]",
        lambda k: lambda x: [k * i for i in x],
    ),
    _shape(
        "a list of the elements of {x} larger than {k}",
        "[i for i in {x} if i > {k}]",
        "list[int]",
        1,
        "list[int]",
        lambda k: lambda x: list(filter(lambda i: i > k, x)),
    ),
    _shape(
        "the first {k} elements of {x} in order",
        "sorted({x})[:{k}]",
        "list[int]",
        1,
        "list[int]",
        lambda k: lambda x: [i for n, i in enumerate(sorted(x)) if n < k],
    ),
    _shape("the length of {x} plus {k}", "len({x}) + {k}", "str", 1, "int", lambda k: lambda x: k + sum(1 for _ in x)),
    _shape("{x} repeated {k} times", "{x} * {k}", "str", 1, "str", lambda k: lambda x: "".join(x for _ in range(k))),
    _shape(
        "the first {k} letters of {x} in capitals",
        "{x}[:{k}].upper()",
        "str",
        1,
        "str",
        lambda k: lambda x: x.upper()[:k],
    ),
    _shape(
        "{x} backwards and repeated {k} times",
        "{x}[::-1] * {k}",
        "str",
        1,
        "str",
        lambda k: lambda x: "".join(reversed(x)) * k,
    ),
)
WORDINGS = (
    "Write a Python function named {f} that takes {args} and returns {what}.",
    "Define a Python function {f}({list}) that returns {what}.",
    "In Python, write {f} with {args} as input. It returns {what}.",
)
HOMES = ("fenced", "bare", "prefaced", "fenced", "explained", "one_line")
FENCE = re.compile(r"```(?:python)?[ \t]*\n(.*?)(?:```|\Z)", re.DOTALL)


def function_problem(rng: random.Random) -> Problem:
    """Return one coding problem, drawn from everything the generator can say."""
    place = rng.randrange(len(SHAPES))
    shape = SHAPES[place]
    k = rng.randint(2, 9)
    arguments = rng.choice(PARAMETERS[shape.takes])[: shape.arity]
    shown = {"x": arguments[0], "y": arguments[-1], "k": str(k)}
    entry = f"{rng.choice(VERBS)}_{rng.choice(NOUNS)}"
    what = shape.what.format_map(shown)
    expression = shape.expression.format_map(shown)
    question = rng.choice(WORDINGS).format(f=entry, args=" and ".join(arguments), list=", ".join(arguments), what=what)
    return Problem(
        domain="code",
        key=f"code:{place}:{k}:{entry}",
        question=question,
        gold=expression,
        steps=(expression,),
        sentences=(what,),
        home=HOMES[place % len(HOMES)],
        entry_point=entry,
        parameters=arguments,
        kinds=(*(shape.takes for _ in arguments), shape.gives),
        tests=_tests(shape, k, entry),
    )


def _tests(shape: Shape, k: int, entry: str) -> tuple[str, ...]:
    reference = shape.reference(k)
    lines = []
    for value in INPUTS[shape.takes]:
        given = value[: shape.arity] if shape.takes == "int" else (value,)
        shown = ", ".join(repr(one) for one in given)
        lines.append(f"assert {entry}({shown}) == {reference(*given)!r}")
    return tuple(lines)


def code_in(answer: str) -> str:
    r"""Return the code of an answer: its first fenced block, or else everything from the first definition on.

    >>> code_in("Here it is.\n```python\ndef f(x): return x\n```\nIt returns x.")
    'def f(x): return x\n'
    >>> code_in("def f(x): return x")
    'def f(x): return x'
    """
    fenced = FENCE.search(answer)
    if fenced is not None:
        return fenced.group(1)
    start = re.search(r"^[ \t]*(?:def |\w+ = lambda)", answer, re.MULTILINE)
    return answer[start.start() :].lstrip() if start is not None else answer
