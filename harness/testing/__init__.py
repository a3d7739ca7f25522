"""For authors of plugins: the contract of every kind of plugin as a check, and a small world to try it in.

A check takes what a plugin offers and raises an AssertionError that says which promise is broken. `small_run` carries
out a whole run over sums, with a model that follows a script. As pytest fixtures: put
`pytest_plugins = ["harness.testing.fixtures"]` into the `conftest.py` beside your tests.
"""

from harness.sample_texts import HARD_TEXTS, adversarial_texts
from harness.testing.backends import check_backend
from harness.testing.constraint_types import answered, check_constraint_type, check_speed
from harness.testing.evaluations import check_evaluation, check_metric
from harness.testing.executors import check_executor
from harness.testing.installed import installed_plugin
from harness.testing.listed import ListSource, ListTask
from harness.testing.reporters import check_reporter
from harness.testing.runs import SUMS, right, small_run
from harness.testing.scripted import ScriptedModel
from harness.testing.suites import check_task, check_task_suite, check_tasks

__all__ = [
    "HARD_TEXTS",
    "SUMS",
    "ListSource",
    "ListTask",
    "ScriptedModel",
    "adversarial_texts",
    "answered",
    "check_backend",
    "check_constraint_type",
    "check_evaluation",
    "check_executor",
    "check_metric",
    "check_reporter",
    "check_speed",
    "check_task",
    "check_task_suite",
    "check_tasks",
    "installed_plugin",
    "right",
    "small_run",
]
