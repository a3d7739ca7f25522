"""Published figures of ordinal regression, trained again on the same data, splits and seeds.

    python benchmarks/ordinal_acceptance.py --exp convex|cement|fireman|friedman|coursera [--seeds N] [--heads a,b]

Every line is model x head x decoding. `own` is the decoding with which the method was published: argmax for
cross-entropy, the median for the others. Training is on one thread, so a seed gives the same digits again.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from harness_ordinal import METRICS, head_named, predictions_of
from harness_ordinal.convex import fitted_head
from harness_ordinal.data.friedman import friedman, oracle_exceedance
from harness_ordinal.data.published import CATALOGUE
from harness_ordinal.data.splits import leaks_of
from harness_ordinal.training.inputs import standardised
from harness_ordinal.training.loop import own_decoding, trained
from harness_ordinal.training.recipe import RECIPES

#: Data set, recipe and heads of each experiment.
EXPERIMENTS = {
    "cement": ("cement", "cement", ("ce", "ornn", "coral", "corn", "corn:task_mean")),
    "fireman": ("fireman", "fireman_fast", ("ce", "ornn", "coral", "corn", "corn:task_mean")),
    "friedman": ("friedman", "fireman_fast", ("ce", "ornn", "coral", "corn", "corn:task_mean")),
    "coursera": ("coursera", "coursera", ("ce", "ornn", "coral", "corn")),
}
COLUMNS = ("mae", "rmse", "accuracy")
MORE = ("qwk", "rps", "log_score", "inconsistent_share")


def figures(truth: Any, exceedance: Any, own: str) -> dict[str, float]:
    """Return the figures of one run, by decoding."""
    size = exceedance.shape[1] + 1
    found = {}
    for label, rule in (("own", own), ("median", "median"), ("argmax", "argmax")):
        decoded = predictions_of(truth, size, exceedance=exceedance, decoding=rule)
        found |= {f"{label} {name}": METRICS[name].value(decoded) for name in COLUMNS}
    found |= {name: METRICS[name].value(predictions_of(truth, size, exceedance=exceedance)) for name in MORE}
    return found


def runs(
    exp: str, folder: Path, seeds: int, heads: tuple[str, ...]
) -> Iterator[tuple[str, int, dict[str, float], float]]:
    """Yield head, seed, figures and seconds of every run; each is printed as it ends, so a killed one loses nothing."""
    name, recipe, _ = EXPERIMENTS[exp]
    known = CATALOGUE[name]
    dataset = known.open(folder)
    for seed in range(seeds):
        split = known.split_for(folder, dataset, seed)
        print(f"# seed {seed}: {leaks_of(dataset, split)}", flush=True)
        for head in heads:
            run = trained(dataset, split, head, RECIPES[recipe], seed=seed)
            module = head_named(head, 1, dataset.num_classes)
            exceedance = module.exceedance(torch.from_numpy(run.logits).double()).numpy()
            found = figures(dataset.ranks[split.test], exceedance, own_decoding(module))
            print(
                json.dumps({"head": head, "seed": seed, "epoch": run.epoch, "seconds": round(run.seconds, 1), **found}),
                flush=True,
            )
            yield head, seed, found, run.seconds


def train(exp: str, folder: Path, seeds: int, heads: tuple[str, ...]) -> None:
    """Train everything; after each seed print the table of all seeds so far."""
    rows: dict[str, list[dict[str, float]]] = {}
    for head, _, found, taken in runs(exp, folder, seeds, heads):
        rows.setdefault(head, []).append({**found, "s/run": taken})
        if head == heads[-1]:
            print_table(rows)


def print_table(rows: dict[str, list[dict[str, float]]]) -> None:
    """Print mean and sample standard deviation over the seeds."""
    names = list(next(iter(rows.values()))[0])
    print("\n| head | seeds | " + " | ".join(names) + " |")
    print("|" + " --- |" * (len(names) + 2))
    for head, of_head in rows.items():
        cells = [np.array([one[name] for one in of_head], dtype=float) for name in names]
        shown = [f"{cell.mean():.4f} ± {cell.std(ddof=1) if len(cell) > 1 else 0:.4f}" for cell in cells]
        print(f"| {head} | {len(of_head)} | " + " | ".join(shown) + " |", flush=True)


def convex(folder: Path) -> None:
    """Fit the linear heads on the cement table: no seeds, the same digits everywhere."""
    known = CATALOGUE["cement"]
    dataset = known.open(folder)
    split = known.split_for(folder, dataset, 0)
    inputs = standardised(dataset.inputs, split.train)
    fit = np.concatenate([split.train, split.valid])
    print("| head | objective | median MAE | RMSE | argmax accuracy | QWK | RPS | NLL | inconsistent rows | s |")
    print("|" + " --- |" * 10)
    for head in ("ce", "ornn", "coral", "clm", "corn:nll", "corn"):
        start = time.perf_counter()
        found = fitted_head(head, inputs[fit], dataset.ranks[fit], dataset.num_classes)
        taken = time.perf_counter() - start
        row = figures(dataset.ranks[split.test], found.exceedance(inputs[split.test]), "median")
        keys = ("median mae", "median rmse", "argmax accuracy", *MORE)
        print(
            f"| {head} | {found.objective:.6f} | " + " | ".join(f"{row[key]:.4f}" for key in keys) + f" | {taken:.2f} |"
        )


def oracle() -> None:
    """Print the figures of the true distribution of generated Friedman data: no model is better."""
    made = friedman()
    exceedance = oracle_exceedance(made.mean, made.cuts)
    row = figures(made.dataset.ranks, exceedance, "median")
    print("oracle: " + ", ".join(f"{key} {value:.4f}" for key, value in row.items()))


def main() -> None:
    """Run one experiment."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exp", required=True, choices=["convex", *EXPERIMENTS])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--heads", default="")
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data" / "ordinal")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    if asked.exp == "convex":
        return convex(asked.data)
    if asked.exp == "friedman":
        oracle()
    heads = tuple(asked.heads.split(",")) if asked.heads else EXPERIMENTS[asked.exp][2]
    return train(asked.exp, asked.data, asked.seeds, heads)


if __name__ == "__main__":
    main()
