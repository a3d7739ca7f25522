"""Python's own parser, one text at a time.

CPython before 3.11.8 counts the depth of a tree for the whole interpreter: two threads that parse at once make it raise
`SystemError: AST constructor recursion depth mismatch` over innocent programs (python/cpython#106905).
"""

from __future__ import annotations

import ast
import threading

_ALONE = threading.Lock()


def parsed(source: str) -> ast.Module:
    """Return the syntax tree of a program; safe to call from threads.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: as `ast.parse` does.

    >>> type(parsed("x = 1").body[0]).__name__
    'Assign'
    """
    with _ALONE:
        return ast.parse(source)


def parsed_expression(source: str) -> ast.expr:
    """Return the syntax tree of an expression; as `parsed`."""
    with _ALONE:
        return ast.parse(source, mode="eval").body
