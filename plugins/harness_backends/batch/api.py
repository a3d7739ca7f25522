"""What a provider's batch API can do; one small class for each provider."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from harness import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One request of a batch."""

    #: SHA-256 of all that tells it from others, in hexadecimal.
    name: str
    body: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How far a batch has come."""

    ended: bool
    #: Where its results are; the provider's own words.
    files: tuple[str, ...] = ()
    #: Why it gives no results at all, in the provider's words as in an outcome; empty: it does.
    failed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one request of a batch: a body as it would have come by itself, or the reason for none.

    The reason is the provider's, word for word: it may hold what must not be shown, and be of any length.
    """

    name: str
    body: Json = None
    failed: str = ""


class BatchApi(Protocol):
    """A provider's batch API."""

    async def create(self, token: str, path: str, items: Sequence[Item]) -> str:
        """Send requests to one path as a batch; return the provider's name for it.

        Raises:
            Refused: the provider does not want it. RequestFailed: it may have been made or not.
        """

    async def find(self, token: str) -> str | None:
        """Return the provider's name for the batch made with this token; None: there is none, or nobody can tell."""

    async def state(self, name: str) -> State:
        """Return how far a batch has come."""

    async def results(self, name: str, state: State) -> Sequence[Outcome]:
        """Return the outcomes of a batch that has ended, in any order."""
