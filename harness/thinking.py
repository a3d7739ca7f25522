"""Where a model's thinking ends and its answer begins: only the answer is measured."""

from __future__ import annotations

import re

_THINK = re.compile(r"<(/?)think(?:ing)?>", re.IGNORECASE)


def final_start(text: str) -> int | None:
    """Return where the answer begins: after the last `</think>`; None if a `<think>` was never closed.

    >>> final_start("<think>hm</think>4"), final_start("4"), final_start("<think>hm")
    (17, 0, None)
    """
    if "<t" not in text and "<T" not in text and "</" not in text:  # GSM8K's <<1+1=2>> has many a "<"
        return 0
    start: int | None = 0
    for tag in _THINK.finditer(text):
        start = tag.end() if tag[1] else None
    return start


def final_part(text: str) -> str | None:
    """Return what follows the last `</think>`; None if a `<think>` was never closed: the answer was cut off in it.

    >>> final_part("<think>2 bullets</think> 4"), final_part("4"), final_part("<think>hm")
    (' 4', '4', None)
    """
    start = final_start(text)
    return None if start is None else text[start:]
