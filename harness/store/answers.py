"""What an asker needs of a store, wherever that is."""

from __future__ import annotations

from typing import Protocol

from harness.data import Response


class Answers(Protocol):
    """Responses by the names of their requests."""

    @property
    def full(self) -> str:
        """Why no further answer should be asked for; empty while there is room."""

    def get(self, name: bytes) -> Response | None:
        """Return the response to a request if it is at hand."""

    async def fetch(self, name: bytes) -> Response | None:
        """Return the response to a request that is not at hand but kept elsewhere; None if it was never answered."""

    async def put(self, name: bytes, model: str, response: Response) -> Response:
        """Write a response, and return what is kept once it is safe."""
