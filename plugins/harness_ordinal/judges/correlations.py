"""Rank correlations of any two columns of numbers with bootstrap intervals; scipy's, draw by draw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.stats import Interval

#: Resamples; Kendall's tau, which is not vectorised, takes fewer of long columns.
DRAWS = 1_000
#: Item draws in all that Kendall's tau may cost.
BUDGET = 400_000
FEWEST_DRAWS = 200


def spearman(first: Any, second: Any) -> float:
    """Return Spearman's rho with midranks; nan where either is constant."""
    from scipy.stats import rankdata

    return pearson(rankdata(first), rankdata(second))


def pearson(first: Any, second: Any) -> float:
    """Return Pearson's r; nan where either is constant."""
    import numpy as np

    a, b = first - first.mean(), second - second.mean()
    spread = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / spread if spread > 0 else float("nan")


def kendall(first: Any, second: Any) -> float:
    """Return Kendall's tau-b; nan where either is constant."""
    from scipy.stats import kendalltau

    return float(kendalltau(first, second).statistic)


CORRELATIONS = {"spearman": spearman, "kendall_tau_b": kendall, "pearson": pearson}


def correlated(name: str, first: Any, second: Any, clusters: Sequence[str] = (), *, seed: int = 0) -> Interval | None:
    """Return a correlation with its 95 % percentile interval over items or clusters; None where it is undefined."""
    import numpy as np

    figure = CORRELATIONS[name]
    value = figure(first, second) if len(first) > 1 else float("nan")
    if not np.isfinite(value):
        return None
    draws = DRAWS if name != "kendall_tau_b" else max(FEWEST_DRAWS, min(DRAWS, BUDGET // len(first)))
    random = np.random.default_rng(seed)
    groups: list[Any] = [np.array([place]) for place in range(len(first))]
    if clusters:
        numbers = np.unique(np.asarray(clusters), return_inverse=True)[1]
        groups = [np.flatnonzero(numbers == number) for number in range(numbers.max() + 1)]
    drawn = []
    for _ in range(draws):
        places = np.concatenate([groups[place] for place in random.integers(0, len(groups), len(groups))])
        drawn.append(figure(first[places], second[places]))
    defined = np.array(drawn)[np.isfinite(drawn)]
    if not len(defined) or np.ptp(defined) == 0:
        return Interval(value=value, low=None, high=None, method="no spread between items")
    low, high = np.quantile(defined, [0.025, 0.975])
    unit = "clusters" if clusters else "items"
    return Interval(
        value=value,
        low=min(float(low), value),
        high=max(float(high), value),
        method=f"percentile bootstrap over {unit}, {draws:,} draws",
    )
