"""One request over one connection pool, tried again while that can help; a key never leaves in a message."""

from __future__ import annotations

import asyncio
import json
import math
import random
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import aiohttp
import msgspec
import yarl

from harness import BackendError, Json, RequestFailed
from harness.errors import described
from harness.secrets import Secrets
from harness_backends.http.faults import Again, Malformed, Refused, code_of, pause, refuse, server_message
from harness_backends.http.hedging import hedged
from harness_backends.http.options import ServerOptions
from harness_backends.http.pace import Pace

Meaning = TypeVar("Meaning")

OK = range(200, 300)
#: Characters of a server's message that are shown.
SHOWN = 300
#: Bytes of an answer; what is longer is no text of a model.
MOST_BYTES = 64 * 1024 * 1024
#: Bytes of a file of answers.
MOST_FILE_BYTES = 2 * 1024 * 1024 * 1024
#: Late answers that tell how slow is slow; so many times the slowest of them is too slow; one request in so many.
RECENT, TOO_SLOW, ONE_IN = 100, 3.0, 20

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


#: Of what is sent as JSON.
JSON = {"content-type": "application/json"}
Answer = tuple[int, Mapping[str, str], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What is sent."""

    path: str
    #: Bytes, or what makes a form anew for each attempt.
    content: bytes | Callable[[], aiohttp.FormData] | None = None
    method: str = "POST"
    query: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = field(default_factory=lambda: JSON)
    most_bytes: int = MOST_BYTES
    #: Whether it asks the model, so that what is not there once is not there for any other.
    asks: bool = True
    #: Whether sending it twice does no harm.
    repeatable: bool = True


@dataclass(slots=True)
class Wire:
    """A connection pool to one server."""

    client: aiohttp.ClientSession
    #: Makes a new connection for every request.
    fresh: aiohttp.ClientSession
    base: yarl.URL
    options: ServerOptions
    #: Whose protocol it speaks, and the variable that holds the key: for messages.
    name: str
    key_variable: str
    #: The server as it may be shown.
    server: str
    secrets: Secrets
    pace: Pace
    #: Whether it has ever answered; grows once.
    answered: bool = False
    #: Whether it has ever given what was asked for.
    served: bool = False
    #: Seconds of late answers.
    recent: deque[float] = field(default_factory=lambda: deque(maxlen=RECENT))
    #: Requests sent, and those sent a second time beside themselves.
    sent: int = 0
    hedged: int = 0
    #: Addresses by path.
    urls: dict[str, yarl.URL] = field(default_factory=dict)

    async def ask(self, path: str, body: Json, meaning: Callable[[Json], Meaning]) -> Meaning:
        """Return the meaning of the answer to one request, tried as often as the options allow.

        Raises:
            RequestFailed: the server refuses this request, or failed too often.
            BackendError: the server refuses the key, or was never reached.
        """
        return await self.tried(Call(path=path, content=encoded(body)), lambda data: meaning(self.read(data)))

    async def tried(self, call: Call, meaning: Callable[[bytes], Meaning]) -> Meaning:
        """Return the meaning of the body of an answer; raises as `ask` does.

        The deadline counts from the first time that the request had a place.
        """
        chance: random.Random | None = None
        client, end = self.client, math.inf
        before: Again | None = None
        for attempt in range(self.options.max_retries + 1 if call.repeatable else 1):
            begun = await self.pace.enter()
            end = min(end, begun + self.options.deadline)
            most = min(self.options.timeout, end - begun)
            try:
                return await self._attempt(client, call, meaning, begun, most)
            except Again as error:
                told = before if before is not None and most < self.options.timeout else error  # it had little time
                before = error
                wait = math.inf
                if attempt < self.options.max_retries and call.repeatable:
                    seed = call.content if isinstance(call.content, bytes) else call.path
                    chance = chance or random.Random(seed)  # noqa: S311  # jitter, the same in every run
                    wait = self._pause(error, attempt, chance)
                if asyncio.get_running_loop().time() + wait >= end:
                    raise self._given_up(told, attempt + 1) from error
                await asyncio.sleep(wait)
                client = self.fresh
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _attempt(
        self, client: aiohttp.ClientSession, call: Call, meaning: Callable[[bytes], Meaning], begun: float, most: float
    ) -> Meaning:
        """Ask once, in the place that was had at `begun`, for `most` seconds; gives the place back.

        Raises:
            Again: it may be tried again.
        """
        try:
            status, told, data = await self._exchanged(client, call, most)
            if status not in OK:
                self._refuse(status, told, data, asks=call.asks)
            found = self._understood(data, meaning)
        except Again as error:
            if error.overloaded:
                self.pace.refused(begun, error.wait)
            raise
        finally:
            self.pace.leave()
        self.served = self.served or call.asks
        self.recent.append(asyncio.get_running_loop().time() - begun)
        self.pace.answered(begun)
        return found

    def _understood(self, data: bytes, meaning: Callable[[bytes], Meaning]) -> Meaning:
        """Return what an answer means; words of the server's in what is raised are shown like its other words."""
        try:
            return meaning(data)
        except Malformed as error:
            raise Again(self.hidden(str(error))) from None
        except Refused:
            raise
        except RequestFailed as error:
            raise RequestFailed(self.hidden(str(error))) from None

    async def _exchanged(self, client: aiohttp.ClientSession, call: Call, most: float) -> Answer:
        """Return one answer; whatever the network does is an attempt that failed."""
        self.sent += 1
        wanted = self.options.hedge and call.repeatable
        try:
            told = await hedged(
                lambda fresh: self._sent(self.fresh if fresh else client, call),
                good,
                most=most,
                patience=max(self.options.hedge, TOO_SLOW * max(self.recent, default=0.0)) if wanted else None,
                may=self._may_hedge,
            )
        except aiohttp.ConnectionTimeoutError:
            raise Again(f"no connection within {self.options.connect_timeout:g} s", unreachable=True) from None
        except aiohttp.ClientConnectorError as error:
            raise Again(self.hidden(f"cannot connect: {error}"), unreachable=True) from None
        except TimeoutError:
            raise Again(f"no answer within {most:.3g} s", overloaded=True) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Again(self.hidden(described(error))) from None
        self.answered = True
        return told

    def _may_hedge(self) -> bool:
        """Whether one more request may be sent beside itself: one in so many."""
        may = self.hedged * ONE_IN <= self.sent
        self.hedged += may
        return may

    async def _sent(self, client: aiohttp.ClientSession, call: Call) -> Answer:
        """Return one answer, read to its end."""
        url = self.urls.get(call.path)
        if url is None:
            url = self.urls[call.path] = (self.base / call.path).with_query(self.base.query)
        if call.query:
            url = url.update_query(call.query)
        content = call.content() if callable(call.content) else call.content
        async with client.request(call.method, url, data=content, headers=call.headers, allow_redirects=False) as reply:
            pieces, size = [], 0
            while piece := await reply.content.readany():
                pieces.append(piece)
                size += len(piece)
                if size > call.most_bytes:
                    raise RequestFailed(
                        f"{self.name}: the answer of {self.server} is longer than {call.most_bytes:,} bytes"
                    )
            return reply.status, reply.headers, pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def read(self, data: bytes) -> Json:
        """Return an answer as JSON.

        Raises:
            Again: it is none, or tells of an error of the server.
        """
        try:
            reply = _decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Again(f"the answer is no JSON ({len(data):,} bytes)") from None
        if isinstance(reply, dict) and reply.get("error") and "choices" not in reply:
            self._refuse(code_of(reply["error"]), {}, data)
        return reply

    def _refuse(self, status: int, headers: Mapping[str, str], data: bytes, *, asks: bool = True) -> None:
        """Raise what an answer with this status means."""
        said = self.hidden(server_message(data))
        served = self.served or not asks
        refuse(status, headers, said, f"{self.name}: {self.server}", self.key_variable, served=served)

    def _pause(self, error: Again, attempt: int, chance: random.Random) -> float:
        """Return the seconds before the next attempt."""
        try:
            return pause(error.wait, attempt, self.options.backoff, chance)
        except RequestFailed as refusal:
            raise RequestFailed(f"{self.name}: {refusal}") from None

    def _given_up(self, error: Again, attempts: int) -> BackendError | RequestFailed:
        """Return what a request that failed every time ends in."""
        if error.unreachable and not self.answered:
            return BackendError(
                f"{self.name}: {self.server} cannot be reached ({error}): is the server running, is base_url right?"
            )
        return RequestFailed(f"{self.name}: {self.server} failed {attempts} times, last: {error}")

    def hidden(self, text: str) -> str:
        """Return a text in one bounded line without a secret."""
        return " ".join(self.secrets.hide(text).split())[:SHOWN]


def good(answer: Answer) -> bool:
    """Whether an answer is no refusal."""
    return answer[0] in OK


def encoded(body: Json) -> bytes:
    """Return a value as JSON; a lone surrogate, which UTF-8 cannot hold, is escaped."""
    try:
        return _encode(body)
    except UnicodeEncodeError:
        return json.dumps(body).encode()
