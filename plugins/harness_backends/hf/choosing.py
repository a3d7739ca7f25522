"""Which token comes next in each row: settings that every search knows, then the likeliest, or a draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from harness_backends.hf.decoding import OURS
from harness_backends.hf.draws import WARPERS, Warp, shake

#: Settings of a generation configuration that change no token, or that are decided elsewhere.
IDLE = frozenset(
    {
        *WARPERS, "do_sample", "max_length", "max_new_tokens", "use_cache", "transformers_version",
        "_from_model_config", "bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id",
        "return_dict_in_generate", "output_attentions", "output_hidden_states", "output_scores", "_commit_hash",
    }
)  # fmt: skip
#: Settings that can be kept row by row.
KEPT = ("repetition_penalty", "no_repeat_ngram_size", "suppress_tokens")


@dataclass(slots=True, kw_only=True)
class Chooser:
    """How the tokens of one row are chosen; its noise goes on from token to token."""

    warp: Warp | None
    noise: torch.Generator | None
    processors: Sequence[Any] = ()


def row_by_row(habits: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the settings of a request that change its logits; None: a search of another kind is asked for.

    >>> row_by_row({"repetition_penalty": 1.1}, {"num_beams": 1, "do_sample": False})
    {'repetition_penalty': 1.1}
    >>> row_by_row({}, {"num_beams": 4}) is None
    True
    """
    wanted = {**habits, **{name: value for name, value in extra.items() if name not in OURS}}
    wanted = {name: value for name, value in wanted.items() if name not in IDLE and value is not None}
    if wanted.get("num_beams") == 1:
        del wanted["num_beams"]
    return wanted if wanted.keys() <= set(KEPT) else None


def processors(settings: Mapping[str, Any], device: torch.device) -> list[Any]:
    """Return transformers' own processors of logits for settings, in the order of `generate`."""
    from transformers import (
        NoRepeatNGramLogitsProcessor,
        RepetitionPenaltyLogitsProcessor,
        SuppressTokensLogitsProcessor,
    )

    found: list[Any] = []
    if settings.get("repetition_penalty", 1.0) != 1.0:
        found.append(RepetitionPenaltyLogitsProcessor(penalty=float(settings["repetition_penalty"])))
    if settings.get("no_repeat_ngram_size", 0):
        found.append(NoRepeatNGramLogitsProcessor(int(settings["no_repeat_ngram_size"])))
    if settings.get("suppress_tokens"):
        found.append(SuppressTokensLogitsProcessor(settings["suppress_tokens"], device=device))
    return found


def chosen(logits: torch.Tensor, rows: Sequence[tuple[Chooser, Sequence[int]]]) -> list[int]:
    """Return the next token of each row.

    Args:
        logits: (rows, words).
        rows: how each chooses, and all tokens it has so far.
    """
    scores = logits.float()
    if any(chooser.processors or chooser.warp for chooser, _ in rows):
        scores = scores.clone()
    for row, (chooser, tokens) in enumerate(rows):
        if chooser.processors:
            so_far = torch.tensor([list(tokens)], device=scores.device)
            for processor in chooser.processors:
                scores[row : row + 1] = processor(so_far, scores[row : row + 1])
    shake(scores, [(chooser.warp, chooser.noise) for chooser, _ in rows])
    found: list[int] = scores.argmax(dim=-1).tolist()
    return found
