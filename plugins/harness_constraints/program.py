"""The Python program in an answer and the facts its syntax tree tells: `ast` and `tokenize`, nothing is run."""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

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


@dataclass(frozen=True, kw_only=True)  # no slots: cached_property needs a dictionary
class Program:
    """A program that parses."""

    source: str
    tree: ast.Module
    #: Whether the answer gives only the body of a function whose head the prompt holds.
    body_only: bool = False

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Every node of the tree; of a bare body, without the head that was put before it."""
        root = self.tree.body[0] if self.body_only else self.tree
        return [node for node in ast.walk(root) if node is not root]

    @cached_property
    def kinds(self) -> Counter[str]:
        """How many nodes there are of each class of `ast`."""
        return Counter(type(node).__name__ for node in self.nodes)

    @cached_property
    def functions(self) -> list[Function]:
        """The functions it defines, nested ones and methods too; not the head put before a bare body."""
        return [node for node in self.nodes if isinstance(node, Function)]

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
            return ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
            return None


def _tokens(source: str) -> Iterator[tokenize.TokenInfo]:
    try:
        yield from tokenize.generate_tokens(io.StringIO(source).readline)
    except (tokenize.TokenError, SyntaxError):
        return
