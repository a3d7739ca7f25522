"""lm-eval's standard errors: closed form where it has one, else its own bootstrap draws, without a pool."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

from harness import Json

#: lm-eval's number of resamples, and its number for corpus metrics of translation.
DRAWS, FEW_DRAWS = 100_000, 100
#: Resamples that share a seed.
CHUNK = 1000
#: Drawn positions held at once.
HELD = 4_000_000
TRANSLATION = frozenset({"bleu", "chrf", "chrf++", "ter"})


def standard_error(function: Any, values: Sequence[Json], metric: str, draws: int = DRAWS) -> float | None:
    """Return the standard error of an aggregated metric as lm-eval does; None where it has none.

    Args:
        function: lm-eval's aggregation.
        values: One value a document.
        metric: Its name; corpus metrics of translation are resampled only a hundred times, as in lm-eval.
        draws: Resamples for everything else.
    """
    from lm_eval.api import metrics

    if len(values) < 2:  # noqa: PLR2004  # one value has no spread
        return None
    closed = {metrics.mean: metrics.mean_stderr, metrics.acc_all: metrics.acc_all_stderr}.get(function)
    if closed is not None:
        return None if any(value is None for value in values) else number(closed(values))
    if metrics.stderr_for_metric(metric=function, bootstrap_iters=1) is None:
        return None
    draws = min(draws, FEW_DRAWS) if metric in TRANSLATION else draws
    return number(metrics.sample_stddev(resampled(function, values, draws)))


def number(value: float) -> float | None:
    """Return a float of Python's, None for nan."""
    return None if math.isnan(value) else float(value)


def resampled(function: Any, values: Sequence[Json], draws: int) -> list[float]:
    """Return the statistic of each resample, in lm-eval's order and from its seeds."""
    fast = vectorised(function, values)
    found: list[float] = []
    chunk = min(CHUNK, draws)
    for seed in range(draws // chunk):
        if fast is None:
            drawn = random.Random(seed)  # noqa: S311  # lm-eval's generator
            found.extend(function(drawn.choices(values, k=len(values))) for _ in range(chunk))
        else:
            found.extend(fast(seed, chunk))
    return found


def vectorised(function: Any, values: Sequence[Json]) -> Callable[[int, int], list[float]] | None:
    """Return the statistic of many resamples at once; None where lm-eval's own function is needed."""
    import numpy as np

    statistic = statistic_of(function, values)
    if statistic is None:
        return None
    size = len(values)

    def drawn(seed: int, chunk: int) -> list[float]:
        """Draw as `random.Random(seed).choices` does: position floor(u * n), u from the same Mersenne Twister."""
        version, state, _ = random.Random(seed).getstate()  # noqa: S311  # lm-eval's generator
        assert version == 3, "the state of Python's generator"  # noqa: PLR2004
        source = np.random.RandomState()  # the one that has Python's algorithm
        source.set_state(("MT19937", np.array(state[:-1], dtype=np.uint32), state[-1], 0, 0.0))
        found: list[float] = []
        step = max(1, HELD // size)
        for start in range(0, chunk, step):
            uniform = source.random_sample((min(step, chunk - start), size))
            found.extend(statistic((uniform * size).astype(np.int64)).tolist())
        return found

    return drawn


def statistic_of(function: Any, values: Sequence[Json]) -> Callable[[Any], Any] | None:
    """Return a statistic from positions (resample x document) to one number a resample; None if there is none here."""
    import numpy as np
    from lm_eval.api import metrics

    if function in {metrics.perplexity, metrics.median, metrics.nanmean}:
        column = np.array([math.nan if value is None else value for value in values], dtype=float)
        if function is metrics.perplexity:
            return lambda at: np.exp(-column[at].mean(axis=1))
        if function is metrics.nanmean:
            return lambda at: np.nanmean(column[at], axis=1)
        middle = len(values) // 2
        return lambda at: np.partition(column[at], middle, axis=1)[:, middle]
    if function in {metrics.f1_score, metrics.matthews_corrcoef}:
        pairs = np.array([(gold, guess) for gold, guess in values])
        if pairs.dtype.kind in "iub" and set(np.unique(pairs).tolist()) <= {0, 1}:
            return lambda at: binary(pairs[at], f1=function is metrics.f1_score)
    return None


def binary(pairs: Any, *, f1: bool) -> Any:
    """Return F1 or Matthews' correlation of each resample of (gold, guess) pairs; 0 where it has no meaning."""
    import numpy as np

    gold, guess = pairs[..., 0].astype(bool), pairs[..., 1].astype(bool)
    tp, fp = (gold & guess).sum(axis=1), (~gold & guess).sum(axis=1)
    fn, tn = (gold & ~guess).sum(axis=1), (~gold & ~guess).sum(axis=1)
    top = 2.0 * tp if f1 else tp * tn - fp * fn.astype(float)
    below = 2.0 * tp + fp + fn if f1 else np.sqrt(1.0 * (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    return np.divide(top, below, out=np.zeros(len(top)), where=below > 0)
