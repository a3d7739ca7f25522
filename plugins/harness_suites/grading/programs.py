r"""The program in an answer: read as it stands (strict), or found wherever a model may have left it (lenient).

>>> written("Sure!\n```python\nprint(1)\n```\nDone.")
'print(1)\n'
>>> found("Sure! Here it is:\ndef f(x):\n    return x\nHope this helps!", "f")
'def f(x):\n    return x\n'
"""

from __future__ import annotations

import ast
import re
import textwrap
import threading
import warnings
from dataclasses import dataclass

from harness.syntax import parsed

#: Modules that answers use without importing them.
IMPORTS = (
    "import bisect, collections, copy, datetime, functools, heapq, itertools, math, operator, random, re, string, sys\n"
    "from collections import Counter, OrderedDict, defaultdict, deque\n"
    "from typing import *\n"
)

FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<label>[\w+#.-]*)[^\n`]*$", re.MULTILINE)
PYTHON = frozenset({"", "python", "python3", "py", "py3", "python2", "pycon"})
CODE_LINE = re.compile(r"(?:async\s+def|def|class|import|from|@)\b|@|[A-Za-z_]\w*\s*(?::\s*\w+\s*)?=[^=]")
#: The filters of `warnings` belong to the whole process, and answers are read in threads.
QUIET = threading.Lock()
#: Lines of an answer that are looked at; no program that solves one of these tasks is longer.
LONGEST = 2_000
#: Times that a text is cut to make it a program, and lines at which one is supposed to begin.
MOST_CUTS, MOST_STARTS = 50, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block of an answer."""

    label: str
    text: str
    #: Whether its closing fence is there; without it the answer was cut short.
    closed: bool


def blocks(answer: str) -> tuple[Block, ...]:
    """Return the fenced blocks of an answer, in their order."""
    text = answer.replace("\r\n", "\n")
    marks = list(FENCE.finditer(text))
    made = []
    index = 0
    while index < len(marks):
        opening = marks[index]
        ends = (
            number
            for number in range(index + 1, len(marks))
            if not marks[number]["label"] and marks[number]["fence"].startswith(opening["fence"])
        )
        closing = next(ends, None)
        stop = len(text) if closing is None else marks[closing].start()
        body = textwrap.dedent(text[opening.end() + 1 : stop]) if opening["indent"] else text[opening.end() + 1 : stop]
        made.append(Block(label=opening["label"].lower(), text=body, closed=closing is not None))
        index = len(marks) if closing is None else closing + 1
    return tuple(made)


def written(answer: str) -> str:
    """Return the first fenced block of an answer; without a fence, the answer as it stands."""
    every = blocks(answer)
    return every[0].text if every else answer


def found(answer: str, entry_point: str = "") -> str:
    """Return the best guess at the program that an answer means.

    Args:
        answer: code, code in one or several fences, code between prose, or the body of a function.
        entry_point: the function that must be there, if that is known.
    """
    text = answer.replace("\r\n", "\n")
    fenced = [block.text for block in blocks(text) if block.label in PYTHON or defines(block.text, entry_point)]
    if fenced:
        return _joined(fenced, entry_point)
    return _unfenced("\n".join(text.split("\n")[:LONGEST]))


def completed(prompt: str, program: str, entry_point: str) -> str:
    """Return a program that begins with a prompt: its imports and its helpers count, its function is replaced.

    A body on its own becomes the body of the function that the prompt opens.
    """
    head = prompt if prompt.endswith("\n") else f"{prompt}\n"
    if defines(program, entry_point) or parses(head + program):
        return f"{head}\n{program}" if defines(program, entry_point) else head + program
    body = textwrap.indent(textwrap.dedent(program), "    ")
    return head + body if parses(head + body) else head + program


def with_imports(program: str) -> str:
    """Return a program with the imports that answers forget, after its own `__future__` ones."""
    return program if "from __future__" in program else f"{IMPORTS}\n{program}"


def parses(program: str) -> bool:
    """Whether a text is a Python program."""
    return not fault(program)


def fault(program: str) -> int:
    r"""Return the line at which a text stops being a program; 0 if it is one. Compiled, never run.

    >>> fault("x = 1\nThat is all."), fault("return 1"), fault("x = 1")
    (2, 1, 0)
    """
    with QUIET, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(program, "<answer>", "exec", dont_inherit=True)
        except SyntaxError as error:
            return error.lineno or 1
        except (ValueError, OverflowError, RecursionError, MemoryError):
            return 1
    return 0


def defines(program: str, name: str) -> bool:
    """Whether a text defines a function, a class or a variable at its top level, or any function if none is named."""
    what = re.escape(name) if name else r"\w+"
    pattern = rf"^(?:async\s+def|def|class)\s+{what}\b" + (rf"|^{what}\s*(?::[^=\n]+)?=[^=]" if name else "")
    return re.search(pattern, program, re.MULTILINE) is not None


def defined(program: str) -> tuple[str, ...]:
    r"""Return the functions and classes that a program defines at its top level; none if it is no program.

    >>> defined("import re\ndef f(x):\n    return g(x)\nclass P: pass")
    ('f', 'P')
    """
    try:
        tree = parsed(program)
    except (SyntaxError, ValueError):
        return ()
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return tuple(node.name for node in tree.body if isinstance(node, kinds))


def _joined(fenced: list[str], entry_point: str) -> str:
    """Return the blocks that make up the program: up to the last definition of what is asked for, examples left out."""
    whole = [trimmed(block) for block in fenced]
    wanted = [number for number, block in enumerate(whole) if defines(block, entry_point)]
    if not wanted:
        return whole[0] if len(whole) == 1 else "\n".join(block for block in whole if block)
    helpers = [
        block for block in whole[: wanted[-1]] if defines(block, "") or block.lstrip().startswith(("import", "from"))
    ]
    return "\n".join([*helpers, whole[wanted[-1]]])


def _unfenced(text: str) -> str:
    """Return the code in a text without fences: from its first line of code to the last that still parses."""
    if parses(text):
        return text
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines) if CODE_LINE.match(line)]
    for start in starts[:MOST_STARTS]:
        program = trimmed("\n".join(lines[start:]))
        if defines(program, ""):
            return program
    return text


def trimmed(text: str) -> str:
    r"""Return the longest beginning of a text, in lines, that is a program; the text itself if none is.

    >>> trimmed("x = 1\nThat is all, folks.")
    'x = 1\n'
    """
    if parses(text):
        return text
    lines = text.split("\n")[:LONGEST]
    for _ in range(MOST_CUTS):
        stop = min(fault("\n".join(lines)), len(lines))
        if not stop:
            return "\n".join([*lines, ""])
        # A program can only end before a line that is not indented.
        cut = next((number for number in range(stop - 1, 0, -1) if lines[number][:1].strip()), 0)
        lines = lines[:cut]
        if not any(line.strip() for line in lines):
            break
    return text
