"""Fenced code apart from the prose around it, so that neither is measured as the other."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})[ \t]*([^\s`{]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One fenced block."""

    #: The word after the opening fence, in lower case; empty if there is none.
    language: str
    code: str
    #: Whether the closing fence is there.
    closed: bool


def split_fences(text: str) -> tuple[str, tuple[Block, ...]]:
    r"""Return the prose, with an empty line for every block, and the blocks.

    A fence is closed by one of the same character that is at least as long and has nothing after it;
    one that is never closed runs to the end.

    >>> prose, blocks = split_fences("So:\n```python\nx = 1\n```\nDone.")
    >>> prose, blocks[0].language, blocks[0].code
    ('So:\n\nDone.', 'python', 'x = 1')
    """
    if "```" not in text and "~~~" not in text:
        return text, ()
    prose: list[str] = []
    blocks: list[Block] = []
    body: list[str] = []
    fence, language = "", ""
    for line in text.split("\n"):
        mark = _fence(line)
        if not fence:
            if mark:
                fence, language, body = mark[1], mark[2].lower(), []
                prose.append("")
            else:
                prose.append(line)
        elif mark and mark[1].startswith(fence) and not line.strip(" \t>").strip(fence[0]).strip():
            blocks.append(Block(language=language, code="\n".join(body), closed=True))
            fence = ""
        else:
            body.append(line)
    if fence:
        blocks.append(Block(language=language, code="\n".join(body), closed=False))
    return "\n".join(prose), tuple(blocks)


def _fence(line: str) -> re.Match[str] | None:
    """Return the mark of a line that is a fence; one of backticks has no other backtick after it."""
    if "```" not in line and "~~~" not in line:
        return None
    mark = _FENCE.match(line)
    return None if mark is None or (mark[1][0] == "`" and "`" in line[mark.end(1) :]) else mark
