"""What both providers' batch APIs do over the wire: they make something, look at it, and give files of lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from harness import Json, RequestFailed
from harness_backends.http.transport import MOST_FILE_BYTES, Call, Wire, encoded


async def made(wire: Wire, path: str, body: Json) -> str:
    """Return the provider's name of what it made; that is asked once, since twice would make two."""
    call = Call(path=path, content=encoded(body), repeatable=False, asks=False)
    return str((await named(wire, call))["id"])


def looked(path: str, query: Mapping[str, str] | None = None) -> Call:
    """Return the call that looks at something."""
    return Call(path=path, method="GET", query=query, headers=None, asks=False)


async def named(wire: Wire, call: Call) -> Mapping[str, Any]:
    """Return what an answer tells of a file or a batch.

    Raises:
        RequestFailed: it tells of none.
    """

    def meaning(data: bytes) -> Mapping[str, Any]:
        reply = wire.read(data)
        if not isinstance(reply, dict) or not isinstance(reply.get("id"), str):
            raise RequestFailed(f"{wire.name}: {wire.server} answered with no file and no batch")
        return reply

    return await wire.tried(call, meaning)


async def lines(wire: Wire, path: str) -> Iterator[Mapping[str, Any]]:
    """Return the lines of a file of results; one that cannot be read says nothing, and is left out."""
    call = Call(path=path, method="GET", headers=None, asks=False, most_bytes=MOST_FILE_BYTES)
    return rows(await wire.tried(call, bytes))


def rows(data: bytes) -> Iterator[Mapping[str, Any]]:
    r"""Yield the lines that are JSON and name a request.

    >>> list(rows(b'{"custom_id": "a"}\n{"custom_id": \n[1]\n{"x": 1}\n'))
    [{'custom_id': 'a'}]
    """
    for line in data.splitlines():
        try:
            row: Json = msgspec.json.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
        if isinstance(row, dict) and isinstance(row.get("custom_id"), str):
            yield row
