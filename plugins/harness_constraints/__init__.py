"""Constraints as a measurement and a relation, declared in `constraints/*.yaml` and taken from answers.

The catalogue follows arXiv 2601.22047 (self-evident constraints); the measurements are our own. Other plugins may use
the modules `normal`, `reading`, `picks` and `lexicon`: what an answer is to its reader, and which of its words say
nothing of the solution.
"""

from __future__ import annotations

from collections.abc import Iterable

from harness import ConstraintFormat, ConstraintType, hookimpl


@hookimpl
def harness_constraint_types() -> Iterable[ConstraintType]:
    """Yield one type for each entry of the catalogue."""
    from harness_constraints.catalogue import catalogue
    from harness_constraints.engine import constraint_type

    for rule in catalogue():
        yield constraint_type(rule)


@hookimpl
def harness_constraint_formats() -> Iterable[ConstraintFormat]:
    """Yield the reader of a user's own YAML."""
    from harness_constraints.catalogue import claims, types_of

    yield ConstraintFormat(name="yaml", summary="a family and its types, as YAML", claims=claims, read=types_of)
