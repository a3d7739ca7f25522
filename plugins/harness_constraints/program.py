"""The Python program in an answer and the facts its syntax tree tells: `ast` and `tokenize`, nothing is run."""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from harness.syntax import parsed
from harness_constraints.fences import Block

#: A longer program is not parsed: none is asked for, and parsing takes quadratic memory at worst.
LIMIT = 60_000
_PYTHON = frozenset({"", "python", "py", "python3", "py3", "pycon"})
_STATEMENTS = (
    ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom | ast.For | ast.While | ast.If
    | ast.With | ast.Try | ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Return | ast.Assert | ast.Delete
)  # fmt: skip
_BODY = "def _():\n"

Function = ast.FunctionDef | ast.AsyncFunctionDef
_FUNCTIONS = frozenset({ast.FunctionDef, ast.AsyncFunctionDef})
#: Statements with a body.
_BLOCKS = frozenset({
    ast.For, ast.AsyncFor, ast.While, ast.If, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match, ast.FunctionDef,
    ast.AsyncFunctionDef,
})  # fmt: skip

Node = TypeVar("Node", bound=ast.AST)


@dataclass(frozen=True, kw_only=True)  # no slots: cached_property needs a dictionary
class Program:
    """A program that parses."""

    source: str
    tree: ast.Module
    #: Whether the answer gives only the body of a function whose head the prompt holds.
    body_only: bool = False

    @cached_property
    def survey(self) -> Survey:
        """What one walk over the tree tells; of a bare body, without the head that was put before it."""
        return surveyed(self.tree.body[0] if self.body_only else self.tree)

    def nodes(self, kind: type[Node]) -> list[Node]:
        """Return the nodes of one class, in no order."""
        return self.survey.nodes.get(kind, [])  # type: ignore[return-value]  # filed by their class

    def count(self, *kinds: type[ast.AST]) -> int:
        """Return how many nodes are of these classes."""
        return sum(len(self.survey.nodes.get(kind, ())) for kind in kinds)

    @cached_property
    def functions(self) -> list[Function]:
        """The functions it defines, nested ones and methods too; not the head put before a bare body."""
        return [*self.nodes(ast.FunctionDef), *self.nodes(ast.AsyncFunctionDef)]

    @cached_property
    def lines(self) -> list[str]:
        """The lines that are not empty."""
        return [line for line in self.source.split("\n") if line.strip()]

    @cached_property
    def comments(self) -> int:
        """How many comments it has; a `#` in a string is none."""
        if "#" not in self.source:
            return 0
        return sum(token.type == tokenize.COMMENT for token in _tokens(self.source))


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What a walk over a tree sees of its nodes and of how they stand in one another."""

    nodes: Mapping[type[ast.AST], list[ast.AST]]
    #: How deep statements with a body stand in one another; an `elif` is as deep as its `if`.
    depth: int
    #: How many functions are defined inside another.
    nested: int
    #: How many functions call themselves by name.
    recursive: int


def surveyed(root: ast.AST) -> Survey:
    """Return the survey of all that is under a node; one walk, without recursion."""
    nodes: dict[type[ast.AST], list[ast.AST]] = {}
    deepest = nested = 0
    calling: set[int] = set()
    inside: tuple[Function, ...] = (root,) if isinstance(root, Function) else ()
    pending: list[tuple[ast.AST, int, tuple[Function, ...]]] = [(root, 0, inside)]
    while pending:
        node, depth, inside = pending.pop()
        kind = type(node)
        if node is not root:
            nodes.setdefault(kind, []).append(node)
            if kind in _FUNCTIONS:
                nested += bool(inside)
                inside = (*inside, node)  # type: ignore[arg-type]  # its class was asked just now
            elif kind is ast.Call and inside:
                name = called(node)  # type: ignore[arg-type]  # likewise
                calling |= {id(outer) for outer in inside if name.removeprefix("self.") == outer.name}
        if kind in _BLOCKS:
            depth += 1
            deepest = max(deepest, depth)
        for value in vars(node).values():
            if isinstance(value, list):
                first = value[0] if value else None
                level = depth - (len(value) == 1 and _is_elif(node, first))
                pending += [(child, level, inside) for child in value if isinstance(child, ast.AST)]
            elif isinstance(value, ast.AST) and value._fields:
                pending.append((value, depth, inside))
    return Survey(nodes=nodes, depth=deepest, nested=nested, recursive=len(calling))


def _is_elif(node: ast.AST, child: Any) -> bool:
    """Return whether a statement is the `elif` of another: it stands as far to the left as that `if`."""
    return isinstance(node, ast.If) and isinstance(child, ast.If) and child.col_offset == node.col_offset


def called(call: ast.Call) -> str:
    """Return the name that is called, with `self.` before a method; empty for anything else."""
    if isinstance(call.func, ast.Name):
        return call.func.id
    if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name) and call.func.value.id == "self":
        return f"self.{call.func.attr}"
    return ""


def program_of(final: str, blocks: tuple[Block, ...]) -> Program | None:
    """Return the program of an answer, or None if nothing in it parses as Python with a statement in it.

    Tried in order: the fenced Python blocks together; the first that parses; what stands before a lone closing
    fence (the opening one was in the prompt); all the text; the text as the body of a function.

    >>> program_of("    return a + b", ()).body_only
    True
    >>> program_of("The answer is 4.", ()) is None
    True
    """
    python = [block.code for block in blocks if block.language in _PYTHON]
    if blocks:
        lead = final.split("```", 1)[0]
        continued = [lead] if len(blocks) == 1 and not blocks[0].closed and not blocks[0].language else []
        candidates = ["\n".join(python), *python[: 1 if len(python) == 1 else 4], *continued]
    else:
        candidates = [final]
    for source in dict.fromkeys(candidates):
        program = _parsed(source)
        if program is not None:
            return program
    return None


def _parsed(source: str) -> Program | None:
    source = source.strip("\n")
    if len(source) > LIMIT or not source.strip():
        return None
    tree = _tree(source)
    if tree is not None:
        return Program(source=source, tree=tree) if _is_program(tree.body) else None
    if not source[0].isspace() and "\n " not in source:
        return None  # a function's body is indented
    for body in (source, "    " + source):
        tree = _tree(_BODY + body)
        if tree is not None and len(tree.body) == 1:
            return Program(source=source, tree=tree, body_only=True)
    return None


def _is_program(body: list[ast.stmt]) -> bool:
    return any(isinstance(statement, _STATEMENTS) for statement in body)


def _tree(source: str) -> ast.Module | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a "\d" in the model's code is its own affair
        try:
            return parsed(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
            return None


def _tokens(source: str) -> Iterator[tokenize.TokenInfo]:
    try:
        yield from tokenize.generate_tokens(io.StringIO(source).readline)
    except (tokenize.TokenError, SyntaxError):
        return
