"""What plugins hand over: frozen declarations, and the protocols of the things they open."""

from harness.contracts.constraints import ConstraintFormat, ConstraintType, Proposed, Proposing
from harness.contracts.evaluations import Case, Evaluation, Evidence, Kept, Metric, Preset
from harness.contracts.models import Backend, Embedder, Model, NoOptions
from harness.contracts.runs import Command, Elsewhere, Executor, Finished, Reporter, Work
from harness.contracts.tasks import Task, TaskSource, TaskSpec, TaskSuite

__all__ = [
    "Backend",
    "Case",
    "Command",
    "ConstraintFormat",
    "ConstraintType",
    "Elsewhere",
    "Embedder",
    "Evaluation",
    "Evidence",
    "Executor",
    "Finished",
    "Kept",
    "Metric",
    "Model",
    "NoOptions",
    "Preset",
    "Proposed",
    "Proposing",
    "Reporter",
    "Task",
    "TaskSource",
    "TaskSpec",
    "TaskSuite",
    "Work",
]
