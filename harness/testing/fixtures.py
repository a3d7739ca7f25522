"""The same as pytest fixtures: `pytest_plugins = ["harness.testing.fixtures"]` in a conftest."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from harness.contracts import Finished, Reporter
from harness.testing.reporters import check_reporter
from harness.testing.runs import small_run


@pytest.fixture
def tried_run(tmp_path: Path) -> Callable[..., Finished]:
    """Return `small_run` in a folder of the test's own: `tried_run(MY_METRIC, evaluation="sustainscore")`."""
    return partial(small_run, tmp_path / "runs")


@pytest.fixture
def tried_reporter(tried_run: Callable[..., Finished]) -> Callable[[Reporter], tuple[Path, ...]]:
    """Return a check of a reporter on a run that has ended: `tried_reporter(MY_REPORTER)` returns what it wrote."""

    def tried(reporter: Reporter, **changes: Any) -> tuple[Path, ...]:
        return check_reporter(reporter, tried_run(**changes))

    return tried
