"""The words of the questions about a threshold, put into the task's own prompt where anything may be added."""

from __future__ import annotations

from harness import Prompt
from harness_ordinal.ratings.scale import Scale

#: P(y > k): asked of every threshold, whatever the answers to the others.
THRESHOLD = "Do not give the rating. Answer one question with yes or no: is the rating above {label}?"
#: P(y > k | y > k-1), as CORN chains them.
UP = "Do not give the rating. It is known to be at least {label}. Answer with yes or no: is it above {label}?"
#: P(y <= k | y <= k+1), the mirror image.
DOWN = "Do not give the rating. It is known to be at most {above}. Answer with yes or no: is it at most {label}?"
#: The same where nothing is known beforehand.
DOWN_FIRST = "Do not give the rating. Answer one question with yes or no: is the rating at most {label}?"


def threshold_question(scale: Scale, k: int) -> str:
    """Return the question whether the rating is above label k."""
    return THRESHOLD.format(label=scale.labels[k])


def up_question(scale: Scale, k: int) -> str:
    """Return the question whether the rating is above label k, given that it is at least that."""
    return (UP if k else THRESHOLD).format(label=scale.labels[k])


def down_question(scale: Scale, k: int) -> str:
    """Return the question whether the rating is at most label k, given that it is at most the next."""
    top = k == len(scale) - 2
    return (DOWN_FIRST if top else DOWN).format(label=scale.labels[k], above=scale.labels[k + 1])


def with_question(prompt: Prompt, question: str) -> Prompt:
    """Return the prompt with a question at its slot, set off by a blank line."""
    content = prompt.asked.content
    at = len(content) if prompt.slot is None else prompt.slot
    before, after = content[:at], content[at:]
    opening = "" if not before or before.endswith("\n\n") else "\n" if before.endswith("\n") else "\n\n"
    closing = "" if not after or after.startswith("\n") else "\n\n"
    return prompt.with_inserted((("", opening), ("question", question), ("", closing)))


def content_free(prompt: Prompt, texts: tuple[str, ...]) -> Prompt | None:
    """Return the prompt with the document's own texts taken out; None where none of them stands in it.

    The answer to it shows what the labels owe to the prompt alone (Zhao et al. 2021, arXiv 2102.09690).
    """
    from dataclasses import replace

    asked = prompt.asked
    content = asked.content
    for text in sorted({text.strip() for text in texts}, key=lambda text: (-len(text), text)):
        if text:
            content = content.replace(text, "N/A")
    if content == asked.content:
        return None
    last = max(place for place, message in enumerate(prompt.messages) if message is asked)
    changed = tuple(
        replace(message, content=content) if place == last else message for place, message in enumerate(prompt.messages)
    )
    return replace(prompt, messages=changed, slot=None)
