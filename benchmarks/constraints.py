"""Answers a second of extraction and checking by all types together, on one core, over recorded answers.

    python benchmarks/constraints.py ../shared/data/gsm8k_openai_solutions/example_model_solutions.jsonl.gz solution
    python benchmarks/constraints.py ../shared/data/humaneval_ten_runs/gpt-4.jsonl.gz program --domain code

The file holds one JSON object a line; every text under the named field, however deep, is an answer. The second figure
divides by the speed of a plain loop, so that runs on a busy machine can be compared.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness import Answered, ConstraintType, Doc, Message, Prompt, Response, Score
from harness_constraints import harness_constraint_types


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


def drawn(kinds: list[ConstraintType], source: Answered) -> tuple[int, int]:
    """Return how many constraints a source offers, and how many of them it meets."""
    offered = [(kind, constraint) for kind in kinds for constraint in kind.extract(source)]
    return len(offered), sum(kind.check(constraint, source.response).met is True for kind, constraint in offered)


def loops_a_second() -> float:
    """Return the speed of a plain loop, in millions of rounds a second."""
    began, total = time.process_time(), 0
    for number in range(3_000_000):
        total += number
    return 3 / (time.process_time() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("field")
    parser.add_argument("--domain", default="math")
    chosen = parser.parse_args()
    kinds = [kind for kind in harness_constraint_types() if not kind.domains or chosen.domain in kind.domains]
    sources = list(answers(chosen.path, chosen.field))
    drawn(kinds, sources[0])  # what is read once
    speed = loops_a_second()
    began = time.process_time()
    results = [drawn(kinds, source) for source in sources]
    took = time.process_time() - began
    offered, met = (sum(column) for column in zip(*results, strict=True))
    print(f"{len(kinds)} types, {len(sources):,} answers, {offered:,} constraints, {met:,} met on their own source")
    print(f"{len(sources) / took:,.0f} answers/s, {offered / took:,.0f} constraints/s")
    print(f"{len(sources) / took / speed:,.1f} answers per million rounds of a plain loop ({speed:.1f} million/s here)")


if __name__ == "__main__":
    main()
