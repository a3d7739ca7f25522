"""Sentences as a reader counts them: decimals, abbreviations, initials and list numbers end none."""

from __future__ import annotations

import re


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


#: A mark that may end a sentence, closing quotes or emphasis after it, then a space or the end of the line.
_STOP = re.compile(r"([.!?\u2026]+)[\"'\u201d\u2019)\]*_\x1a]{0,8}(?=\s|$)|[\u3002\uff01\uff1f]")
_LIST_MARK = re.compile(r"\s*(?:[-*+\u2022]|#{1,6}|\(?(?:\d{1,3}|[A-Za-z])[.)])\s+")
_HAS_WORD = re.compile(r"[^\W\d_]{2}|\b[aAI]\b|[\u3040-\u30ff\u3400-\u9fff]")
#: Never the end of a sentence, whatever comes next.
TITLES = _set(
    "mr mrs ms dr prof rev gen col capt lt sgt st sen rep gov pres hon fr mt ft vs e.g i.e eg ie cf viz fig figs eq "
    "eqs no nos vol pp ch sec ex approx resp incl feat"
)
#: The end of a sentence only if the next word has a capital, which `_STOP` asks of every mark anyway.
_LETTERS_AFTER = _set("is are was option choice answer be either or and plan point part type class item case")
_BACK = 24


def sentences(text: str) -> list[str]:
    r"""Return the sentences of a masked text: a line end ends one, unless the next line goes on in lower case.

    A piece without a word, as "= 3.5", is none.

    >>> sentences("Mr. J. Doe paid 3.5 dollars, e.g. in coins. It was enough! 1. Done...")
    ['Mr. J. Doe paid 3.5 dollars, e.g. in coins.', 'It was enough!', 'Done...']
    >>> sentences("- one thing\n- another\n\n= 3")
    ['one thing', 'another']
    """
    found: list[str] = []
    for line in _logical_lines(text):
        found += _of_line(line)
    return [sentence for sentence in found if _HAS_WORD.search(sentence)]


def _logical_lines(text: str) -> list[str]:
    """Return the lines, with hard-wrapped ones joined and list marks taken off."""
    lines: list[list[str]] = []
    goes_on = False
    for raw in text.split("\n"):
        line = raw.strip()
        if not line:
            goes_on = False
            continue
        mark = _LIST_MARK.match(line)
        if goes_on and mark is None and line[0].islower():
            lines[-1].append(line)
        else:
            lines.append([line[mark.end() :] if mark else line])
        goes_on = True
    return [" ".join(parts) for parts in lines]


def _of_line(line: str) -> list[str]:
    """Return the sentences of one line."""
    found, start = [], 0
    for stop in _STOP.finditer(line):
        if _ends(line, stop):
            found.append(line[start : stop.end()].strip())
            start = stop.end()
    rest = line[start:].strip()
    return [*found, rest] if rest else found


def _ends(line: str, stop: re.Match[str]) -> bool:
    """Return whether a mark ends its sentence."""
    after = line[stop.end() : stop.end() + 8].lstrip(" \t\"'\u201c\u2018([*_")
    if not after or stop[1] is None:
        return True
    if after[0].islower() or stop[1] != ".":
        return not after[0].islower()
    return _full_stop_ends(line, stop)


def _full_stop_ends(line: str, stop: re.Match[str]) -> bool:
    """Return whether a full stop before a capital or a digit ends its sentence, and not an abbreviation."""
    before = line[max(0, stop.start() - _BACK) : stop.start()].split()
    if not before:
        return False
    last = before[-1].lstrip("(\"'\u201c\u2018[*_")
    if last.casefold() in TITLES:
        return False
    if last.isdigit() and len(before) == 1 and stop.start() <= len(last):
        return False  # the number of a list item
    initial = len(last) == 1 and last.isupper() and last != "I"
    return not initial or (len(before) > 1 and before[-2].casefold() in _LETTERS_AFTER)
