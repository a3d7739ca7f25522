"""What turns inputs into features: layers for tables, word vectors and an LSTM for texts, any transformers model."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from harness_ordinal.training.recipe import Recipe

#: Number of the padding, and of every unknown word.
PAD, UNKNOWN = 0, 1


def layers(sizes: tuple[int, ...], recipe: Recipe) -> nn.Sequential:
    """Return hidden layers: linear, rectified, with dropout, normalised if asked: in this order, the published one."""
    made: list[nn.Module] = []
    for before, after in pairwise(sizes):
        made.append(nn.Linear(before, after, bias=not recipe.normalize))
        made.append(nn.LeakyReLU())
        if recipe.dropout:
            made.append(nn.Dropout(recipe.dropout))
        if recipe.normalize:
            made.append(nn.BatchNorm1d(after))
    return nn.Sequential(*made)


class WordBag(nn.Module):
    """The mean of a text's word vectors, with dropout, then layers."""

    def __init__(self, words: int, recipe: Recipe) -> None:
        """Make the vectors and the layers."""
        super().__init__()
        self.vectors = nn.Embedding(words, recipe.embedding, padding_idx=PAD)
        self.dropout = nn.Dropout(recipe.dropout)
        self.layers = layers((recipe.embedding, *recipe.hidden), recipe)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return features, shape (B, h), of word numbers, shape (B, T)."""
        there = (tokens != PAD).unsqueeze(-1)
        mean = (self.vectors(tokens) * there).sum(1) / there.sum(1).clamp(min=1)
        return self.layers(self.dropout(mean))  # type: ignore[no-any-return]


class WordLstm(nn.Module):
    """An LSTM over the words of a text; its last state, padding left out."""

    def __init__(self, words: int, recipe: Recipe) -> None:
        """Make the vectors and the recurrent layer."""
        super().__init__()
        self.vectors = nn.Embedding(words, recipe.embedding, padding_idx=PAD)
        self.lstm = nn.LSTM(recipe.embedding, recipe.hidden[-1], batch_first=True)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return features, shape (B, h), of word numbers, shape (B, T)."""
        lengths = (tokens != PAD).sum(1).clamp(min=1).cpu()
        packed = nn.utils.rnn.pack_padded_sequence(
            self.vectors(tokens), lengths, batch_first=True, enforce_sorted=False
        )
        _, (last, _) = self.lstm(packed)
        return last[-1]  # type: ignore[no-any-return]


class Pretrained(nn.Module):
    """A transformers model; the mean of its last states, padding left out."""

    def __init__(self, checkpoint: str) -> None:
        """Load the model from a folder."""
        from transformers import AutoModel

        super().__init__()
        self.model = AutoModel.from_pretrained(checkpoint)
        self.pad = self.model.config.pad_token_id or 0

    def forward(self, tokens: Tensor) -> Tensor:
        """Return features, shape (B, h), of token numbers, shape (B, T)."""
        there = (tokens != self.pad).long()
        states = self.model(input_ids=tokens, attention_mask=there).last_hidden_state
        weights = there.unsqueeze(-1)
        return (states * weights).sum(1) / weights.sum(1).clamp(min=1)  # type: ignore[no-any-return]


def backbone_of(recipe: Recipe, width: int) -> tuple[nn.Module, int]:
    """Return a backbone and the width of its features.

    Args:
        recipe: which.
        width: columns of a table, or words of a vocabulary.
    """
    if recipe.backbone == "transformer":
        found = Pretrained(recipe.checkpoint)
        return found, int(found.model.config.hidden_size)
    if recipe.backbone == "bag":
        return WordBag(width, recipe), recipe.hidden[-1]
    if recipe.backbone == "lstm":
        return WordLstm(width, recipe), recipe.hidden[-1]
    return layers((width, *recipe.hidden), recipe), recipe.hidden[-1]


def padded(rows: list[list[int]], pad: int = PAD) -> Tensor:
    """Return lists of numbers as one tensor, shape (B, T), filled up on the right."""
    longest = max([1, *map(len, rows)])
    return torch.tensor([row + [pad] * (longest - len(row)) for row in rows])
