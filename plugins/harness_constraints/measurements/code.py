"""What a Python program is made of, by its syntax tree; an answer without a program that parses meets nothing."""

from __future__ import annotations

import ast
import builtins
import re
from collections import Counter

from harness_constraints.measurements.base import Measurement, table
from harness_constraints.program import Function, Program
from harness_constraints.reading import Reading

_LOOPS = ("For", "AsyncFor")
_COMPREHENSIONS = ("ListComp", "SetComp", "DictComp", "GeneratorExp")
_BLOCKS = (
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.If,
    ast.With,
    ast.AsyncWith,
    ast.Try,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
)
_SNAKE = re.compile(r"_{0,2}[a-z0-9][a-z0-9_]*|_+")
_BUILTINS = frozenset(name for name in dir(builtins) if name.islower() and not name.startswith("_"))
#: Imports that a function's head or its annotations need.
_TYPING = frozenset({"typing", "typing_extensions", "__future__", "collections.abc"})


def _kinds(reading: Reading, *names: str) -> int | None:
    program = reading.program
    return None if program is None else sum(program.kinds[name] for name in names)


def for_loops(reading: Reading) -> int | None:
    """Return the number of `for` statements; a comprehension is none."""
    return _kinds(reading, *_LOOPS)


def while_loops(reading: Reading) -> int | None:
    """Return the number of `while` statements."""
    return _kinds(reading, "While")


def comprehensions(reading: Reading) -> int | None:
    """Return the number of comprehensions and generator expressions."""
    return _kinds(reading, *_COMPREHENSIONS)


def lambdas(reading: Reading) -> int | None:
    """Return the number of `lambda` expressions."""
    return _kinds(reading, "Lambda")


def try_blocks(reading: Reading) -> int | None:
    """Return the number of `try` statements."""
    return _kinds(reading, "Try", "TryStar")


def classes(reading: Reading) -> int | None:
    """Return the number of class definitions."""
    return _kinds(reading, "ClassDef")


def global_statements(reading: Reading) -> int | None:
    """Return the number of `global` and `nonlocal` statements."""
    return _kinds(reading, "Global", "Nonlocal")


def assertions(reading: Reading) -> int | None:
    """Return the number of `assert` statements."""
    return _kinds(reading, "Assert")


def conditional_expressions(reading: Reading) -> int | None:
    """Return the number of conditional expressions (`a if b else c`)."""
    return _kinds(reading, "IfExp")


def raises(reading: Reading) -> int | None:
    """Return the number of `raise` statements."""
    return _kinds(reading, "Raise")


def yields(reading: Reading) -> int | None:
    """Return the number of `yield` expressions."""
    return _kinds(reading, "Yield", "YieldFrom")


def jumps(reading: Reading) -> int | None:
    """Return the number of `break` and `continue` statements."""
    return _kinds(reading, "Break", "Continue")


def f_strings(reading: Reading) -> int | None:
    """Return the number of f-strings."""
    return _kinds(reading, "JoinedStr")


def walrus(reading: Reading) -> int | None:
    """Return the number of assignment expressions (`:=`)."""
    return _kinds(reading, "NamedExpr")


def augmented_assignments(reading: Reading) -> int | None:
    """Return the number of augmented assignments (`+=` and the like)."""
    return _kinds(reading, "AugAssign")


def return_statements(reading: Reading) -> int | None:
    """Return the number of `return` statements, those of nested and helper functions included."""
    return _kinds(reading, "Return")


def functions(reading: Reading) -> int | None:
    """Return the number of functions, methods and nested ones included; a bare body counts as its one function."""
    program = reading.program
    return None if program is None else len(program.functions) + program.body_only


def nested_functions(reading: Reading) -> int | None:
    """Return the number of functions defined inside another."""
    program = reading.program
    if program is None:
        return None
    inner = {
        id(node)
        for outer in program.functions
        for node in ast.walk(outer)
        if isinstance(node, Function) and node is not outer
    }
    return len(program.functions) if program.body_only else len(inner)


def recursive_functions(reading: Reading) -> int | None:
    """Return the number of functions that call themselves by name."""
    program = reading.program
    if program is None:
        return None
    return sum(
        any(
            isinstance(node, ast.Call) and _called(node) in {outer.name, f"self.{outer.name}"}
            for node in ast.walk(outer)
        )
        for outer in program.functions
    )


def _called(call: ast.Call) -> str:
    """Return the name that is called, with `self.` before a method."""
    if isinstance(call.func, ast.Name):
        return call.func.id
    if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name) and call.func.value.id == "self":
        return f"self.{call.func.attr}"
    return ""


def imports(reading: Reading) -> int | None:
    """Return the number of modules imported, `typing` and the like left out."""
    program = reading.program
    if program is None:
        return None
    found = 0
    for node in program.nodes:
        if isinstance(node, ast.Import):
            found += sum(name.name not in _TYPING for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            found += (node.module or "") not in _TYPING
    return found


def calls(reading: Reading) -> dict[str, int] | None:
    """Return how often each built-in function is called by name."""
    program = reading.program
    if program is None:
        return None
    named = (node.func.id for node in program.nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name))
    return Counter(name for name in named if name in _BUILTINS)


def prints(reading: Reading) -> int | None:
    """Return the number of calls of `print`."""
    found = calls(reading)
    return None if found is None else found.get("print", 0)


def code_lines(reading: Reading) -> int | None:
    """Return the number of lines of the program that are not empty, comments and docstrings included."""
    return None if reading.program is None else len(reading.program.lines)


def longest_code_line(reading: Reading) -> int | None:
    """Return the number of characters of the longest line of the program."""
    return None if reading.program is None else max(map(len, reading.program.lines), default=0)


def comments(reading: Reading) -> int | None:
    """Return the number of comments; a `#` in a string is none."""
    return None if reading.program is None else reading.program.comments


def docstrings(reading: Reading) -> int | None:
    """Return the number of docstrings of functions, classes and the module."""
    program = reading.program
    if program is None:
        return None
    owners = [node for node in program.nodes if isinstance(node, Function | ast.ClassDef)]
    owners_and_root = [*owners, program.tree.body[0] if program.body_only else program.tree]
    return sum(
        isinstance(node, Function | ast.ClassDef | ast.Module) and ast.get_docstring(node, clean=False) is not None
        for node in owners_and_root
    )


def bare_parameters(reading: Reading) -> int | None:
    """Return the number of parameters without annotation, `self` and `cls` left out; none without a function."""
    program = reading.program
    if program is None or not program.functions:
        return None
    return sum(
        parameter.annotation is None and parameter.arg not in {"self", "cls"}
        for function in program.functions
        for parameter in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    )


def bare_returns(reading: Reading) -> int | None:
    """Return the number of functions whose result has no annotation; none without a function."""
    program = reading.program
    if program is None or not program.functions:
        return None
    return sum(function.returns is None for function in program.functions)


def odd_names(reading: Reading) -> int | None:
    """Return the number of variables, parameters and functions whose name is not in snake case."""
    program = reading.program
    return None if program is None else sum(_SNAKE.fullmatch(name) is None for name in _names(program))


def short_names(reading: Reading) -> int | None:
    """Return the number of variables that are assigned and have a name of one letter; `_` is none."""
    program = reading.program
    return None if program is None else sum(len(name) == 1 and name != "_" for name in _names(program))


def _names(program: Program) -> set[str]:
    """Return the names that the program gives to variables, parameters and functions."""
    names = {node.id for node in program.nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    names |= {node.arg for node in program.nodes if isinstance(node, ast.arg)}
    names |= {function.name for function in program.functions}
    return {name for name in names if not name.isupper() or len(name) == 1}


def nesting(reading: Reading) -> int | None:
    """Return how deep statements with a body stand in one another; a function at the top is 1."""
    program = reading.program
    if program is None:
        return None
    deepest = 0
    pending: list[tuple[ast.AST, int]] = [(program.tree, 0)]
    while pending:
        node, depth = pending.pop()
        depth += isinstance(node, _BLOCKS)
        deepest = max(deepest, depth)
        pending += [
            (child, depth) for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt | ast.excepthandler)
        ]
    return deepest


def parameters_assigned(reading: Reading) -> int | None:
    """Return the number of parameters that the program assigns anew; none without a function."""
    program = reading.program
    if program is None or not program.functions:
        return None
    taken = {node.arg for node in program.nodes if isinstance(node, ast.arg)}
    stored = {node.id for node in program.nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return len(taken & stored)


CODE = table(
    *(
        Measurement(measure=measure, gives="count", missing="no Python program that parses")
        for measure in (
            for_loops,
            while_loops,
            comprehensions,
            lambdas,
            try_blocks,
            classes,
            global_statements,
            assertions,
            conditional_expressions,
            raises,
            yields,
            jumps,
            f_strings,
            walrus,
            augmented_assignments,
            return_statements,
            functions,
            nested_functions,
            recursive_functions,
            imports,
            prints,
            code_lines,
            longest_code_line,
            comments,
            docstrings,
            bare_parameters,
            bare_returns,
            odd_names,
            short_names,
            nesting,
            parameters_assigned,
        )
    ),
    Measurement(measure=calls, gives="items", missing="no Python program that parses"),
)
