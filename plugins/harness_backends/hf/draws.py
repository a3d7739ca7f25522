"""Draws that depend on the request alone, so that a sample is the same in whatever batch it is drawn.

The Gumbel-max trick: the largest of logits plus Gumbel noise is a sample of their softmax. The noise of a
row comes from a generator of its own, seeded by the draw, the seed of the run and the prompt as shown.
What a request leaves open is as transformers' `generate` has it: the model's generation configuration,
then `top_k` 50; `top_k` 0 and `top_p` 1 cut nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from harness import Request, RequestFailed

#: Names of warpers that `generate` would apply when it samples itself; taken out of its hands here.
WARPERS = ("temperature", "top_k", "top_p", "min_p", "typical_p", "epsilon_cutoff", "eta_cutoff", "top_h")
DEFAULT_TOP_K = 50
LEAST = 1e-20


@dataclass(frozen=True, slots=True)
class Warp:
    """How logits are bent before a token is drawn; rows with equal ones are bent together."""

    temperature: float
    top_k: int
    top_p: float
    min_p: float


def warp(request: Request, defaults: Mapping[str, Any]) -> Warp | None:
    """Return how the logits of a request are bent; None if it is greedy.

    Raises:
        RequestFailed: it asks for a warper that is not offered here.
    """
    sampling = request.sampling
    if sampling.greedy:
        return None
    unknown = sorted(set(WARPERS) & set(sampling.extra) - {"min_p"})
    if unknown or int(sampling.extra.get("num_beams") or 1) > 1:
        raise RequestFailed(f"hf draws with temperature, top_k, top_p and min_p alone, not {unknown or 'num_beams'}")

    def chosen(given: float | None, name: str, otherwise: float) -> float:
        value = defaults.get(name) if given is None else given
        return otherwise if value is None else value

    return Warp(
        temperature=sampling.temperature,
        top_k=int(chosen(sampling.top_k, "top_k", DEFAULT_TOP_K)),
        top_p=float(chosen(sampling.top_p, "top_p", 1.0)),
        min_p=float(chosen(sampling.extra.get("min_p"), "min_p", 0.0)),
    )


def noise_seed(request: Request, shown: str) -> int:
    """Return the seed of a request's noise."""
    name = "\x1f".join((request.draw, str(request.seed), shown))
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") >> 1


class SeededDraws:
    """A logits processor: turns the argmax of a greedy search into a draw, for the rows that are drawn."""

    def __init__(self, warps: Sequence[Warp | None], seeds: Sequence[int], device: torch.device) -> None:
        self._rows = [
            (bent, None if bent is None else torch.Generator(device=device).manual_seed(seed))
            for bent, seed in zip(warps, seeds, strict=True)
        ]

    def __bool__(self) -> bool:
        return any(bent is not None for bent, _ in self._rows)

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:  # noqa: ARG002  # its protocol
        """Return the scores with the drawn rows bent and shaken; the other rows as they are."""
        scores = scores.clone()
        shake(scores, self._rows)
        return scores


def shake(scores: torch.Tensor, rows: Sequence[tuple[Warp | None, torch.Generator | None]]) -> None:
    """Bend the scores of the rows that are drawn and add each row's own noise, in place: their argmax is the draw."""
    together: dict[Warp, list[int]] = {}
    for row, (bent, _) in enumerate(rows):
        if bent is not None:
            together.setdefault(bent, []).append(row)
    for bent, some in together.items():
        logits = bent_logits(scores[some].float(), bent)
        waits = torch.empty_like(logits)
        for place, row in enumerate(some):
            waits[place].exponential_(generator=rows[row][1])
        scores[some] = (logits - waits.clamp_min(LEAST).log()).to(scores.dtype)


def bent_logits(logits: torch.Tensor, bent: Warp) -> torch.Tensor:
    """Return logits over the temperature, minus infinity for the tokens that are cut off.

    >>> logits = torch.tensor([[0.5, 0.3, 0.15, 0.05]]).log()
    >>> bent_logits(logits, Warp(1.0, 0, 0.7, 0.0)).exp().round(decimals=2).tolist()
    [[0.5, 0.30000001192092896, 0.0, 0.0]]
    """
    logits = logits / bent.temperature
    if 0 < bent.top_k < logits.shape[-1]:
        least = logits.topk(bent.top_k).values[:, -1:]
        logits = logits.masked_fill(logits < least, -torch.inf)
    if bent.top_p < 1.0:
        ordered, order = logits.sort(descending=True)
        mass = ordered.softmax(-1)
        cut = mass.cumsum(-1) - mass >= bent.top_p  # the token that reaches top_p is kept
        cut[:, 0] = False
        logits = logits.masked_fill(cut.scatter(-1, order, cut), -torch.inf)
    if bent.min_p > 0.0:
        mass = logits.softmax(-1)
        logits = logits.masked_fill(mass < bent.min_p * mass.amax(-1, keepdim=True), -torch.inf)
    return logits
