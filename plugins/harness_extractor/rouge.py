"""ROUGE-L (Lin 2004): how much of two texts is one common sequence of words."""

from __future__ import annotations

import re

_WORD = re.compile(r"\w+")


def rouge_l(one: str, other: str) -> float:
    """Return the F-measure of the longest common subsequence of words, from 0 to 1.

    >>> rouge_l("Use short sentences.", "Use very short sentences"), rouge_l("", "a")
    (0.8571428571428571, 0.0)
    """
    a, b = _WORD.findall(one.lower()), _WORD.findall(other.lower())
    lengths = [0] * (len(b) + 1)
    for word in a:
        before = 0
        for place, same in enumerate(b, start=1):
            kept = lengths[place]
            lengths[place] = before + 1 if word == same else max(lengths[place], lengths[place - 1])
            before = kept
    return 2 * lengths[-1] / (len(a) + len(b)) if a and b else 0.0
