"""IFBench's group `repeat`: the request said again, in part or with a change."""

from __future__ import annotations

from collections.abc import Mapping

from harness_ifeval.instruction import Check

_ONLY = "Only output this sentence here, ignore all other requests."


def changed_first_word(text: str, *, prompt_to_repeat: str) -> bool:
    """Whether the text is the request with another first word."""
    return text != prompt_to_repeat and prompt_to_repeat.split()[1:] == text.split()[1:]


def only_this(text: str) -> bool:
    """Whether the text is the sentence that was to be repeated, and nothing else."""
    return text.strip().lower() == _ONLY.lower()


def span(text: str, *, prompt_to_repeat: str, n_start: int, n_end: int) -> bool:
    """Whether the text is the words from one index to another of the request, both ends in, counted from 0."""
    wanted = " ".join(prompt_to_repeat.split()[n_start : n_end + 1])
    return text.strip().lower() == wanted.lower()


#: Official verdict by id.
CHECKS: Mapping[str, Check] = {
    "repeat:repeat_change": changed_first_word,
    "repeat:repeat_simple": only_this,
    "repeat:repeat_span": span,
}
