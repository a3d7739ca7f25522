"""Ordinal losses beside coral-pytorch 1.4.0 at every size, metrics beside scipy and scikit-learn on a million rows.

    python benchmarks/ordinal.py [--seconds S]

One thread, CPU. The two sides take turns within each size, and the best of many repeats counts, so that a busy machine
slows both alike. A loss is timed forward and backward, its checks of labels and shapes included.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from coral_pytorch.dataset import levels_from_labelbatch
from coral_pytorch.losses import coral_loss as their_coral
from coral_pytorch.losses import corn_loss as their_corn

from harness_ordinal import METRICS, coral_loss, corn_loss, levels, predictions_of
from harness_ordinal.metrics.estimates import estimated

SIZES = [(rows, ranks) for rows in (256, 1024, 8192) for ranks in (5, 10, 48, 100)]
#: What is claimed, at every size.
CLAIMED = {"corn_loss": 5.0, "levels": 50.0, "coral_loss": 1.5}
ROWS = 1_000_000
#: Rounds of a comparison at the least.
ROUNDS = 5
SECONDS_OF_A_METRIC = 2.0


def best(calls: Sequence[Callable[[], Any]], seconds: float) -> list[float]:
    """Return the least time of each call in milliseconds, taken in turns for so long, several rounds at the least."""
    least = [float("inf")] * len(calls)
    end, rounds = time.perf_counter() + seconds, 0
    while rounds < ROUNDS or time.perf_counter() < end:
        for place, call in enumerate(calls):
            for _ in range(3):
                start = time.perf_counter()
                call()
                least[place] = min(least[place], time.perf_counter() - start)
        rounds += 1
    return [1000 * one for one in least]


def stepped(loss: Callable[[torch.Tensor], torch.Tensor], logits: torch.Tensor) -> Callable[[], None]:
    """Return one step: loss and gradient."""

    def step() -> None:
        logits.grad = None
        loss(logits).backward()

    return step


def losses(seconds: float) -> dict[str, list[float]]:
    """Print the table of losses; return the ratios."""
    ratios: dict[str, list[float]] = {name: [] for name in CLAIMED}
    print("| B | K | " + " | ".join(f"{name}: theirs ms | ours ms | ratio" for name in CLAIMED) + " |")
    print("|" + " --- |" * 11)
    for rows, ranks in SIZES:
        random = torch.Generator().manual_seed(rows + ranks)
        logits = torch.randn(rows, ranks - 1, generator=random, requires_grad=True)
        labels = torch.randint(0, ranks, (rows,), generator=random)
        made = levels_from_labelbatch(labels, ranks)
        pairs = {
            "corn_loss": (
                stepped(lambda z, y=labels, k=ranks: their_corn(z, y, k), logits),
                stepped(lambda z, y=labels, k=ranks: corn_loss(z, y, k), logits),
            ),
            "levels": (
                lambda y=labels, k=ranks: levels_from_labelbatch(y, k),
                lambda y=labels, k=ranks: levels(y, k),
            ),
            "coral_loss": (
                stepped(lambda z, m=made: their_coral(z, m), logits),
                stepped(lambda z, y=labels, k=ranks: coral_loss(z, y, k), logits),
            ),
        }
        cells = []
        for name, (theirs, ours) in pairs.items():
            slow, fast = best([theirs, ours], seconds)
            ratios[name].append(slow / fast)
            cells.append(f"{slow:.3f} | {fast:.4f} | {slow / fast:.1f}")
        print(f"| {rows} | {ranks} | " + " | ".join(cells) + " |", flush=True)
    return ratios


def metrics() -> float:
    """Print the time of each metric on a million rows; return the longest."""
    from scipy import stats  # noqa: F401  # its import is not what is timed

    random = np.random.default_rng(0)
    truth = random.integers(0, 10, ROWS)
    noise = random.normal(size=(ROWS, 1)) + truth[:, None] - np.arange(9) - 0.5
    exceedance = 1 / (1 + np.exp(-noise))
    whole = predictions_of(truth, 10, exceedance=exceedance)
    means = predictions_of(truth, 10, exceedance=exceedance, decoding="mean")
    longest = 0.0
    print("\n| metric, 1,000,000 rows, K = 10 | whole ranks s | means (real numbers) s |")
    print("| --- | --- | --- |")
    for name, metric in METRICS.items():
        cells = []
        for predictions in (whole, means):
            if not metric.applies(predictions):
                cells.append("")
                continue
            start = time.perf_counter()
            metric.value(predictions)
            taken = time.perf_counter() - start
            longest = max(longest, taken)
            cells.append(f"{taken:.2f}")
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
    peers(truth, whole.ranks, means.ranks)
    start = time.perf_counter()
    estimated(predictions_of(truth, 10, ranks=whole.ranks), [METRICS["qwk"]])
    print(f"| qwk with 10,000 bootstrap draws | {time.perf_counter() - start:.2f} | |")
    return longest


def peers(truth: Any, whole: Any, means: Any) -> None:
    """Print the times of scipy and scikit-learn on the same rows."""
    from scipy.stats import kendalltau, spearmanr
    from sklearn.metrics import cohen_kappa_score

    rows = {
        "scipy kendalltau": lambda ranks: kendalltau(truth, ranks),
        "scipy spearmanr": lambda ranks: spearmanr(truth, ranks),
        "scikit-learn cohen_kappa_score": lambda ranks: cohen_kappa_score(
            truth, ranks, weights="quadratic", labels=range(10)
        ),
    }
    for name, call in rows.items():
        cells = []
        for ranks in (whole, means):
            if "kappa" in name and ranks is means:
                cells.append("")
                continue
            start = time.perf_counter()
            call(ranks.astype(int) if "kappa" in name else ranks)
            cells.append(f"{time.perf_counter() - start:.2f}")
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def main() -> None:
    """Run all, and say what was claimed and what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each comparison")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    ratios = losses(asked.seconds)
    longest = metrics()
    print()
    for name, found in ratios.items():
        kept = "kept" if min(found) >= CLAIMED[name] else "NOT KEPT"
        print(f"{name}: {min(found):.1f} to {max(found):.1f} times as fast; claimed {CLAIMED[name]:g}: {kept}")
    kept = "kept" if longest < SECONDS_OF_A_METRIC else "NOT KEPT"
    print(f"slowest metric on a million rows: {longest:.2f} s; claimed {SECONDS_OF_A_METRIC:g}: {kept}")


if __name__ == "__main__":
    main()
