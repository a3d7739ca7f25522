"""Which constraints may stand in one prompt: none that implies, excludes or repeats another."""

from __future__ import annotations

from collections.abc import Iterable

from harness import Constraint, ConstraintType
from harness_sustainscore.asked import stem
from harness_sustainscore.bounds import bounds_of
from harness_sustainscore.clues import words_of

#: Share of common words from which two texts say the same.
SAME = 0.8
#: Words that turn a text into its opposite, or carry none of its meaning.
_EMPTY_WORDS = frozenset(
    {"do", "does", "is", "are", "please", "use", "write", "response", "in", "of", "to", "has", "it"}
)


def clash(kind: ConstraintType, one: Constraint, other_kind: ConstraintType, other: Constraint) -> bool:
    """Whether two constraints of one source say the same, or one of them leaves the other nothing to say.

    Both hold on one answer, so they cannot exclude each other there; elsewhere types of one group do.
    """
    if one.text == other.text:
        return True
    if one.judged or other.judged:
        return alike(one.text, other.text)
    mine, theirs = items_of(one), items_of(other)
    if mine and theirs and overlap(mine, theirs):
        return True
    if kind.group == other_kind.group and (kind.group or kind.name == other_kind.name):
        return not (mine and theirs)  # two words to use are two requirements
    bounds, others = bounds_of(one.text), bounds_of(other.text)
    if any(a.entails(b) or b.entails(a) for a in bounds for b in others):
        return True
    return not (mine or theirs) and alike(one.text, other.text)


def items_of(constraint: Constraint) -> frozenset[str]:
    """Return the words of the answer that a constraint names, in small letters."""
    params = constraint.params
    named = params.get("items") or ([params["item"]] if "item" in params else [])
    return frozenset(str(item).casefold() for item in named)


def overlap(some: Iterable[str], others: Iterable[str]) -> bool:
    """Whether an item of one is, or is part of, an item of the other."""
    return any(a in b or b in a for a in some for b in others)


def alike(text: str, other: str) -> bool:
    """Whether two texts use nearly the same words (method 5, gate 8).

    >>> alike("No bullet points.", "Do not use bullet points."), alike("No table.", "Exactly one table.")
    (False, False)
    >>> alike("Use no bullet points at all.", "Please use no bullet point at all.")
    True
    """
    a, b = ({stem(word) for word in words_of(part) if word not in _EMPTY_WORDS} for part in (text, other))
    return bool(a and b) and len(a & b) >= SAME * max(len(a), len(b))
