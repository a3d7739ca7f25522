"""Linear heads fitted to the minimum of their convex objective: deterministic, in float64, without seeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from harness_ordinal.errors import OrdinalError
from harness_ordinal.heads import OrdinalHead, head_named

#: Iterations after which a fit has failed.
MOST = 20_000
#: Largest entry of the gradient at an optimum. The objectives are of order one.
GRADIENT = 1e-8


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A linear head at its optimum."""

    #: In float64, on the CPU.
    head: OrdinalHead
    #: Mean loss plus penalty, in nats.
    objective: float
    iterations: int

    def logits(self, features: Any) -> Any:
        """Return the head's logits of features, shape (n, d), as a numpy array."""
        with torch.no_grad():
            return self.head(torch.as_tensor(np.asarray(features), dtype=torch.float64)).numpy()

    def exceedance(self, features: Any) -> Any:
        """Return G_k = P(y > k) of features, shape (n, K-1), as a numpy array."""
        return self.head.exceedance(torch.from_numpy(self.logits(features))).numpy()


def fitted_head(
    name: str,
    features: Any,
    labels: Any,
    num_classes: int,
    *,
    l2: float = 1e-3,
    sample_weights: Any = None,
) -> Fitted:
    """Return a linear head at the minimum of mean loss + l2/2 x squared weights; biases are free.

    Args:
        name: corn, coral, ornn, clm, ce, rps ... as `head_named` takes it; `corn:nll` for CORN's likelihood.
        features: shape (n, d); standardise them, since the penalty is the same for all.
        labels: ranks 0 .. K-1, shape (n,).
        num_classes: K.
        l2: strength of the penalty; positive, or separable data have no optimum.
        sample_weights: shape (n,).

    Raises:
        OrdinalError: wrong shapes, labels or values, no penalty, no convergence.
    """
    if not l2 > 0:
        raise OrdinalError(f"l2 {l2!r}: must be positive, or separable data have no optimum")
    inputs = torch.as_tensor(np.asarray(features), dtype=torch.float64)
    if inputs.ndim != 2 or not len(inputs):  # noqa: PLR2004  # rows and columns
        raise OrdinalError(f"features of shape {tuple(inputs.shape)}: one row an item is needed, shape (n, d)")
    if not bool(inputs.isfinite().all()):
        raise OrdinalError("features hold nan or infinity")
    head = _started(name, inputs.shape[1], num_classes)
    targets = torch.as_tensor(np.asarray(labels))
    found = _minimised(head, inputs, targets, l2, sample_weights)
    if np.abs(found.jac).max() > GRADIENT * max(1.0, abs(found.fun)) * 100:
        raise OrdinalError(f"head {name}: no optimum after {found.nit} iterations ({found.message})")
    _put(head, found.x)
    return Fitted(head=head, objective=float(found.fun), iterations=int(found.nit))


def _started(name: str, width: int, num_classes: int) -> OrdinalHead:
    """Return the head in float64, its weights at zero, so that no random number is in it."""
    head = head_named(name, width, num_classes).double()
    with torch.no_grad():
        for tensor in head.linear.parameters():  # type: ignore[union-attr]
            tensor.zero_()
    return head


def _minimised(head: OrdinalHead, inputs: Tensor, targets: Tensor, l2: float, sample_weights: Any) -> Any:
    """Return what scipy's L-BFGS finds."""
    from scipy.optimize import minimize

    parameters = list(head.parameters())
    weight: Tensor = head.linear.weight  # type: ignore[union-attr,assignment]
    extra = {} if sample_weights is None else {"sample_weights": torch.as_tensor(np.asarray(sample_weights))}

    def objective(flat: Any) -> tuple[float, Any]:
        _put(head, flat)
        value = head.loss(head(inputs), targets, **extra) + l2 / 2 * weight.square().sum()
        slopes = torch.autograd.grad(value, parameters)
        return float(value.detach()), np.concatenate([slope.numpy().ravel() for slope in slopes])

    start = np.concatenate([one.detach().numpy().ravel() for one in parameters])
    options = {"maxiter": MOST, "maxfun": 2 * MOST, "ftol": 0.0, "gtol": GRADIENT, "maxcor": 30, "maxls": 50}
    return minimize(objective, start, jac=True, method="L-BFGS-B", options=options)


def _put(head: OrdinalHead, flat: Any) -> None:
    """Write one vector into all parameters of a head."""
    torch.nn.utils.vector_to_parameters(torch.tensor(flat), head.parameters())
