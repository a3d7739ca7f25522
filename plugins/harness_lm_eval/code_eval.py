"""The metric `code_eval`, by which lm-eval's code tasks judge programs, with our sandbox in place of its process."""

from __future__ import annotations

import contextvars
import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from harness.stats import pass_at_k
from harness_sandbox import Outcome, judge

NAME = "code_eval"
#: What runs code in other ways than by `code_eval`.
OTHERWISE = re.compile(
    r"\b(?:exec|eval)\(|\b(?:multiprocessing|subprocess|Popen)\b|\bos\.(?:system|popen|exec\w+|spawn\w+)"
)


class CodeEval:
    """Stands where the metric would stand; the same figures from the same programs."""

    def compute(
        self,
        *,
        predictions: Sequence[Sequence[str]],
        references: Sequence[str],
        k: Sequence[int] = (1, 10, 100),
        num_workers: int = 4,
        timeout: float = 3.0,
    ) -> tuple[dict[str, float], dict[int, list[tuple[int, dict[str, Any]]]]]:
        """Return pass@k over the problems, for every k that all of them have answers for, and each verdict.

        Args:
            predictions: for each problem its programs.
            references: for each problem its tests.
            k: numbers of answers.
            num_workers: programs judged at once.
            timeout: seconds of CPU time; the metric itself counts seconds on the clock.
        """
        work = [
            (task, number, program, tests)
            for task, (programs, tests) in enumerate(zip(predictions, references, strict=True))
            for number, program in enumerate(programs)
        ]
        context = contextvars.copy_context()  # which sandbox was asked for
        with ThreadPoolExecutor(max(1, num_workers)) as threads:
            judged = [
                threads.submit(context.copy().run, judge, program, tests, timeout=timeout)
                for _, _, program, tests in work
            ]
        results: dict[int, list[tuple[int, dict[str, Any]]]] = {task: [] for task in range(len(references))}
        for (task, number, _, _), future in zip(work, judged, strict=True):
            results[task].append((number, told(future.result(), task, number)))
        counts = [(len(rows), sum(row["passed"] for _, row in rows)) for rows in results.values()]
        usable = [number for number in k if counts and all(total >= number for total, _ in counts)]
        shares = {
            f"pass@{number}": sum(pass_at_k(total, right, number) for total, right in counts) / len(counts)
            for number in usable
        }
        return shares, results


def told(outcome: Outcome, task: int, number: int) -> dict[str, Any]:
    """Return a verdict in the words of the metric."""
    words = {"passed": "passed", "timeout": "timed out"}.get(outcome.status, f"failed: {outcome.detail}")
    return {"task_id": task, "passed": outcome.passed, "result": words, "completion_id": number}


@functools.cache
def serve() -> None:
    """Put a switch in front of `evaluate.load`: from now on it gives our metric under this name."""
    import evaluate

    original = evaluate.load

    @functools.wraps(original)
    def load(path: str, *args: Any, **kwargs: Any) -> Any:
        return CodeEval() if path == NAME else original(path, *args, **kwargs)

    evaluate.load = load


def judges_by_code_eval(config: Mapping[str, Any]) -> bool:
    """Whether all that runs a model's code for a task is the metric; read in the source of its functions, not imported.

    Args:
        config: the settings of the task, its functions by name.
    """
    sources = [file.read_text(encoding="utf-8") for file in sorted(set(modules(config)))]
    return any(NAME in source for source in sources) and not any(OTHERWISE.search(source) for source in sources)


def modules(value: Any) -> Iterator[Path]:
    """Yield the files of the functions that settings name."""
    if isinstance(value, Mapping):
        for item in value.values():
            yield from modules(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from modules(item)
    elif isinstance(value, str) and "\n" not in value and value.startswith("/"):
        file = Path(value.rpartition(".")[0] + ".py")
        if len(value) < 1_000 and file.is_file():  # noqa: PLR2004  # longer than any path
            yield file
