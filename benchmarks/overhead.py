"""What a harness costs beside the model: 10,000 documents x 5 examples x 2 filters with a model that answers at once.

    python benchmarks/overhead.py [--docs N]

Both sides run as whole processes, one after the other on the same machine, from start to written files: ours with its
store, records and reports; lm-eval with its samples. Compare the ratio, not the seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

YAML = r"""
task: overhead
dataset_path: json
dataset_kwargs:
  data_files: FILES
output_type: generate_until
training_split: train
fewshot_split: train
test_split: test
num_fewshot: 5
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


def write_task(folder: Path, docs: int) -> None:
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
    (folder / "tasks" / "overhead.yaml").write_text(YAML.replace("FILES", json.dumps(files)))


def ours(folder: Path) -> None:
    """Run the task with this harness."""
    from dataclasses import replace

    from harness import Plan, TaskSettings
    from harness.registry import load_registry
    from harness.run import run
    from harness.testing import ScriptedModel

    model = ScriptedModel(script=lambda _: ANSWER)
    registry = replace(load_registry(), backends={"scripted": model.backend()})
    settings = TaskSettings(include_path=(str(folder / "tasks"),))
    plan = Plan(
        tasks=("overhead",), evaluation="accuracy", model="scripted", settings=settings, output=str(folder / "runs")
    )
    asyncio.run(run(plan, registry))


def theirs(folder: Path) -> None:
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
        model=Instant(), tasks=["overhead"], task_manager=manager, evaluation_tracker=tracker
    )
    samples = results.pop("samples")
    tracker.save_results_aggregated(results=results, samples=samples)
    for name, rows in samples.items():
        tracker.save_results_samples(task_name=name, samples=rows)


SIDES = {"harness": ours, "lm-eval": theirs}


def measured(side: str, folder: Path) -> tuple[float, float]:
    """Return the seconds of a whole process, and its memory in MiB."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, __file__, "--side", side, "--folder", str(folder)], check=True, capture_output=True, text=True
    )
    return time.perf_counter() - start, float(done.stdout.strip().splitlines()[-1])


def main() -> None:
    """Measure both sides, or be one of them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--docs", type=int, default=10_000)
    parser.add_argument("--side", choices=SIDES)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    if given.side:
        SIDES[given.side](given.folder)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_task(folder, given.docs)
        seconds = {}
        for side in SIDES:
            seconds[side], memory = measured(side, folder)
            print(f"{side:8} {seconds[side]:7.1f} s  {seconds[side] / given.docs * 1e3:6.2f} ms/doc  {memory:6.0f} MiB")
    print(f"ratio    {seconds['lm-eval'] / seconds['harness']:7.1f}")


if __name__ == "__main__":
    main()
