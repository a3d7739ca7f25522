"""The lineage: which members there are, where each comes from, and how it was trained.

`base` and `sft` are twins, both trained from nothing: the same seed, tokenizer, initial weights, problems in the same
order and number of steps. What stands beside a problem differs: `sft`, which is the embedded model itself, is given
instructions of form, and `base` irrelevant sentences in their place. The others start from the weights of their parent.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness_tiny.mixtures import HARD, INSTRUCTED, UNINSTRUCTED
from harness_tiny.training.examples import Examples
from harness_tiny.training.preference import Preference
from harness_tiny.training.reward import Reward

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The embedded model; it is `sft`.
WEIGHTS = Path(__file__).parent / "weights"
#: The other members, a folder each.
LINEAGE = Path(__file__).parent / "lineage"

Course = Examples | Preference | Reward


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One model of the lineage."""

    name: str
    summary: str
    #: The member whose weights it starts from; empty: it starts from nothing.
    parent: str = ""
    courses: tuple[Course, ...]

    @property
    def folder(self) -> Path:
        """Where its weights ship."""
        return WEIGHTS if self.name == "sft" else LINEAGE / self.name


#: In an order in which each comes after its parent.
MEMBERS: Mapping[str, Member] = {
    one.name: one
    for one in (
        Member(
            name="base",
            summary="problems, some among irrelevant sentences; no instruction ever",
            courses=(Examples(curriculum=UNINSTRUCTED, steps=2800, workers=2),),
        ),
        Member(
            name="sft",
            summary="instructions of form in the mix: the embedded model",
            courses=(Examples(curriculum=INSTRUCTED, steps=2800, workers=2),),
        ),
        Member(
            name="sft-hard",
            summary="from base: few forms, hard ones, put as demands",
            parent="base",
            courses=(Examples(curriculum=HARD, first=2_000_000, steps=150, tokens=2000, scale=0.5),),
        ),
        Member(
            name="dpo",
            summary="from sft: preferring the form that was asked for, both answers right",
            parent="sft",
            courses=(Preference(steps=120),),
        ),
        Member(
            name="rlvr",
            summary="from sft: rewarded for right answers under instructions of form",
            parent="sft",
            courses=(Reward(steps=30, prompts=16, draws=6, rate=2e-4),),
        ),
    )
}
