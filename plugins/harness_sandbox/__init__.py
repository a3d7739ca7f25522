"""Running generated programs in a child process that is confined, bounded and killed as a tree.

    from harness_sandbox import run_program

    outcome = run_program("assert sorted([2, 1]) == [1, 2]")
    outcome.status  # "passed"

One function is the whole face, so that a stronger sandbox can take its place without anyone noticing.
"""

from __future__ import annotations

from harness_sandbox.program import Outcome, Status, run_program

__all__ = ["Outcome", "Status", "run_program"]
