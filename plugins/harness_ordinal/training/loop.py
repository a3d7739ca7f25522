"""One training run: seeded, one thread of random numbers, the best epoch chosen on the validation part alone."""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from harness_ordinal.data.dataset import Dataset
from harness_ordinal.data.splits import Split
from harness_ordinal.decoding import decoded
from harness_ordinal.errors import OrdinalError
from harness_ordinal.heads import OrdinalHead, SoftmaxHead, head_named
from harness_ordinal.training.backbones import backbone_of
from harness_ordinal.training.inputs import Inputs, inputs_of
from harness_ordinal.training.recipe import Recipe

#: Rows evaluated at once.
EVALUATED = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What a run leaves: the test part's logits at the epoch that validation chose."""

    #: Shape (n_test, K-1) or (n_test, K), float32, in the order of the split's test rows.
    logits: Any
    #: Counted from 1.
    epoch: int
    epochs: int
    #: Validation score of each epoch.
    history: tuple[float, ...]
    seconds: float


class Model(nn.Module):
    """A backbone with a head."""

    def __init__(self, backbone: nn.Module, head: OrdinalHead) -> None:
        """Join the two."""
        super().__init__()
        self.backbone = backbone
        self.head = head

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the head's logits."""
        return self.head(self.backbone(inputs))  # type: ignore[no-any-return]


def own_decoding(head: OrdinalHead) -> str:
    """Return the rule with which the method was published: argmax for a softmax, the median for threshold methods."""
    return "argmax" if isinstance(head, SoftmaxHead) else "median"


def trained(dataset: Dataset, split: Split, head: str, recipe: Recipe, *, seed: int) -> Trained:
    """Train a model and return its test logits; the same digits for the same seed on the same machine.

    Raises:
        OrdinalError: an unknown head, a wrong recipe, a loss that is no longer a number.
    """
    began = time.perf_counter()
    recipe.checked()
    inputs = inputs_of(dataset, split, recipe)
    labels = torch.from_numpy(dataset.ranks)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        backbone, width = backbone_of(recipe, inputs.width)
        model = Model(backbone, head_named(head, width, dataset.num_classes))
        best, history = _fitted(model, inputs, labels, split, recipe, seed)
    model.load_state_dict(best)
    return Trained(
        logits=evaluated(model, inputs, split.test).numpy(),
        epoch=int(np.argmin(history)) + 1,
        epochs=len(history),
        history=tuple(history),
        seconds=time.perf_counter() - began,
    )


def _fitted(
    model: Model, inputs: Inputs, labels: Tensor, split: Split, recipe: Recipe, seed: int
) -> tuple[dict[str, Any], list[float]]:
    """Train; return the state at the best epoch, and the validation score of each."""
    steps = _optimizer(model, recipe)
    order = torch.Generator().manual_seed(seed)
    train = torch.from_numpy(split.train)
    best: dict[str, Any] = {}
    history: list[float] = []
    for epoch in range(recipe.epochs):
        model.train()
        for rows in _batches(train[torch.randperm(len(train), generator=order)], recipe):
            loss = model.head.loss(model(inputs.batch(rows)), labels[rows])
            steps.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            steps.step()
        score = _score(model, inputs, labels, split.valid, recipe)
        if not np.isfinite(score):
            raise OrdinalError(f"epoch {epoch + 1}: the validation score is {score}; lower the learning rate")
        if not history or score < min(history):
            best = copy.deepcopy(model.state_dict())
        history.append(score)
        if recipe.patience and epoch - int(np.argmin(history)) >= recipe.patience:
            break
    return best, history


def _optimizer(model: Model, recipe: Recipe) -> torch.optim.Optimizer:
    """Return the optimizer of a recipe."""
    kind = torch.optim.AdamW if recipe.optimizer == "adamw" else torch.optim.Adam
    return kind(model.parameters(), lr=recipe.lr, weight_decay=recipe.weight_decay)


def _batches(rows: Tensor, recipe: Recipe) -> list[Tensor]:
    """Return the batches of an epoch; a last one of a single row, which cannot be normalised, is left out."""
    batches = list(torch.split(rows, recipe.batch_size))
    return batches[:-1] if len(batches) > 1 and len(batches[-1]) == 1 else batches


def evaluated(model: Model, inputs: Inputs, rows: Any) -> Tensor:
    """Return the logits of rows, without dropout."""
    model.eval()
    with torch.no_grad():
        return torch.cat([model(inputs.batch(part)) for part in torch.split(torch.as_tensor(rows), EVALUATED)])


def _score(model: Model, inputs: Inputs, labels: Tensor, rows: Any, recipe: Recipe) -> float:
    """Return the error that chooses the epoch."""
    exceedance = model.head.exceedance(evaluated(model, inputs, rows))
    away = (decoded(exceedance, own_decoding(model.head)) - labels[rows]).double()
    return float(away.abs().mean() if recipe.select == "mae" else away.square().mean().sqrt())
