"""A run's tasks as its results tell of them: enough to read its records anew, without rows, network or model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from harness.contracts import Task, TaskSpec
from harness.data import Doc, Json, Kind, Request, Response, Score
from harness.errors import StoreError, TaskError
from harness.figures import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedTask:
    """A task of which only the description is at hand: what needs its rows says so."""

    name: str
    version: str
    domain: str
    spec: TaskSpec
    facts: Mapping[str, Json]

    @property
    def kinds(self) -> frozenset[Kind]:
        """Unknown here, and nothing is asked."""
        return frozenset()

    @property
    def blocking(self) -> bool:
        """Nothing is scored."""
        return False

    def __len__(self) -> int:
        """Raise, as all that needs rows does."""
        raise self._absent("its rows")

    def docs(self, start: int = 0) -> Iterator[Doc]:  # noqa: ARG002  # the contract's
        """Raise: there are no rows."""
        raise self._absent("its rows")

    def requests(self, _doc: Doc) -> tuple[Request, ...]:
        """Raise: there are no templates."""
        raise self._absent("its templates")

    def score(self, _doc: Doc, _responses: Sequence[Response]) -> Score:
        """Raise: there is no grader."""
        raise self._absent("its grader")

    def aggregate(self, _scores: Sequence[Score]) -> tuple[Estimate, ...]:
        """Raise: its own figures are the task's."""
        raise self._absent("its own figures")

    def _absent(self, what: str) -> TaskError:
        return TaskError(f"task {self.name}: only its description is recorded, not {what}")


def recorded_tasks(told: Mapping[str, Json]) -> dict[str, Task]:
    """Return the tasks that `results.json` tells of, by name.

    Raises:
        StoreError: it tells of them in another way.
    """
    tasks: dict[str, Task] = {}
    for name, facts in told.items():
        try:
            spec = msgspec.convert(facts["grading"], TaskSpec)
            tasks[name] = RecordedTask(
                name=name, version=str(facts["version"]), domain=str(facts["domain"]), spec=spec, facts=facts
            )
        except (KeyError, TypeError, msgspec.ValidationError) as error:
            raise StoreError(f"results.json: task {name!r} is not told of as this harness does: {error!r}") from error
    return tasks
