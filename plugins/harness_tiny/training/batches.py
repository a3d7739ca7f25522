"""Training texts as tensors: token ids of prompt and answer, and what is to be predicted of them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from harness_tiny.generator import sample
from harness_tiny.tokenizer import END, PAD, number_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import torch
    from tokenizers import Tokenizer
    from transformers import LlamaForCausalLM

    from harness_tiny.mixtures import Curriculum

CHUNK = 6000  # samples that are sorted by length together
LONGEST = 400
#: Torch's own mark of a target that does not count.
OUTSIDE = -100

Pair = tuple[list[int], list[int]]


def encoded(tokenizer: Tokenizer, texts: Sequence[tuple[str, str]]) -> list[Pair]:
    """Return prompts and answers as token ids; each answer ends with the end token."""
    end = number_of(tokenizer, END)
    prompts = tokenizer.encode_batch_fast([prompt for prompt, _ in texts])
    answers = tokenizer.encode_batch_fast([answer for _, answer in texts])
    return [(p.ids, [*a.ids, end]) for p, a in zip(prompts, answers, strict=True)]


def tensors(pairs: Sequence[Pair], pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return token ids and targets, each of shape (pairs, longest), padded on the right."""
    import torch

    width = max(len(asked) + len(answered) for asked, answered in pairs)
    ids = torch.full((len(pairs), width), pad)
    wanted = torch.full((len(pairs), width), OUTSIDE)
    for row, (asked, answered) in enumerate(pairs):
        whole = asked + answered
        ids[row, : len(whole)] = torch.tensor(whole)
        wanted[row, len(asked) - 1 : len(whole) - 1] = torch.tensor(answered)
    return ids, wanted


def batches(
    tokenizer: Tokenizer, seed: int, curriculum: Curriculum, first: int, tokens: int
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Yield token ids and targets without end.

    Args:
        tokenizer: of all members.
        seed: of the samples.
        curriculum: what they are drawn from.
        first: number of the first sample.
        tokens: in a batch, padding included.
    """
    pad = number_of(tokenizer, PAD)
    rng = random.Random(f"batches:{seed}")  # noqa: S311 - not a secret
    for start in range(first, 1 << 40, CHUNK):
        drawn = [sample(seed, number, curriculum) for number in range(start, start + CHUNK)]
        pairs = encoded(tokenizer, [(one.prompt, one.answer) for one in drawn])
        pairs = sorted((pair for pair in pairs if len(pair[0] + pair[1]) <= LONGEST), key=lambda p: len(p[0] + p[1]))
        groups: list[list[Pair]] = [[]]
        for pair in pairs:
            if len(pair[0] + pair[1]) * (len(groups[-1]) + 1) > tokens:
                groups.append([])
            groups[-1].append(pair)
        rng.shuffle(groups)
        for group in groups:
            yield tensors(group, pad)


def answer_logits(model: LlamaForCausalLM, ids: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Return the logits of the answers alone, shape (answer tokens, vocabulary)."""
    hidden = model.model(input_ids=ids, use_cache=False).last_hidden_state
    found: torch.Tensor = model.lm_head(hidden[wanted != OUTSIDE])
    return found


def answer_logprobs(model: LlamaForCausalLM, ids: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Return the log-probability of each whole answer, shape (rows,)."""
    import torch

    kept = wanted != OUTSIDE
    logits = answer_logits(model, ids, wanted)
    each = -torch.nn.functional.cross_entropy(logits, wanted[kept], reduction="none")
    rows = kept.nonzero()[:, 0]
    return torch.zeros(len(ids)).index_add(0, rows, each)
