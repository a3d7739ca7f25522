"""What a package can offer: one line a kind, in the order of the hooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.registry import KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One kind of thing that a package offers."""

    hook: str
    #: How to try it, after `harness run`; `{plugin}` and `{snake}` stand for the plugin's name.
    tried: str

    @property
    def kind(self) -> str:
        """What `harness plugins` calls its kind."""
        return KINDS[self.hook][0]

    @property
    def yields(self) -> str:
        """The class that its hook yields."""
        return KINDS[self.hook][1].__name__

    @property
    def module(self) -> str:
        """The module that holds it."""
        return f"{self.kind.replace(' ', '_')}s"

    @property
    def constant(self) -> str:
        """Its name there."""
        return self.kind.replace(" ", "_").upper()


#: By the word for `--with`.
PARTS: Mapping[str, Part] = {
    part.kind.replace(" ", "-"): part
    for part in (
        Part(hook="harness_task_suites", tried="--tasks {plugin} --evaluation accuracy"),
        Part(hook="harness_constraint_types", tried="--tasks demo_words --constraint-type {plugin} --limit 4"),
        Part(
            hook="harness_backends", tried="--tasks demo_words --evaluation accuracy --model {plugin}:hello --limit 4"
        ),
        Part(hook="harness_metrics", tried="--tasks demo_words --constraint-type format --limit 4"),
        Part(hook="harness_evaluations", tried="--tasks demo_words --evaluation {plugin} --limit 4"),
        Part(hook="harness_executors", tried="--tasks demo_words --evaluation accuracy --executor {plugin} --limit 4"),
        Part(hook="harness_reporters", tried="--tasks demo_words --evaluation accuracy --limit 4"),
    )
}
