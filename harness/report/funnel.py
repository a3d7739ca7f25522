"""The funnel line: every document is accounted for."""

from __future__ import annotations

from collections.abc import Mapping


def funnel_line(funnel: Mapping[str, int]) -> str:
    """Return the line that stands above every table.

    >>> funnel_line({"asked": 1319, "unscored": 3, "solved": 1012})
    '1,319 asked · 3 unscored · 1,012 solved'
    """
    return " · ".join(f"{count:,} {mark}" for mark, count in funnel.items())
