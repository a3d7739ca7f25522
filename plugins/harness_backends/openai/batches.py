"""OpenAI's batch API: a file of requests, a batch of it, a file of answers and one of errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec

from harness import Json, RequestFailed
from harness_backends.batch.api import Item, Outcome, State
from harness_backends.http.faults import server_message
from harness_backends.http.transport import MOST_FILE_BYTES, Call, Wire, encoded

#: States after which nothing more comes.
ENDED = frozenset({"completed", "expired", "cancelled"})
#: Batches that are looked through for one of ours, newest first.
LOOKED_THROUGH = 100


@dataclass(frozen=True, slots=True)
class OpenAIBatches:
    """The batches of one server."""

    wire: Wire

    async def create(self, token: str, path: str, items: Sequence[Item]) -> str:
        """Send requests as a file, and make a batch of it that carries our token."""
        lines = ({"custom_id": one.name, "method": "POST", "url": f"/v1/{path}", "body": one.body} for one in items)
        content = b"\n".join(map(encoded, lines))

        def form() -> aiohttp.FormData:
            made = aiohttp.FormData()
            made.add_field("purpose", "batch")
            made.add_field("file", content, filename=f"{token}.jsonl", content_type="application/jsonl")
            return made

        file = await self.wire.tried(Call(path="files", content=form, headers=None, asks=False), self._object)
        body = {
            "input_file_id": file["id"],
            "endpoint": f"/v1/{path}",
            "completion_window": "24h",
            "metadata": {"harness": token},
        }
        call = Call(path="batches", content=encoded(body), repeatable=False, asks=False)
        return str((await self.wire.tried(call, self._object))["id"])

    async def find(self, token: str) -> str | None:
        """Return the newest batch that carries a token."""
        call = Call(path="batches", method="GET", query={"limit": str(LOOKED_THROUGH)}, headers=None, asks=False)
        for one in (await self.wire.tried(call, self.wire.read)).get("data") or ():
            if isinstance(one, dict) and (one.get("metadata") or {}).get("harness") == token:
                return str(one["id"])
        return None

    async def state(self, name: str) -> State:
        """Return how far a batch has come."""
        told = await self.wire.tried(Call(path=f"batches/{name}", method="GET", headers=None, asks=False), self._object)
        status = str(told.get("status"))
        files = tuple(str(told[kind]) for kind in ("output_file_id", "error_file_id") if told.get(kind))
        failed = ""
        if status == "failed":
            errors = (told.get("errors") or {}).get("data") or [{}]
            failed = str(errors[0].get("message") or "no reason given")
        return State(ended=status in ENDED, files=files, said=status, failed=failed)

    async def results(self, name: str, state: State) -> list[Outcome]:  # noqa: ARG002  # the files say all
        """Return what the files of answers and of errors say."""
        found: list[Outcome] = []
        for file in state.files:
            call = Call(
                path=f"files/{file}/content", method="GET", headers=None, asks=False, most_bytes=MOST_FILE_BYTES
            )
            found += outcomes(await self.wire.tried(call, bytes))
        return found

    def _object(self, data: bytes) -> Mapping[str, Any]:
        reply = self.wire.read(data)
        if not isinstance(reply, dict) or not isinstance(reply.get("id"), str):
            raise RequestFailed(f"{self.wire.name}: {self.wire.server} answered with no file and no batch")
        return reply


def outcomes(data: bytes) -> Iterator[Outcome]:
    """Yield what each line of a file of results says; a line that cannot be read says nothing."""
    for line in data.splitlines():
        try:
            row: Json = msgspec.json.decode(line)
            name, response, error = row["custom_id"], row.get("response"), row.get("error")
        except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError):
            continue
        if isinstance(response, dict) and response.get("status_code") == 200:  # noqa: PLR2004  # as a provider writes it
            yield Outcome(name=str(name), body=response.get("body"))
        else:
            told = response.get("body") if isinstance(response, dict) else error
            yield Outcome(name=str(name), failed=server_message(encoded(told))[:300] or "no reason given")
