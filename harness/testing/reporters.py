"""What every reporter promises: files of its own, inside the run's folder, the same each time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from harness.contracts import Finished, Reporter


def check_reporter(reporter: Reporter, end: Finished) -> tuple[Path, ...]:
    """Let a reporter write, twice, and check what it wrote; return the paths.

    Args:
        reporter: what the plugin offers.
        end: a run that has ended, such as `small_run` returns.

    Raises:
        AssertionError: a path that is not there or not inside the folder, a file that changes, another's file touched.
    """
    name = f"reporter {reporter.name}"
    before = contents(end.folder)
    paths = tuple(reporter.write(end))
    for path in paths:
        assert path.is_file(), f"{name}: says it wrote {path}, which is no file"
        assert end.folder.resolve() in path.resolve().parents, f"{name}: {path} is outside of {end.folder}"
    first = contents(end.folder)
    told = {path.resolve() for path in paths}
    changed = sorted(str(path) for path in before if first.get(path) != before[path] and path not in told)
    assert not changed, f"{name}: changed {', '.join(changed)}"
    unsaid = sorted(str(path) for path in first.keys() - before.keys() - told)
    assert not unsaid, f"{name}: wrote {', '.join(unsaid)}, and does not say so"
    assert tuple(reporter.write(end)) == paths, f"{name}: other files the second time"
    assert contents(end.folder) == first, f"{name}: what it writes of one run changes"
    return paths


def contents(folder: Path) -> Mapping[Path, bytes]:
    """Return what the files of a folder hold."""
    return {path.resolve(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
