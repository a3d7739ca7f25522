"""Train the lineage, or one member: `python -m harness_tiny.train --output DIR [--member NAME]`.

Samples are drawn by number, so a run never sees one twice and is repeated by its seed alone: to the bit on one machine
with the same libraries, up to rounding elsewhere. The figures reached and the time taken stand in `weights/README.md`
and `lineage/README.md`.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness_tiny.evaluate import report
from harness_tiny.members import MEMBERS, Course, Member
from harness_tiny.tokenizer import trained_tokenizer
from harness_tiny.training.examples import Examples, learn
from harness_tiny.training.network import begun
from harness_tiny.training.preference import Preference, prefer
from harness_tiny.training.reward import reinforce

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokenizers import Tokenizer
    from transformers import LlamaForCausalLM


def train(member: Member, output: Path, parents: Path | None, seed: int) -> None:
    """Train one member into a folder of its name.

    Args:
        member: whom.
        output: the folder that holds a folder for each member.
        parents: a like folder that the parent's weights are read from; None: those that ship.
        seed: of everything drawn.
    """
    import torch

    torch.set_num_threads(1)
    tokenizer = trained_tokenizer(seed)
    parent = None
    if member.parent:
        parent = MEMBERS[member.parent].folder if parents is None else parents / member.parent
    model = begun(seed, parent)
    for course in member.courses:
        model.train()
        follow(course, model, tokenizer, seed, output / member.name)
        if isinstance(course, Examples) and course.workers > 1:  # trained in other processes: read what they saved
            model = begun(seed, output / member.name)


def follow(course: Course, model: LlamaForCausalLM, tokenizer: Tokenizer, seed: int, output: Path) -> None:
    """Train a model by one course; it is saved at the end."""
    if isinstance(course, Examples):
        learn(model, tokenizer, course, seed, output)
    elif isinstance(course, Preference):
        prefer(model, tokenizer, course, seed, output)
    else:
        reinforce(model, tokenizer, course, seed, output)


def shortened(member: Member, steps: int | None) -> Member:
    """Return a member with fewer steps in each course, to try the way and not to train."""
    if steps is None:
        return member
    return replace(member, courses=tuple(replace(course, steps=min(steps, course.steps)) for course in member.courses))


def main(words: Sequence[str] | None = None) -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--output", type=Path, required=True, help="folder for the members, each in one of its own")
    parser.add_argument("--member", choices=tuple(MEMBERS), help="train this one alone, from the parent that ships")
    parser.add_argument("--steps", type=int, help="at the most so many steps in each course")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-report", action="store_true", help="do not measure what was trained")
    given = parser.parse_args(words)
    chosen = [MEMBERS[given.member]] if given.member else list(MEMBERS.values())
    for member in chosen:
        print(f"== {member.name}: {member.summary}", flush=True)  # noqa: T201
        train(shortened(member, given.steps), given.output, None if given.member else given.output, given.seed)
        if not given.no_report:
            report(given.output / member.name, count=60, seed=7)


if __name__ == "__main__":
    main()
