"""Paired tests at many places at once: heads of a model, layers, tenths of an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.stats.clusters import BLOCK, RESAMPLES, codes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.stats.clusters import Array, Clusters

#: With so many clusters at the most all flips are gone through: 2^12 of them, signs of the whole being the same.
EXACT = 13


def max_t(differences: Array, clusters: Clusters = None, *, seed: int = 0) -> tuple[Array, Array]:
    """Return the two-sided p-values that paired differences have mean zero at each place, alone and adjusted by max-T.

    Signs of whole clusters are flipped at all places together, so that the adjusted values hold whatever the places
    have to do with each other (Westfall and Young 1993). The statistic is |sum| / sqrt(sum of squares) over clusters,
    which orders flips as Student's t does. All flips up to 13 clusters; else 10,000 drawn, the observed one counted in
    (Phipson and Smyth 2010). A difference that is not known counts as none.

    Args:
        differences: shape (items, places); not a number where one is not known.
        clusters: of the items; None: each its own.
        seed: of the drawn flips.

    Returns:
        The p-values, shape (places,), and the adjusted ones.

    >>> import numpy as np
    >>> alone, adjusted = max_t(np.array([[1.0, 1.0], [2.0, -1.0], [3.0, 1.0], [1.0, -1.0], [2.0, 1.0]]))
    >>> alone.tolist(), adjusted.tolist()
    ([0.0625, 1.0], [0.125, 1.0])
    """
    import numpy as np

    data = np.nan_to_num(np.asarray(differences, dtype=float))
    codes = codes_of(clusters, len(data))
    sums = np.zeros((int(codes.max()) + 1 if len(data) else 0, data.shape[1]))
    np.add.at(sums, codes, data)
    scale = np.sqrt((sums**2).sum(axis=0))
    scale[scale == 0] = np.inf
    observed = np.abs(sums.sum(axis=0)) / scale - 1e-9
    reached = np.zeros(data.shape[1])
    exceeded = np.zeros(data.shape[1])
    total = 0
    for signs in flips(len(sums), data.shape[1], seed):
        found = np.abs(signs @ sums) / scale
        total += len(found)
        reached += (found >= observed).sum(axis=0)
        highest = np.sort(found.max(axis=1))
        exceeded += len(found) - np.searchsorted(highest, observed)
    return reached / total, exceeded / total


def flips(clusters: int, places: int, seed: int) -> Iterator[Array]:
    """Yield blocks of signs, shape (flips, clusters); the first of all are the observed ones."""
    import numpy as np

    if clusters <= EXACT:
        whole = np.arange(1 << max(0, clusters - 1))
        bits = (whole[:, None] >> np.arange(clusters)) & 1
        yield np.where(bits, -1.0, 1.0)
        return
    random = np.random.default_rng(seed)
    yield np.ones((1, clusters))
    step = max(1, BLOCK // max(clusters, places))
    for start in range(0, RESAMPLES, step):
        shape = (min(step, RESAMPLES - start), clusters)
        yield np.where(random.integers(0, 2, size=shape, dtype=np.int8), -1.0, 1.0)
