"""What a user can set of recorded answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayOptions:
    """Options of `--model replay:FILE_OR_FOLDER`; a field may be a path through objects: `doc.question`.

    An answer is found by the prompt, letter for letter, or by the question that stands in the last user message
    whatever surrounds it; never by the order of the rows. Recorded answers were given to the task's own
    prompt, so arms other than those named in `arms` get none, unless a row names its `draw`.
    """

    by: Literal["prompt", "question"] = field(
        default="prompt", metadata={"help": "prompt: the same letter for letter; question: contained in the prompt"}
    )
    prompt_field: str = field(default="", metadata={"help": "empty: prompt, messages, or as lm-eval logs it"})
    response_field: str = field(
        default="", metadata={"help": "empty: text, response(s), completion(s), samples, or as lm-eval logs it"}
    )
    question_field: str = field(default="question", metadata={"help": "where a row has its question"})
    join: str = field(
        default="", metadata={"help": "FILE:FIELD: the questions are in FILE, in rows with the same value of FIELD"}
    )
    arms: Mapping[str, int] = field(
        default_factory=lambda: {"base": 0, "plain": 0},
        metadata={"help": "arm -> number of its first recorded answer, as JSON"},
    )
    repeat_draws: bool = field(
        default=False, metadata={"help": "begin again where answers are fewer than draws; chance is then not measured"}
    )
    cut_at_stops: bool = field(
        default=False, metadata={"help": "cut answers before the task's stop strings; else as they were recorded"}
    )
