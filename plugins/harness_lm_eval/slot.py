"""Where a sentence joins a question so that it reads as part of it: after the question, before the answer's cue."""

from __future__ import annotations

import re

#: Words that announce an answer. Where it says \uff1a below, the wide colon of Chinese and Japanese is meant.
CUE = (
    r"(?:the\s+)?(?:final\s+|short\s+|correct\s+|your\s+)?"
    r"(?:answer|ans|a|response|solution|output|result|label|reply|completion|choice|explanation|reasoning|summary|"
    r"translation|conclusion|rationale|thought|code|rating|score|sentiment|judg?ement|verdict|program|assistant|model)"
)

#: A last line that only announces the answer: "Answer:", "A:", "### Response:", "Answer (yes or no):", "[BEGIN]".
CUE_LINE = re.compile(
    rf"[#*>\s\[]*(?:"
    rf"{CUE}\b[^\n:\uff1a]{{0,40}}[:\uff1a]\**(?:\s*(?:let'?s|let us|we)\b[^\n]*|\s*the answer is)?"
    rf"|{CUE}\s+(?:is|in\s+\S+)?"
    rf"|[^\n:\uff1a.?!]{{1,32}}[:\uff1a]\**"
    rf"|\[begin\]"
    rf"|let'?s (?:think|work|solve)\b[^\n]*"
    rf")[\s\]]*",
    re.IGNORECASE,
)

#: The same at the end of a line that says more: "... True or False? Answer:".
CUE_TAIL = re.compile(
    rf"(?<=[\s.?!)])(?:(?:{CUE})\s*[:\uff1a]|let'?s think step by step[.:]?)\s*$",
    re.IGNORECASE,
)

#: A line with which a piece of code begins.
CODE_LINE = re.compile(r"(?:def|class|import|from|async def|function|fn|func|public|#include|package|using|@)\b")

FENCE = "```"


def slot(question: str) -> int:
    r"""Return the offset in a question at which added text belongs.

    That is the end, before a trailing cue for the answer if there is one. Where the question is code to be
    continued it is the beginning of that code, since whatever follows it would be read as code.

    >>> slot("Q: 1+1?\nA:"), slot("Say hello. "), slot("def f():\n    '''Return 1.'''\n")
    (7, 10, 0)
    """
    fence = open_fence(question)
    if fence is not None:
        return ended(question, fence)
    if is_code(question):
        return 0
    end = ended(question, len(question))
    for _ in range(2):  # "Answer:\nLet's think step by step." is two cues
        start = cue_start(question[:end])
        if start is None:
            break
        end = ended(question, start)
    return end


def ended(text: str, end: int) -> int:
    """Return where the text before an offset ends, trailing whitespace left out."""
    return len(text[:end].rstrip())


def cue_start(text: str) -> int | None:
    """Return where the cue at the end of a text starts; None where there is none, or nothing before it."""
    start = text.rfind("\n") + 1
    if text[:start].strip() and CUE_LINE.fullmatch(text, start):
        return start
    tail = CUE_TAIL.search(text, start)
    return tail.start() if tail is not None and text[: tail.start()].strip() else None


def open_fence(text: str) -> int | None:
    """Return where a code block begins that the text does not end; None where every block is closed."""
    if FENCE not in text:  # as in most
        return None
    marks = [match.start() for match in re.finditer(rf"^{FENCE}", text, re.MULTILINE)]
    return marks[-1] if len(marks) % 2 else None


def is_code(text: str) -> bool:
    """Whether a text is a piece of code to be continued: it begins like code and ends inside a body."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines or not any(CODE_LINE.match(line) for line in lines):
        return False
    begins = CODE_LINE.match(lines[0]) is not None or lines[0].startswith(('"""', "'''", "#", "//"))
    last = lines[-1]
    return begins and (last[0].isspace() or last.rstrip().endswith(('"""', "'''", ":", "{")))
