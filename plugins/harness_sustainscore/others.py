"""Other answers: of foreign shapes, and mutants of a given one. A constraint that all of them meet says nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import msgspec

from harness import Constraint, Response, Verdict
from harness_sustainscore.bank import DOMAINS, FOREIGN


@lru_cache(maxsize=65_536)
def _violated(check: Callable[[Constraint, Response], Verdict], encoded: bytes, domain: str) -> bool:
    constraint = msgspec.json.decode(encoded, type=Constraint)
    texts = (*DOMAINS.get(domain, ()), *FOREIGN)
    return any(check(constraint, Response(text=text)).met is False for text in texts)


def violated_by_bank(check: Callable[[Constraint, Response], Verdict], constraint: Constraint, domain: str) -> bool:
    """Whether some answer of the constant bank violates a constraint; remembered, because the same ones come again."""
    return _violated(check, msgspec.json.encode(constraint, order="deterministic"), domain)


def mutants(text: str) -> tuple[str, ...]:
    """Return other answers made from an answer: halved, tripled, shouted, flat, listed, reversed, marked up."""
    words = text.split()
    lines = text.split("\n")
    made = (
        " ".join(words[: len(words) // 2]),
        "\n".join(lines[: len(lines) // 2]),
        "\n\n".join([text] * 3),
        text.upper(),
        " ".join(words),
        "\n".join(f"- {word}" for word in words),
        " ".join(reversed(words)),
        f"# Answer\n\n**{text}**!\n\n```\n{text}\n```",
        f"Sure! {text}\n\nLet me know if you have any other questions.",
    )
    return tuple(one for one in made if one.strip())  # that an empty answer meets none has been seen before
