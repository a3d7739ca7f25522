"""Constraints that a model writes: read off a successful answer, and held against eight gates before one is used.

Method 5 of the specification. A model proposes, rules dispose: where a rule of the registry can check a constraint, the
rule's own words stand in the prompt, and the rule decides; only what no rule can check is judged by a third model, and
is counted apart.
"""

from __future__ import annotations

from collections.abc import Iterable

from harness import ConstraintType, Metric, hookimpl
from harness_extractor.compliance import WrittenRow, written_estimates, written_row
from harness_extractor.kind import MODEL


@hookimpl
def harness_constraint_types() -> Iterable[ConstraintType]:
    """Yield the type `model`."""
    yield MODEL


@hookimpl
def harness_metrics() -> Iterable[Metric[WrittenRow]]:
    """Yield the compliance with model-written constraints, ruled and judged apart."""
    yield Metric(
        name="written",
        summary="compliance with constraints that a model wrote: by rule and by judge, never in one number",
        evaluation="sustainscore",
        row=written_row,
        estimate=written_estimates,
    )
