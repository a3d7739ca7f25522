"""Items by cluster, and seeded resamples of whole clusters: fast, because equal rows are drawn together."""

from __future__ import annotations

import os
from collections.abc import Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    #: Cluster of each item: names, of which an empty one is its own cluster; or whole numbers. None: each its own.
    Clusters = Sequence[Hashable] | NDArray[np.int64] | None

#: Resamples of a bootstrap or a permutation test.
RESAMPLES = 10_000
#: What sums of shares may be off by.
ROUNDING = 1e-9
#: Resamples made at once: this many, and so that memory stays bounded, this many numbers.
MOST_AT_ONCE = 1_000
BLOCK = 500_000
#: Numbers drawn in all, from which on starting threads costs less than they save.
WORTH_THREADS = 500_000


def codes_of(clusters: Clusters, n: int) -> NDArray[np.int64]:
    """Return the clusters of n items as whole numbers from 0 on."""
    import numpy as np

    if clusters is None:
        return np.arange(n, dtype=np.int64)
    if isinstance(clusters, np.ndarray) and clusters.dtype.kind == "i":
        return np.asarray(np.unique(clusters, return_inverse=True)[1], dtype=np.int64)
    named = [name if name != "" else (i,) for i, name in enumerate(clusters)]
    order = {name: code for code, name in enumerate(dict.fromkeys(named))}
    return np.fromiter(map(order.__getitem__, named), dtype=np.int64, count=n)


def clustered(clusters: Clusters, *columns: Sequence[float] | Array) -> Array:
    """Return the sums of columns and the number of items by cluster.

    Returns:
        Shape (clusters, columns + 1); the last column counts the items.
    """
    import numpy as np

    n = len(columns[0])
    codes = codes_of(clusters, n)
    count = int(codes.max()) + 1 if n else 0
    if count == n:
        return np.column_stack([*(np.asarray(one, dtype=float) for one in columns), np.ones(n)])
    sums = [np.bincount(codes, weights=np.asarray(one, dtype=float), minlength=count) for one in columns]
    return np.column_stack([*sums, np.bincount(codes, minlength=count)])


def distinct(rows: Array) -> tuple[Array, NDArray[np.int64]]:
    """Return the distinct rows and how often each occurs.

    >>> import numpy as np
    >>> rows, counts = distinct(np.array([[1.0, 2.0], [0.5, 1.0], [1.0, 2.0]]))
    >>> rows.tolist(), counts.tolist()
    ([[0.5, 1.0], [1.0, 2.0]], [1, 2])
    """
    import numpy as np

    codes = np.zeros(len(rows), dtype=np.int64)
    for column in rows.T:
        values, inverse = np.unique(column, return_inverse=True)
        if len(values) > 1:  # folded again each time, so that the codes stay below the number of rows
            codes = np.unique(codes * len(values) + inverse, return_inverse=True)[1]
    _, first, counts = np.unique(codes, return_index=True, return_counts=True)
    return rows[first], counts


def resampled(rows: Array, seed: int, resamples: int = RESAMPLES) -> Array:
    """Return the column sums of rows drawn with replacement, as many as there are; shape (resamples, columns).

    Equal rows are one category of a multinomial draw. That is the same distribution as drawing row by row, and it
    makes 100,000 items with four draws in each arm, whose rows take a few dozen values, as quick as a hundred. Blocks
    of resamples have generators of their own, so that cores share them and their number changes nothing.
    """
    import numpy as np

    values, counts = distinct(rows)
    shares = counts / len(rows)
    step = max(1, min(MOST_AT_ONCE, BLOCK // len(values)))

    def drawn(start: int) -> Array:
        random = np.random.default_rng((seed, start))
        many = random.multinomial(len(rows), shares, size=min(step, resamples - start))
        return np.asarray(many @ values, dtype=float)

    starts = range(0, resamples, step)
    if len(values) * resamples < WORTH_THREADS:
        return np.concatenate([drawn(start) for start in starts])
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as threads:
        return np.concatenate(list(threads.map(drawn, starts)))
