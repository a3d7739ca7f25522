"""An answer as the harness keeps it, whichever protocol it came by: thinking in tags, text before the first stop."""

from __future__ import annotations

from collections.abc import Sequence

from harness import Json, Response, Usage
from harness.data import Finish

#: Where thinking ends in an answer.
THOUGHT = "</think>"
#: Settings of lm-eval's tasks that mean nothing to a server.
NOT_SENT = frozenset({"do_sample", "until", "max_gen_toks"})
#: A server that counts more tokens counts wrongly; up to here every reader of JSON keeps an integer as it is.
MOST_TOKENS = 2**53


def finished(thought: str, text: str, finish: Finish, stops: Sequence[str], usage: Usage) -> Response:
    """Return a response; reasoning that came apart stands before the text between <think> and </think>.

    Args:
        thought: the reasoning; empty where there is none.
        text: the answer.
        finish: why the server ended it.
        stops: the text is cut before the first of them, whether or not the server knew them.
        usage: the tokens.
    """
    shown, stopped = before_stops(text, stops)
    if thought:
        done = shown or finish == "stop"
        shown = f"<think>{thought}{THOUGHT}\n\n{shown}" if done else f"<think>{thought}"
    return Response(text=shown, finish="stop" if stopped else finish, usage=usage)


def before_stops(text: str, stops: Sequence[str]) -> tuple[str, bool]:
    r"""Return an answer before the first stop, and whether there was one; thinking is not searched.

    >>> before_stops("<think>Q: so</think>4\nQ: next", ("Q:", "Z"))
    ('<think>Q: so</think>4\n', True)
    """
    begin = text.rfind(THOUGHT) + len(THOUGHT) if THOUGHT in text else 0
    found = [place for stop in stops if stop and (place := text.find(stop, begin)) >= 0]
    return (text[: min(found)], True) if found else (text, False)


def counted(counts: Json, *names: str) -> int | None:
    """Return the first of these counts that is a number of tokens; None if there is none.

    >>> counted({"input_tokens": 5}, "prompt_tokens", "input_tokens"), counted({"n": "5"}, "n"), counted(None, "n")
    (5, None, None)
    >>> counted({"n": 2**63}, "n"), counted({"n": True}, "n")
    (None, None)
    """
    if not isinstance(counts, dict):
        return None
    for name in names:
        value = counts.get(name)
        if type(value) is int and 0 <= value <= MOST_TOKENS:  # true is no number
            return value
    return None
