"""The suites: which tasks, which grade decides, and where the answer stands; pass@k of those that ask for code."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from harness import Metric, TaskSuite, hookimpl
from harness_suites.passes import Row, estimate, row
from harness_suites.specs import CODE, CODE_PLUS, DEMO, GSM8K_PROMPTS, MATH, MULTIHOP_QA, RATINGS


@hookimpl
def harness_metrics() -> Iterable[Metric[Row]]:
    """Yield the metric of code tasks that are answered several times."""
    yield Metric(
        name="pass_at_k",
        summary="pass@k of code tasks, unbiased, over the base answers of a run",
        evaluation="sustainscore",
        row=row,
        estimate=estimate,
    )


def tasks_folder() -> Path:
    """Return the folder of task files: beside the installed packages, or at the root of a checkout."""
    here = Path(__file__).resolve()
    shipped = here.parents[1] / "harness_data" / "tasks"
    return shipped if shipped.is_dir() else here.parents[2] / "tasks"


@hookimpl
def harness_task_suites() -> Iterable[TaskSuite]:
    """Yield the suites that come with the harness."""
    folder = tasks_folder()
    yield TaskSuite(
        name="math",
        summary="Word problems and competition mathematics: GSM8K, MATH-500, SVAMP",
        domain="math",
        tasks=MATH,
        folder=folder / "math",
    )
    yield TaskSuite(
        name="gsm8k_prompts",
        summary="GSM8K in other wordings: as a chat would ask it, and lm-eval's with eight and with no worked examples",
        domain="math",
        tasks=GSM8K_PROMPTS,
        folder=folder / "gsm8k_prompts",
    )
    yield TaskSuite(
        name="multihop_qa",
        summary="Questions that join several facts: HotpotQA, MuSiQue, 2WikiMultihopQA, StrategyQA",
        domain="multihop_qa",
        tasks=MULTIHOP_QA,
        folder=folder / "multihop_qa",
    )
    yield TaskSuite(
        name="code",
        summary="Programs run against tests, in a sandbox: HumanEval, MBPP",
        domain="code",
        tasks=CODE,
        folder=folder / "code",
    )
    yield TaskSuite(
        name="code_plus",
        summary="The same problems with many more inputs: HumanEval+, MBPP+",
        domain="code",
        tasks=CODE_PLUS,
        folder=folder / "code_plus",
    )
    yield TaskSuite(
        name="ratings",
        summary="Ordered labels: lexical complexity, similarity of sentences, judging answers as people did",
        domain="ratings",
        tasks=RATINGS,
        folder=folder / "ratings",
    )
    yield TaskSuite(
        name="demo",
        summary="Generated problems for the embedded model: words, facts, code; nothing is downloaded",
        tasks=DEMO,
        folder=folder / "demo",
    )
