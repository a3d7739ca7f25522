"""What a board may know of a model beyond its name: family, stage of post-training, parent; never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from harness import HarnessError

#: Stages of post-training in the order in which they follow each other; others come after them.
STAGES = ("base", "sft", "sft-hard", "dpo", "pref", "rlvr", "rlhf", "distill", "merge")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a model; empty is unknown."""

    family: str = ""
    stage: str = ""
    #: The model that it was trained from, by name.
    parent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named(Facts):
    """The facts of the model of this name."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelsFile:
    """What a file of models holds."""

    models: tuple[Named, ...]


UNKNOWN = Facts()


def read_facts(path: Path) -> dict[str, Facts]:
    """Return the facts of models by name.

    Args:
        path: a YAML file with a list `models` of `name`, `family`, `stage` and `parent`; all but the name may lack.

    Raises:
        HarnessError: it cannot be read, or holds something else.
    """
    try:
        found = msgspec.yaml.decode(path.read_bytes(), type=ModelsFile)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise HarnessError(f"--models {path}: {error}") from error
    return {one.name: one for one in found.models}


def stage_place(stage: str) -> tuple[int, str]:
    """Return what sorts stages in the order of post-training.

    >>> sorted(["rlvr", "mine", "base", "dpo"], key=stage_place)
    ['base', 'dpo', 'rlvr', 'mine']
    """
    return (STAGES.index(stage) if stage in STAGES else len(STAGES), stage)


def ancestry(facts: Mapping[str, Facts]) -> list[tuple[str, str]]:
    """Return (parent, child) of every model whose parent is among them."""
    return [(one.parent, name) for name, one in facts.items() if one.parent in facts]
