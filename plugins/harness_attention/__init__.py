"""What answers attend to: the constraint, its placebo, the question; and whether right and wrong answers differ in it.

Section 7 of the method. `analyse(run, model)` is the command `harness attention RUN` as a function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from harness import Command, Model, hookimpl

if TYPE_CHECKING:
    from harness_attention.analysis import Analysis

__all__ = ["analyse"]


def analyse(
    run: Path,
    model: Model,
    *,
    limit: int | None = None,
    seed: int = 0,
    watch: Callable[[int, int], None] = lambda *_: None,
) -> Analysis:
    """Measure the attention of a run's answers to their constraints, and compare right with wrong ones.

    Args:
        run: folder of a finished run of `sustainscore`.
        model: opened, of local weights (`hf`, `tiny`); no request may be under way.
        limit: first documents of each task; None: all.
        seed: of control spans, resamples and flips.
        watch: told how many answers are measured, of how many.

    Returns:
        What was measured, and the estimates; `harness_attention.report.written` writes them into a folder.

    Raises:
        HarnessError: it is no such run, nothing in it can be measured, or the model cannot be looked into.
    """
    from harness_attention.analysis import analysis_of

    return analysis_of(run, model, limit=limit, seed=seed, watch=watch)


@hookimpl
def harness_commands() -> Iterable[Command]:
    """Yield the command `attention`."""
    yield Command(
        name="attention",
        summary="RUN [--model hf:PATH]: attention of its answers to their constraints",
        call=attention,
        loads_plugins=True,
    )


def attention(words: Sequence[str]) -> int:
    """Call `harness attention`."""
    from harness_attention.command import call

    return call(words)
