"""What a report is made of: a number with what is needed to believe it, and words in rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One number of a report with what is needed to believe it."""

    metric: str
    #: None where it cannot be known; the note says why.
    value: float | None
    low: float | None = None
    high: float | None = None
    #: Two-sided p-value against no effect, where a test was made.
    p: float | None = None
    #: The same, adjusted for the tests made beside it; `adjustment` says how.
    p_adjusted: float | None = None
    #: How `p` was adjusted, over how many tests: "Holm over 3 primary tests".
    adjustment: str = ""
    #: p-value of the hypothesis that the effect is as large as 2 points (TOST); small: nothing worth naming.
    p_equivalence: float | None = None
    #: Whether it is one of the tests fixed before the data were seen.
    primary: bool = False
    #: Units it rests on (documents).
    n: int
    #: "share", "points" (difference of shares), "ratio", "count" or "value".
    unit: str = "value"
    #: Standard error, where the source of the number gives one.
    stderr: float | None = None
    #: How the interval and the test were made.
    method: str = ""
    note: str = ""
    #: Which row of the report it belongs to: task, domain, family, k ...
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class ArmUsage:
    """What the answers of one arm took; grows while the records are gone through."""

    answers: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    #: Answers whose tokens the model did not tell; the sums are without them.
    untold: int = 0

    def add(self, other: ArmUsage) -> None:
        """Add what other answers of the arm took."""
        self.answers += other.answers
        self.prompt_tokens += other.prompt_tokens
        self.cached_tokens += other.cached_tokens
        self.completion_tokens += other.completion_tokens
        self.untold += other.untold


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Words in rows, ready for a terminal or a page."""

    title: str = ""
    #: Empty: each row is one line of text.
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...]
    #: What a reader must know of single cells, each once.
    notes: tuple[str, ...] = ()
    #: Left out on a terminal, where only the first things are read.
    detail: bool = False


#: How an evaluation lays out its own estimates: given them and what stands between a value and its interval, the
#: tables, and the estimates that it leaves to the general ones.
Layout = Callable[[Sequence[Estimate], str], tuple[Sequence[Table], Sequence[Estimate]]]
