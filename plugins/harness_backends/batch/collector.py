"""Requests into batches, and the answers back to whoever waits for them; what an earlier process sent is taken up."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from harness import BackendError, Json, Request, RequestFailed, Response
from harness.errors import HarnessError
from harness_backends.batch.api import BatchApi, Item, Outcome
from harness_backends.batch.journal import Entry, Journal
from harness_backends.http.faults import Malformed, Refused
from harness_backends.http.transport import Wire, encoded

Meaning = TypeVar("Meaning")

#: Bytes of a batch's requests: providers take 100 and 256 MB.
MOST_BYTES = 90 * 1000 * 1000
#: So often is a batch made whose making broke off without a word.
MAKES = 4
#: Seconds without a word of the provider after which a batch is given up: later than any of them ends.
SILENCE = 26 * 3600.0

#: Returns what a request is answered, given where it goes, its body, and what reads an answer.
Ask = Callable[[Request, str, Json, Callable[[Json], Response]], Awaitable[Response]]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A request, and whoever waits for its answer."""

    path: str
    item: Item
    size: int
    answer: asyncio.Future[Json]


class Batches:
    """The batches of one opened model. What a provider says is shown only as the wire would show it."""

    def __init__(self, api: BatchApi, journal: Journal, wire: Wire) -> None:
        self._api = api
        self._journal = journal
        self._server = f"{wire.name} {wire.server}"
        self._options = wire.options
        self._hidden = wire.hidden
        self._waiting: dict[str, Waiting] = {}
        #: Those of `waiting` that are in no batch yet.
        self._collected: dict[str, Waiting] = {}
        self._entries = journal.entries(self._server)
        self._earlier = {name: entry for entry in self._entries for name in entry.requests}
        #: Outcomes of earlier batches that nobody has asked for yet.
        self._ready: dict[str, Outcome] = {}
        self._followed: dict[str, asyncio.Task[None]] = {}
        self._given: dict[str, set[str]] = {}
        self._collecting: asyncio.Task[None] | None = None
        self._more = asyncio.Event()

    async def ask(self, path: str, body: Json, meaning: Callable[[Json], Meaning], mark: str) -> Meaning:
        """Return the meaning of the answer to one request, when its batch has ended.

        Args:
            path: of the request.
            body: of the request.
            meaning: reads an answer.
            mark: tells this request from others with the same body.

        Raises:
            RequestFailed: the provider gave no answer to it, or none that can be read.
            HarnessError: its batch cannot be noted.
        """
        content = encoded(body)
        name = hashlib.sha256(b"\n".join([path.encode(), mark.encode("utf-8", "replace"), content])).hexdigest()
        one = self._waiting.get(name)
        if one is None:
            answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
            one = Waiting(path=path, item=Item(name=name, body=body), size=len(content), answer=answer)
            self._waiting[name] = one
            earlier = self._earlier.get(name)
            if earlier is not None and name in self._ready:
                self._deliver(earlier, self._ready.pop(name))
            elif earlier is not None:
                self._follow(earlier)
            else:
                self._collect(one)
        body = await asyncio.shield(one.answer)
        try:
            return meaning(body)
        except Malformed as error:
            why = f"the batch's answer cannot be read: {self._hidden(str(error))}; run again to ask anew"
            raise RequestFailed(why) from None
        except RequestFailed as error:
            raise RequestFailed(self._hidden(str(error))) from None

    async def aclose(self) -> None:
        """End: batches that are under way go on at the provider's, and are taken up by the next run."""
        tasks = [*self._followed.values(), *([self._collecting] if self._collecting else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for entry in self._entries:
            if self._given.get(entry.token, set()) >= set(entry.requests):
                self._journal.remove(entry)  # by now its answers are in the store

    def _collect(self, one: Waiting) -> None:
        self._collected[one.item.name] = one
        self._more.set()
        if self._collecting is None or self._collecting.done():
            self._collecting = asyncio.create_task(self._send_all())

    async def _send_all(self) -> None:
        """Send what is collected in batches, each as soon as it is full or nothing more comes."""
        while self._collected:
            batch = self._full()
            if batch is None:
                self._more.clear()
                try:
                    async with asyncio.timeout(self._options.batch_linger):
                        await self._more.wait()
                    continue
                except TimeoutError:
                    batch = self._full(anyway=True)
            assert batch
            for one in batch:
                del self._collected[one.item.name]
            try:
                await self._send(batch)
            except Exception as error:  # noqa: BLE001  # handed to whoever waits
                self._refuse(batch, error)

    def _full(self, *, anyway: bool = False) -> list[Waiting] | None:
        """Return the next batch: requests to one path, as many as may be; None if it would not be full."""
        by_path: dict[str, list[Waiting]] = {}
        sizes: dict[str, int] = {}
        for one in self._collected.values():
            size = sizes.get(one.path, 0) + one.size
            group = by_path.setdefault(one.path, [])
            if group and (size > MOST_BYTES or len(group) == self._options.batch_requests):
                return group
            group.append(one)
            sizes[one.path] = size
        longest = max(by_path.values(), key=len)
        return longest if anyway or len(longest) == self._options.batch_requests else None

    async def _send(self, batch: list[Waiting]) -> None:
        """Make one batch, noted before and after, and follow it."""
        entry = Entry(
            token=secrets.token_hex(8),
            server=self._server,
            path=batch[0].path,
            requests=tuple(one.item.name for one in batch),
            created=time.time(),
        )
        self._journal.write(entry)
        try:
            made = await self._made(entry, [one.item for one in batch])
        except HarnessError:
            self._journal.remove(entry)
            raise
        entry = replace(entry, batch=made)
        self._journal.write(entry)
        self._entries.append(entry)
        shown, told = self._hidden(made), "within a day; after an interruption run the same again"
        log.warning("batch %s: %s requests, %s", shown, len(batch), told)
        self._follow(entry)

    async def _made(self, entry: Entry, items: list[Item]) -> str:
        """Return the provider's name of a new batch; where its making broke off, of the one that was made even so."""
        for attempt in range(MAKES):
            try:
                return await self._api.create(entry.token, entry.path, items)
            except Refused:
                raise
            except RequestFailed:
                found = await self._api.find(entry.token)
                if found is not None:
                    return found
                if attempt == MAKES - 1:
                    raise
                await asyncio.sleep(self._options.batch_poll)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _follow(self, entry: Entry) -> None:
        if entry.token not in self._followed:
            self._followed[entry.token] = asyncio.create_task(self._followed_to_its_end(entry))

    async def _followed_to_its_end(self, entry: Entry) -> None:
        """Wait for a batch, and hand out its answers."""
        try:
            outcomes = await self._outcomes(entry)
        except BackendError as error:
            self._refuse([self._waiting[name] for name in entry.requests if name in self._waiting], error)
            return
        except HarnessError as error:
            outcomes = [Outcome(name=name, failed=str(error)) for name in entry.requests]
        except Exception as error:  # noqa: BLE001  # handed to whoever waits
            self._refuse([self._waiting[name] for name in entry.requests if name in self._waiting], error)
            return
        if outcomes is None:
            self._ask_anew(entry)
            return
        told = {outcome.name: outcome for outcome in outcomes}
        for name in entry.requests:
            self._deliver(entry, told.get(name) or Outcome(name=name, failed="it ended without an answer to this"))

    def _deliver(self, entry: Entry, outcome: Outcome) -> None:
        """Hand out one outcome; what an earlier process asked for in vain is asked anew, not failed again."""
        if outcome.failed and outcome.name in self._earlier:
            del self._earlier[outcome.name]
            self._given.setdefault(entry.token, set()).add(outcome.name)
            if outcome.name in self._waiting:
                self._collect(self._waiting[outcome.name])
            return
        one = self._waiting.pop(outcome.name, None)
        if one is None:
            self._ready[outcome.name] = outcome
            return
        self._earlier.pop(outcome.name, None)  # given: who asks again wants another answer
        self._given.setdefault(entry.token, set()).add(outcome.name)
        if one.answer.done():
            return
        if outcome.failed:
            shown = f"batch {self._hidden(entry.batch)}: {self._hidden(outcome.failed)}; run again"
            one.answer.set_exception(RequestFailed(shown))
        else:
            one.answer.set_result(outcome.body)

    async def _outcomes(self, entry: Entry) -> list[Outcome] | None:
        """Return the outcomes of a batch when it has ended; None if the provider does not know it."""
        batch = entry.batch or await self._api.find(entry.token)
        if batch is None:
            return None
        heard = time.monotonic()
        while True:
            try:
                state = await self._api.state(batch)
                heard = time.monotonic()
                if state.failed:
                    return [Outcome(name=name, failed=state.failed) for name in entry.requests]
                if state.ended:
                    return list(await self._api.results(batch, state))
            except Refused as refusal:
                if refusal.missing:
                    return None
                raise
            except RequestFailed as error:
                if time.monotonic() - heard > SILENCE:
                    raise
                log.warning("batch %s: %s; it is looked at again", self._hidden(batch), error)
            await asyncio.sleep(self._options.batch_poll)

    def _ask_anew(self, entry: Entry) -> None:
        """Collect again what a batch was to answer that is not there."""
        self._journal.remove(entry)
        self._entries.remove(entry)
        for name in entry.requests:
            self._earlier.pop(name, None)
            if name in self._waiting:
                self._collect(self._waiting[name])

    def _refuse(self, whom: list[Waiting], error: Exception) -> None:
        for one in whom:
            self._waiting.pop(one.item.name, None)
            if not one.answer.done():
                one.answer.set_exception(error)


@asynccontextmanager
async def asking(api: BatchApi, wire: Wire) -> AsyncIterator[Ask]:
    """Give the way in which a model's requests are asked: by themselves, or in batches."""
    folder = wire.options.batch_folder
    if not folder:
        yield lambda _request, path, body, meaning: wire.ask(path, body, meaning)
        return
    batches = Batches(api, Journal(Path(folder)), wire)
    try:
        yield lambda one, path, body, meaning: batches.ask(path, body, meaning, f"{one.draw} {one.seed}")
    finally:
        await batches.aclose()
