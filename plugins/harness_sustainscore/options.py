"""The options of the evaluation; each is a flag of `harness run`: `--draws 8`, or `--option draws=8`."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal, get_args

from harness import Position
from harness_sustainscore.design import Wording

#: How natural a constraint is expected to be; see `natural.STRATA`.
Stratum = Literal["strict", "soft", "forcing"]
#: The arms beside the base that can be asked; see `harness_sustainscore.arms`.
ArmName = Literal["repeat", "placebo", "wrapper", "constrained", "transplanted", "demanding"]
#: All wordings, in the order in which documents take turns.
WORDINGS: tuple[Wording, ...] = get_args(Wording)
#: The most constraints one prompt may hold (finding 14 of the paper goes to 16).
MOST = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class SustainOptions:
    """How many answers each arm draws, and what is put into the prompt."""

    base_draws: int = field(
        default=4, metadata={"help": "answers to the plain prompt; the first decides whether it is solved"}
    )
    draws: int = field(default=4, metadata={"help": "answers in each of the other arms"})
    arms: tuple[ArmName, ...] = field(
        default=("repeat", "placebo", "constrained"),
        metadata={"help": "asked beside the base; further ones: wrapper, transplanted, demanding"},
    )
    further_items: int = field(
        default=100,
        metadata={"help": "first documents of each task that wrapper, transplanted and demanding are asked of"},
    )
    all_items: bool = field(
        default=True,
        metadata={"help": "ask documents too that only a later base answer solved, for the effect on all items"},
    )
    constraint_count: tuple[int, ...] = field(default=(1,), metadata={"help": "numbers of constraints, nested: 1,2,4"})
    constraint_source: Literal["own", "portable"] = field(
        default="own",
        metadata={"help": "own: from the model's own answer; portable: from a file, the same text for every model"},
    )
    constraint_file: str = field(
        default="", metadata={"help": "what `harness constraints export RUN...` has written", "file": True}
    )
    position: tuple[Position, ...] = field(
        default=("appended",),
        metadata={"help": "where constraint and placebo stand: appended, prepended, system; several are balanced"},
    )
    wording: tuple[Wording, ...] = field(
        default=WORDINGS,
        metadata={
            "help": "how constraints are worded: imperative, declarative, polite, checklist; several are balanced"
        },
    )
    stratum: tuple[Stratum, ...] = field(
        default=(),
        metadata={"help": "draw only types that declare one of these: strict, soft, forcing; none given: all"},
    )
    temperature: float | None = field(default=None, metadata={"help": "in place of the task's own; 0 is greedy"})
    touching: bool = field(
        default=False, metadata={"help": "draw only constraints on the place of the answer, which are else left out"}
    )
    leak_tries: int = field(
        default=0,
        metadata={
            "help": "times that a model-written constraint is asked alone, without its question, before it is used; "
            "one that brings the right answer is turned away; 0: never"
        },
    )
    most_hint: int = field(
        default=0, metadata={"help": "the highest hint level: 0 says nothing of the solution, 2 tells a part"}
    )

    def __post_init__(self) -> None:
        if self.base_draws < 1 or self.draws < 1:
            raise ValueError(f"base_draws={self.base_draws} and draws={self.draws} must be at least 1")
        if not self.constraint_count or any(not 1 <= k <= MOST for k in self.constraint_count):
            raise ValueError(f"constraint_count={self.constraint_count}: numbers from 1 to {MOST}")
        if "constrained" not in self.arms:
            raise ValueError(f"arms={','.join(self.arms)!r}: constrained must be among them")
        if self.leak_tries < 0:
            raise ValueError(f"leak_tries={self.leak_tries}: a number from 0 on")
        if self.further_items < 0:
            raise ValueError(f"further_items={self.further_items}: a number from 0 on")
        if (self.constraint_source == "portable") is not bool(self.constraint_file):
            raise ValueError(
                f"constraint_source={self.constraint_source} with constraint_file={self.constraint_file!r}: portable "
                "constraints stand in a file, which `harness constraints export RUN...` writes; own ones do not"
            )
        for name, levels in (("position", self.position), ("wording", self.wording), ("arms", self.arms)):
            if not levels or len(set(levels)) < len(levels):
                raise ValueError(f"{name}={','.join(levels)!r}: one or more, each once")
        if self.temperature is not None and not 0 <= self.temperature < math.inf:
            raise ValueError(f"temperature={self.temperature}: a number from 0 on")
