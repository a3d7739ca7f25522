"""Hostile text made harmless to read: characters that hide, reorder or overwrite are shown by their names."""

from __future__ import annotations

import unicodedata

#: Characters of the category "format" that writing needs: joiners of scripts and emoji.
JOINERS = frozenset("\u200c\u200d")
KEPT = frozenset("\n\t")
#: Where the pictures of control characters begin.
PICTURES = 0x2400
DELETE, DELETE_PICTURE = 0x7F, "\u2421"
CONTROLS = 0x20


def visible(text: str) -> str:
    r"""Return a text in which every character can be seen and none moves another.

    >>> visible("a\x1b[2Jb\r\n")
    'a␛[2Jb␍\n'
    >>> visible("\u202egnp.exe") == "⟨U+202E⟩gnp.exe"
    True
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(seen, text))


def seen(character: str) -> str:
    """Return one character, or what stands for it."""
    if character.isprintable() or character in KEPT or character in JOINERS:
        return character
    code = ord(character)
    if code < CONTROLS:
        return chr(PICTURES + code)
    if code == DELETE:
        return DELETE_PICTURE
    return character if unicodedata.category(character) == "Zs" else f"⟨U+{code:04X}⟩"
