"""Answers a second of extraction and checking by all types together, on one core, over recorded answers.

    python benchmarks/constraints.py ../shared/data/gsm8k_openai_solutions/example_model_solutions.jsonl.gz solution
    python benchmarks/constraints.py ../shared/data/humaneval_ten_runs/gpt-4.jsonl.gz program --domain code
    python benchmarks/constraints.py FILE FIELD --families        (the types of one family at a time, as most runs do)

    python benchmarks/constraints.py                    (every type on 68 adversarial texts of a megabyte)

The file holds one JSON object a line; every text under the named field, however deep, is an answer. Counted: each
answer is read anew, every type of its domain extracts from it, and the constraints are checked on it: all that are
offered, or as many as the largest prompt of a run holds. The machine is shared, so what counts is the best of several
passes, hundred answers by hundred: what a pass takes that nobody disturbs.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from harness import Answered, ConstraintType, Doc, Message, Prompt, Response, Score
from harness.garbage import settled
from harness.testing import adversarial_texts, check_speed
from harness_constraints import harness_constraint_types

#: The most constraints that a run puts into one prompt.
MOST_IN_A_RUN = 16
#: Answers that are timed together.
TOGETHER = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """What types took for all answers: CPU seconds, constraints offered, and those checked and met."""

    #: Of each hundred answers the pass that took least.
    best: float
    #: Of whole passes the one that took least.
    whole: float
    offered: int
    met: int


def texts(row: Any, field: str) -> Iterator[str]:
    """Yield every text under a field."""
    if isinstance(row, dict):
        for key, value in row.items():
            if key == field and isinstance(value, str):
                yield value
            else:
                yield from texts(value, field)


def answers(path: Path, field: str) -> Iterator[Answered]:
    """Yield the recorded answers with the prompts that they answer."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    for number, line in enumerate(content.splitlines()):
        row = json.loads(line)
        question = str(row.get("question", row.get("task_id", "")))
        prompt = Prompt(messages=(Message(role="user", content=f"Question: {question}\nAnswer:"),))
        for text in texts(row, field):
            doc = Doc(id=f"bench/{number}", task="bench", index=number, fields={"question": question})
            yield Answered(doc=doc, prompt=prompt, response=Response(text=text), score=Score())


def drawn(kinds: list[ConstraintType], source: Answered, most: int | None = None) -> tuple[int, int]:
    """Return how many constraints a source offers, and how many of those checked (all, or the first) it meets."""
    offered = [(kind, constraint) for kind in kinds for constraint in kind.extract(source)]
    checked = offered if most is None else offered[:most]
    return len(offered), sum(kind.check(constraint, source.response).met is True for kind, constraint in checked)


def passed(kinds: list[ConstraintType], sources: list[Answered], most: int | None) -> tuple[list[float], int, int]:
    """Return CPU seconds of one pass, hundred answers by hundred, read anew; and the constraints offered and met."""
    seconds, offered, met = [], 0, 0
    for start in range(0, len(sources), TOGETHER):
        begun = time.process_time()
        results = [drawn(kinds, source, most) for source in sources[start : start + TOGETHER]]
        seconds.append(time.process_time() - begun)
        offered += sum(some for some, _ in results)
        met += sum(some for _, some in results)
    return seconds, offered, met


def timed(kinds: list[ConstraintType], sources: list[Answered], most: int | None, passes: int) -> Timed:
    """Return what types take for all answers, over so many passes."""
    results = [passed(kinds, sources, most) for _ in range(passes)]
    _, offered, met = results[0]
    return Timed(
        best=sum(map(min, zip(*(seconds for seconds, _, _ in results), strict=True))),
        whole=min(sum(seconds) for seconds, _, _ in results),
        offered=offered,
        met=met,
    )


def together(kinds: list[ConstraintType], sources: list[Answered], passes: int) -> None:
    """Print what all types take, with all constraints checked and with as many as a prompt holds."""
    for most in (None, MOST_IN_A_RUN):
        took = timed(kinds, sources, most, passes)
        checked = "all" if most is None else f"{most} at the most"
        print(f"all extract ({took.offered:,} offered), {checked} checked on their source ({took.met:,} met)")
        print(f"  best of {passes} passes, hundred by hundred: {len(sources) / took.best:,.0f} answers/s of CPU")
        print(f"  best whole pass: {len(sources) / took.whole:,.0f}", flush=True)


def by_family(kinds: list[ConstraintType], sources: list[Answered], passes: int) -> None:
    """Print what the types of each family take, with all their constraints checked."""
    for family, members in groupby(kinds, key=lambda kind: kind.family):
        own = list(members)
        took = timed(own, sources, None, passes)
        print(f"{family:12} {len(own):3} types  {len(sources) / took.best:8,.0f} answers/s of CPU", flush=True)


def megabytes(kinds: list[ConstraintType]) -> None:
    """Print the slowest type on each adversarial text of a megabyte."""
    for name, text in adversarial_texts(1_000_000):
        kind, _, seconds = check_speed(kinds, [(name, text)], seconds=10)
        print(f"{name:16} {seconds:5.2f} s  {kind}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path, nargs="?", help="omitted: adversarial texts of a megabyte")
    parser.add_argument("field", nargs="?", default="completion")
    parser.add_argument("--domain", default="math")
    parser.add_argument("--passes", type=int, default=5)
    parser.add_argument("--families", action="store_true", help="the types of one family at a time")
    chosen = parser.parse_args()
    if chosen.path is None:
        megabytes(list(harness_constraint_types()))
        return
    kinds = [kind for kind in harness_constraint_types() if not kind.domains or chosen.domain in kind.domains]
    sources = list(answers(chosen.path, chosen.field))
    drawn(kinds, sources[0])  # what is read once
    count, size = len(sources), sum(len(source.response.text) for source in sources)
    print(f"{len(kinds)} types, {count:,} answers of {size / count:.0f} characters")
    with settled():  # as the program runs
        (by_family if chosen.families else together)(kinds, sources, chosen.passes)


if __name__ == "__main__":
    main()
