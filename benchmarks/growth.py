"""How a SustainScore run grows: CPU against documents, arms, draws and k, with a model that answers at once.

    python benchmarks/growth.py [--docs 250] [--rounds 3]

Whole processes. A run's cost should be in proportion to what it asks: the exponent of each line is the slope of the
logarithms, of the time above that of a run of no documents to speak of; 1 is proportional.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from processes import Cost, cost_of, median, script, table

#: The arms beside the base: one more each time.
ARMS = ("constrained", "placebo", "repeat", "wrapper", "transplanted", "demanding")


def lines(docs: int) -> dict[str, dict[int, tuple[int, tuple[str, ...]]]]:
    """Return what is varied, with the documents and the flags of each of its values."""
    return {
        "documents": {count: (count, ()) for count in (docs, 2 * docs, 4 * docs)},
        "arms beside the base": {
            count: (docs, ("--arms", ",".join(ARMS[:count]), "--further-items", str(docs))) for count in (1, 2, 3, 6)
        },
        "draws an arm": {count: (docs, ("--draws", str(count), "--base-draws", str(count))) for count in (2, 4, 8)},
        "constraints a prompt (k)": {count: (docs, ("--constraint-count", str(count))) for count in (1, 2, 4, 8)},
    }


def cost(docs: int, flags: Sequence[str], rounds: int) -> Cost:
    """Return what a run takes, the median of several, each with a store of its own."""
    plugin = str(Path(__file__).with_name("instant.py"))
    found = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as place:
            command = [
                *(script("harness"), "run", "--plugin", plugin, "--tasks", "instant", "--model", "instant"),
                *("--constraint-type", "format,length,process", "--limit", str(docs), "--output", place, *flags),
            ]
            found.append(cost_of(command, INSTANT_DOCS=str(docs)))
            [results] = Path(place).glob("*/results.json")
            if not json.loads(results.read_text())["funnel"]["constrained"] and docs > 1:
                raise SystemExit(f"{' '.join(command)}: nothing was constrained, so nothing was measured")
            note = f"{docs} {' '.join(flags)}: {found[-1].cpu:.2f} CPU-s, {found[-1].mib:.0f} MiB"
            print(note, file=sys.stderr, flush=True)
    return median(found)


def slope(costs: Mapping[int, Cost], idle: float) -> float:
    """Return the exponent: the slope of log(CPU - idle) against log(value), by least squares."""
    xs = [math.log(value) for value in costs]
    ys = [math.log(max(cost.cpu - idle, 1e-3)) for cost in costs.values()]
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / sum((x - mean_x) ** 2 for x in xs)


def main() -> None:
    """Measure every line and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--docs", type=int, default=250)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    idle = cost(1, (), given.rounds).cpu
    rows = []
    for what, values in lines(given.docs).items():
        costs = {value: cost(docs, flags, given.rounds) for value, (docs, flags) in values.items()}
        cells = [
            " · ".join(f"{value}: {getattr(one, unit):.{digits}f}" for value, one in costs.items())
            for unit, digits in (("cpu", 2), ("mib", 0))
        ]
        rows.append([what, *cells, f"{slope(costs, idle):.2f}"])
    print(f"{given.docs} documents where nothing else is told; CPU of a run of one document: {idle:.2f} s\n")
    print(table(["varied", "CPU, s", "memory, MiB", "exponent"], rows))


if __name__ == "__main__":
    main()
