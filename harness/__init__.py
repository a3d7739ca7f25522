"""The public face of the harness for plugin authors: all that a plugin declares, and the values that flow through it.

What a plugin may use besides stands in modules of its own: `harness.bench` (what an evaluation sees),
`harness.batching` (micro-batches for a local model), `harness.plugin_flags` (`--plugin` of a command), `harness.stats`,
`harness.report` and `harness.testing`.
"""

from typing import TYPE_CHECKING

from harness.faces import face

if TYPE_CHECKING:
    from harness.contracts import (
        Backend,
        Case,
        Command,
        ConstraintFormat,
        ConstraintType,
        Elsewhere,
        Embedder,
        Evaluation,
        Evidence,
        Executor,
        Finished,
        Metric,
        Model,
        NoOptions,
        Preset,
        Proposed,
        Proposing,
        Reporter,
        Task,
        TaskSource,
        TaskSpec,
        TaskSuite,
        Work,
    )
    from harness.data import (
        Answered,
        Constraint,
        Doc,
        Json,
        Kind,
        Message,
        Position,
        Prompt,
        Record,
        Request,
        Response,
        Sampling,
        Score,
        Span,
        Trial,
        Usage,
        Verdict,
    )
    from harness.errors import (
        BackendError,
        DataUnavailable,
        HarnessError,
        PluginError,
        RequestFailed,
        SandboxError,
        StoreError,
        TaskError,
        UnknownName,
        blame,
    )
    from harness.figures import Estimate, Table
    from harness.hookspecs import hookimpl
    from harness.plan import Plan, TaskSettings

__all__ = [
    "Answered",
    "Backend",
    "BackendError",
    "Case",
    "Command",
    "Constraint",
    "ConstraintFormat",
    "ConstraintType",
    "DataUnavailable",
    "Doc",
    "Elsewhere",
    "Embedder",
    "Estimate",
    "Evaluation",
    "Evidence",
    "Executor",
    "Finished",
    "HarnessError",
    "Json",
    "Kind",
    "Message",
    "Metric",
    "Model",
    "NoOptions",
    "Plan",
    "PluginError",
    "Position",
    "Preset",
    "Prompt",
    "Proposed",
    "Proposing",
    "Record",
    "Reporter",
    "Request",
    "RequestFailed",
    "Response",
    "Sampling",
    "SandboxError",
    "Score",
    "Span",
    "StoreError",
    "Table",
    "Task",
    "TaskError",
    "TaskSettings",
    "TaskSource",
    "TaskSpec",
    "TaskSuite",
    "Trial",
    "UnknownName",
    "Usage",
    "Verdict",
    "Work",
    "blame",
    "hookimpl",
]
__version__ = "0.1.0"

#: Where these names live. They are looked up when first asked for: `harness --help` asks for none.
HOMES = ("contracts", "data", "errors", "figures", "hookspecs", "plan")

if not TYPE_CHECKING:
    __getattr__ = face(__name__, __all__, HOMES)
