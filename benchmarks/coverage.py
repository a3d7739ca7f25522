"""Whether the numbers can be signed: level of the primary test, coverage of its interval, bias of D and of raw.

    python benchmarks/coverage.py [--runs N] [--resamples N] [--sizes | --attainable]

Each run simulates the protocol. Items have a chance p to be solved, from one of the distributions of method 3.1; a
selection sample picks the solved ones; placebo and constrained arm draw r answers each; the constraint takes the share
`loss` of every chance away. What is tested is what the harness computes: `harness.stats.paired_difference`.

`--sizes` asks instead whether the numbers of items in method 3.6 have 80 % power. `--attainable` asks what level any
test by flipped signs could have had on the same runs: given which items differ and by how much, its statistic takes a
few values, and each of them is a level. Between two of them there is none.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from harness.stats import Noise, items_needed, paired_difference, sign_flip_p
from harness.stats.pairs import attainable_levels

LEVEL = 0.05
#: Share of items that a near-greedy model solves sometimes; of the others it solves 84 % always, the rest never.
SOMETIMES, ALWAYS = 0.05, 0.80


def near_greedy(random: np.random.Generator, size: int) -> np.ndarray:
    """Return chances of a model that nearly always repeats itself: floor 0.99."""
    kind = random.random(size)
    return np.where(kind < ALWAYS, 1.0, np.where(kind < ALWAYS + SOMETIMES, random.random(size), 0.0))


def beta(a: float, b: float) -> Callable[[np.random.Generator, int], np.ndarray]:
    """Return a source of chances from Beta(a, b)."""
    return lambda random, size: random.beta(a, b, size)


#: Fitted to the floors and sample sizes that method 3.1 and 3.6 state.
CHANCES = {"near greedy": near_greedy, "easy": beta(8, 1.2), "bimodal": beta(0.33, 0.17), "spread": beta(1.5, 1.0)}
#: E[p^2] / E[p] and E[p^3] / E[p] of each.
MEAN = ALWAYS + SOMETIMES / 2
NOISE = {
    "near greedy": Noise(floor=(ALWAYS + SOMETIMES / 3) / MEAN, both=(ALWAYS + SOMETIMES / 4) / MEAN),
    "easy": Noise(floor=9 / 10.2, both=9 / 10.2 * 10 / 11.2),
    "bimodal": Noise(floor=1.33 / 1.5, both=1.33 / 1.5 * 2.33 / 2.5),
    "spread": Noise(floor=2.5 / 3.5, both=2.5 / 3.5 * 3.5 / 4.5),
}


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What is simulated."""

    chances: str
    loss: float
    #: Solved items, and draws of each in each arm.
    n: int
    r: int
    #: Constraints of an item, each with its own prompt and draws; they share the item's effect.
    k: int = 1
    #: Items of a cluster, which share an effect beside the loss.
    cluster: int = 1
    #: Size of the shared effect: chances move by +-spread p (1 - p), up as often as down.
    spread: float = 0.0


def settings() -> Iterator[Setting]:
    """Yield what is simulated."""
    for chances in CHANCES:
        for loss in (0.0, 0.05):
            for n, r in ((120, 4), (400, 1), (400, 4)):
                yield Setting(chances=chances, loss=loss, n=n, r=r)
    for loss in (0.0, 0.05):
        yield Setting(chances="near greedy", loss=loss, n=1319, r=4)
        yield Setting(chances="easy", loss=loss, n=140, r=8)
        yield Setting(chances="spread", loss=loss, n=150, r=8, k=4, spread=0.9)
        yield Setting(chances="spread", loss=loss, n=400, r=4, cluster=5, spread=0.9)
        yield Setting(chances="easy", loss=loss, n=400, r=1, cluster=5, spread=0.9)


def solved_chances(setting: Setting, random: np.random.Generator) -> np.ndarray:
    """Return the chances of the first n items that a selection sample solves."""
    found = np.empty(0)
    while len(found) < setting.n:
        drawn = CHANCES[setting.chances](random, 2 * setting.n + 50)
        found = np.concatenate([found, drawn[random.random(len(drawn)) < drawn]])
    return found[: setting.n]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One simulated run: shares of solved draws of each row, and the cluster of each row."""

    placebo: np.ndarray
    constrained: np.ndarray
    clusters: np.ndarray | None


def simulated(setting: Setting, random: np.random.Generator) -> Seen:
    """Return one run."""
    p = solved_chances(setting, random)
    groups = np.arange(setting.n) // setting.cluster
    shift = (random.integers(0, 2, size=groups[-1] + 1) * 2 - 1)[groups] * setting.spread
    p, shift, groups = (np.repeat(one, setting.k) for one in (p, shift, groups))
    treated = (p + shift * p * (1 - p)) * (1 - setting.loss)
    draws = setting.r
    return Seen(
        placebo=random.binomial(draws, p) / draws,
        constrained=random.binomial(draws, treated) / draws,
        clusters=groups if setting.k * setting.cluster > 1 else None,
    )


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What many runs of one setting showed; shares from 0 to 1."""

    rejected: float
    covered: float
    #: Of D, and of the loss that the raw score shows.
    bias: float
    raw_bias: float
    #: Coverage where rows are taken for independent.
    unclustered: float | None
    #: Mean number of items that differ between the arms.
    differing: float


def measured(setting: Setting, runs: int, resamples: int) -> Measured:
    """Simulate a setting many times."""
    random = np.random.default_rng([hash_of(setting), 4])
    truth = setting.loss * NOISE[setting.chances].floor
    counts = {"rejected": 0, "covered": 0, "naive": 0}
    error = raw = differing = 0.0
    for run in range(runs):
        seen = simulated(setting, random)
        interval, p = paired_difference(seen.placebo, seen.constrained, seen.clusters, seed=run, resamples=resamples)
        assert interval.low is not None
        assert interval.high is not None
        counts["rejected"] += p < LEVEL
        counts["covered"] += interval.low <= truth <= interval.high
        error += interval.value - truth
        raw += 1 - seen.constrained.mean() - truth
        differing += np.sum(seen.placebo != seen.constrained)
        if seen.clusters is not None:
            counts["naive"] += sign_flip_p(seen.placebo - seen.constrained) < LEVEL
    return Measured(
        rejected=counts["rejected"] / runs,
        covered=counts["covered"] / runs,
        bias=error / runs,
        raw_bias=raw / runs,
        unclustered=counts["naive"] / runs if setting.k * setting.cluster > 1 else None,
        differing=differing / runs,
    )


def hash_of(setting: Setting) -> int:
    """Return a number of a setting that is the same each time."""
    return sum(map(ord, repr(setting)))


def print_coverage(runs: int, resamples: int) -> None:
    """Print the table of coverage."""
    print("| p | loss | n | r | k | cluster | differ | rejected % | coverage % | bias of D, pp | bias of raw, pp |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for one in settings():
        found = measured(one, runs, resamples)
        naive = "" if found.unclustered is None else f" (unclustered {100 * found.unclustered:.1f})"
        print(
            f"| {one.chances} | {one.loss:.0%} | {one.n} | {one.r} | {one.k} | {one.cluster} | {found.differing:.0f} "
            f"| {100 * found.rejected:.1f}{naive} | {100 * found.covered:.1f} | {100 * found.bias:+.2f} "
            f"| {100 * found.raw_bias:+.1f} |",
            flush=True,
        )


#: What counts as 5 %: a level that is above it is no test at 5 %.
MOST = 0.06
#: Settings of the null beside those of the table, in which few items differ.
FEWER = tuple(
    Setting(chances="near greedy", loss=0.0, n=n, r=r) for r in (1, 4) for n in (60, 120, 250, 400, 700, 1319, 2600)
)


def print_attainable(runs: int) -> None:
    """Print the level of the test that is used, of the plain exact one, and of the best that could be chosen."""
    nulls = [one for one in settings() if one.loss == 0 and one.k * one.cluster == 1 and one.chances != "near greedy"]
    print("| p | n | r | differ | runs in which 5 % exists, % | mid-p (used) % | exact % | best up to 6 %, % |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for one in (*FEWER, *nulls):
        random = np.random.default_rng([hash_of(one), 5])
        seen = [attained(simulated(one, random)) for _ in range(runs)]
        exists, used, exact, best, differing = np.mean(seen, axis=0)
        print(
            f"| {one.chances} | {one.n} | {one.r} | {differing:.1f} | {100 * exists:.0f} | {100 * used:.1f} "
            f"| {100 * exact:.1f} | {100 * best:.1f} |",
            flush=True,
        )


def attained(seen: Seen) -> tuple[float, float, float, float, float]:
    """Return what could be had of one run, given how much its items differ, if the signs are chance.

    Returns:
        Whether a level from 4 to 6 % exists; the levels of the mid-p and of the exact test at 5 %, and the highest one
        up to 6 %; how many items differ.
    """
    differences = seen.placebo - seen.constrained
    levels = attainable_levels(differences)

    def highest(kept: Callable[[float, float], bool]) -> float:
        return max((level for level, p, _ in levels if kept(level, p)), default=0.0)

    return (
        float(any(2 * LEVEL - MOST <= level <= MOST for level, _, _ in levels)),
        highest(lambda _, p: p < LEVEL),
        highest(lambda level, _: level <= LEVEL),
        highest(lambda level, _: level <= MOST),
        float(np.count_nonzero(differences)),
    )


#: Method 3.6: (distribution, loss) -> items needed with 1, 2, 4 and 8 draws.
SIZES = {
    ("near greedy", 0.03): (333, 170, 89, 49),
    ("near greedy", 0.05): (178, 93, 50, 29),
    ("easy", 0.03): (2347, 1178, 593, 300),
    ("easy", 0.05): (899, 453, 231, 119),
    ("easy", 0.10): (254, 130, 69, 38),
    ("bimodal", 0.05): (634, 321, 165, 87),
    ("spread", 0.05): (2064, 1036, 523, 266),
}


def print_sizes(runs: int) -> None:
    """Print the power at the sizes of method 3.6, beside what `items_needed` says."""
    print("| p | loss | r | n of the method | n of the harness | power at the method's n, % |")
    print("| --- | --- | --- | --- | --- | --- |")
    for (chances, loss), sizes in SIZES.items():
        for r, n in zip((1, 2, 4, 8), sizes, strict=True):
            found = measured(Setting(chances=chances, loss=loss, n=n, r=r), runs, 200)
            needed = items_needed(loss * NOISE[chances].floor, NOISE[chances], r)
            print(f"| {chances} | {loss:.0%} | {r} | {n:,} | {needed:,} | {100 * found.rejected:.1f} |", flush=True)


def main() -> None:
    """Print one of the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=4_000)
    parser.add_argument("--resamples", type=int, default=2_000)
    parser.add_argument("--sizes", action="store_true")
    parser.add_argument("--attainable", action="store_true")
    given = parser.parse_args()
    start = time.perf_counter()
    if given.sizes:
        print_sizes(given.runs)
    elif given.attainable:
        print_attainable(given.runs)
    else:
        print_coverage(given.runs, given.resamples)
    print(f"\n{given.runs:,} runs a row, {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
