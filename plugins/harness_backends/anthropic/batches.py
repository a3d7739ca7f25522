"""Anthropic's message batches: the requests in one body, the answers in one file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness_backends.batch.api import Item, Outcome, State
from harness_backends.batch.calls import lines, looked, made, named
from harness_backends.http.faults import server_message
from harness_backends.http.transport import Wire, encoded


@dataclass(frozen=True, slots=True)
class AnthropicBatches:
    """The batches of one server."""

    wire: Wire

    async def create(self, token: str, path: str, items: Sequence[Item]) -> str:  # noqa: ARG002  # one path, no marks
        """Send requests as a batch."""
        body = {"requests": [{"custom_id": one.name, "params": one.body} for one in items]}
        return await made(self.wire, "messages/batches", body)

    async def find(self, token: str) -> str | None:  # noqa: ARG002  # batches carry no mark of ours
        """Return None: a batch carries nothing by which it could be found."""
        return None

    async def state(self, name: str) -> State:
        """Return how far a batch has come."""
        told = await named(self.wire, looked(f"messages/batches/{name}"))
        return State(ended=told.get("processing_status") == "ended")

    async def results(self, name: str, state: State) -> list[Outcome]:  # noqa: ARG002  # its name says where
        """Return what the file of results says."""
        return list(outcomes(await lines(self.wire, f"messages/batches/{name}/results")))


def outcomes(rows: Iterable[Mapping[str, Any]]) -> Iterator[Outcome]:
    """Yield what each line of a file of results says, in the provider's words."""
    for row in rows:
        result = row.get("result")
        if not isinstance(result, dict):
            continue
        if result.get("type") == "succeeded":
            yield Outcome(name=row["custom_id"], body=result.get("message"))
        else:
            error = result.get("error")
            inner = error.get("error") if isinstance(error, dict) else None
            said = server_message(encoded(inner or error)) if error else ""
            yield Outcome(name=row["custom_id"], failed=f"{result.get('type')}: {said}".rstrip(": "))
