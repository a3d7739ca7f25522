"""What a server's refusal means: another attempt, the end of one request, or the end of the run."""

from __future__ import annotations

import email.utils
import json
import random
import time
from collections.abc import Mapping
from typing import Any, NoReturn

from harness import BackendError, RequestFailed

#: Answers after which another attempt may succeed; and every 5xx.
RETRIED = frozenset({408, 409, 425, 429})
SERVER_ERROR = 500
#: Answers that say that the server has too much to do; 529 is Anthropic's.
OVERLOADED = frozenset({429, 503, 529})
#: Answers that no further request can mend.
REFUSED = frozenset({401, 402, 403})
#: What servers say when there is no money left, whatever the status.
SPENT = ("insufficient_quota", "credit balance is too low")
#: The path or the model is not there; before any answer that is true of every request.
NOT_FOUND = 404
#: Seconds: the longest wait of our own, and the longest that a server may ask for.
LONGEST_BACKOFF = 60.0
LONGEST_ASKED = 900.0


class Malformed(Exception):
    """An answer that breaks the protocol; another attempt may bring a better one."""


class Refused(RequestFailed):
    """The server read the request and does not want it; sent again it would be refused again."""

    def __init__(self, why: str, *, missing: bool = False) -> None:
        super().__init__(why)
        #: Whether what it names is not there.
        self.missing = missing


class Again(Exception):
    """An attempt failed in a way that may pass."""

    def __init__(
        self, why: str, *, wait: float | None = None, unreachable: bool = False, overloaded: bool = False
    ) -> None:
        super().__init__(why)
        #: Seconds the server asked to wait.
        self.wait = wait
        #: Whether the server was not even there.
        self.unreachable = unreachable
        #: Whether the server has too much to do.
        self.overloaded = overloaded


def refuse(status: int, headers: Mapping[str, str], said: str, who: str, key: str, *, served: bool) -> NoReturn:
    """Raise what an answer with this status means.

    Args:
        status: of the answer.
        headers: of the answer.
        said: what the server gave as its reason, without secrets.
        who: "openai: http://host/v1", for the message.
        key: the variable that holds the key.
        served: whether the server has ever given what was asked for.
    """
    reason = said or "no reason given"
    if status in REFUSED or any(words in said for words in SPENT):
        raise BackendError(
            f"{who} refuses us ({status}): {reason}; set {key} "
            "or --model-option api_key=KEY to a key that may use this model and has credit left"
        )
    if status in RETRIED or status >= SERVER_ERROR:
        wait = asked_wait(headers, time.time())
        raise Again(f"{status}: {said}".rstrip(": "), wait=wait, overloaded=status in OVERLOADED)
    refusal = f"{who} refuses this request ({status}): {reason}"
    if status == NOT_FOUND and not served:
        raise BackendError(f"{refusal}; check base_url and the name of the model")
    raise Refused(refusal, missing=status == NOT_FOUND)


def pause(asked: float | None, attempt: int, first: float, chance: random.Random) -> float:
    """Return the seconds before the next attempt: what the server asked for, else exponentially more, with jitter.

    Raises:
        RequestFailed: the server asks for longer than we wait.
    """
    if asked is not None:
        if asked > LONGEST_ASKED:
            raise RequestFailed(f"the server asks to wait {asked:,.0f} s: run again later, what is answered is kept")
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
        if text.isascii() and text.replace(".", "", 1).isdigit():
            return float(text) / unit
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, OverflowError):
        return None


def server_message(data: bytes) -> str:
    """Return what a server says of its refusal, from whichever form it chose."""
    text = data[:10_000].decode(errors="replace")
    try:
        reply: Any = json.loads(data)
    except (ValueError, RecursionError):
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
    return int(code) if code.isascii() and code.isdigit() else SERVER_ERROR
