"""The grades of the tasks `ifeval` and `ifbench`, as their YAML files name them: lm-eval's four metrics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from harness import Json
from harness.thinking import final_part
from harness_ifeval.verdicts import together, verdicts


def graded(doc: Mapping[str, Json], results: Sequence[str]) -> dict[str, Json]:
    """Return the verdicts on a response by metric: one of the prompt, and a list with one of each instruction.

    The final part is graded, after any thinking; thinking that never ends leaves nothing, and follows nothing.
    """
    found = verdicts(doc, final_part(results[0]) or "")
    return {
        "prompt_level_strict_acc": together(found.strict),
        "inst_level_strict_acc": list(found.strict),
        "prompt_level_loose_acc": together(found.loose),
        "inst_level_loose_acc": list(found.loose),
    }


def prompt_share(items: Iterable[bool | None]) -> float | None:
    """Return the share of prompts whose instructions were all followed, of those that could be judged."""
    judged = [bool(item) for item in items if item is not None]
    return sum(judged) / len(judged) if judged else None


def instruction_share(items: Iterable[Sequence[bool | None]]) -> float | None:
    """Return the share of instructions that were followed, of those that could be judged."""
    return prompt_share(verdict for item in items for verdict in item)
