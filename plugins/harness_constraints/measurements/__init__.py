"""The measurements that YAML can name, in one table; a new one is a function here and a row in its module's table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from harness_constraints.measurements.base import Measurement, table
from harness_constraints.measurements.code import CODE
from harness_constraints.measurements.edges import EDGES
from harness_constraints.measurements.form import FORM
from harness_constraints.measurements.marks import MARKS
from harness_constraints.measurements.result import RESULT
from harness_constraints.measurements.size import SIZE
from harness_constraints.measurements.usage import USAGE
from harness_constraints.measurements.working import WORKING
from harness_constraints.reading import Reading

__all__ = ["MEASUREMENTS", "Measurement", "measured"]

MEASUREMENTS: Mapping[str, Measurement] = table(
    *FORM.values(),
    *SIZE.values(),
    *USAGE.values(),
    *MARKS.values(),
    *EDGES.values(),
    *WORKING.values(),
    *RESULT.values(),
    *CODE.values(),
)


@cache
def measured(name: str, args: tuple[tuple[str, str | int], ...]) -> Callable[[Reading], Any]:
    """Return a measurement with arguments; always the same function, so that a reading keeps what it gives once."""
    return MEASUREMENTS[name].bound(**dict(args))
