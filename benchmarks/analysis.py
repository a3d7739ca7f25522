"""What the whole analysis of a large run costs: 100,000 records read, kept as rows, estimated with 10,000 resamples.

    python benchmarks/analysis.py [--records N] [--counts 4] [--folder DIR]

Writes records as a run would (four base answers; four in each of repeat, placebo and constrained at each number of
constraints; twelve types in four families; answers of 300 characters), then measures one process that does what
`harness run` does with them at its end: parse, `sustain_row`, `sustain_estimates`.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np

from harness import Constraint, Message, Record, Response, Score, Trial, Usage, Verdict
from harness.ledger import Records
from harness.testing import ListTask

DRAWS = 4
MET = 0.96
FAMILIES, TYPES = 4, 12
ANSWER = ("So we add what is left to what was there before, and then we see that it makes the sum. " * 4)[:300]


def constraints(random: np.random.Generator, most: int) -> tuple[Constraint, ...]:
    """Return constraints of different types."""
    return tuple(
        Constraint(
            type=f"type{kind}",
            family=f"family{kind % FAMILIES}",
            version="1",
            params={"most": 100},
            text="Use at most 100 words in the answer.",
            stratum="strict",
        )
        for kind in random.choice(TYPES, size=most, replace=False)
    )


def trials(random: np.random.Generator, arm: str, k: int, chance: float, most: int) -> Iterator[Trial]:
    """Yield the draws of one arm."""
    for draw in range(DRAWS):
        solved = bool(random.random() < chance)
        yield Trial(
            arm=arm,
            draw=draw,
            k=k,
            responses=(Response(text=f"{draw}{arm}{ANSWER}", usage=Usage(prompt_tokens=90, completion_tokens=80)),),
            score=Score(values={"exact_match,none": float(solved)}, filtered={"none": "42"}, solved=solved),
            verdicts=tuple(Verdict(met=bool(met)) for met in random.random(most) < MET),
        )


def record(index: int, random: np.random.Generator, counts: tuple[int, ...]) -> Record:
    """Return the record of one document, solved by its selection sample as often as a model would."""
    chance = random.beta(8, 1.2)
    most = max(counts)
    base = tuple(trials(random, "base", 0, chance, most))
    arms: tuple[Trial, ...] = ()
    if base[0].score.solved:
        arms = tuple(trials(random, "repeat", 0, chance, most))
        for k in counts:
            arms += tuple(trials(random, "placebo", k, chance, most))
            arms += tuple(trials(random, "constrained", k, chance * (1 - 0.02 * k), most))
    return Record(
        doc=f"t/{index}",
        task="t",
        index=index,
        cluster=f"passage {index // 3}",
        marks=("solved", "constrained") if arms else (),
        prompt=(Message(role="user", content=ANSWER),),
        source=0 if arms else None,
        constraints=constraints(random, most) if arms else (),
        trials=(*base, *arms),
    )


def write_records(path: Path, count: int, counts: tuple[int, ...]) -> None:
    """Write records as a run does."""
    random = np.random.default_rng(1)
    encode = msgspec.json.Encoder(order="deterministic").encode
    with path.open("wb") as file:
        for index in range(count):
            file.write(encode(record(index, random, counts)) + b"\n")


def analyse(path: Path) -> None:
    """Do what a run does at its end, and print what it took."""
    from harness_sustainscore.estimators import sustain_estimates, sustain_row

    task = ListTask(name="t", rows=(), domain="math")
    start = time.perf_counter()
    rows = [row for row in (sustain_row(one, task) for one in Records(path)) if row is not None]
    read = time.perf_counter()
    estimates = list(sustain_estimates(rows, {"t": task}))
    done = time.perf_counter()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    first = next(one for one in estimates if one.metric == "D_spec")
    print(f"{len(rows):,} rows in {read - start:.1f} s, {len(estimates):,} estimates in {done - read:.1f} s")
    print(f"{done - start:.1f} s ({time.process_time():.1f} s of one core), {memory:.0f} MiB")
    print(f"{first.metric} {first.value:+.4f} by {first.method}")


def main() -> None:
    """Write the records, and analyse them in a process of its own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--counts", default="4")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--analyse", type=Path)
    given = parser.parse_args()
    if given.analyse:
        analyse(given.analyse)
        return
    with tempfile.TemporaryDirectory(dir=given.folder) as place:
        path = Path(place) / "records.jsonl"
        write_records(path, given.records, tuple(map(int, given.counts.split(","))))
        print(f"{given.records:,} records, {path.stat().st_size / 2**20:,.0f} MiB", flush=True)
        subprocess.run([sys.executable, __file__, "--analyse", str(path)], check=True)


if __name__ == "__main__":
    main()
