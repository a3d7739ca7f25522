"""What a harness costs beside the model: CPU and memory of whole runs with a model that answers at once.

    python benchmarks/overhead.py [--docs 10000] [--shots 5] [--rounds 3] [--without-samples] [--alone]

A task of sums with two filters, by default ten thousand documents with five examples each. Both sides run as whole
processes, in turns, from start to written files: ours with its store (every answer synced), records and reports;
lm-eval with its results. With samples both write lm-eval's sample files besides. `--alone` leaves lm-eval out, for
memory at 100,000 documents. Compare the ratios, not the seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from processes import Cost, medians, table

YAML = r"""
task: overhead
dataset_path: json
dataset_kwargs:
  data_files: FILES
output_type: generate_until
training_split: train
fewshot_split: train
test_split: test
num_fewshot: SHOTS
doc_to_text: "Question: {{question}}\nAnswer:"
doc_to_target: "{{answer}}"
generation_kwargs: {until: ["Question:"], do_sample: false, max_gen_toks: 64}
metric_list:
  - metric: exact_match
    aggregation: mean
    higher_is_better: true
    ignore_case: true
    regexes_to_ignore: [",", '\$', '(?s).*#### ', '\.$']
filter_list:
  - name: strict
    filter: [{function: regex, regex_pattern: '#### (\-?[0-9\.\,]+)'}, {function: take_first}]
  - name: flexible
    filter: [{function: regex, group_select: -1, regex_pattern: '(-?[$0-9.,]{2,})|(-?[0-9]+)'}, {function: take_first}]
"""
ANSWER = "They add up to that. #### 7"


def write_task(folder: Path, docs: int, shots: int) -> None:
    """Write a task of sums."""
    files = {}
    for split, count in (("test", docs), ("train", 500)):
        path = folder / f"{split}.jsonl"
        rows = (
            {"question": f"What is {k} plus {k % 9}?", "answer": f"It is so. #### {k + k % 9}"} for k in range(count)
        )
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        files[split] = str(path)
    (folder / "tasks").mkdir()
    (folder / "tasks" / "overhead.yaml").write_text(
        YAML.replace("FILES", json.dumps(files)).replace("SHOTS", str(shots))
    )


def ours(folder: Path, *, samples: bool) -> None:
    """Run the task with this harness."""
    from dataclasses import replace

    from harness import Plan, TaskSettings
    from harness.registry import load_registry
    from harness.run import run

    registry = load_registry(files=[str(Path(__file__).with_name("instant.py"))])
    if not samples:
        reporters = {name: one for name, one in registry.reporters.items() if name != "lm_eval"}
        registry = replace(registry, reporters=reporters)
    settings = TaskSettings(include_path=(str(folder / "tasks"),))
    plan = Plan(
        tasks=("overhead",),
        evaluation="accuracy",
        model="instant:#### 7",
        settings=settings,
        output=str(folder / f"runs-{os.getpid()}"),
    )
    asyncio.run(run(plan, registry))


def theirs(folder: Path, *, samples: bool) -> None:
    """Run the task with lm-eval, as its command line does."""
    import lm_eval
    from lm_eval.loggers import EvaluationTracker
    from lm_eval.models.dummy import DummyLM
    from lm_eval.tasks import TaskManager

    class Instant(DummyLM):
        """Answers at once."""

        def generate_until(self, requests: list[object], disable_tqdm: bool = False) -> list[str]:  # noqa: ARG002, FBT001, FBT002
            return [ANSWER] * len(requests)

    tracker = EvaluationTracker(output_path=str(folder / "lm-eval"))
    manager = TaskManager(include_path=str(folder / "tasks"))
    results = lm_eval.simple_evaluate(
        model=Instant(), tasks=["overhead"], task_manager=manager, evaluation_tracker=tracker, log_samples=samples
    )
    logged = results.pop("samples", {})
    tracker.save_results_aggregated(results=results, samples=logged)
    for name, rows in logged.items():
        tracker.save_results_samples(task_name=name, samples=rows)


SIDES = {"harness": ours, "lm-eval": theirs}


def shown(cost: Cost, docs: int) -> str:
    """Return what a side took, in words."""
    each = cost.cpu / docs * 1e3
    return f"{cost.wall:.1f} s, {cost.cpu:.1f} CPU-s, {each:.2f} ms a document, {cost.mib:.0f} MiB"


def row(docs: int, costs: Mapping[str, Cost], samples: str) -> list[str]:
    """Return a row of the table."""
    cells = [f"{docs:,}", samples, *(shown(cost, docs) for cost in costs.values())]
    if "lm-eval" in costs:
        cells.append(f"{costs['lm-eval'].cpu / costs['harness'].cpu:.1f}")
    return cells


def main() -> None:
    """Measure both sides, or be one of them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--docs", type=int, nargs="+", default=[10_000])
    parser.add_argument("--shots", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--without-samples", action="store_true")
    parser.add_argument("--alone", action="store_true")
    parser.add_argument("--side", choices=SIDES)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    samples = not given.without_samples
    if given.side:
        SIDES[given.side](given.folder, samples=samples)
        return
    rows = []
    sides = [side for side in SIDES if side == "harness" or not given.alone]
    for docs in given.docs:
        with tempfile.TemporaryDirectory() as place:
            write_task(Path(place), docs, given.shots)
            more = ["--folder", place, *(["--without-samples"] if given.without_samples else [])]
            commands = {side: [sys.executable, __file__, "--side", side, *more] for side in sides}
            rows.append(row(docs, medians(commands, given.rounds), "yes" if samples else "no"))
    print(table(["documents", "samples", *sides, *([] if given.alone else ["CPU ratio"])], rows))


if __name__ == "__main__":
    main()
