"""Running generated programs where they can harm nothing, and judging them by tests that they cannot touch.

    from harness_sandbox import judge

    outcome = judge("def add(a, b): return a + b", "assert add(2, 3) == 5")
    outcome.status  # "passed"

A program is confined by the kernel, and its tests run in another process: what crosses between the two is plain data.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness import Command, hookimpl
from harness_sandbox.choice import Choice, current, sandbox_for, using
from harness_sandbox.judging import judge, run_program
from harness_sandbox.outcome import Outcome, Status


@hookimpl
def harness_commands() -> Iterable[Command]:
    """Yield `harness doctor`."""
    yield Command(
        name="doctor", summary="what confines generated programs on this machine, and what does not", call=call_doctor
    )


def call_doctor(words: Sequence[str]) -> int:
    """Call `harness doctor`."""
    from harness_sandbox.doctor import doctor

    return doctor(words)


__all__ = ["Choice", "Outcome", "Status", "current", "judge", "run_program", "sandbox_for", "using"]
