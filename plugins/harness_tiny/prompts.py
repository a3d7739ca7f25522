"""How a question and inserted text become one prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

CUE = "\nAnswer:"
SINGLE = ("Constraint: {}", "Note: {}")
LISTS = ("Constraints:", "Notes:")
OTHER_SINGLE = (
    "{}", "Instruction: {}", "Requirement: {}", "Remember: {}", "Hint: {}", "Also: {}", "Rule: {}", "- {}", "({})",
)  # fmt: skip
OTHER_LISTS = ("Instructions:", "Requirements:", "Rules:", "Please note:", "Follow these points:")


def prompt(question: str, inserted: str = "") -> str:
    r"""Return the prompt of a question, with text inserted before the cue if there is any.

    >>> prompt("How many?", "Note: The sky is blue.")
    'Question: How many?\n\nNote: The sky is blue.\nAnswer:'
    """
    block = f"\n\n{inserted}" if inserted else ""
    return f"Question: {question}{block}{CUE}"


def block(texts: Sequence[str], rng: random.Random) -> str:
    """Return the texts under a header drawn at random: the usual two in most cases, or another, or none."""
    usual = rng.random() < 0.65  # noqa: PLR2004
    if len(texts) == 1:
        return rng.choice(SINGLE if usual else OTHER_SINGLE).format(texts[0])
    if rng.random() < 0.1:  # noqa: PLR2004
        return " ".join(texts)
    return "\n".join([rng.choice(LISTS if usual else OTHER_LISTS), *(f"- {text}" for text in texts)])


def scattered(question: str, texts: Sequence[str], rng: random.Random) -> str:
    """Return a prompt with the texts inserted somewhere: before the cue mostly, sometimes elsewhere."""
    if not texts:
        return prompt(question)
    place = rng.random()
    if place < 0.8:  # noqa: PLR2004
        return prompt(question, block(texts, rng))
    if place < 0.9:  # noqa: PLR2004
        return f"{block(texts, rng)}\n\n{prompt(question)}"
    return prompt(f"{question} {' '.join(texts)}")
