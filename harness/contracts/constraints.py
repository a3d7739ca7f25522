"""Constraint types: how a requirement is taken from an answer, and how an answer is checked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.data import Answered, Constraint, Json, Response, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposing:
    """What a type is given that asks a model for constraints."""

    answered: Answered
    #: The bench of the run, through which it asks.
    bench: Any
    #: Temperature of the base arm; None: the task's own. Other answers are asked for in the same way.
    temperature: float | None = None
    #: How often a constraint is tried alone, without its question, before it is believed to tell nothing; 0: never.
    leak_tries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What became of the constraints that a model wrote."""

    #: Those that passed every gate: no guard is asked again.
    constraints: tuple[Constraint, ...] = ()
    #: How many there were ("candidates"), and how many each gate turned away.
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstraintType:
    """One kind of requirement: how it is taken from an answer, and how an answer is checked."""

    name: str
    family: str
    summary: str
    version: str = "1"
    #: Domains it suits; empty: all.
    domains: frozenset[str] = frozenset()
    #: Types of one group imply or exclude each other, so a prompt holds at most one of them. Empty: its own.
    group: str = ""
    #: Constraints that the answer meets; none where it offers none. Total: never raises.
    extract: Callable[[Answered], tuple[Constraint, ...]]
    #: Whether another answer meets one. Total, deterministic.
    check: Callable[[Constraint, Response], Verdict]
    #: The further models that it asks: "extractor" (`--extractor-model`), "judge" (`--judge-model`).
    asks: frozenset[str] = frozenset()
    #: In place of `extract`, where a model is asked. Its constraints may be of other types, by whose rules they hold.
    propose: Callable[[Proposing], Awaitable[Proposed]] | None = None
    #: In place of `check`, for constraints that are `judged`: with the bench, through which the judge is asked.
    judge: Callable[[Constraint, Response, Any], Awaitable[Verdict]] | None = None
    #: The same constraint in the wording of this name (imperative, declarative, polite, checklist); None: it has one.
    reworded: Callable[[Constraint, str], Constraint] | None = None
    #: What `harness show constraint NAME` prints besides: measurement, relation, wordings. `harness list constraints`
    #: has columns for `hint`, `stratum` and `example`.
    details: Mapping[str, Json] = field(default_factory=dict)

    def suits(self, domain: str) -> bool:
        """Return whether answers of a domain may offer it; a task that names none takes all types."""
        return not self.domains or not domain or domain in self.domains


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstraintFormat:
    """A kind of file that declares constraint types; `--constraint-type FILE`, `harness validate FILE`."""

    name: str
    summary: str
    #: Whether a file is of its kind, however faulty.
    claims: Callable[[Path], bool]
    #: The types of a file. Raises a HarnessError that names everything that is wrong with it.
    read: Callable[[Path], tuple[ConstraintType, ...]]
