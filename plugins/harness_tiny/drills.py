"""Exercises for training alone: many sums, or many look-ups, in one sample, so that both are learnt from less text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness_tiny.facts import BONDS, PROPERTIES
from harness_tiny.words import LARGEST, NAMES

if TYPE_CHECKING:
    import random

#: What looking up speaks of.
POOL = (*NAMES, *BONDS, *(value for one in PROPERTIES for value in one.values))


def sums(rng: random.Random) -> tuple[str, str]:
    """Return a question of several sums and their results, one a line."""
    asked, answered = [], []
    for _ in range(rng.randint(5, 9)):
        sign = rng.choice("++--*/")
        if sign in "*/":
            left, right = rng.randint(2, 10), rng.randint(2, 10)
            if left * right > LARGEST:
                continue
            if sign == "*":
                result = left * right
            else:
                left, result = left * right, left
        else:
            small, other = sorted((rng.randint(1, LARGEST - 1), rng.randint(1, LARGEST - 1)))
            if small == other:
                continue
            left, right, result = (small, other - small, other) if sign == "+" else (other, small, other - small)
        asked.append(f"{left} {sign} {right}")
        answered.append(f"{left} {sign} {right} = {result}")
    return f"Compute {', '.join(asked)}.", "\n" + "\n".join(answered)


def lookups(rng: random.Random) -> tuple[str, str]:
    """Return facts about several people, and those that are asked for, in the order asked.

    Mostly all with one verb: then only the name tells which fact is meant, which is what two hops need.
    """
    people = rng.sample(NAMES, rng.randint(5, 8))
    kind = rng.choice(PROPERTIES)
    bond = rng.choice(BONDS)
    shape = rng.random()
    values = rng.sample(kind.values, len(people))
    facts = {}
    for place, person in enumerate(people):
        other = people[(place + 1) % len(people)]
        if shape < 0.45:  # noqa: PLR2004
            facts[person] = f"{person} {kind.verb} {values[place]}."
        elif shape < 0.7:  # noqa: PLR2004
            facts[person] = f"{person} {bond} {other}."
        elif rng.random() < 0.5:  # noqa: PLR2004
            facts[person] = f"{person} {rng.choice(BONDS)} {other}."
        else:
            facts[person] = f"{person} {kind.verb} {values[place]}."
    shown = list(facts.values())
    rng.shuffle(shown)
    asked = rng.sample(people, len(people) - 2)
    listed = ", ".join(asked[:-1]) + f" and {asked[-1]}"
    return f"{' '.join(shown)} What is said of {listed}?", " " + " ".join(facts[one] for one in asked)


def echo(rng: random.Random) -> tuple[str, str]:
    """Return words in no order and the same words again: the shortest way to learn what looking up rests on."""
    text = " ".join(rng.sample(POOL, rng.randint(8, 30)))
    return f"Repeat {text}.", f" {text}"
