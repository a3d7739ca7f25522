"""The placebo: a statement as long as the constraint in tokens, off the topic, without a name or a number.

Irrelevant facts alone can cost accuracy (GSM-IC, arXiv 2302.00093), so what a constraint costs is measured
against a sentence in the same place that asks for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from harness import Prompt
from harness_sustainscore.inserts import Pieces, constraint_pieces, placebo_pieces
from harness_sustainscore.stand_in import STAND_IN

#: Statements that touch no benchmark's topic; of many lengths, so that their sums meet any length. Their words are
#: plain, so that each is one token: GPT-2's, GPT-4's and GPT-4o's tokenizers differ from `tokens` by one at the most.
STATEMENTS = (
    "Moss is soft.",
    "Clouds drift by.",
    "Milk is white.",
    "Snow can be deep.",
    "The river is calm.",
    "Old wood smells nice.",
    "Some doors are blue.",
    "The wind moves the grass.",
    "The lake is still at dawn.",
    "Some hills are green all year.",
    "The valley is quiet in winter.",
    "Leaves fall when the air is cold.",
    "Birds return when spring comes.",
    "The old mill stands beside a stream.",
    "Stones grow smooth in running water.",
    "The garden looks lovely under fresh snow.",
    "The tide leaves its marks on the sandy shore.",
    "Tall trees stand along the edge of the field.",
    "Many gardens are at their best in early summer.",
    "A small boat rests on the sand beside the water.",
    "The curtains in the hall were a pale shade of blue.",
    "Bread was once baked at home in the early morning.",
    "The sound of rain on a tin roof is pleasant to many.",
    "A narrow path winds between the hills towards the sea.",
    "The light in the kitchen was warm when the evening came.",
    "The evening sky over the fields is often touched with pink.",
    "Some birds build their homes from grass and small pieces of wood.",
    "In the far north the summer light stays until late at night.",
    "The old fence along the road leans a little to the left.",
    "Stone walls in the hills are built without anything between the stones.",
    "The boat crosses the bay slowly when the water is covered with thin mist.",
    "A house by the sea is painted every few years because of the salt in the air.",
)
#: Tries at meeting a length; a hundred random sums of these statements nearly always do.
TRIES = 120
#: How far the number of tokens may be off (method 3.2).
SLACK = 0.10
CONTENT_WORD = re.compile(r"[a-z]{5,}")
TOKEN = re.compile(r"[^\W\d_]+|\d{1,3}|[^\w\s]|_+")
#: What asks for nothing that the task did not.
VACUOUS = "Please answer the question."


def tokens(text: str) -> int:
    """Return about how many tokens a text takes: words, groups of three digits and marks count as one each.

    No backend tells before it has been asked. Against GPT-2's, GPT-4's and GPT-4o's tokenizers, over the wordings of
    the catalogue: 0.3 to 1 % fewer in sum, 6 % off at a single one.

    >>> tokens("Use at most 1500 words, please.")
    9
    """
    return len(TOKEN.findall(text))


def placebo_text(like: str, prompt: str, random: Random) -> str:
    """Return a statement as long as another text that shares no longer word with the prompt.

    The nearest of many seeded sums of statements, by tokens, then by characters; within 10 % of tokens unless the text
    is shorter than any statement.
    """
    words = set(CONTENT_WORD.findall(prompt.lower()))
    usable = [line for line in STATEMENTS if not words & set(CONTENT_WORD.findall(line.lower()))] or list(STATEMENTS)
    wanted = tokens(like)

    def off(text: str) -> tuple[int, int]:
        return abs(tokens(text) - wanted), abs(len(text) - len(like))

    best = min(usable, key=lambda line: (off(line), line))
    for _ in range(TRIES):
        apart, longer = off(best)
        if not apart and longer <= SLACK * len(like):
            break
        best = min((best, random_sum(usable, wanted, random)), key=off)
    return best


def random_sum(statements: Sequence[str], wanted: int, random: Random) -> str:
    """Return statements in random order, joined until the next would lead further away from so many tokens."""
    text, length = "", 0
    for line in random.sample(statements, len(statements)):
        longer = length + tokens(line)
        if abs(longer - wanted) < abs(length - wanted):
            text, length = f"{text} {line}".strip(), longer
    return text


def idle_pieces(prompt: Prompt, pieces: Pieces, random: Random) -> Pieces:
    """Return the placebo that stands where the constraints would, as long as they are with their frame."""
    said = "".join(text for _, text in pieces)
    frame = tokens("".join(text for _, text in placebo_pieces("", prompt)))
    like = " ".join(TOKEN.findall(said)[frame:])
    return placebo_pieces(placebo_text(like, prompt.text, random), prompt)


def wrapper_pieces(prompt: Prompt) -> Pieces:
    """Return the frame of a constraint around a request that asks for nothing new."""
    framed = constraint_pieces((STAND_IN,), prompt)
    return tuple(("wrapper", VACUOUS) if text == STAND_IN.text else (label, text) for label, text in framed)
