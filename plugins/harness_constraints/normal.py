"""An answer as its reader sees it, so that invisible differences between two texts never decide a verdict."""

from __future__ import annotations

import re
import unicodedata

#: Stands for a masked span (a formula, inline code); counted as one word. Taken out of answers first.
SUBSTITUTE = "\x1a"

_LINE_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")
#: Zero-width and direction marks and the soft hyphen. The joiners U+200C and U+200D stay: they spell words and emoji.
_INVISIBLE = re.compile("[\x1a\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
#: Sorting a run of combining marks takes quadratic time; UAX #15 (stream-safe text) allows 30, and short texts no harm.
_MARKS_IN_A_ROW = 30
_SHORT = 5_000
_UNSEEN = "\u200c\u200d\ufe0e\ufe0f \t\n\r\x0b\x0c\u00a0\u2800\u3000\u3164"


def normalised(text: str) -> str:
    r"""Return a text with `\n` line ends, NFC characters and no invisible ones.

    >>> normalised("a\r\nb"), normalised("e\u0301 wo\u200brd")
    ('a\nb', 'é word')
    """
    if text.isascii():
        text = text.replace(SUBSTITUTE, "")
        return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    text = _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text))
    return unicodedata.normalize("NFC", text if len(text) < _SHORT else _tamed(text))


def _tamed(text: str) -> str:
    """Return a text without the marks that follow thirty others."""
    kept, run = [], 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run <= _MARKS_IN_A_ROW:
            kept.append(character)
    return "".join(kept)


def is_blank(text: str) -> bool:
    r"""Return whether a reader sees nothing at all.

    >>> is_blank(" \u200d \n"), is_blank(".")
    (True, False)
    """
    return not text.strip() or (not text.isascii() and not text.strip(_UNSEEN))
