"""What a user waits for before anything is asked: help, the list of tasks, and a run of three documents.

    python benchmarks/startup.py [--rounds 3] [--inspect PATH/TO/inspect] [--no-list]

Whole processes of the command lines, in turns: ours; lm-eval's `dummy` model on the same task file; Inspect, where it
is installed (in an environment of its own), with its `mockllm`. Our index of tasks is warm, as after the first run;
lm-eval keeps none. Compare the ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from processes import Cost, cost_of, medians, script, table

YAML = r"""
task: startup
dataset_path: json
dataset_kwargs: {data_files: FILES}
output_type: generate_until
test_split: test
doc_to_text: "Question: {{question}}\nAnswer:"
doc_to_target: "{{answer}}"
generation_kwargs: {until: ["\n"], do_sample: false, max_gen_toks: 16}
metric_list: [{metric: exact_match, aggregation: mean, higher_is_better: true}]
"""
INSPECT = """
from inspect_ai import Task, task
from inspect_ai.dataset import Sample
from inspect_ai.scorer import match
from inspect_ai.solver import generate

@task
def startup():
    rows = [Sample(input=f"What is {n} + {n}?", target=str(2 * n)) for n in range(3)]
    return Task(dataset=rows, solver=generate(), scorer=match())
"""


def prepared(folder: Path) -> None:
    """Write the task of each side."""
    rows = "".join(json.dumps({"question": f"What is {n} + {n}?", "answer": str(2 * n)}) + "\n" for n in range(3))
    (folder / "test.jsonl").write_text(rows)
    (folder / "tasks").mkdir()
    text = YAML.replace("FILES", json.dumps({"test": str(folder / "test.jsonl")}))
    (folder / "tasks" / "startup.yaml").write_text(text)
    (folder / "startup.py").write_text(INSPECT)


def commands(folder: Path, inspect: str | None) -> dict[str, dict[str, Sequence[str]]]:
    """Return, for each thing a user does, the command of each side."""
    ours, theirs = script("harness"), script("lm_eval")
    tasks = str(folder / "tasks")
    plugin = [
        "--plugin",
        str(Path(__file__).with_name("instant.py")),
        "--model",
        "instant:4",
        "--evaluation",
        "accuracy",
    ]
    found: dict[str, dict[str, Sequence[str]]] = {
        "help": {"harness": [ours, "--help"], "lm-eval": [theirs, "run", "--help"]},
        "list of tasks": {"harness": [ours, "list", "tasks"], "lm-eval": [theirs, "ls", "tasks"]},
        "three documents": {
            "harness": [
                *(ours, "run", "--tasks", "startup", "--include-path", tasks),
                *plugin,
                *("--output", str(folder / "runs")),
            ],
            "lm-eval": [
                *(theirs, "run", "--model", "dummy", "--tasks", "startup", "--include_path", tasks),
                *("--output_path", str(folder / "lm-eval"), "--log_samples"),
            ],
        },
    }
    if inspect:
        found["help"]["inspect"] = [inspect, "--help"]
        evaluated = os.path.relpath(folder / "startup.py")  # Inspect takes no other path
        found["three documents"]["inspect"] = [
            *(inspect, "eval", evaluated, "--model", "mockllm/model"),
            *("--log-dir", str(folder / "inspect"), "--display", "none"),
        ]
    return found


def row(what: str, costs: Mapping[str, Cost]) -> list[str]:
    """Return a row of the table."""
    ours = costs["harness"]
    cells = [what, f"{ours.wall:.2f} s, {ours.cpu:.2f} CPU-s"]
    for peer in ("lm-eval", "inspect"):
        cost = costs.get(peer)
        cells += (
            ["", ""]
            if cost is None
            else [f"{cost.wall:.2f} s, {cost.cpu:.2f} CPU-s", f"{cost.wall / ours.wall:.1f}, {cost.cpu / ours.cpu:.1f}"]
        )
    return cells


def main() -> None:
    """Measure all sides and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--inspect", default=shutil.which("inspect"))
    parser.add_argument("--no-list", action="store_true", help="leave out the list of tasks, lm-eval's slowest")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        prepared(folder)
        rows = []
        for what, sides in commands(folder, given.inspect).items():
            if given.no_list and what == "list of tasks":
                continue
            cost_of(sides["harness"])  # the index is warm afterwards
            rows.append(row(what, medians(sides, given.rounds)))
    print(table(["what", "harness", "lm-eval", "ratio (wall, CPU)", "Inspect", "ratio (wall, CPU)"], rows))


if __name__ == "__main__":
    main()
