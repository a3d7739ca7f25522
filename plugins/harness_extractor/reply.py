"""What a writing model answers: JSON of one shape, read piece by piece, so that one bad piece spoils no other."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

#: Longer replies are not read: eight constraints fit a tenth of it.
LONGEST = 100_000
#: Constraints that are asked for and considered.
MOST = 8
MOST_WORDS = 25
_TEXT = Annotated[str, msgspec.Meta(min_length=3, max_length=400)]


class Rule(msgspec.Struct, frozen=True, tag_field="kind", tag="rule", forbid_unknown_fields=True):
    """A check by a type of the registry."""

    name: str
    args: dict[str, Any]


class Question(msgspec.Struct, frozen=True, tag_field="kind", tag="judge", forbid_unknown_fields=True):
    """A check by a yes-or-no question to a judge."""

    question: _TEXT


class Candidate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One constraint as it was written."""

    family: str
    text: _TEXT
    params: dict[str, Any] | None = None
    check: Rule | Question
    evidence: Annotated[list[_TEXT], msgspec.Meta(min_length=1, max_length=8)]
    scope: Literal["full", "prose", "code", "final"]
    tight: bool


class Refused(ValueError):
    """A reply, or a piece of it, that is not of the shape; says why."""


def pieces_of(text: str) -> list[Any]:
    r"""Return the constraints of a reply, none of them checked.

    Raises:
        Refused: it is no JSON object with a list `constraints`.

    >>> pieces_of('```json\n{"constraints": [1]}\n```')
    [1]
    """
    if len(text) > LONGEST:
        raise Refused(f"longer than {LONGEST:,} characters")
    inner = text.strip().removeprefix("```json").removeprefix("```").removesuffix("```").strip()
    try:
        whole = msgspec.json.decode(inner)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Refused(f"not JSON: {error}") from error
    if not isinstance(whole, dict) or not isinstance(whole.get("constraints"), list):
        raise Refused("no object with a list `constraints`")
    return list(whole["constraints"])


def candidate_of(piece: Any, families: frozenset[str]) -> Candidate:
    """Return one constraint of a reply.

    Raises:
        Refused: it has another shape, is longer than a line of 25 words, or of a family that was not asked for.
    """
    try:
        candidate = msgspec.convert(piece, Candidate)
    except msgspec.ValidationError as error:
        raise Refused(str(error)) from error
    if candidate.family not in families:
        raise Refused(f"family {candidate.family!r} was not asked for")
    if "\n" in candidate.text.strip() or len(candidate.text.split()) > MOST_WORDS:
        raise Refused(f"a constraint is one line of at most {MOST_WORDS} words")
    return candidate
