"""Many tests beside each other: p-values adjusted for it."""

from __future__ import annotations

from collections.abc import Sequence


def holm(p: Sequence[float]) -> list[float]:
    """Return p-values adjusted so that any false rejection among them has at most the stated chance (Holm 1979).

    >>> [round(x, 4) for x in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    adjusted = [0.0] * len(p)
    highest = 0.0
    for rank, index in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        highest = max(highest, min(1.0, (len(p) - rank) * p[index]))
        adjusted[index] = highest
    return adjusted


def benjamini_hochberg(p: Sequence[float]) -> list[float]:
    """Return p-values adjusted so that a stated share of the rejections is false (Benjamini and Hochberg 1995).

    As `scipy.stats.false_discovery_control`, without the second that importing it takes.

    >>> [round(x, 4) for x in benjamini_hochberg([0.01, 0.04, 0.03, 0.5])]
    [0.04, 0.0533, 0.0533, 0.5]
    """
    adjusted = [0.0] * len(p)
    lowest = 1.0
    ranked = sorted(range(len(p)), key=p.__getitem__)
    for rank in range(len(p), 0, -1):
        index = ranked[rank - 1]
        lowest = min(lowest, p[index] * len(p) / rank)
        adjusted[index] = lowest
    return adjusted
