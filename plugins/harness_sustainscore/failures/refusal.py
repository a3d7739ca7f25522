"""No answer is attempted: class 4."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness_sustainscore.failures.case import Failure, Finding, may_say

#: Only what a model says of itself or to its reader: "she cannot buy half an egg" is no refusal.
REFUSES = re.compile(
    r"(?i)\b(?:I(?:'m| am)?|we|as an AI\b[^.\n]{0,40}?I)\s+"
    r"(?:am |are )?(?:sorry|afraid|unable to|not able to|cannot|can't|can not|won't|will not|must decline"
    r"|do not have enough)[^.\n]{0,120}"
)
IMPOSSIBLE = re.compile(
    r"(?i)\b(?:(?:it is|it's|this is) (?:not possible|impossible)"
    r"|cannot be (?:satisfied|met|fulfilled|answered|determined)|not enough information"
    r"|(?:constraints?|requirements?|instructions?) (?:contradict|conflict|cannot)|insufficient information)\b"
    r"[^.\n]{0,80}"
)
ASKS_BACK = re.compile(
    r"(?i)\b(?:(?:could|can|would) you (?:please )?(?:clarify|provide|specify|confirm|tell|share|rephrase)"
    r"|please (?:clarify|provide|specify)|(?:do|did) you (?:mean|want)|what would you like"
    r"|let me know (?:if|what|which|how))[^.?\n]{0,120}\??"
)
#: One of these is in whatever the three say.
NEEDED = (
    *("sorry", "afraid", "unable to", "not able to", "cannot", "can't", "can not", "won't", "will not", "must decline"),
    *("do not have enough", "not possible", "impossible", "not enough information", "contradict", "conflict"),
    *("insufficient information", "clarify", "provide", "specify", "confirm", "tell", "share", "rephrase"),
    *("you mean", "you want", "what would you like", "let me know"),
)
#: A text that goes on to state an answer has not refused; "the answer is not given" states none.
ANSWERS = re.compile(
    r"(?i)####|\\boxed|\banswer(?: is|:)(?! (?:not|un\w+|impossible)\b)|^[ \t]*(?:def|class) |```", re.MULTILINE
)
#: Of these, what is sooner found.
MARKED = ("####", "\\boxed", "```")


def refusal(failure: Failure) -> Iterator[Finding]:
    """Yield a finding where the model declines, calls it impossible, or asks back, and states no answer."""
    text = failure.answer
    if any(mark in text for mark in MARKED) or not may_say(text, NEEDED) or ANSWERS.search(text):
        return
    for detail, pattern in (("declines", REFUSES), ("calls it impossible", IMPOSSIBLE), ("asks back", ASKS_BACK)):
        place = pattern.search(text)
        if place is not None:
            spans = (failure.span(place.start(), place.end(), detail),)
            yield Finding(kind="refusal", detail=detail, spans=spans)
