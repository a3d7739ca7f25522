"""One request over one connection pool, tried again while that can help; a key never leaves in a message."""

from __future__ import annotations

import asyncio
import email.utils
import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from harness import BackendError, Json, RequestFailed
from harness.secrets import Secrets
from harness_backends.openai.options import OpenAIOptions
from harness_backends.openai.wire import Malformed

Meaning = TypeVar("Meaning")

#: Answers after which another attempt may succeed; and every 5xx.
RETRIED = frozenset({408, 409, 425, 429})
SERVER_ERROR = 500
OK = range(200, 300)
#: Answers that no further request can mend.
REFUSED = frozenset({401, 402, 403})
#: The path or the model is not there; before any answer that is true of every request.
NOT_FOUND = 404
#: Characters of a server's message that are shown.
SHOWN = 300
#: Seconds: the longest wait of our own, and the longest that a server may ask for.
LONGEST_BACKOFF = 60.0
LONGEST_ASKED = 900.0
#: Bytes of an answer; what is longer is no text of a model.
MOST_BYTES = 64 * 1024 * 1024


class Again(Exception):
    """An attempt failed in a way that may pass."""

    def __init__(self, why: str, *, wait: float | None = None, unreachable: bool = False) -> None:
        super().__init__(why)
        #: Seconds the server asked to wait.
        self.wait = wait
        #: Whether the server was not even there.
        self.unreachable = unreachable


@dataclass(slots=True)
class Wire:
    """A connection pool to one server."""

    client: httpx.AsyncClient
    options: OpenAIOptions
    #: The server as it may be shown.
    server: str
    secrets: Secrets
    #: Whether it has ever answered; grows once.
    answered: bool = False
    #: Whether it has ever given what was asked for.
    served: bool = False

    async def ask(self, path: str, body: Mapping[str, Json], meaning: Callable[[Json], Meaning]) -> Meaning:
        """Return the meaning of the answer to one request, tried as often as the options allow.

        Raises:
            RequestFailed: the server refuses this request, or failed too often.
            BackendError: the server refuses the key, or was never reached.
        """
        content = json.dumps(body, ensure_ascii=False).encode()
        chance = random.Random(content)  # noqa: S311  # jitter, the same in every run
        for attempt in range(self.options.max_retries + 1):
            try:
                return await self._attempt(path, content, meaning)
            except Again as error:
                if attempt == self.options.max_retries:
                    raise self._given_up(error, attempt + 1) from error
                await asyncio.sleep(pause(error.wait, attempt, self.options.backoff, chance))
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _attempt(self, path: str, content: bytes, meaning: Callable[[Json], Meaning]) -> Meaning:
        """Ask once.

        Raises:
            Again: it may be tried again.
        """
        try:
            async with asyncio.timeout(self.options.timeout):
                status, headers, data = await self._post(path, content)
        except TimeoutError:
            raise Again(f"no answer within {self.options.timeout:g} s") from None
        except httpx.ConnectError as error:
            raise Again(self._hidden(f"cannot connect: {error}"), unreachable=True) from None
        except httpx.RequestError as error:
            raise Again(self._hidden(f"{type(error).__name__}: {error}")) from None
        self.answered = True
        if status not in OK:
            self._refuse(status, headers, data)
        try:
            reply = json.loads(data)
        except ValueError:
            raise Again(f"the answer is no JSON ({len(data):,} bytes)") from None
        if isinstance(reply, dict) and reply.get("error") and "choices" not in reply:
            self._refuse(code_of(reply["error"]), headers, data)
        self.served = True
        try:
            return meaning(reply)
        except Malformed as error:
            raise Again(str(error)) from None

    async def _post(self, path: str, content: bytes) -> tuple[int, httpx.Headers, bytes]:
        """Return status, headers and body of one answer, read to its end."""
        async with self.client.stream("POST", path, content=content) as reply:
            data = bytearray()
            async for piece in reply.aiter_bytes():
                data += piece
                if len(data) > MOST_BYTES:
                    raise RequestFailed(f"openai: the answer of {self.server} is longer than {MOST_BYTES:,} bytes")
            return reply.status_code, reply.headers, bytes(data)

    def _refuse(self, status: int, headers: httpx.Headers, data: bytes) -> None:
        """Raise what an answer with this status means."""
        message = self._hidden(server_message(data))
        spent = "insufficient_quota" in message
        if status in REFUSED or spent:
            raise BackendError(
                f"openai: {self.server} refuses us ({status}): {message or 'no reason given'}; set OPENAI_API_KEY "
                "or --model-option api_key=KEY to a key that may use this model and has credit left"
            )
        if status in RETRIED or status >= SERVER_ERROR:
            raise Again(f"{status}: {message}".rstrip(": "), wait=asked_wait(headers, time.time()))
        refusal = f"openai: {self.server} refuses this request ({status}): {message or 'no reason given'}"
        if status == NOT_FOUND and not self.served:
            raise BackendError(f"{refusal}; check base_url and the name of the model")
        raise RequestFailed(refusal)

    def _given_up(self, error: Again, attempts: int) -> BackendError | RequestFailed:
        """Return what a request that failed every time ends in."""
        if error.unreachable and not self.answered:
            return BackendError(
                f"openai: {self.server} cannot be reached ({error}): is the server running, is base_url right?"
            )
        return RequestFailed(f"openai: {self.server} failed {attempts} times, last: {error}")

    def _hidden(self, text: str) -> str:
        """Return a text in one bounded line without a secret."""
        return " ".join(self.secrets.hide(text).split())[:SHOWN]


def pause(asked: float | None, attempt: int, first: float, chance: random.Random) -> float:
    """Return the seconds before the next attempt: what the server asked for, else exponentially more, with jitter.

    Raises:
        RequestFailed: the server asks for longer than we wait.
    """
    if asked is not None:
        if asked > LONGEST_ASKED:
            raise RequestFailed(
                f"openai: the server asks to wait {asked:,.0f} s: run again later, what is answered is kept"
            )
        return asked + first * chance.random()
    longest = min(LONGEST_BACKOFF, first * 2.0**attempt)
    return longest * (0.5 + 0.5 * chance.random())


def asked_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds that Retry-After asks for, as a number or a date; None if it says nothing.

    >>> asked_wait({"retry-after": "1.5"}, 0), asked_wait({"retry-after-ms": "250"}, 0), asked_wait({}, 0)
    (1.5, 0.25, None)
    >>> asked_wait({"retry-after": "Thu, 01 Jan 1970 00:01:00 GMT"}, 50.0)
    10.0
    """
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        text = headers.get(name, "").strip()
        if text.replace(".", "", 1).isdigit():
            return float(text) / unit
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - now)
    except ValueError:
        return None


def server_message(data: bytes) -> str:
    """Return what a server says of its refusal, from whichever form it chose."""
    text = data[:10_000].decode(errors="replace")
    try:
        reply: Any = json.loads(data)
    except ValueError:
        return text
    for name in ("error", "message", "detail"):
        if isinstance(reply, dict) and reply.get(name):
            reply = reply[name]
    if isinstance(reply, dict):
        return json.dumps(reply, ensure_ascii=False)
    return reply if isinstance(reply, str) else text


def code_of(error: Any) -> int:
    """Return the status that an error in an answer's body names; 500 if none."""
    code = str(error.get("code")) if isinstance(error, dict) else ""
    return int(code) if code.isdigit() else SERVER_ERROR
