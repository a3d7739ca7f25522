"""Compares LaTeX expressions with math-verify: a script; a JSON line [gold, answer] in, b"0" or b"1" out."""

from __future__ import annotations

import json
import logging
import sys


def equal(gold: str, answer: str) -> bool:
    """Whether math-verify takes an answer for the right one; its own time limits hold, for this is a main thread."""
    from math_verify import parse, verify

    return bool(verify(parse(gold), parse(answer)))


def main() -> None:
    """Answer questions until there are no more."""
    logging.disable(logging.CRITICAL)  # it warns of every expression that it cannot read
    equal("$1$", "$1$")
    sys.stdout.write("!")
    sys.stdout.flush()
    for line in sys.stdin:
        gold, answer = json.loads(line)
        try:
            verdict = equal(gold, answer)
        except Exception:  # noqa: BLE001  # what it cannot compare is not equal
            verdict = False
        sys.stdout.write("1" if verdict else "0")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
