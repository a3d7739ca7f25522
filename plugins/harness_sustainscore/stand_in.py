"""A constraint that stands for the one yet unknown, where only its frame is wanted."""

from __future__ import annotations

from harness import Constraint

STAND_IN = Constraint(
    type="", family="", version="", params={}, text="<a constraint that the model's own answer meets>"
)
