"""What was said, as a rating or as yes and no; what cannot be read is None and never guessed."""

from __future__ import annotations

import re

from harness_ordinal.ratings.scale import Scale, number

THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
#: Marks around a word that are no part of it.
DECORATION = "*_`\"'\u201c\u201d\u2018\u2019()[]{}<>.,;:!# \t"
#: "Rating: 4", "my answer is 4".
STATED = re.compile(r"\b(?:rating|answer|score|stars?|grade|label)\b\s*(?:is|:|=|-)+\s*(.+)", re.IGNORECASE)
#: "4/5", "4 out of 5": the first number is the rating.
OUT_OF = re.compile(r"(-?\d+(?:\.\d+)?)\s*(?:/|out of|of)\s*(\d+(?:\.\d+)?)", re.IGNORECASE)
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w]|\.\d)")

YES = frozenset({"yes", "true", "y"})
NO = frozenset({"no", "false", "n"})


def rating_in(text: str, scale: Scale) -> int | None:
    """Return the rank that an answer gives; None where it gives none, or several.

    The first line decides if it can be read, since a model without an end goes on to rate something else.

    >>> scale = Scale(labels=("1", "2", "3", "4", "5"))
    >>> [rating_in(text, scale) for text in ("**4**", "Rating: 4/5. Great.", "between 3 and 4", "4.5", "7")]
    [3, 3, None, None, None]
    """
    said = THOUGHT.sub("", text).strip()
    first = next((line for line in said.splitlines() if line.strip(DECORATION)), "")
    for part in (first, said):
        rank = rank_in(part, scale)
        if rank is not None:
            return rank
    return None


def rank_in(text: str, scale: Scale) -> int | None:
    """Return the one rank that a piece of text gives."""
    whole = scale.rank(text.strip(DECORATION))
    if whole is not None:
        return whole
    stated = STATED.search(text)
    if stated is not None and (rank := only(mentioned(stated[1].splitlines()[0], scale))) is not None:
        return rank
    return only(mentioned(text, scale))


def only(ranks: set[int | None]) -> int | None:
    """Return the one rank of a set; None where there is none or several."""
    return next(iter(ranks)) if len(ranks) == 1 else None


def mentioned(text: str, scale: Scale) -> set[int | None]:
    """Return the ranks whose labels a text mentions, None among them for a number off the scale.

    A longer label is not also the shorter one in it.

    >>> mentioned("It is very good.", Scale(labels=("bad", "good", "very good")))
    {2}
    """
    if all(number(label) is not None for label in scale.labels):
        shares = OUT_OF.search(text)
        found = [shares[1]] if shares is not None else NUMBER.findall(text)
        return {scale.rank(one) for one in found}
    ranks_of = {label.strip().casefold(): rank for rank, label in enumerate(scale.labels)}
    longest = sorted(ranks_of, key=len, reverse=True)
    pattern = "|".join(rf"(?<!\w){re.escape(label)}(?!\w)" for label in longest)
    return {ranks_of[match[0].casefold()] for match in re.finditer(pattern, text, re.IGNORECASE)}


def yes_in(text: str) -> bool | None:
    """Return whether an answer says yes; None where it says neither, or both.

    >>> [yes_in(text) for text in ("Yes.", "**No**, it is not", "<think>yes?</think>no", "maybe", "yes and no")]
    [True, False, False, None, None]
    """
    said = THOUGHT.sub("", text).casefold()
    first = next((line for line in said.splitlines() if line.strip(DECORATION)), "")
    words = re.findall(r"[a-z]+", first)
    yes, no = bool(YES & set(words)), bool(NO & set(words))
    if words and words[0] in YES | NO and not (yes and no):
        return words[0] in YES
    return yes if yes != no else None
