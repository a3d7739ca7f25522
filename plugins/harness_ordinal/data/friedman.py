"""Friedman #1 cut into ranks: the data called FIREMAN, generated here, with the error that no model can go below.

y = 10 sin(pi x1 x2) + 20 (x3 - 1/2)^2 + 10 x4 + 5 x5 + e, ten uniform inputs of which five are idle, e normal with
variance 1 (Friedman 1991), cut at its quantiles into ranks of equal size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from harness_ordinal.data.dataset import Dataset

#: Rows and ranks of the published table.
ROWS, RANKS = 40_768, 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Friedman:
    """The data, and what an oracle knows of it."""

    dataset: Dataset
    #: The noiseless response, shape (n,).
    mean: Any
    #: Where the response is cut, shape (K-1,).
    cuts: Any

    def oracle(self) -> Any:
        """Return the true G_k = P(y > k | x), shape (n, K-1)."""
        return oracle_exceedance(self.mean, self.cuts)


def response_mean(inputs: Any) -> Any:
    """Return the noiseless response of inputs, shape (n, 10) or wider than four."""
    import numpy as np

    x = np.asarray(inputs)
    wave = 10 * np.sin(np.pi * x[:, 0] * x[:, 1])
    return wave + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4]


def oracle_exceedance(mean: Any, cuts: Any) -> Any:
    """Return P(mean + e > cut), e standard normal, shape (n, K-1)."""
    import numpy as np
    from scipy.special import ndtr

    return ndtr(np.asarray(mean)[:, None] - np.asarray(cuts)[None, :])


def friedman(rows: int = ROWS, num_classes: int = RANKS, *, seed: int = 0) -> Friedman:
    """Return generated data.

    >>> made = friedman(1600, seed=1)
    >>> import numpy as np
    >>> np.bincount(made.dataset.ranks).tolist() == [100] * 16
    True
    """
    import numpy as np

    random = np.random.default_rng(seed)
    inputs = random.random((rows, 10))
    mean = response_mean(inputs)
    response = mean + random.standard_normal(rows)
    cuts = np.quantile(response, np.arange(1, num_classes) / num_classes)
    dataset = Dataset(
        name="friedman",
        inputs=inputs,
        ranks=np.searchsorted(cuts, response, side="left").astype(np.int64),
        labels=tuple(map(str, range(num_classes))),
        facts={"generated": "Friedman #1", "rows": rows, "seed": seed},
    )
    return Friedman(dataset=dataset, mean=mean, cuts=cuts)
