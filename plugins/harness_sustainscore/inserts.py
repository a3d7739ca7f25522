"""The text that an arm adds to a prompt: one place, one separator, the constraint's characters known."""

from __future__ import annotations

from collections.abc import Sequence

from harness import Constraint, Prompt

#: Text added to a prompt as (label, text); see `Prompt.with_inserted`.
Pieces = tuple[tuple[str, str], ...]


def constraint_pieces(constraints: Sequence[Constraint], prompt: Prompt) -> Pieces:
    """Return the pieces that put constraints into a prompt; the n-th is labelled "c<n>".

    One constraint stands in a sentence, several in a list.
    """
    if len(constraints) == 1:
        body: Pieces = (("", "Constraint: "), ("c0", constraints[0].text))
    else:
        lines = ((("", "\n- "), (f"c{n}", constraint.text)) for n, constraint in enumerate(constraints))
        body = (("", "Constraints:"), *(piece for line in lines for piece in line))
    return separated(body, prompt)


def placebo_pieces(text: str, prompt: Prompt) -> Pieces:
    """Return the pieces that put a placebo into the place of the constraints."""
    return separated((("", "Note: "), ("placebo", text)), prompt)


def separated(body: Pieces, prompt: Prompt) -> Pieces:
    """Return the pieces set off from the text around them by a blank line."""
    before, after = prompt.around
    opening = "" if not before or before.endswith("\n\n") else "\n" if before.endswith("\n") else "\n\n"
    closing = "" if not after or after.startswith("\n") else "\n\n"
    return tuple(piece for piece in (("", opening), *body, ("", closing)) if piece[1])
