"""The placebo: a statement as long as the constraint, off the topic, without a name or a number.

Irrelevant facts alone can cost accuracy (GSM-IC, arXiv 2302.00093), so what a constraint costs is measured
against a sentence in the same slot that asks for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

#: Statements that touch no benchmark's topic; of many lengths, so that their sums meet any length.
STATEMENTS = (
    "Moss is soft.",
    "Clouds drift by.",
    "Wool can be dyed.",
    "The river is calm.",
    "Old wood smells nice.",
    "Leaves turn in autumn.",
    "A breeze moves the reeds.",
    "The harbour wakes at dawn.",
    "Lanterns glow along the pier.",
    "Fog settles over the meadow.",
    "The valley is quiet in winter.",
    "Some ferns prefer the deep shade.",
    "Swallows return when spring comes.",
    "The old mill stands beside a stream.",
    "Pebbles grow smooth in running water.",
    "A lighthouse is painted every few years.",
    "The orchard looks lovely under fresh snow.",
    "Pottery is often glazed in earthy colours.",
    "The tide leaves ripples on the sandy shore.",
    "Tall grasses sway gently along the hillside.",
    "Many gardens are at their best in early summer.",
    "The curtains in the hall were a pale shade of blue.",
    "Candles were once common on the window sills of inns.",
    "The sound of rain on a tin roof is pleasant to many.",
    "A narrow path winds between the dunes towards the sea.",
    "Violins are varnished slowly so that the wood can settle.",
    "The evening sky over the moor is often streaked with pink.",
    "Some birds build their nests from moss, twigs and soft down.",
    "In the far north the summer light lingers until late at night.",
    "The weathered fence along the pasture leans a little to the left.",
    "Stone walls in the uplands are built without any mortar between them.",
    "The ferry crosses the bay slowly when the water is covered with thin mist.",
)
#: Tries at meeting a length; a hundred random sums of these statements nearly always do.
TRIES = 120
#: How far the length may be off (method 3.2: 10 % of tokens).
SLACK = 0.10
CONTENT_WORD = re.compile(r"[a-z]{5,}")


def placebo_text(length: int, prompt: str, random: Random) -> str:
    """Return a statement of about `length` characters that shares no longer word with the prompt.

    The nearest of many seeded sums of statements; within 10 % unless the length is shorter than any statement.
    """
    words = set(CONTENT_WORD.findall(prompt.lower()))
    usable = [line for line in STATEMENTS if not words & set(CONTENT_WORD.findall(line.lower()))] or list(STATEMENTS)
    best = min(usable, key=lambda line: (abs(len(line) - length), line))
    for _ in range(TRIES):
        if abs(len(best) - length) <= SLACK * length / 4:
            break
        best = min((best, random_sum(usable, length, random)), key=lambda text: abs(len(text) - length))
    return best


def random_sum(statements: Sequence[str], length: int, random: Random) -> str:
    """Return statements in random order, joined until the next would lead further away from the length."""
    text = ""
    for line in random.sample(statements, len(statements)):
        longer = f"{text} {line}".strip()
        if abs(len(longer) - length) < abs(len(text) - length):
            text = longer
    return text
