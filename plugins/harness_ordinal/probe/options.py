"""The options of the evaluation `probe`; each is a flag: `--option layers=0,-1`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

#: Heads side by side: softmax, CORN, CORAL, proportional odds, independent thresholds.
HEADS = ("ce", "corn:nll", "coral", "clm", "ornn")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeOptions:
    """Which hidden states are kept, and how heads on them are trained."""

    layers: tuple[int, ...] = field(
        default=(), metadata={"help": "0 the token embedding, -1 the last; none given: all"}
    )
    pooling: tuple[Literal["mean", "last", "pooled"], ...] = field(
        default=("mean", "last"), metadata={"help": "over the prompt's tokens: mean, last; pooled by a server"}
    )
    labels: tuple[str, ...] = field(
        default=(), metadata={"help": "the ordered labels, lowest first, where the task file declares none"}
    )
    heads: tuple[str, ...] = field(default=HEADS, metadata={"help": "ce, corn:nll, coral, clm, ornn, rps ..."})
    l2: tuple[float, ...] = field(default=(0.01, 0.1, 1.0), metadata={"help": "penalties that validation chooses from"})
    folds: int = field(default=5, metadata={"help": "one tests and one validates, in turn"})
    decoding: tuple[str, ...] = field(default=("argmax", "median", "mean"), metadata={"help": "as for ratings"})

    def __post_init__(self) -> None:
        from harness_ordinal.decoding import decoded
        from harness_ordinal.probe.fitting import FEWEST_FOLDS

        if self.folds < FEWEST_FOLDS:
            raise ValueError(f"folds={self.folds} must be at least {FEWEST_FOLDS}: one tests, one validates")
        if not self.l2 or any(not value > 0 for value in self.l2):
            raise ValueError(f"l2={self.l2}: penalties above 0")
        if not self.heads or not self.pooling or not self.decoding:
            raise ValueError("heads, pooling and decoding: name at least one of each")
        for rule in self.decoding:
            decoded([0.5], rule)  # raises where there is no such rule
