"""What a Python program is made of, by its syntax tree; an answer without a program that parses meets nothing."""

from __future__ import annotations

import ast
import builtins
import re
from collections import Counter

from harness_constraints.measurements.base import Measurement, table
from harness_constraints.program import Program, called

_SNAKE = re.compile(r"_{0,2}[a-z0-9][a-z0-9_]*|_+")
_BUILTINS = frozenset(name for name in dir(builtins) if name.islower() and not name.startswith("_"))
#: Imports that a function's head or its annotations need.
_TYPING = frozenset({"typing", "typing_extensions", "__future__", "collections.abc"})


def for_loops(program: Program) -> int:
    """Return the number of `for` statements; a comprehension is none."""
    return program.count(ast.For, ast.AsyncFor)


def while_loops(program: Program) -> int:
    """Return the number of `while` statements."""
    return program.count(ast.While)


def comprehensions(program: Program) -> int:
    """Return the number of comprehensions and generator expressions."""
    return program.count(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def lambdas(program: Program) -> int:
    """Return the number of `lambda` expressions."""
    return program.count(ast.Lambda)


def try_blocks(program: Program) -> int:
    """Return the number of `try` statements."""
    return program.count(ast.Try, ast.TryStar)


def classes(program: Program) -> int:
    """Return the number of class definitions."""
    return program.count(ast.ClassDef)


def global_statements(program: Program) -> int:
    """Return the number of `global` and `nonlocal` statements."""
    return program.count(ast.Global, ast.Nonlocal)


def assertions(program: Program) -> int:
    """Return the number of `assert` statements."""
    return program.count(ast.Assert)


def conditional_expressions(program: Program) -> int:
    """Return the number of conditional expressions (`a if b else c`)."""
    return program.count(ast.IfExp)


def raises(program: Program) -> int:
    """Return the number of `raise` statements."""
    return program.count(ast.Raise)


def yields(program: Program) -> int:
    """Return the number of `yield` expressions."""
    return program.count(ast.Yield, ast.YieldFrom)


def jumps(program: Program) -> int:
    """Return the number of `break` and `continue` statements."""
    return program.count(ast.Break, ast.Continue)


def f_strings(program: Program) -> int:
    """Return the number of f-strings."""
    return program.count(ast.JoinedStr)


def walrus(program: Program) -> int:
    """Return the number of assignment expressions (`:=`)."""
    return program.count(ast.NamedExpr)


def augmented_assignments(program: Program) -> int:
    """Return the number of augmented assignments (`+=` and the like)."""
    return program.count(ast.AugAssign)


def return_statements(program: Program) -> int:
    """Return the number of `return` statements, those of nested and helper functions included."""
    return program.count(ast.Return)


def functions(program: Program) -> int:
    """Return the number of functions, methods and nested ones included; a bare body counts as its one function."""
    return len(program.functions) + program.body_only


def nested_functions(program: Program) -> int:
    """Return the number of functions defined inside another."""
    return program.survey.nested


def recursive_functions(program: Program) -> int:
    """Return the number of functions that call themselves by name.

    A bare body, whose own name is in the prompt, does so if it calls a function that it neither defines nor imports.
    """
    if not program.body_only:
        return program.survey.recursive
    return program.survey.recursive + any(
        isinstance(call.func, ast.Name) and call.func.id not in _known(program) for call in program.nodes(ast.Call)
    )


def _known(program: Program) -> frozenset[str]:
    """Return the names that a program gives, imports or has from Python."""
    names = {(alias.asname or alias.name).split(".")[0] for alias in program.nodes(ast.alias)}
    names |= {node.id for node in program.nodes(ast.Name) if isinstance(node.ctx, ast.Store)}
    names |= {node.arg for node in program.nodes(ast.arg)}
    names |= {node.name for node in (*program.functions, *program.nodes(ast.ClassDef))}
    return frozenset(names) | frozenset(dir(builtins))


def imports(program: Program) -> int:
    """Return the number of modules imported, `typing` and the like left out."""
    plain = sum(name.name not in _TYPING for node in program.nodes(ast.Import) for name in node.names)
    return plain + sum((node.module or "") not in _TYPING for node in program.nodes(ast.ImportFrom))


def calls(program: Program) -> dict[str, int]:
    """Return how often each built-in function is called by name."""
    return Counter(name for name in map(called, program.nodes(ast.Call)) if name in _BUILTINS)


def prints(program: Program) -> int:
    """Return the number of calls of `print`."""
    return sum(called(call) == "print" for call in program.nodes(ast.Call))


def code_lines(program: Program) -> int:
    """Return the number of lines of the program that are not empty, comments and docstrings included."""
    return len(program.lines)


def longest_code_line(program: Program) -> int:
    """Return the number of characters of the longest line of the program."""
    return max(map(len, program.lines), default=0)


def comments(program: Program) -> int:
    """Return the number of comments; a `#` in a string is none."""
    return program.comments


def docstrings(program: Program) -> int:
    """Return the number of docstrings of functions, classes and the module."""
    root = program.tree.body[0] if program.body_only else program.tree
    owners = (*program.functions, *program.nodes(ast.ClassDef), root)
    return sum(ast.get_docstring(node, clean=False) is not None for node in owners)  # type: ignore[arg-type]  # has a body


def bare_parameters(program: Program) -> int | None:
    """Return the number of parameters without annotation, `self` and `cls` left out; none without a function."""
    if not program.functions:
        return None
    return sum(
        parameter.annotation is None and parameter.arg not in {"self", "cls"}
        for function in program.functions
        for parameter in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    )


def bare_returns(program: Program) -> int | None:
    """Return the number of functions whose result has no annotation; none without a function."""
    return sum(function.returns is None for function in program.functions) if program.functions else None


def odd_names(program: Program) -> int:
    """Return the number of variables, parameters and functions whose name is not in snake case."""
    return sum(_SNAKE.fullmatch(name) is None for name in _names(program))


def short_names(program: Program) -> int:
    """Return the number of variables that are assigned and have a name of one letter; `_` is none."""
    return sum(len(name) == 1 and name != "_" for name in _names(program))


def variables(program: Program) -> dict[str, int]:
    """Return how often each variable is assigned, those of loops and comprehensions included; parameters are none."""
    return Counter(node.id for node in program.nodes(ast.Name) if isinstance(node.ctx, ast.Store))


def _names(program: Program) -> set[str]:
    """Return the names that the program gives to variables, parameters and functions; constants are left out."""
    names = set(variables(program)) | {node.arg for node in program.nodes(ast.arg)}
    names |= {function.name for function in program.functions}
    return {name for name in names if not name.isupper() or len(name) == 1}


def nesting(program: Program) -> int:
    """Return how deep statements with a body stand in one another; a function at the top is 1, an `elif` an `if`."""
    return program.survey.depth


def parameters_assigned(program: Program) -> int | None:
    """Return the number of parameters that the program assigns anew; none without a function."""
    if not program.functions:
        return None
    return len({node.arg for node in program.nodes(ast.arg)} & set(variables(program)))


CODE = table(
    *(
        Measurement(measure=measure, gives="count", of="program")
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
    Measurement(measure=calls, gives="items", of="program"),
    Measurement(measure=variables, gives="items", of="program"),
)
