"""Labels that mean nothing are called an effect one time in twenty, for one number and for a map of many alike."""

from types import SimpleNamespace

import numpy as np
from scipy.stats import binom

from harness.stats import max_t
from harness_attention.within import interval_of, item_means, mixed_items

RUNS = 300


def simulated(random, items, places):
    """Yield answers with correlated places and skewed values that have nothing to do with what became of them."""
    for item in range(items):
        level = random.gamma(1.0, size=places)
        for _ in range(8):
            shared = random.exponential()
            yield SimpleNamespace(
                doc=str(item),
                arm="constrained",
                k=1,
                position="appended",
                cluster=f"c{item // 2}",
                task="t",
                solved=random.random() < 0.7,
                values=level + shared + random.exponential(size=places),
            )


def test_shuffled_labels_give_five_percent_of_positives():
    random = np.random.default_rng(5)
    alone = adjusted = covered = 0
    for run in range(RUNS):
        items = mixed_items(simulated(random, 24, 20), lambda one: one.values)
        right, wrong = item_means(items, lambda one: one.values)
        clusters = [item.cluster for item in items]
        p, together = max_t((right - wrong)[:, :20], clusters, seed=run)
        alone += p[0] < 0.05
        adjusted += together.min() < 0.05
        interval = interval_of((right - wrong)[:, 0], clusters, run)
        covered += interval.low <= 0 <= interval.high
    few, many = binom.ppf([0.001, 0.999], RUNS, 0.05)
    assert alone <= many
    assert few <= adjusted <= many
    assert covered >= RUNS - binom.ppf(0.999, RUNS, 0.08)
