"""The options of the evaluation `ratings`; each is a flag: `--option elicitation=labels,threshold`."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

#: How a rating can be had from a model.
Elicitation = Literal["labels", "generated", "threshold", "conditional"]

#: How a yes or a no is read: exactly, from the likeliest first tokens, or from drawn answers.
Reading = Literal["auto", "loglikelihood", "alternatives", "sampling"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingOptions:
    """What is asked of a model about each document, and how a rating is decoded."""

    elicitation: tuple[Elicitation, ...] = field(
        default=(), metadata={"help": "labels, generated, threshold, conditional; none given: all the model can do"}
    )
    labels: tuple[str, ...] = field(
        default=(), metadata={"help": "the ordered labels, lowest first, where the task file declares none"}
    )
    decoding: tuple[str, ...] = field(
        default=("argmax", "median", "mean"), metadata={"help": "argmax, median, mean, rounded_mean, quantile:0.9"}
    )
    reading: Reading = field(
        default="auto",
        metadata={"help": "how yes and no are read: loglikelihood, alternatives (top-logprobs), sampling"},
    )
    calibrate: bool = field(
        default=False, metadata={"help": "also divide label probabilities by those under a content-free prompt"}
    )
    end: str | None = field(
        default=None,
        metadata={"help": "text that ends a label; none: a newline where one label begins another (1, 10)"},
    )
    question_draws: int = field(default=8, metadata={"help": "answers drawn to each question (reading=sampling)"})
    rating_draws: int = field(default=1, metadata={"help": "generated ratings; several give a distribution"})
    temperature: float = field(default=1.0, metadata={"help": "of drawn answers; one rating alone is greedy"})
    max_tokens: int = field(default=64, metadata={"help": "length of a generated rating or a drawn yes or no"})

    def __post_init__(self) -> None:
        from harness_ordinal.decoding import decoded

        for name in ("question_draws", "rating_draws", "max_tokens"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}={getattr(self, name)} must be at least 1")
        if not 0 < self.temperature < math.inf:
            raise ValueError(f"temperature={self.temperature}: draws need a number above 0")
        if not self.decoding:
            raise ValueError("decoding: name at least one, as argmax, median or mean")
        for rule in self.decoding:
            decoded([0.5], rule)  # raises where there is no such rule
