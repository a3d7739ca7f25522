r"""Formulas in prose, so that `- 3x`, `**` and `$18` are not read as Markdown, words or money by mistake.

Found by one scan that remembers which closing marks do not come again: linear on any text.
"""

from __future__ import annotations

import re

from harness_constraints.normal import SUBSTITUTE

#: A class of characters first: `re` skips to the next of them, which a choice of words does not allow.
_OPEN = re.compile(
    r"[\\$<](?:(?<=\\)(?:[(\[]|begin\{(?:equation|align|gather|aligned|array|cases|matrix|pmatrix|bmatrix)\*?\})"
    r"|(?<=\$)\$|(?<=<)<|(?<=\$)(?<![\\$\w]\$)(?=[^\s$]))"
)
#: A dollar closes a formula only after a character that is not a space and before one that is not a digit
#: (Pandoc's rule), so that "$2 and $3" is money.
_DOLLAR = re.compile(r"(?:[^$\\\n]|\\.)*(?<=\S)\$(?!\d)")
#: "$5-$x" is money as well: a formula does not end with an operator.
_MONEY = re.compile(r"\d[\d,.]*\s*[-+*/x\u00d7\u00f7=(]*$")
_CLOSE = {"\\(": "\\)", "\\[": "\\]", "$$": "$$", "<<": ">>"}
_MACRO = re.compile(r"\\[A-Za-z]+(?:\{[^{}\n]{0,200}\})*")
_CODE_SPAN = re.compile(r"`[^`\n]+`")


def formula_spans(text: str) -> list[tuple[int, int]]:
    r"""Return the spans of LaTeX formulas and of GSM8K's `<<1+1=2>>`, in order, not overlapping.

    >>> [r"\(x\) costs $5 and $6, $y$"[a:b] for a, b in formula_spans(r"\(x\) costs $5 and $6, $y$")]
    ['\\(x\\)', '$y$']
    """
    spans: list[tuple[int, int]] = []
    if "$" not in text and "\\" not in text:
        return _annotations(text)
    missing: set[str] = set()
    at = 0
    while (mark := _OPEN.search(text, at)) is not None:
        end = _end(text, mark, missing)
        if end < 0:
            at = mark.end()
        else:
            spans.append((mark.start(), end))
            at = end
    return spans


def _annotations(text: str) -> list[tuple[int, int]]:
    """Return the spans of a text that has no formulas but `<<1+1=2>>`."""
    spans = []
    start = text.find("<<")
    while start >= 0 and (end := text.find(">>", start + 2)) >= 0:
        spans.append((start, end + 2))
        start = text.find("<<", end + 2)
    return spans


def _end(text: str, mark: re.Match[str], missing: set[str]) -> int:
    """Return where the formula that a mark opens ends; -1 if it opens none."""
    opened = mark.group()
    if opened == "$":
        found = _DOLLAR.match(text, mark.end())
        if found is None or _MONEY.fullmatch(text, mark.end(), found.end() - 1):
            return -1
        return found.end()
    close = _CLOSE.get(opened) or "\\end" + opened[len("\\begin") :]
    if close in missing:
        return -1
    end = text.find(close, mark.end())
    if end < 0:
        missing.add(close)
        return -1
    return end + len(close)


def masked(prose: str, spans: list[tuple[int, int]] | None = None) -> str:
    r"""Return prose with one substitute character for each formula (of `spans`, if they are known) and LaTeX command.

    >>> masked(r"So $x - 3$ is \boxed{4}.").replace(SUBSTITUTE, "_")
    'So _ is _.'
    """
    spans = formula_spans(prose) if spans is None else spans
    if spans:
        pieces, at = [], 0
        for start, end in spans:
            pieces += [prose[at:start], SUBSTITUTE]
            at = end
        prose = "".join([*pieces, prose[at:]])
    return _MACRO.sub(SUBSTITUTE, prose) if "\\" in prose else prose


def without_code_spans(text: str) -> str:
    """Return a text with one substitute character for each span of inline code."""
    return _CODE_SPAN.sub(SUBSTITUTE, text) if "`" in text else text
