"""Where a model's thinking ends and its answer begins: only the answer is measured."""

from __future__ import annotations

import re

_THINK = re.compile(r"<(/?)think(?:ing)?>", re.IGNORECASE)


def final_part(text: str) -> str | None:
    """Return what follows the last `</think>`; None if a `<think>` was never closed: the answer was cut off in it.

    >>> final_part("<think>2 bullets</think> 4"), final_part("4"), final_part("<think>hm")
    (' 4', '4', None)
    """
    if "<" not in text:
        return text
    tags = list(_THINK.finditer(text))
    if not tags:
        return text
    last = tags[-1]
    return text[last.end() :] if last.group(1) else None
