"""Inputs as a backbone reads them, with everything learnt from data learnt from the training part alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from harness import TaskError
from harness_ordinal.data.dataset import Dataset
from harness_ordinal.data.splits import Split
from harness_ordinal.training.backbones import PAD, UNKNOWN, padded
from harness_ordinal.training.recipe import Recipe

WORD = re.compile(r"[a-z0-9']+|[^\sa-z0-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What a backbone takes."""

    #: The rows of given numbers as one tensor.
    batch: Callable[[Any], Tensor]
    #: Columns of a table, or words of a vocabulary.
    width: int


def inputs_of(dataset: Dataset, split: Split, recipe: Recipe) -> Inputs:
    """Return the inputs of a data set for a recipe.

    Raises:
        TaskError: texts for a backbone of tables, or the other way round.
    """
    if dataset.texts == (recipe.backbone == "mlp"):
        kind = "texts" if dataset.texts else "a table"
        raise TaskError(f"{dataset.name} is {kind}: backbone {recipe.backbone} cannot read it")
    if not dataset.texts:
        return _table(dataset, split, recipe)
    if recipe.backbone == "transformer":
        return _tokenized(dataset, recipe)
    return _numbered(dataset, split, recipe)


def standardised(features: Any, train: Any) -> Any:
    """Return columns with the mean and the population standard deviation of the training rows taken out.

    A column that is constant in training becomes zero there.
    """
    middle, spread = features[train].mean(axis=0), features[train].std(axis=0)
    return (features - middle) / np.where(spread > 0, spread, 1.0)


def _table(dataset: Dataset, split: Split, recipe: Recipe) -> Inputs:
    """Return a table."""
    columns = standardised(dataset.inputs, split.train) if recipe.standardize else dataset.inputs
    table = torch.tensor(columns, dtype=torch.float32)
    return Inputs(batch=lambda rows: table[rows], width=table.shape[1])


def _numbered(dataset: Dataset, split: Split, recipe: Recipe) -> Inputs:
    """Return texts as numbers of the words that are frequent in the training part."""
    words = [WORD.findall(text.lower())[: recipe.length] for text in dataset.inputs]
    counts = Counter(word for row in split.train for word in words[row])
    kept = sorted(counts, key=lambda word: (-counts[word], word))[: recipe.vocabulary]
    numbers = {word: place for place, word in enumerate(kept, start=UNKNOWN + 1)}
    rows = [[numbers.get(word, UNKNOWN) for word in text] for text in words]
    return Inputs(batch=lambda chosen: _rows(rows, chosen), width=len(numbers) + UNKNOWN + 1)


def _tokenized(dataset: Dataset, recipe: Recipe) -> Inputs:
    """Return texts as the tokens of a checkpoint."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(recipe.checkpoint)
    rows = tokenizer(list(dataset.inputs), truncation=True, max_length=recipe.length)["input_ids"]
    pad = tokenizer.pad_token_id or PAD
    return Inputs(batch=lambda chosen: _rows(rows, chosen, pad), width=len(tokenizer))


def _rows(rows: Sequence[list[int]], chosen: Any, pad: int = PAD) -> Tensor:
    """Return chosen lists as one tensor."""
    return padded([rows[int(row)] for row in chosen], pad)
