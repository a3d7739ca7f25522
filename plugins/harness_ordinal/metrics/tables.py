"""Metrics of the joint table of true and predicted ranks: kappas and rank correlations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness_ordinal.metrics.core import OrdinalMetric, Predictions, Sums

#: Items from which a table of real-valued predictions is slower than sorting them.
MANY = 10_000
#: From tables, shape (d, K, U), and the predicted value of each column, shape (U,), to figures, shape (d,).
Figure = Callable[[Any, Any], Any]


def _of_table(figure: Figure) -> Callable[[Predictions], Sums]:
    """Return the sums of a figure of the joint table.

    Its columns are all K ranks where predictions are whole, and the distinct values where they are not.
    """

    def sums(predictions: Predictions) -> Sums:
        import numpy as np
        from scipy import sparse

        size, items = predictions.num_classes, len(predictions)
        if predictions.whole:
            scores, place = np.arange(float(size)), predictions.ranks.astype(int)
        else:
            scores, place = np.unique(predictions.ranks, return_inverse=True)
        cells = predictions.truth * len(scores) + place
        shape = (items, size * len(scores))
        parts = sparse.csr_array((np.ones(items), cells, np.arange(items + 1)), shape=shape)
        return Sums(parts=parts, figure=lambda totals: figure(totals.reshape(-1, size, len(scores)), scores))

    return sums


def _kappa(power: int) -> Figure:
    """Return weighted kappa (Cohen 1968) with weights |i - j|^power; power 0 counts every difference alike."""

    def figure(table: Any, scores: Any) -> Any:
        import numpy as np

        away = np.abs(np.arange(table.shape[1])[:, None] - scores[None, :])
        weights = away**power if power else (away > 0).astype(float)
        total = table.sum(axis=(1, 2))
        expected = np.einsum("dk,ku,du->d", table.sum(axis=2), weights, table.sum(axis=1)) / total
        observed = np.einsum("dku,ku->d", table, weights)
        return np.where(expected > 0, 1 - observed / expected, np.nan)

    return figure


def _spearman(table: Any, _: Any) -> Any:
    """Return Pearson's correlation of midranks."""
    import numpy as np

    rows, columns = table.sum(axis=2), table.sum(axis=1)
    middle = (table.sum(axis=(1, 2)) / 2)[:, None]
    first = np.cumsum(rows, axis=1) - rows / 2 - middle
    second = np.cumsum(columns, axis=1) - columns / 2 - middle
    together = np.einsum("dku,dk,du->d", table, first, second)
    spread = np.sqrt((rows * first**2).sum(axis=1) * (columns * second**2).sum(axis=1))
    return np.where(spread > 0, together / spread, np.nan)


def _kendall(table: Any, _: Any) -> Any:
    """Return Kendall's tau-b (Kendall 1945): concordant minus discordant pairs, both margins corrected for ties."""
    import numpy as np

    lower_left = np.cumsum(np.cumsum(table, axis=1), axis=2)  # pairs with both smaller, through inclusive sums
    both = lower_left[:, :-1, :-1]
    rows_before = lower_left[:, :-1, -1:]
    later = table[:, 1:, :]
    concordant = (later[:, :, 1:] * both).sum(axis=(1, 2))
    discordant = (later * (rows_before - lower_left[:, :-1, :])).sum(axis=(1, 2))
    total = table.sum(axis=(1, 2))

    def untied(margin: Any) -> Any:
        return (total**2 - (margin**2).sum(axis=1)) / 2

    spread = np.sqrt(untied(table.sum(axis=2)) * untied(table.sum(axis=1)))
    return np.where(spread > 0, (concordant - discordant) / spread, np.nan)


def _midranks(predictions: Predictions) -> float | None:
    """Return Spearman's rho of many different predictions from two lists of midranks; None where a table will do."""
    if not _wide(predictions):
        return None
    import numpy as np
    from scipy.stats import rankdata

    counts = np.bincount(predictions.truth, minlength=predictions.num_classes)
    if (counts == len(predictions)).any() or np.ptp(predictions.ranks) == 0:
        return float("nan")
    first = (np.cumsum(counts) - counts / 2)[predictions.truth]
    return float(np.corrcoef(first, rankdata(predictions.ranks))[0, 1])


def _merged(predictions: Predictions) -> float | None:
    """Return scipy's tau-b of many different predictions, by merge sort; None where a table will do."""
    if not _wide(predictions):
        return None
    from scipy.stats import kendalltau

    return float(kendalltau(predictions.truth, predictions.ranks).statistic)


def _wide(predictions: Predictions) -> bool:
    """Whether a table has a column for almost every item, and every item counts once."""
    return not predictions.whole and len(predictions) > MANY and bool((predictions.weights == 1).all())


TABLES = (
    OrdinalMetric(
        name="qwk",
        summary="quadratic weighted kappa on the whole scale",
        better="higher",
        whole=True,
        sums=_of_table(_kappa(2)),
    ),
    OrdinalMetric(
        name="linear_kappa",
        summary="linearly weighted kappa on the whole scale",
        better="higher",
        whole=True,
        sums=_of_table(_kappa(1)),
    ),
    OrdinalMetric(
        name="kappa",
        summary="Cohen's kappa, every difference alike",
        better="higher",
        whole=True,
        sums=_of_table(_kappa(0)),
    ),
    OrdinalMetric(
        name="spearman",
        summary="Spearman's rho with ties; undefined for a constant",
        better="higher",
        sums=_of_table(_spearman),
        direct=_midranks,
    ),
    OrdinalMetric(
        name="kendall_tau_b",
        summary="Kendall's tau-b; undefined for a constant",
        better="higher",
        sums=_of_table(_kendall),
        direct=_merged,
    ),
)
