"""pass@k: the chance that one of k answers is right, from n answers of which c are."""

from __future__ import annotations

import math


def pass_at_k(n: int, c: int, k: int) -> float:
    """Return the unbiased estimate 1 - C(n - c, k) / C(n, k) (Chen et al. 2021, arXiv 2107.03374, equation 1).

    Args:
        n: answers drawn.
        c: right ones among them.
        k: answers that one would look at, at most n.

    Raises:
        ValueError: k is not between 1 and n, or c not between 0 and n.

    >>> [round(pass_at_k(10, 3, k), 4) for k in (1, 5, 8)], pass_at_k(10, 0, 10)
    ([0.3, 0.9167, 1.0], 0.0)
    """
    if not 1 <= k <= n or not 0 <= c <= n:
        raise ValueError(f"pass_at_k(n={n}, c={c}, k={k}): needs 1 <= k <= n and 0 <= c <= n")
    return 1.0 - math.comb(n - c, k) / math.comb(n, k)
