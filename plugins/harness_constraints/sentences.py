"""Sentences as a reader counts them: decimals, abbreviations, initials and list numbers end none."""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_WIDE_STOPS = "\u3002\uff01\uff1f"
#: Marks that may end a sentence, closing quotes or emphasis after them, then a space or the end of the line.
_STOP = re.compile(
    rf"[.!?\u2026{_WIDE_STOPS}][.!?\u2026{_WIDE_STOPS}]*"
    rf"(?:(?<=[{_WIDE_STOPS}])|[\"'\u201d\u2019)\]*_\x1a]{{0,8}}(?=\s|$))"
)
_ANY_STOP = re.compile(rf"[.!?\u2026{_WIDE_STOPS}\n][.!?\u2026{_WIDE_STOPS}\s]*")
_LIST_MARK = re.compile(r"(?:[-*+\u2022]|#{1,6}|\(?(?:\d{1,3}|[A-Za-z])[.)])\s+")
#: Two letters after the first character, which may be a space, are a word: looked for first.
_WORDY = 3
_HAS_WORD = re.compile(r"[^\W\d_]{2}|\b[aAI]\b|[\u3040-\u30ff\u3400-\u9fff]")
#: Never the end of a sentence before a capital or a digit, unless a number stands before: units.
TITLES = _set(
    "mr mrs ms dr prof rev gen col capt lt sgt st sen rep gov pres hon fr mt ft vs e.g i.e eg ie cf viz ex approx resp "
    "incl feat"
)
#: Abbreviations before a number, and words elsewhere ("no", "sec").
_BEFORE_NUMBERS = _set("no nos fig figs eq eqs vol vols p pp ch sec secs art")
#: Words after which a capital letter is no initial: "the answer is B. Then".
_LETTERS_AFTER = _set(
    "is are was option choice answer be either or and plan point part type class item case to equals side angle line "
    "segment triangle vertex circle variable letter grade group team vitamin section figure column row box set ="
)
#: A longer text, which no answer is, is split at every mark.
LIMIT = 100_000
_OPENING = " \t\n\"'\u201c\u2018([*_"
_BACK = 24
_AHEAD = 8


def sentence_spans(text: str) -> list[Span]:
    """Return where the sentences of a masked text are, in order.

    A line end ends one, unless the next line goes on in lower case. A piece without a word, as "= 3.5", is none.
    """
    if len(text) > LIMIT:
        return list(_roughly(text))
    return [
        (start, end)
        for first, last in _logical_lines(text)
        for start, end in _of_line(text, first, last)
        if (end - start > _WORDY and text[start + 1 : start + _WORDY].isalpha()) or _HAS_WORD.search(text, start, end)
    ]


def sentences(text: str) -> list[str]:
    r"""Return the sentences of a masked text.

    >>> sentences("Mr. J. Doe paid 3.5 dollars, e.g. in coins. It was enough! 1. Done...")
    ['Mr. J. Doe paid 3.5 dollars, e.g. in coins.', 'It was enough!', 'Done...']
    >>> sentences("- one thing\n- another\n\n= 3")
    ['one thing', 'another']
    """
    return [text[start:end].strip() for start, end in sentence_spans(text)]


def _roughly(text: str) -> Iterator[Span]:
    """Yield the pieces with a word between marks and line ends, abbreviations or not."""
    at = 0
    for mark in _ANY_STOP.finditer(text):
        if mark.start() > at and _HAS_WORD.search(text, at, mark.start()):
            yield at, mark.end()
        at = mark.end()
    if at < len(text) and _HAS_WORD.search(text, at):
        yield at, len(text)


def _logical_lines(text: str) -> list[Span]:
    """Return the lines, with hard-wrapped ones joined and list marks left out."""
    lines: list[Span] = []
    at, goes_on = 0, False
    for raw in text.split("\n"):
        line = raw.strip()
        if line:
            first = at + raw.index(line[0])
            mark = None if line[:2].isalpha() else _LIST_MARK.match(line)
            if goes_on and mark is None and line[0].islower():
                lines[-1] = (lines[-1][0], first + len(line))
            else:
                lines.append((first + mark.end() if mark else first, first + len(line)))
        goes_on = bool(line)
        at += len(raw) + 1
    return lines


def _of_line(text: str, start: int, last: int) -> list[Span]:
    """Return the sentences of one line."""
    begin = start
    spans: list[Span] = []
    for stop in _STOP.finditer(text, start, last):
        end = stop.end()
        if end == last or _ends(text, stop, text[end : min(last, end + _AHEAD)], begin):
            spans.append((start, end))
            start = end
    if start < last:
        spans.append((start, last))
    return spans


def _ends(text: str, stop: re.Match[str], after: str, begin: int) -> bool:
    """Return whether a mark ends its sentence, by what stands around it on its line, which begins at `begin`."""
    follows = after.lstrip(_OPENING)
    if not follows or stop[0][0] in _WIDE_STOPS:
        return True
    if follows[0].islower():
        return False
    if stop[0].rstrip("\"'\u201d\u2019)]*_\x1a") != ".":
        return True
    before = text[max(begin, stop.start() - _BACK) : stop.start()]
    return _full_stop_ends(before, stop.start() - begin, follows)


def _full_stop_ends(before: str, at: int, follows: str) -> bool:
    """Return whether a full stop before a capital or a digit ends its sentence, and not an abbreviation."""
    parts = before.split()
    if not parts:
        return False
    last = parts[-1].lstrip("(\"'\u201c\u2018[*_")
    small = last.casefold()
    if small in TITLES:
        return len(parts) > 1 and parts[-2][-1].isdigit()
    if small in _BEFORE_NUMBERS:
        return not follows[0].isdigit()
    if last.isdigit() and len(parts) == 1 and at <= len(last):
        return False  # the number of a list item
    initial = len(last) == 1 and last.isupper() and last != "I"
    return not initial or (len(parts) > 1 and parts[-2].casefold() in _LETTERS_AFTER)
