"""A text in pieces: what is new against another text, what a rule saw, what was inserted."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

#: Words and what stands between them.
TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
#: Longer texts are compared line by line: the time of a comparison grows with the square.
MOST_TOKENS = 1_200


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Characters `start` (inclusive) to `end` (exclusive) of a text, and why they are marked."""

    start: int
    end: int
    #: "added", "evidence" or "inserted".
    look: str
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a text that is marked alike."""

    text: str
    look: str = ""
    title: str = ""


def pieces(text: str, marks: Sequence[Mark]) -> list[Piece]:
    """Return a text in pieces; marks may overlap, and beyond its end they are cut.

    >>> [(one.text, one.look) for one in pieces("abcd", [Mark(start=1, end=3, look="added")])]
    [('a', ''), ('bc', 'added'), ('d', '')]
    """
    edges = sorted({0, len(text), *(min(max(edge, 0), len(text)) for one in marks for edge in (one.start, one.end))})
    found = []
    for start, end in itertools.pairwise(edges):
        over = [one for one in marks if one.start <= start and end <= one.end]
        look = " ".join(dict.fromkeys(one.look for one in over))
        title = "; ".join(dict.fromkeys(one.title for one in over if one.title))
        found.append(Piece(text=text[start:end], look=look, title=title))
    return found


def added(before: str, after: str) -> Iterator[Mark]:
    """Yield what stands in the second text and not in the first, by words, of long texts by lines.

    >>> [(one.start, one.end) for one in added("It is 4.", "It is surely 4.")]
    [(6, 13)]
    """
    first, second = TOKEN.findall(before), TOKEN.findall(after)
    if max(len(first), len(second)) > MOST_TOKENS:
        first, second = before.splitlines(keepends=True), after.splitlines(keepends=True)
    if max(len(first), len(second)) > MOST_TOKENS:
        return
    starts = [0]
    for token in second:
        starts.append(starts[-1] + len(token))
    for tag, _, _, low, high in SequenceMatcher(None, first, second).get_opcodes():
        if tag in {"insert", "replace"} and "".join(second[low:high]).strip():
            yield Mark(start=starts[low], end=starts[high], look="added", title="not in the base answer")
