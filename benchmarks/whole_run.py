"""A whole SustainScore run beside the only way that lm-eval offers: two runs one after the other, with two task files.

    python benchmarks/whole_run.py [--docs N] [--fewshot N] [--repeats N] [--batch N]

lm-eval answers the plain task and logs its samples; a script takes a word limit from every right answer, writes the
rows and the second task file; lm-eval runs again. This harness is started once: base and constrained arm, and the
repeat and placebo arms that lm-eval's way does not have. The embedded model, whole processes from start to written
files. Beside the seconds stand the seconds of CPU, which say the same where neighbours take turns on the machine.
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
from dataclasses import dataclass
from pathlib import Path

from harness_tiny import WEIGHTS

TASKS = Path(__file__).resolve().parents[1] / "tasks"
CONSTRAINED = r"""
task: words_constrained
dataset_path: json
dataset_kwargs:
  data_files: FILES
output_type: generate_until
test_split: test
fewshot_split: train
doc_to_text: "Question: {{question}}{{constraint}}\nAnswer:"
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


def write_constrained(folder: Path) -> None:
    """Write rows and task file of the second run: a word limit from each right answer, rounded up to fives."""
    samples = next((folder / "out").rglob("samples_demo_words*.jsonl"))
    rows = []
    for row in map(json.loads, samples.read_text().splitlines()):
        if row["filter"] == "strict" and row["exact_match"]:
            limit = -(-len(row["resps"][0][0].split()) // 5) * 5
            rows.append({**row["doc"], "constraint": f"\n\nUse at most {limit} words."})
    (folder / "second").mkdir()
    for name in ("test", "train"):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    files = json.dumps({name: str(folder / f"{name}.jsonl") for name in ("test", "train")})
    (folder / "second" / "words.yaml").write_text(CONSTRAINED.replace("FILES", files))


def theirs(folder: Path, given: argparse.Namespace) -> Took:
    """Run lm-eval twice; the script between costs what it costs."""
    first = lm_eval(folder, "demo_words", TASKS / "demo", given)
    start = time.perf_counter()
    write_constrained(folder)
    between = time.perf_counter() - start
    return first + Took(seconds=between, cpu=between) + lm_eval(folder, "words_constrained", folder / "second", given)


def ours(folder: Path, given: argparse.Namespace) -> Took:
    """Run this harness once, with a cold store."""
    words = [sys.executable, "-m", "harness", "run", "--tasks", "demo_words", "--constraint-type", "length"]
    words += ["--model", "tiny", "--limit", str(given.docs), "--num-fewshot", str(given.fewshot)]
    words += ["--draws", "1", "--base-draws", "1"]
    return timed(words, folder)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--docs", type=int, default=256)
    parser.add_argument("--fewshot", type=int, default=0)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--batch", default="32", help="lm-eval's; ours finds its own")
    given = parser.parse_args()
    found: dict[str, list[Took]] = {"lm-eval, two runs": [], "harness, one run": []}
    for _ in range(given.repeats):
        for name, side in zip(found, (theirs, ours), strict=True):
            with tempfile.TemporaryDirectory() as place:
                found[name].append(side(Path(place), given))
            print(f"  {name}: {found[name][-1]}", flush=True)
    print("\n| side | seconds | CPU seconds |\n| --- | --- | --- |")
    seconds = {name: statistics.median(one.seconds for one in some) for name, some in found.items()}
    cpu = {name: statistics.median(one.cpu for one in some) for name, some in found.items()}
    for name in found:
        print(f"| {name} | {seconds[name]:.1f} | {cpu[name]:.1f} |")
    theirs_name, ours_name = found
    print(f"| ratio | {seconds[theirs_name] / seconds[ours_name]:.1f} | {cpu[theirs_name] / cpu[ours_name]:.1f} |")


if __name__ == "__main__":
    main()
