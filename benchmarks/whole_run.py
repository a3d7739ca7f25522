"""A whole SustainScore run beside the only way that lm-eval offers: a run for each arm, one after the other.

    python benchmarks/whole_run.py [--docs N] [--fewshot N] [--repeats N] [--batch N]

lm-eval answers the plain task and logs its samples; a script takes a word limit from every right answer, writes the
rows and a task file for each further arm; lm-eval runs them one after the other. This harness is started once. Two
sizes: the raw score (base and constrained arm), and the one that can be signed (with the repeat and placebo arms). Both
sides ask the same number of prompts. The embedded model, whole processes from start to written files. Beside the
seconds stand the seconds of CPU, which say the same where neighbours take turns on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from processes import table

from harness_tiny import WEIGHTS

TASKS = Path(__file__).resolve().parents[1] / "tasks"
#: A sentence of the length of a limit that asks for nothing.
PLACEBO = "The weather has been mild for days."
FURTHER = r"""
task: words_ARM
dataset_path: json
dataset_kwargs:
  data_files: FILES
output_type: generate_until
test_split: test
fewshot_split: train
doc_to_text: "Question: {{question}}{{ARM}}\nAnswer:"
doc_to_target: "{{target}}"
generation_kwargs: {until: ["\n\nQuestion:", "<|end|>"], do_sample: true, temperature: 0.5, max_gen_toks: 160}
filter_list:
  - name: strict
    filter: [{function: regex, regex_pattern: '[Tt]he answer is (-?\d+)\.?\s*$'}, {function: take_first}]
metric_list: [{metric: exact_match, aggregation: mean, higher_is_better: true}]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """What a side took."""

    seconds: float
    cpu: float

    def __add__(self, other: Took) -> Took:
        return Took(seconds=self.seconds + other.seconds, cpu=self.cpu + other.cpu)


def timed(command: list[str], folder: Path) -> Took:
    """Run a command to its end."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "HF_HUB_OFFLINE": "1"}, check=False, capture_output=True, text=True
    )
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in {0, 1}:  # 1: documents were lost on the way, which a benchmark may
        raise SystemExit(
            f"{' '.join(command)} ended with {done.returncode}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        )
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(seconds=seconds, cpu=cpu)


def lm_eval(folder: Path, task: str, place: Path, given: argparse.Namespace) -> Took:
    """Run one task of lm-eval with its samples."""
    words = [sys.executable, "-m", "lm_eval", "run", "--model", "hf", "--model_args", f"pretrained={WEIGHTS}"]
    words += ["--tasks", task, "--include_path", str(place), "--limit", str(given.docs), "--batch_size", given.batch]
    words += ["--num_fewshot", str(given.fewshot), "--log_samples", "--output_path", "out", "--device", "cpu"]
    return timed(words, folder)


def write_arms(folder: Path, arms: Sequence[str]) -> None:
    """Write rows and task files of the further runs: a word limit from each right answer, rounded up to fives."""
    samples = next((folder / "out").rglob("samples_demo_words*.jsonl"))
    rows = []
    for row in map(json.loads, samples.read_text().splitlines()):
        if row["filter"] == "strict" and row["exact_match"]:
            limit = -(-len(row["resps"][0][0].split()) // 5) * 5
            added = {"constrained": f"\n\nUse at most {limit} words.", "placebo": f"\n\n{PLACEBO}", "repeat": ""}
            rows.append({**row["doc"], **added})
    (folder / "further").mkdir()
    for name in ("test", "train"):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    files = json.dumps({name: str(folder / f"{name}.jsonl") for name in ("test", "train")})
    for arm in arms:
        (folder / "further" / f"{arm}.yaml").write_text(FURTHER.replace("FILES", files).replace("ARM", arm))


def theirs(folder: Path, arms: Sequence[str], given: argparse.Namespace) -> Took:
    """Run lm-eval once for each arm; the script between costs what it costs."""
    took = lm_eval(folder, "demo_words", TASKS / "demo", given)
    start = time.perf_counter()
    write_arms(folder, arms)
    between = time.perf_counter() - start
    took += Took(seconds=between, cpu=between)
    for arm in arms:
        took += lm_eval(folder, f"words_{arm}", folder / "further", given)
    return took


def ours(folder: Path, arms: Sequence[str], given: argparse.Namespace) -> Took:
    """Run this harness once, with a cold store."""
    words = [sys.executable, "-m", "harness", "run", "--tasks", "demo_words", "--constraint-type", "length"]
    words += ["--model", "tiny", "--limit", str(given.docs), "--num-fewshot", str(given.fewshot)]
    words += ["--draws", "1", "--base-draws", "1", "--arms", ",".join(arms)]
    return timed(words, folder)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--docs", type=int, default=256)
    parser.add_argument("--fewshot", type=int, default=0)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--batch", default="32", help="lm-eval's; ours finds its own")
    given = parser.parse_args()
    rows = []
    for arms in (("constrained",), ("constrained", "repeat", "placebo")):
        found: dict[str, list[Took]] = {"lm-eval": [], "harness": []}
        for _ in range(given.repeats):
            for name, side in zip(found, (theirs, ours), strict=True):
                with tempfile.TemporaryDirectory() as place:
                    found[name].append(side(Path(place), arms, given))
                print(f"  {name}, {len(arms) + 1} arms: {found[name][-1]}", flush=True)
        seconds = {name: statistics.median(one.seconds for one in some) for name, some in found.items()}
        cpu = {name: statistics.median(one.cpu for one in some) for name, some in found.items()}
        cells = [f"{of[name]:.1f}" for of in (seconds, cpu) for name in found]
        ratios = [f"{of['lm-eval'] / of['harness']:.1f}" for of in (seconds, cpu)]
        rows.append([f"base, {', '.join(arms)}", *cells[:2], ratios[0], *cells[2:], ratios[1]])
    print()
    print(table(["arms", "lm-eval, s", "harness, s", "ratio", "lm-eval, CPU-s", "harness, CPU-s", "ratio"], rows))


if __name__ == "__main__":
    main()
