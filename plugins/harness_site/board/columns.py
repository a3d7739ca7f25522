"""The columns of the board: what each is called, says, sorts by, and how it is printed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness import Estimate
from harness.report import amount, bounds, interval_text
from harness.report.words import UNKNOWN
from harness_site.board.lines import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the board."""

    #: Fit for a file's header and a page's address.
    name: str
    heading: str
    #: What it is, in a sentence.
    help: str
    text: Callable[[Line], str]
    #: What it sorts by; None sorts last.
    sort: Callable[[Line], float | str | None]
    #: Numbers stand to the right.
    number: bool = True
    #: Left out where the page is narrow.
    wide: bool = False


def measured(name: str, heading: str, told: str, *, wide: bool = False) -> Column:
    """Return the column of an estimate with its interval."""
    return Column(
        name=name,
        heading=heading,
        help=told,
        text=lambda line: number_text(line.cell.get(name)),
        sort=lambda line: line.value(name),
        wide=wide,
    )


def number_text(one: Estimate | None) -> str:
    """Return an estimate with its interval."""
    return UNKNOWN if one is None or one.value is None else f"{amount(one.value, one.unit)} {bounds(one)}".strip()


def words(name: str, heading: str, told: str, value: Callable[[Line], str], *, wide: bool = False) -> Column:
    """Return a column of words; empty ones are unknown."""
    return Column(
        name=name,
        heading=heading,
        help=told,
        text=lambda line: value(line) or UNKNOWN,
        sort=lambda line: value(line) or None,
        number=False,
        wide=wide,
    )


def tokens(line: Line) -> float | None:
    """Return the tokens that a document took, prompts and answers of all arms together."""
    cost = line.submission.cost
    parts = [cost.per_document(cost.prompt_tokens), cost.per_document(cost.completion_tokens)]
    return None if None in parts else sum(part for part in parts if part is not None)


def tokens_text(line: Line) -> str:
    """Return the tokens that a document took, in words."""
    found = tokens(line)
    return UNKNOWN if found is None else f"{found:,.0f}"


def excess(line: Line) -> float | None:
    """Return the largest excess of a class of failure; None where nothing is told of failures."""
    return line.excess[0].value if line.excess else None


def excess_text(line: Line) -> str:
    """Return the class of failure that the constraint adds most of."""
    if not line.excess:
        return UNKNOWN
    first = line.excess[0]
    return f"{first.labels['class'].replace('_', ' ')} {interval_text(first)}"


def items(line: Line) -> int:
    """Return how many items the line rests on."""
    return max((line.cell[name].n for name in ("D_spec", "sustain_raw") if name in line.cell), default=0)


COLUMNS: tuple[Column, ...] = (
    Column(
        name="rank",
        heading="Rank",
        help="The places it may hold within its task, k and family; ranges that overlap are ties",
        text=lambda line: UNKNOWN if line.rank is None else line.rank.text,
        sort=lambda line: None if line.rank is None else line.rank.best + line.rank.worst / 1000,
    ),
    words("model", "Model", "The model as the run names it", lambda line: line.submission.model),
    measured("D_spec", "D_spec", "Specific interference: placebo less raw; what the instruction costs"),
    words("task", "Task", "Task, or all tasks of a domain", lambda line: line.scope.task),
    Column(
        name="k",
        heading="k",
        help="Constraints in the prompt",
        text=lambda line: str(line.scope.k),
        sort=lambda line: line.scope.k,
    ),
    Column(
        name="n",
        heading="n",
        help="Items that the numbers rest on: solved and constrained",
        text=lambda line: f"{items(line):,}",
        sort=items,
    ),
    measured("sustain_raw", "Raw", "Solved again with the constraint, of what was solved"),
    measured("sustain_adjusted", "Adjusted", "Raw over floor", wide=True),
    measured("floor", "Floor", "Solved again when asked the same again", wide=True),
    measured("placebo", "Placebo", "Solved again with an idle sentence in place of the constraint", wide=True),
    measured("D", "D", "Interference: floor less raw", wide=True),
    measured("base_accuracy", "Accuracy", "Solved by the base answers, of all that was asked"),
    measured("compliance", "Compliance", "Constrained answers that meet the constraint"),
    Column(
        name="excess",
        heading="Failure excess",
        help="The class of failure that the constraint adds most of, beyond the control",
        text=excess_text,
        sort=excess,
        wide=True,
    ),
    Column(
        name="tokens",
        heading="Tokens",
        help="Cost: tokens for each document, prompts and answers of all arms",
        text=tokens_text,
        sort=tokens,
        wide=True,
    ),
    words("domain", "Domain", "Domain of the task", lambda line: line.scope.domain, wide=True),
    words("model_family", "Model family", "Family of the model", lambda line: line.submission.facts.family, wide=True),
    words("stage", "Stage", "Stage of post-training", lambda line: line.submission.facts.stage, wide=True),
    words(
        "standing",
        "Verified",
        "Whether `harness verify` found the run to be what it says",
        lambda line: line.submission.standing,
    ),
)
