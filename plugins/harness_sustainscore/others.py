"""Other answers: of foreign shapes, and mutants of a given one. A constraint that all of them meet says nothing."""

from __future__ import annotations

#: Answers of shapes that no single answer has: terse, marked up, code, steps, long, JSON, shouted.
FOREIGN = (
    "No.",
    """# Overview

- first point
- second point

## Details

**Bold** claims; many! Really? Yes: really!

| a | b |
|---|---|
| 1 | 2 |
""",
    """```python
import os, sys


def solve(values):
    # a comment
    while values:
        values.pop()
    return [lambda x: x for _ in values]


print(solve([3.5]))
```""",
    "1. Open the door.\n2. Walk through it.\n3. Close it again.\n\nSo, to be very clear, that is all; let's rest...",
    "\n\n".join(["Well, I think that perhaps this is, in fact, a long paragraph that says very little."] * 9),
    '{"answer": null, "why": "UNKNOWN (not given) -- see § 4"}',
    "ALL OF THIS IS SHOUTED WITHOUT END AND WITHOUT A SINGLE STOP " * 40,
)


def mutants(text: str) -> tuple[str, ...]:
    """Return other answers made from an answer: halved, tripled, shouted, flat, listed, reversed, marked up."""
    words = text.split()
    return (
        " ".join(words[: len(words) // 2]),
        "\n\n".join([text] * 3),
        text.upper(),
        " ".join(words),
        "\n".join(f"- {word}" for word in words),
        " ".join(reversed(words)),
        f"# Answer\n\n**{text}**!\n\n```\n{text}\n```",
    )
