"""Words of a command line."""

from __future__ import annotations


def parts_of(text: str) -> tuple[str, ...]:
    """Return the parts of a text between commas.

    >>> parts_of("1, 2,,3 ")
    ('1', '2', '3')
    """
    return tuple(part.strip() for part in text.split(",") if part.strip())
