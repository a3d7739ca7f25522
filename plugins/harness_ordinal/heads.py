"""Ordinal heads: torch modules on top of any backbone's features, with their loss and their distribution.

head = CornHead(backbone.width, num_classes=5)
logits = head(backbone(x))
head.loss(logits, y).backward()
decoded(head.exceedance(logits), "median")
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from harness_ordinal import losses, primitives
from harness_ordinal.errors import OrdinalError
from harness_ordinal.namespace import floating
from harness_ordinal.primitives import Repair


class OrdinalHead(nn.Module, ABC):
    """What every head has: logits from features, and from logits a loss and a distribution."""

    #: The losses that fit the head's logits, its own first.
    LOSSES: Mapping[str, Any]

    def __init__(self, in_features: int, num_classes: int, loss: str = "", **settings: Any) -> None:
        """Check the scale and choose the loss.

        Raises:
            OrdinalError: fewer than two ranks, or a loss that does not fit this head.
        """
        super().__init__()
        if num_classes < 2:  # noqa: PLR2004  # one rank is no scale
            raise OrdinalError(f"num_classes {num_classes!r}: a scale has at least two ranks")
        self.in_features = in_features
        self.num_classes = num_classes
        self.loss_name = loss or next(iter(self.LOSSES))
        #: Further arguments of the loss (`reduction`, `power`, ...).
        self.settings = settings
        if self.loss_name not in self.LOSSES:
            raise OrdinalError(f"loss {loss!r} does not fit {type(self).__name__}; use {', '.join(self.LOSSES)}")

    def loss(self, logits: Tensor, labels: Any, **settings: Any) -> Tensor:
        """Return the loss; settings as the loss function takes them, over those of the head."""
        return self.LOSSES[self.loss_name](logits, labels, self.num_classes, **(self.settings | settings))  # type: ignore[no-any-return]

    @abstractmethod
    def exceedance(self, logits: Tensor) -> Tensor:
        """Return G_k = P(y > k), shape (..., K-1)."""

    @abstractmethod
    def log_probabilities(self, logits: Tensor) -> Tensor:
        """Return log P(y = j), shape (..., K)."""

    def extra_repr(self) -> str:
        """Return what `print` shows of the head."""
        return f"in_features={self.in_features}, num_classes={self.num_classes}, loss={self.loss_name}"


class CornHead(OrdinalHead):
    """CORN: P(y > k | y > k-1) for each k (arXiv 2111.08851); rank-consistent by its chain product."""

    LOSSES: Mapping[str, Any] = {"corn": losses.corn_loss}

    def __init__(self, in_features: int, num_classes: int, loss: str = "", **settings: Any) -> None:
        """Make a linear layer with an output for each threshold."""
        super().__init__(in_features, num_classes, loss, **settings)
        self.linear = nn.Linear(in_features, num_classes - 1)

    def forward(self, features: Tensor) -> Tensor:
        """Return conditional logits, shape (..., K-1)."""
        return self.linear(features)  # type: ignore[no-any-return]

    def exceedance(self, logits: Tensor) -> Tensor:
        """Return the chain product."""
        return primitives.sequential_exceedance(logits)

    def log_probabilities(self, logits: Tensor) -> Tensor:
        """Return log P(y = j)."""
        return primitives.sequential_log_probabilities(logits)


class CoralHead(OrdinalHead):
    """CORAL: one weight vector, a bias for each threshold (arXiv 1901.07884); in order at the optimum."""

    LOSSES: Mapping[str, Any] = {"coral": losses.coral_loss}

    def __init__(self, in_features: int, num_classes: int, loss: str = "", **settings: Any) -> None:
        """Make the shared weights, and biases that fall from 1, as the authors start them."""
        super().__init__(in_features, num_classes, loss, **settings)
        self.linear = nn.Linear(in_features, 1, bias=False)
        falling = torch.arange(num_classes - 1, 0, -1).float() / (num_classes - 1)
        self.bias = nn.Parameter(falling)

    def forward(self, features: Tensor) -> Tensor:
        """Return cumulative logits, shape (..., K-1)."""
        return self.linear(features) + self.bias  # type: ignore[no-any-return]

    def exceedance(self, logits: Tensor) -> Tensor:
        """Return the sigmoids."""
        return primitives.cumulative_exceedance(logits)

    def log_probabilities(self, logits: Tensor) -> Tensor:
        """Return log P(y = j)."""
        return primitives.cumulative_log_probabilities(logits)


class CumulativeLinkHead(OrdinalHead):
    """Proportional odds (McCullagh 1980): z_k = f(x) - theta_k, theta kept increasing by positive steps."""

    LOSSES: Mapping[str, Any] = {"clm": losses.clm_loss, "coral": losses.coral_loss}

    def __init__(self, in_features: int, num_classes: int, loss: str = "", **settings: Any) -> None:
        """Make the shared weights and thresholds that start evenly spaced around 0."""
        super().__init__(in_features, num_classes, loss, **settings)
        self.linear = nn.Linear(in_features, 1, bias=False)
        self.first = nn.Parameter(torch.tensor(-(num_classes - 2) / 2))
        self.log_steps = nn.Parameter(torch.zeros(num_classes - 2))

    @property
    def thresholds(self) -> Tensor:
        """The theta_k, shape (K-1,), increasing."""
        return self.first + torch.cat([self.first.new_zeros(1), self.log_steps.exp().cumsum(0)])

    def forward(self, features: Tensor) -> Tensor:
        """Return cumulative logits, shape (..., K-1)."""
        return self.linear(features) - self.thresholds  # type: ignore[no-any-return]

    def exceedance(self, logits: Tensor) -> Tensor:
        """Return the sigmoids."""
        return primitives.cumulative_exceedance(logits)

    def log_probabilities(self, logits: Tensor) -> Tensor:
        """Return log P(y = j)."""
        return primitives.cumulative_log_probabilities(logits)


class IndependentHead(OrdinalHead):
    """OR-NN (Niu et al. 2016): a question for each threshold, none bound to another; may contradict itself."""

    LOSSES: Mapping[str, Any] = {"ornn": losses.ornn_loss}

    def __init__(
        self, in_features: int, num_classes: int, loss: str = "", *, repair: Repair = "none", **settings: Any
    ) -> None:
        """Make a linear layer with an output for each threshold."""
        super().__init__(in_features, num_classes, loss, **settings)
        self.linear = nn.Linear(in_features, num_classes - 1)
        self.repair: Repair = repair

    def forward(self, features: Tensor) -> Tensor:
        """Return logits of P(y > k), shape (..., K-1)."""
        return self.linear(features)  # type: ignore[no-any-return]

    def exceedance(self, logits: Tensor) -> Tensor:
        """Return the sigmoids, put in order as the head was told."""
        return primitives.independent_exceedance(logits, self.repair)

    def log_probabilities(self, logits: Tensor) -> Tensor:
        """Return log P(y = j); nan where the exceedance is out of order."""
        return primitives.class_probabilities(self.exceedance(logits)).log()


class SoftmaxHead(OrdinalHead):
    """A softmax over the ranks, with any of the losses on class logits; rank-consistent, since it is a distribution."""

    LOSSES: Mapping[str, Any] = {
        "ce": losses.ce_loss,
        "rps": losses.rps_loss,
        "cdw": losses.cdw_loss,
        "sord": losses.sord_loss,
    }

    def __init__(self, in_features: int, num_classes: int, loss: str = "", **settings: Any) -> None:
        """Make a linear layer with an output for each rank."""
        super().__init__(in_features, num_classes, loss, **settings)
        self.linear = nn.Linear(in_features, num_classes)

    def forward(self, features: Tensor) -> Tensor:
        """Return class logits, shape (..., K)."""
        return self.linear(features)  # type: ignore[no-any-return]

    def exceedance(self, logits: Tensor) -> Tensor:
        """Return the sums of the tail probabilities."""
        probabilities: Tensor = floating(logits).softmax(-1)
        return primitives.class_exceedance(probabilities)

    def log_probabilities(self, logits: Tensor) -> Tensor:
        """Return log P(y = j)."""
        return primitives.class_log_probabilities(logits)


#: Heads by the name of their method: class, and the loss where the class has several.
HEADS: Mapping[str, tuple[type[OrdinalHead], str]] = {
    "corn": (CornHead, "corn"),
    "coral": (CoralHead, "coral"),
    "ornn": (IndependentHead, "ornn"),
    "clm": (CumulativeLinkHead, "clm"),
    "ce": (SoftmaxHead, "ce"),
    "rps": (SoftmaxHead, "rps"),
    "cdw": (SoftmaxHead, "cdw"),
    "sord": (SoftmaxHead, "sord"),
}


def head_named(name: str, in_features: int, num_classes: int, **settings: Any) -> OrdinalHead:
    """Return a head by the name of its method; a suffix is CORN's reduction (`corn:task_mean`).

    Raises:
        OrdinalError: an unknown method.
    """
    method, _, reduction = name.partition(":")
    if method not in HEADS:
        raise OrdinalError(f"head {name!r} is unknown; use {', '.join(HEADS)} (CORN also as corn:nll, corn:task_mean)")
    kind, loss = HEADS[method]
    if reduction:
        settings["reduction"] = reduction
    return kind(in_features, num_classes, loss, **settings)
