"""A text as a reader may safely see it: marked places, long stretches left out, nothing that a terminal would obey."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from harness.contracts import Evidence
from harness.report import visible

if TYPE_CHECKING:
    from rich.text import Text

#: Characters of a text shown at its beginning and its end, and around the two ends of each marked place.
ENDS, AROUND = 700, 150
#: Stand around a marked place where there are no colours.
OPENING, CLOSING = "\u27e6", "\u27e7"


def marked(text: str, evidence: Sequence[Evidence], *, colour: bool) -> Text:
    r"""Return a text with its evidence marked; of a long one, the ends and what stands around the evidence.

    >>> marked("so 3 + 4 = 8\x07", [Evidence(start=3, end=12, label="false")], colour=False).plain
    'so ⟦3 + 4 = 8⟧␇'
    """
    from rich.text import Text

    size = len(text)
    inside, shown = bytearray(size), bytearray(size)
    for start, end in ((0, ENDS), (max(0, size - ENDS), size)):
        shown[start:end] = b"\1" * len(shown[start:end])
    for one in evidence:
        inside[one.start : one.end] = b"\1" * len(inside[one.start : one.end])
        for place in (one.start, one.end):
            around = slice(max(0, place - AROUND), max(0, place + AROUND))
            shown[around] = b"\1" * len(shown[around])
    made = Text()
    for (seen, mark), places in groupby(range(size), key=lambda place: (shown[place], inside[place])):
        run = list(places)
        part = text[run[0] : run[-1] + 1]
        if not seen:
            made.append(f" \u2026 {len(part):,} characters \u2026 ", style="dim")
        elif mark and not colour:
            made.append(f"{OPENING}{visible(part)}{CLOSING}")
        else:
            made.append(visible(part), style="black on yellow" if mark else "")
    return made


def plain(text: str, style: str = "") -> Text:
    """Return a text in which rich sees no markup and a terminal no commands."""
    from rich.text import Text

    return Text(visible(text), style=style)
