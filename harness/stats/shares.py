"""Shares of one kind: their intervals, and what the draws of an item tell of a fresh run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

#: Two-sided 95 %.
Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A value with its interval; the bounds are None where they cannot be known."""

    value: float
    low: float | None
    high: float | None
    method: str


def wilson(hits: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Return the Wilson score interval of a proportion (Wilson 1927).

    Args:
        hits: successes; with `n` an effective sample size neither need be a whole number (Korn and Graubard 1998).
        n: trials.
        z: quantile of the normal, or of Student's t, distribution.

    >>> [round(x, 3) for x in wilson(9, 10)]
    [0.596, 0.982]
    >>> wilson(0, 0)
    (0.0, 1.0)
    """
    if n == 0:
        return 0.0, 1.0
    share, zz = hits / n, z * z
    middle = (share + zz / (2 * n)) / (1 + zz / n)
    half = z / (1 + zz / n) * math.sqrt(max(share * (1 - share), 0.0) / n + zz / (4 * n * n))
    return max(0.0, min(middle - half, share)), min(1.0, max(middle + half, share))


def rule_of_three(n: int) -> float:
    """Return the upper 95 % bound of a share of which no case was seen among n (Hanley and Lippman-Hand 1983).

    >>> rule_of_three(60)
    0.05
    """
    return min(1.0, 3.0 / n) if n else 1.0


def leave_one_out_floor(solved: Sequence[Sequence[bool]]) -> float | None:
    """Return what a fresh run keeps of a run's successes, estimated from several draws of each item.

    sum s(s - 1)/(m - 1) / sum s over items with m draws of which s solved (method of moments for
    E[p^2] / E[p]); items of one draw tell nothing and are left out. None where nothing can be said.

    >>> leave_one_out_floor([[True, True, False], [False, False, False], [True, True, True]])
    0.8
    """
    kept = total = 0.0
    for draws in solved:
        m, s = len(draws), sum(draws)
        if m > 1:
            kept += s * (s - 1) / (m - 1)
            total += s
    return kept / total if total else None


def leave_two_out_floor(solved: Sequence[Sequence[bool]]) -> float | None:
    """Return how often two fresh draws are both right where a run was, from three or more draws of each item.

    sum s(s - 1)(s - 2)/((m - 1)(m - 2)) / sum s, the method of moments for E[p^3] / E[p]. Less than
    `leave_one_out_floor` by E[p^2 (1 - p)] / E[p]: the variance of one draw among the solved items.

    >>> leave_two_out_floor([[True, True, False], [False, False, False], [True, True, True]])
    0.6
    """
    kept = total = 0.0
    for draws in solved:
        m, s = len(draws), sum(draws)
        if m > 2:  # noqa: PLR2004  # the selection sample and two more
            kept += s * (s - 1) * (s - 2) / ((m - 1) * (m - 2))
            total += s
    return kept / total if total else None
