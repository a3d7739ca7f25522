"""OpenAI's batch API: a file of requests, a batch of it, a file of answers and one of errors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from harness_backends.batch.api import Item, Outcome, State
from harness_backends.batch.calls import lines, looked, made, named
from harness_backends.http.faults import server_message
from harness_backends.http.transport import Call, Wire, encoded

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
        asked = ({"custom_id": one.name, "method": "POST", "url": f"/v1/{path}", "body": one.body} for one in items)
        content = b"\n".join(map(encoded, asked))

        def form() -> aiohttp.FormData:
            sent = aiohttp.FormData()
            sent.add_field("purpose", "batch")
            sent.add_field("file", content, filename=f"{token}.jsonl", content_type="application/jsonl")
            return sent

        file = await named(self.wire, Call(path="files", content=form, headers=None, asks=False))
        body = {
            "input_file_id": file["id"],
            "endpoint": f"/v1/{path}",
            "completion_window": "24h",
            "metadata": {"harness": token},
        }
        return await made(self.wire, "batches", body)

    async def find(self, token: str) -> str | None:
        """Return the newest batch that carries a token."""
        call = looked("batches", {"limit": str(LOOKED_THROUGH)})
        for one in (await self.wire.tried(call, self.wire.read)).get("data") or ():
            if isinstance(one, dict) and (one.get("metadata") or {}).get("harness") == token:
                return str(one["id"])
        return None

    async def state(self, name: str) -> State:
        """Return how far a batch has come."""
        told = await named(self.wire, looked(f"batches/{name}"))
        status = str(told.get("status"))
        files = tuple(str(told[kind]) for kind in ("output_file_id", "error_file_id") if told.get(kind))
        failed = ""
        if status == "failed":
            errors = (told.get("errors") or {}).get("data") or [{}]
            failed = str(errors[0].get("message") or "no reason given")
        return State(ended=status in ENDED, files=files, failed=failed)

    async def results(self, name: str, state: State) -> list[Outcome]:  # noqa: ARG002  # the files say all
        """Return what the files of answers and of errors say."""
        found: list[Outcome] = []
        for file in state.files:
            found += outcomes(await lines(self.wire, f"files/{file}/content"))
        return found


def outcomes(rows: Iterable[Mapping[str, Any]]) -> Iterator[Outcome]:
    """Yield what each line of a file of results says, in the provider's words."""
    for row in rows:
        response = row.get("response")
        if isinstance(response, dict) and response.get("status_code") == 200:  # noqa: PLR2004  # as a provider writes it
            yield Outcome(name=row["custom_id"], body=response.get("body"))
        else:
            told = response.get("body") if isinstance(response, dict) else row.get("error")
            yield Outcome(name=row["custom_id"], failed=server_message(encoded(told)) or "no reason given")
