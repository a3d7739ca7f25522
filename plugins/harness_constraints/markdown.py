"""The Markdown outline of an answer, by markdown-it, so that multiplication is not emphasis nor `- 3x` a bullet."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from harness_constraints.phrases import mentions

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

#: A longer text is read line by line: no model's answer is that long, and a parser takes seconds.
LIMIT = 20_000
#: What a text needs to have any Markdown at all; most answers have none, and are spared the parser.
#: Either one of these, or a line that begins with a mark; `re` skips to the line ends.
_WITHIN = ("**", "__", "*_", "_*", "|")
_BEGINS = re.compile(
    r"\n[ \t>]*(?:[-*+](?:[ \t]|$)|\d{1,9}[.)](?:[ \t]|$)|#{1,6}(?:[ \t]|$)|>|[-*_](?:[ \t]*[-*_])+[ \t]*$)",
    re.MULTILINE,
)
#: Bullets that are no Markdown, which models write all the same.
_SIGN = re.compile("^[ \t]*[\u2022\u25e6\u25aa\u2023\u25cf\u2219\u00b7][ \t]*(\\S.*)$", re.MULTILINE)
_LETTER = re.compile(r"[^\W\d_]")
#: GSM8K's mark of the result, which Markdown takes for a heading.
_RESULT = re.compile(r"[-+$\u20ac\u00a3 ]*\.?\d")
_RESULT_LEVEL = 4
_WORDY = re.compile(r"[^\W\d_]{2}|[\x1a`\[]")
_CONTENT = re.compile(r"\w|[\x1a`\[]")
_BULLET = re.compile(r"^[ \t]*[-*+][ \t]+(\S.*)$", re.MULTILINE)
_NUMBER = re.compile(r"^[ \t]*\d{1,9}[.)][ \t]+(\S.*)$", re.MULTILINE)
_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(\S.*)$", re.MULTILINE)
_BOLD = re.compile(r"(?<!\*)\*\*(?=[^\s*])[^*\n]+(?<=\S)\*\*(?!\*)")
_RULE = re.compile(r"^ {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$", re.MULTILINE)
_QUOTE = re.compile(r"^ {0,3}>", re.MULTILINE)
_DELIMITERS = re.compile(r"^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)+\|?[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What Markdown a text has. Bullets without a word, as in `- 3x`, are arithmetic and not counted."""

    bullets: int = 0
    numbered: int = 0
    headings: tuple[str, ...] = ()
    bold: int = 0
    tables: int = 0
    quotes: int = 0
    rules: int = 0


_NONE = Outline()


def outline(text: str) -> Outline:
    r"""Return the outline of prose whose formulas are masked and whose fenced code is taken out.

    >>> outline("# Plan\n\n- one **big** thing\n- another\n\n2 ** 3 ** 4\n- 3x")
    Outline(bullets=2, numbered=0, headings=('Plan',), bold=1, tables=0, quotes=0, rules=0)
    """
    found = _NONE
    if _BEGINS.search(f"\n{text}") or mentions(text, _WITHIN):
        found = _parsed(text) if len(text) <= LIMIT else _scanned(text)
    if text.isascii():
        return found
    signs = sum(_WORDY.search(item) is not None for item in _SIGN.findall(text))
    return replace(found, bullets=found.bullets + signs) if signs else found


def _is_heading(label: str, level: int) -> bool:
    """Return whether a heading is one for a reader: it has a letter, and is no result after `####`."""
    return _LETTER.search(label) is not None and not (level == _RESULT_LEVEL and _RESULT.match(label))


def _parsed(text: str) -> Outline:
    tokens: Sequence[Any] = _parser().parse(text)
    items = {"-": 0, ".": 0}
    headings: list[str] = []
    bold = tables = quotes = rules = 0
    pending: list[str] = []
    heading = 0
    for token in tokens:
        kind = token.type
        if kind == "list_item_open":
            pending.append("." if token.markup in ".)" else "-")
        elif kind == "heading_open":
            heading = len(token.markup)
            pending.clear()
        elif kind == "inline":
            label = token.content.strip()
            if heading and _is_heading(label, heading):
                headings.append(label)
            if pending and (_WORDY if pending[-1] == "-" else _CONTENT).search(label.split("\n", 1)[0]):
                items[pending[-1]] += 1
            pending.clear()
            heading = 0
            bold += sum(child.type == "strong_open" for child in token.children or ())
        else:
            tables += kind == "table_open"
            quotes += kind == "blockquote_open"
            rules += kind == "hr"
    return Outline(
        bullets=items["-"],
        numbered=items["."],
        headings=tuple(headings),
        bold=bold,
        tables=tables,
        quotes=quotes,
        rules=rules,
    )


def _scanned(text: str) -> Outline:
    """Return the outline line by line, in linear time."""
    return Outline(
        bullets=sum(_WORDY.search(item) is not None for item in _BULLET.findall(text)),
        numbered=sum(_CONTENT.search(item) is not None for item in _NUMBER.findall(text)),
        headings=tuple(
            label.rstrip(" #") for marks, label in _HEADING.findall(text) if _is_heading(label.rstrip(" #"), len(marks))
        ),
        bold=len(_BOLD.findall(text)),
        tables=len(_DELIMITERS.findall(text)),
        quotes=len(_QUOTE.findall(text)),
        rules=len(_RULE.findall(text)),
    )


@functools.cache
def _parser() -> MarkdownIt:
    """Return CommonMark with tables; without indented code and links, which say nothing that is measured."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"maxNesting": 12}).enable("table")
    blocks = ["code", "html_block", "reference", "lheading"]
    return parser.disable([*blocks, "link", "image", "autolink", "html_inline", "entity"])
