"""How a program ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: "passed": its tests ran to their end. "failed": an assertion of the tests, an exception, an early exit.
#: "timeout": too long on the clock or on the CPU. "memory": needed more than it was given. "crashed": killed by a
#: signal. "syntax": not a Python program. "refused": ended by what the sandbox does not allow. "no code": there was
#: nothing to run.
Status = Literal["passed", "failed", "timeout", "memory", "crashed", "syntax", "refused", "no code"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a program ended."""

    status: Status
    #: The exception or the reason, in one line; in part written by the program, so for readers only.
    detail: str = ""
    #: What it printed, the first 64 KiB.
    output: str = ""

    @property
    def passed(self) -> bool:
        """Whether its tests ran to their end."""
        return self.status == "passed"
