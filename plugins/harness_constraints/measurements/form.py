"""How an answer is laid out: lists, headings, emphasis, tables, code blocks, paragraphs, lines."""

from __future__ import annotations

import re

from harness_constraints.measurements.base import Measurement, table
from harness_constraints.reading import Reading

_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")
_ANSWER_LINE = re.compile(
    r"\W{0,6}(?:(?:so|thus|therefore|hence),? )?(?:(?:the|my|our) )?(?:(?:final|correct) )?"
    r"(?:answer\b\W{0,6}(?:\w|\$|\\|-)|a:\s*\S)"
    r"|####\s*\S|\W{0,6}(?:action|finish)\b\W{0,3}\S",
    re.IGNORECASE,
)
_STEP = re.compile(r"^[ \t*_#>-]*step\s+\d{1,3}\b", re.IGNORECASE | re.MULTILINE)
_STARRED = re.compile(r"\*(?<![\w*]\*)(?=[^\W\d_][^*\n]{0,300}[^\W\d_]\*(?![\w*]))")
_UNDERSCORED = re.compile(r"_(?<!\w_)(?=[^\W\d_][^_\n]{0,300}[^\W\d_]_(?!\w))")
_URL = re.compile(r"\bhttps?://|\bwww\.", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9]*(?:\s[^<>\n]{0,200})?/?>")


def bullet_items(reading: Reading) -> int:
    """Return the number of bullet points (`-`, `*`, `+`, a sign); one without a word, as `- 3x`, is arithmetic."""
    return reading.outline.bullets


def numbered_items(reading: Reading) -> int:
    """Return the number of items of numbered lists (`1.` or `1)`), those of equations too."""
    return reading.outline.numbered


def list_items(reading: Reading) -> int:
    """Return the number of list items, bulleted or numbered."""
    return reading.outline.bullets + reading.outline.numbered


def headings(reading: Reading) -> int:
    """Return the number of Markdown headings (`# Title`); a result after `####`, as GSM8K has it, is none."""
    return len(reading.outline.headings)


def heading_labels(reading: Reading) -> tuple[str, ...]:
    """Return the Markdown headings in order, in lower case, without marks at their ends."""
    return tuple([label.casefold().strip(" *_:#.") for label in reading.outline.headings])


def bold_spans(reading: Reading) -> int:
    """Return the number of passages in bold (`**so**`); multiplication is none."""
    return reading.outline.bold


def italic_spans(reading: Reading) -> int:
    """Return the number of passages in italics (`*so*`, `_so_`); multiplication is none, nor is a name as a_b."""
    return len(_STARRED.findall(reading.plain)) + len(_UNDERSCORED.findall(reading.plain))


def tables(reading: Reading) -> int:
    """Return the number of Markdown tables."""
    return reading.outline.tables


def block_quotes(reading: Reading) -> int:
    """Return the number of block quotes (lines that begin with `>`)."""
    return reading.outline.quotes


def horizontal_rules(reading: Reading) -> int:
    """Return the number of horizontal rules (`---`)."""
    return reading.outline.rules


def code_blocks(reading: Reading) -> int:
    """Return the number of fenced code blocks."""
    return len(reading.blocks)


def inline_code(reading: Reading) -> int:
    """Return the number of backticks outside fenced code."""
    return reading.prose.count("`")


def links(reading: Reading) -> int:
    """Return the number of web addresses outside fenced code."""
    return len(_URL.findall(reading.prose)) if "//" in reading.prose or "www." in reading.small else 0


def html_tags(reading: Reading) -> int:
    """Return the number of HTML tags outside fenced code and formulas."""
    return len(_TAG.findall(reading.plain)) if "<" in reading.plain else 0


def lines(reading: Reading) -> int:
    """Return the number of lines that are not empty."""
    return len(reading.lines)


def blank_lines(reading: Reading) -> int:
    """Return the number of places where empty lines stand between others."""
    text = reading.final.strip()
    return len(_BLANK_LINES.findall(text)) if "\n" in text else 0


def paragraphs(reading: Reading) -> int:
    """Return the number of paragraphs: prose between empty lines or fenced blocks; a formula splits none."""
    text = reading.text.strip()
    return len(_BLANK_LINES.split(text)) if text else 0


def step_labels(reading: Reading) -> int:
    """Return the number of lines that begin with "Step" and a number."""
    return len(_STEP.findall(reading.prose)) if "step" in reading.small else 0


def answer_line(reading: Reading) -> bool:
    """Return whether the last of several lines is short and gives the answer: "The answer is 5.", "#### 5"."""
    last = reading.lines[-1] if reading.lines else ""
    return len(reading.lines) > 1 and len(last) <= 120 and _ANSWER_LINE.match(last) is not None  # noqa: PLR2004  # short


def prose_outside_code(reading: Reading) -> bool | None:
    """Return whether there is prose outside the fenced code; asked only of answers with fenced code."""
    return bool(reading.prose.strip()) if reading.blocks else None


FORM = table(
    Measurement(measure=bullet_items, gives="count"),
    Measurement(measure=numbered_items, gives="count"),
    Measurement(measure=list_items, gives="count"),
    Measurement(measure=headings, gives="count"),
    Measurement(measure=heading_labels, gives="list"),
    Measurement(measure=bold_spans, gives="count"),
    Measurement(measure=italic_spans, gives="count"),
    Measurement(measure=tables, gives="count"),
    Measurement(measure=block_quotes, gives="count"),
    Measurement(measure=horizontal_rules, gives="count"),
    Measurement(measure=code_blocks, gives="count"),
    Measurement(measure=inline_code, gives="count"),
    Measurement(measure=links, gives="count"),
    Measurement(measure=html_tags, gives="count"),
    Measurement(measure=lines, gives="count"),
    Measurement(measure=blank_lines, gives="count"),
    Measurement(measure=paragraphs, gives="count"),
    Measurement(measure=step_labels, gives="count"),
    Measurement(measure=answer_line, gives="fact"),
    Measurement(measure=prose_outside_code, gives="fact", missing="no fenced code"),
)
