"""The face of the sandbox: a program and its tests in, an outcome out."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterator

from harness.syntax import parsed
from harness_sandbox.choice import current
from harness_sandbox.outcome import Outcome


def judge(program: str, tests: str, *, tested: Collection[str] | None = None, timeout: float = 10.0) -> Outcome:
    r"""Run a program, then its tests against it in another process, and tell how that ended.

    The tests see the names of the program as if they stood at its end, but for built-ins, which stay their own. They
    pass only if their last statement was executed. Blocks until then, so call it from a thread.

    Args:
        program: the program; not run as `__main__`, so that its demonstration code stays unused.
        tests: statements, such as assertions, or a function `check` and its call.
        tested: names that are the program's even where a built-in has the same, as MBPP's `sum`. None: those that
            `names_tested` finds.
        timeout: seconds of CPU time that program and tests may each take, on a core of 2020; a slower machine gives
            as many more as it needs, and three times as many on the clock; more where others leave it no processor.

    Raises:
        SandboxError: the sandbox itself failed, which says nothing of the program.

    >>> judge("def add(a, b): return a + b", "assert add(2, 3) == 5").status
    'passed'
    >>> judge("def add(a, b): return a - b", "assert add(2, 3) == 5, 'sum'")
    Outcome(status='failed', detail='AssertionError: sum (line 1 of the tests)', output='')
    """
    if not program.strip():
        return Outcome(status="no code", detail="there is no program")
    try:
        program.encode()
    except UnicodeEncodeError as error:  # a lone surrogate cannot stand in a source file
        return Outcome(status="syntax", detail=f"UnicodeEncodeError: {error}")
    names = names_tested(tests) if tested is None else tuple(tested)
    return current().judge(program, tests, tested=names, timeout=timeout)


def run_program(source: str, *, timeout: float = 10.0) -> Outcome:
    r"""Run a program that has no tests; that it ran to its end is its own word, so nothing may be decided by it.

    >>> run_program("print(6 * 7)").output
    '42\n'
    """
    return judge(source, "", tested=(), timeout=timeout)


def names_tested(tests: str) -> tuple[str, ...]:
    r"""Return the built-in names that tests mean as the program's: none, if they name anything that is no built-in.

    What stands in a definition is the tests' own business, but for what is handed to one of their own functions.

    >>> names_tested("assert sum(10, 15) == 6"), names_tested("assert sum(f(2)) == 6")
    (('sum',), ())
    >>> names_tested("def check(f):\n    assert abs(f(4, 6)) == 3\ndef test():\n    check(sum)\ntest()")
    ('sum',)
    """
    try:
        tree = parsed(tests)
    except (SyntaxError, ValueError):
        return ()
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    own = {node.id for node in names if not isinstance(node.ctx, ast.Load)} | _defined(tree)
    used = {node.id for node in names if isinstance(node.ctx, ast.Load)} - own
    if any(not hasattr(builtins, name) for name in used):
        return ()
    outside = [statement for statement in tree.body if not isinstance(statement, ast.FunctionDef | ast.ClassDef)]
    there = {node.id for statement in outside for node in ast.walk(statement) if isinstance(node, ast.Name)}
    return tuple(sorted(used & (there | set(_handed(tree, own)))))


def _handed(tree: ast.Module, own: Collection[str]) -> Iterator[str]:
    """Yield the names that are handed to some functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in own:
            yield from (one.id for one in node.args if isinstance(one, ast.Name))


def _defined(tree: ast.Module) -> set[str]:
    """Return the names that definitions, their arguments and imports bind."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
    return found
