"""What a user can set of any server: where it is, how long it may take, how hard it may be asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """Options that every backend over HTTP has."""

    base_url: str = field(default="", metadata={"help": "empty: the provider's variable, else the provider's address"})
    api_key: str = field(default="", metadata={"secret": True, "help": "empty: the provider's variable, else none"})
    headers: Mapping[str, str] = field(
        default_factory=dict, metadata={"secret": True, "help": "further headers, as JSON; kept as secret as the key"}
    )
    extra_body: Mapping[str, Json] = field(
        default_factory=dict, metadata={"help": "further fields of every request, as JSON"}
    )
    omit: tuple[str, ...] = field(
        default=(), metadata={"help": "fields that the server refuses: temperature,seed,stop"}
    )
    timeout: float = field(default=600.0, metadata={"help": "seconds for one attempt as a whole"})
    connect_timeout: float = field(default=10.0, metadata={"help": "seconds for reaching the server"})
    deadline: float = field(default=3600.0, metadata={"help": "seconds for one request with all its attempts"})
    max_retries: int = field(
        default=6, metadata={"help": "attempts after 408, 409, 425, 429, 5xx, lost connections, broken answers"}
    )
    backoff: float = field(
        default=0.5, metadata={"help": "seconds before the second attempt, then doubled; Retry-After goes first"}
    )
    hedge: float = field(
        default=10.0,
        metadata={
            "help": "a request without an answer after so many seconds, and thrice the slowest of late, is sent again "
            "beside itself; 0: never"
        },
    )
    concurrency: int = field(default=256, metadata={"help": "the most requests in flight, where the run does not say"})
    adaptive: bool = field(
        default=True,
        metadata={"help": "begin with 32 and climb while more in flight brings more answers; false: all at once"},
    )
    batch_folder: str = field(
        default="",
        metadata={"help": "requests go through the provider's batch API, noted in this folder (--batch-api sets it)"},
    )
    batch_requests: int = field(default=10_000, metadata={"help": "requests of one batch, at the most"})
    batch_linger: float = field(
        default=5.0, metadata={"help": "seconds without a new request after which a batch leaves"}
    )
    batch_poll: float = field(default=30.0, metadata={"help": "seconds between two looks at a batch"})

    @property
    def width(self) -> int:
        """Requests in flight: in batches many more."""
        return self.batch_requests if self.batch_folder else self.concurrency

    def __post_init__(self) -> None:
        for name in (
            "timeout",
            "connect_timeout",
            "deadline",
            "concurrency",
            "batch_requests",
            "batch_linger",
            "batch_poll",
        ):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name}={getattr(self, name)} must be above 0")
        for name in ("max_retries", "backoff", "hedge"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name}={getattr(self, name)} must not be negative")
