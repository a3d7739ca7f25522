"""Anthropic's message batches: the requests in one body, the answers in one file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from harness import Json, RequestFailed
from harness_backends.batch.api import Item, Outcome, State
from harness_backends.http.faults import server_message
from harness_backends.http.transport import MOST_FILE_BYTES, Call, Wire, encoded


@dataclass(frozen=True, slots=True)
class AnthropicBatches:
    """The batches of one server."""

    wire: Wire

    async def create(self, token: str, path: str, items: Sequence[Item]) -> str:  # noqa: ARG002  # one path, no marks
        """Send requests as a batch."""
        body = {"requests": [{"custom_id": one.name, "params": one.body} for one in items]}
        call = Call(path="messages/batches", content=encoded(body), repeatable=False, asks=False)
        return str((await self.wire.tried(call, self._object))["id"])

    async def find(self, token: str) -> str | None:  # noqa: ARG002  # batches carry no mark of ours
        """Return None: a batch carries nothing by which it could be found."""
        return None

    async def state(self, name: str) -> State:
        """Return how far a batch has come."""
        call = Call(path=f"messages/batches/{name}", method="GET", headers=None, asks=False)
        said = str((await self.wire.tried(call, self._object)).get("processing_status"))
        return State(ended=said == "ended", said=said)

    async def results(self, name: str, state: State) -> list[Outcome]:  # noqa: ARG002  # its name says where
        """Return what the file of results says."""
        call = Call(
            path=f"messages/batches/{name}/results",
            method="GET",
            headers=None,
            asks=False,
            most_bytes=MOST_FILE_BYTES,
        )
        return list(outcomes(await self.wire.tried(call, bytes)))

    def _object(self, data: bytes) -> dict[str, Json]:
        reply = self.wire.read(data)
        if not isinstance(reply, dict) or not isinstance(reply.get("id"), str):
            raise RequestFailed(f"{self.wire.name}: {self.wire.server} answered with no batch")
        return reply


def outcomes(data: bytes) -> Iterator[Outcome]:
    """Yield what each line of a file of results says; a line that cannot be read says nothing."""
    for line in data.splitlines():
        try:
            row: Json = msgspec.json.decode(line)
            name, result = row["custom_id"], row["result"]
            kind = result["type"]
        except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError):
            continue
        if kind == "succeeded":
            yield Outcome(name=str(name), body=result.get("message"))
        else:
            error = result.get("error")
            inner = error.get("error") if isinstance(error, dict) else None
            said = server_message(encoded(inner or error))[:300] if error else ""
            yield Outcome(name=str(name), failed=f"{kind}: {said}".rstrip(": "))
