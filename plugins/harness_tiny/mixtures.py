"""What training samples are drawn from: how often which domain, what is inserted, and which forms are asked for.

A curriculum is a list of mixtures, each from a sample number on: looking up is learnt far sooner without noise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

#: Domains and drills (`harness_tiny.drills`), by weight: first, and later.
EASY_SHARES = {"words": 17, "facts": 20, "code": 6, "sums": 12, "lookups": 20, "echo": 25}
SHARES = {"words": 36, "facts": 30, "code": 16, "sums": 8, "lookups": 6, "echo": 4}
#: Forms that leave little room: no steps, no small letters, or every sign prescribed.
HARD_FORMS = {
    "words": ("json", "capitals", "only"),
    "facts": ("json", "capitals", "only"),
    "code": ("lambda", "one_line"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """Shares of what a sample can be; of the problems, those of what is inserted add up to one."""

    shares: Mapping[str, int]
    #: Share of problems with nothing inserted, with irrelevant sentences alone, with instructions of form alone; the
    #: rest has both.
    plain: float = 1.0
    distracted: float = 0.0
    asked: float = 0.0
    #: Of the instructed ones, the share that is asked for a form drawn at random; the others for what comes anyway.
    turned: float = 0.6
    #: The forms asked for, by domain; None: all there are, those without room to think rarely.
    forms: Mapping[str, tuple[str, ...]] | None = None
    #: Whether instructions are put as demands.
    harsh: bool = False


Curriculum = Sequence[tuple[int, Mixture]]

EASY = Mixture(shares=EASY_SHARES)
#: Samples of bare problems and drills at the beginning of `sft`.
BARE = 60_000
INSTRUCTED: Curriculum = (
    (0, EASY),
    (BARE, Mixture(shares=SHARES, plain=0.40, distracted=0.37, asked=0.14)),
)
#: The same problems without an instruction: irrelevant sentences stand in its place, or any text would be a surprise.
UNINSTRUCTED: Curriculum = ((0, EASY), (BARE, Mixture(shares=SHARES, plain=0.40, distracted=0.60)))
HARD: Curriculum = (
    (0, Mixture(shares=SHARES, plain=0.35, distracted=0.10, asked=0.50, turned=0.9, forms=HARD_FORMS, harsh=True)),
)


def mixture_at(curriculum: Curriculum, number: int) -> Mixture:
    """Return the mixture of a sample.

    >>> mixture_at(INSTRUCTED, 59_999) is EASY, mixture_at(INSTRUCTED, 60_000) is EASY
    (True, False)
    """
    return [mixture for first, mixture in curriculum if first <= number][-1]
