"""What the whole analysis of a large run costs: 100,000 records read, kept as rows, estimated with 10,000 resamples.

    python benchmarks/analysis.py [--records N] [--counts 4] [--folder DIR]

Writes records as a run would (four base answers; four in each of repeat, placebo and constrained at each number of
constraints; twelve types in four families; answers of 300 characters with three equations, no two the same, wrong in
seven ways), then measures what `harness run` does with them at its end: parse, and the rows and estimates of all
metrics, by all cores that it may use (`taskset -c 0` leaves one).
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from harness import Constraint, Estimate, Message, Metric, Record, Response, Score, Task, Trial, Usage, Verdict
from harness.data import Finish
from harness.garbage import settled
from harness.ledger import Records
from harness.registry import load_registry
from harness.summary import summary_of
from harness.testing import ListTask

if TYPE_CHECKING:
    from harness_sustainscore.failures.excess import FailureRow

DRAWS = 4
MET = 0.96
FAMILIES, TYPES = 4, 12
QUESTION = (
    "{name} has {a} boxes of pens and buys {b} more. Each box holds {c} pens. {name} gives {d} pens away. How many "
    "pens are left for the class?"
)
NAMES = ("Ada", "Ben", "Chloe", "Dmitri", "Esi", "Farid", "Grace", "Hugo")
ASIDES = (
    "as we were told",
    "which is what we need",
    "so far so good",
    "as one can see",
    "if nothing is lost on the way",
)
#: An answer worked out; how a wrong one goes wrong is drawn: a sum, a step left out, no mark, two marks, no steps, the
#: constraint's own number, the limit of tokens.
STEPS = (
    "{name} starts with {a} boxes and buys {b} more, so there are {a} + {b} = {s} boxes, {one}. Each box holds {c} "
    "pens, which makes {s} * {c} = {t} pens in all, {two}. After giving {d} pens away {t} - {d} = {u} pens are left "
    "for the class, {three}."
)
CUT_SHORT = 6


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


def numbers_of(random: np.random.Generator) -> dict[str, int | str]:
    """Return what a question asks with, and the numbers of its solution."""
    a, b, c, d = (int(number) for number in random.integers(2, 60, size=4))
    whole = {"a": a, "b": b, "c": c, "d": d, "s": a + b, "t": (a + b) * c, "u": (a + b) * c - d}
    return {**whole, "name": NAMES[int(random.integers(len(NAMES)))]}


def answer(random: np.random.Generator, numbers: dict[str, int | str], *, solved: bool) -> tuple[str, Finish]:
    """Return an answer, and how it ended."""
    one, two, three, wrong = random.integers((len(ASIDES), len(ASIDES), len(ASIDES), CUT_SHORT + 1))
    told = {**numbers, "one": ASIDES[one], "two": ASIDES[two], "three": ASIDES[three]}
    if solved:
        return (STEPS + "\n#### {u}").format(**told), "stop"
    slipped = {**told, "t": int(told["t"]) + 10, "u": int(told["u"]) + 10}
    ways = (
        (STEPS + "\n#### {u}").format(**slipped),
        (STEPS + "\n#### {t}").format(**told),
        STEPS.format(**told),
        (STEPS + "\n#### {u}\n#### {t}").format(**told),
        "It is {t} pens.\n#### {t}".format(**told),
        (STEPS + " That is 100 - {d} = {v} pens.\n#### {v}").format(**told, v=100 - int(told["d"])),
        STEPS.format(**told)[:-40],
    )
    return ways[wrong], "length" if wrong == CUT_SHORT else "stop"


def trials(
    random: np.random.Generator, numbers: dict[str, int | str], arm: str, k: int, chance: float, most: int
) -> Iterator[Trial]:
    """Yield the draws of one arm."""
    for draw in range(DRAWS):
        solved = bool(random.random() < chance)
        text, finish = answer(random, numbers, solved=solved)
        usage = Usage(prompt_tokens=90, completion_tokens=80)
        yield Trial(
            arm=arm,
            draw=draw,
            k=k,
            responses=(Response(text=text, finish=finish, usage=usage),),
            score=Score(values={"exact_match,none": float(solved)}, filtered={"none": "42"}, solved=solved),
            verdicts=tuple(Verdict(met=bool(met)) for met in random.random(most) < MET),
        )


def record(index: int, random: np.random.Generator, counts: tuple[int, ...]) -> Record:
    """Return the record of one document, solved by its selection sample as often as a model would."""
    chance = random.beta(8, 1.2)
    most = max(counts)
    numbers = numbers_of(random)
    base = tuple(trials(random, numbers, "base", 0, chance, most))
    arms: tuple[Trial, ...] = ()
    if base[0].score.solved:
        arms = tuple(trials(random, numbers, "repeat", 0, chance, most))
        for k in counts:
            arms += tuple(trials(random, numbers, "placebo", k, chance, most))
            arms += tuple(trials(random, numbers, "constrained", k, chance * (1 - 0.02 * k), most))
    return Record(
        doc=f"t/{index}",
        task="t",
        index=index,
        cluster=f"passage {index // 3}",
        marks=("solved", "constrained") if arms else (),
        prompt=(Message(role="user", content=QUESTION.format(**numbers)),),
        golds=(str(numbers["u"]),),
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
    task = ListTask(name="t", rows=(), domain="math")
    metrics = [one for one in load_registry().metrics.values() if one.evaluation == "sustainscore"]
    read: list[float] = []
    failing: list[FailureRow] = []
    start = time.perf_counter()
    found = summary_of(Records(path), [noted(one, read, failing) for one in metrics], {"t": task}, ())
    done = time.perf_counter()
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(one.ru_utime + one.ru_stime for one in used)
    largest = " and ".join(f"{one.ru_maxrss / 1024:.0f} MiB" for one in used)
    first = next(one for one in found.estimates if one.metric == "D_spec")
    print(
        f"{found.funnel['asked']:,} records read and kept as rows of {len(metrics)} metrics in {read[0] - start:.1f} s"
    )
    print(f"failures: {shares_of(failing)}")
    print(f"{len(found.estimates):,} estimates in {done - read[0]:.1f} s")
    cores = len(os.sched_getaffinity(0))
    print(f"{done - start:.1f} s on {cores} cores, {cpu:.1f} s of them; {largest}, the forks' largest")
    print(f"{first.metric} {first.value:+.4f} by {first.method}")


def noted(metric: Metric[Any], read: list[float], failing: list[FailureRow]) -> Metric[Any]:
    """Return a metric whose estimates note when the rows were complete, and the rows of failures."""

    def estimate(rows: Any, tasks: Mapping[str, Task]) -> Iterable[Estimate]:
        read.append(time.perf_counter())
        if metric.name == "failures":
            failing.extend(rows)
        return metric.estimate(rows, tasks)

    return replace(metric, estimate=estimate)


def shares_of(rows: Sequence[FailureRow]) -> str:
    """Return how many constrained answers failed, and how."""
    seen: Counter[str] = Counter()
    for row in rows:
        for cell in row.cells:
            seen.update({kind: round(share * DRAWS) for kind, share in cell.constrained.items()})
    return ", ".join(f"{kind} {count:,}" for kind, count in seen.most_common())


def main() -> None:
    """Write the records, and analyse them in a process of its own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--counts", default="4")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--analyse", type=Path)
    given = parser.parse_args()
    if given.analyse:
        with settled():  # as the program does
            analyse(given.analyse)
        return
    with tempfile.TemporaryDirectory(dir=given.folder) as place:
        path = Path(place) / "records.jsonl"
        write_records(path, given.records, tuple(map(int, given.counts.split(","))))
        print(f"{given.records:,} records, {path.stat().st_size / 2**20:,.0f} MiB", flush=True)
        subprocess.run([sys.executable, __file__, "--analyse", str(path)], check=True)


if __name__ == "__main__":
    main()
