"""A chat server on the loopback for benchmarks and tests: answers sums after some time, well or with faults.

    python benchmarks/loopback.py [--seconds 0.05] [--faults 0.4] [--seed N]

It prints its port, then serves until it is ended. `GET /stats` tells what it was asked. With `--faults` that share of
the requests meets a fault, chosen by a hash of the request and of how often it has come; questions whose number
ends in 7 of 50 are never answered.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import re
import time
from collections import Counter
from dataclasses import dataclass, field

SUM = re.compile(rb"What is (\d+) plus (\d+)\?(?!.*What is)", re.DOTALL)
#: Of fifty questions this one is never answered.
DOOMED, EVERY = 7, 50
#: Names of faults, by share.
FAULTS = (
    "429", "429 retry-after", "500", "503", "slow", "hang", "reset before", "reset inside", "truncated", "no JSON",
    "wrong schema", "no choices", "two choices", "not UTF-8", "huge", "error in a 200", "html",
)  # fmt: skip
HUGE = 8 * 1024 * 1024


@dataclass
class Server:
    """What a server does, and what it has done."""

    seconds: float
    faults: float = 0.0
    seed: int = 0
    asked: Counter[bytes] = field(default_factory=Counter)
    #: Good answers by question, sent to their end.
    answered: Counter[bytes] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    begun: float | None = None
    ended: float = 0.0
    busy: int = 0
    busiest: int = 0

    def stats(self) -> dict[str, object]:
        """What it was asked."""
        return {
            "requests": sum(self.asked.values()),
            "questions": len(self.asked),
            "answers": sum(self.answered.values()),
            "twice": sum(count > 1 for count in self.answered.values()),
            "faults": dict(sorted(self.met.items())),
            "seconds": self.ended - (self.begun or self.ended),
            "busiest": self.busiest,
        }

    def fault(self, body: bytes, number: int, times: int) -> str:
        """Return the fault that a request meets; empty for none."""
        if not self.faults:
            return ""
        chance = int.from_bytes(hashlib.sha256(f"{self.seed}:{times}:".encode() + body).digest()[:6], "big") / 2**48
        if number % EVERY == DOOMED:
            return "doomed"
        return FAULTS[int(chance / self.faults * len(FAULTS))] if chance < self.faults else ""


class Connection(asyncio.Protocol):
    """One connection; reads requests with a content-length, one after the other."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.data = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Read one request; its answer is sent before the next is read."""
        self.data += data
        end = self.data.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.data[:end].lower()
        if head.startswith(b"get"):
            self.data = b""
            self.send(json.dumps(self.server.stats()).encode())
            return
        size = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        if len(self.data) < end + 4 + size:
            return
        body, self.data = self.data[end + 4 : end + 4 + size], self.data[end + 4 + size :]
        self.asked(body)

    def asked(self, body: bytes) -> None:
        """Note a request, and choose what becomes of it."""
        server = self.server
        moment = time.monotonic()
        server.begun = server.begun or moment
        server.busy += 1
        server.busiest = max(server.busiest, server.busy)
        found = SUM.search(body)
        first, second = (int(found[1]), int(found[2])) if found else (0, 0)
        key = hashlib.sha256(body).digest()
        fault = server.fault(body, first, server.asked[key])
        server.asked[key] += 1
        server.met[fault or "none"] += 1
        wait = server.seconds * (1 + (key[0] % 8) / 8 if server.faults else 1)  # answers come in another order
        wait = {"slow": 20 * wait, "hang": 3600.0}.get(fault, wait)
        asyncio.get_running_loop().call_later(wait, self.reply, key, fault, first + second)

    def reply(self, key: bytes, fault: str, total: int) -> None:
        """Answer, well or not."""
        server = self.server
        server.busy -= 1
        server.ended = time.monotonic()
        if self.transport.is_closing():
            return
        good = chat(f"They add up to that. #### {total}")
        if fault in {"", "slow"}:
            server.answered[key] += 1
            self.send(good)
        else:
            self.misbehave(fault, good)

    def misbehave(self, fault: str, good: bytes) -> None:
        """Answer as the fault says."""
        plain = {
            "429": (b'{"error": {"message": "slow down"}}', 429),
            "500": (b"oops", 500),
            "503": (b"", 503),
            "doomed": (b'{"error": {"message": "this question cannot be answered"}}', 400),
            "truncated": (good[: len(good) // 2], 200),
            "no JSON": (b"{'choices': }", 200),
            "wrong schema": (b'{"hello": ["world"]}', 200),
            "no choices": (b'{"choices": []}', 200),
            "two choices": (chat("#### 1", "#### 2"), 200),
            "not UTF-8": (good.replace(b"They", b"Th\xff\xfe"), 200),
            "huge": (b'{"choices": [' + b" " * HUGE, 200),
            "error in a 200": (b'{"error": {"message": "overloaded", "code": 502}}', 200),
            "html": (b"<html>Bad gateway</html>", 502),
        }
        if fault in plain:
            self.send(*plain[fault])
        elif fault == "429 retry-after":
            self.send(b'{"error": {"message": "slow down"}}', 429, b"retry-after: 0.05\r\n")
        elif fault == "reset inside":
            self.send(good, cut=len(good) - 20)
            self.transport.close()
        else:
            self.transport.abort()

    def send(self, data: bytes, status: int = 200, more: bytes = b"", cut: int | None = None) -> None:
        """Send an answer, or the beginning of one."""
        head = b"HTTP/1.1 %d X\r\ncontent-type: application/json\r\ncontent-length: %d\r\n%s\r\n"
        self.transport.write(head % (status, len(data), more) + data[:cut])


def chat(*texts: str) -> bytes:
    """Return an answer with so many choices."""
    choices = [{"index": 0, "message": {"role": "assistant", "content": one}, "finish_reason": "stop"} for one in texts]
    whole = {"id": "x", "object": "chat.completion", "created": 0, "model": "m", "choices": choices}
    whole["usage"] = {"prompt_tokens": 30, "completion_tokens": 9, "total_tokens": 39}
    return json.dumps(whole).encode()


async def served(server: Server) -> None:
    """Serve until cancelled."""
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(lambda: Connection(server), "127.0.0.1", 0, backlog=4096)
    print(listening.sockets[0].getsockname()[1], flush=True)
    await listening.serve_forever()


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=0.05, help="of an answer")
    parser.add_argument("--faults", type=float, default=0.0, help="share of requests that meet one")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    asyncio.run(served(Server(given.seconds, given.faults, given.seed)))


if __name__ == "__main__":
    main()
