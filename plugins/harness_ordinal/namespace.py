"""numpy or torch, whichever an array belongs to, so that one formula serves both and no gradient is lost."""

from __future__ import annotations

import sys
from typing import Any


def namespace_of(array: Any) -> Any:
    """Return the module whose functions work on an array; torch is looked for only where it is imported already.

    >>> import numpy as np
    >>> namespace_of(np.zeros(2)).__name__, namespace_of([0.5]).__name__
    ('numpy', 'numpy')
    """
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(array, torch.Tensor):
        return torch
    import numpy as np

    return np


def floating(array: Any) -> Any:
    """Return an array in a precision to reckon in: float64 for numpy, at least float32 for torch.

    A chain product of 48 factors decodes one row in ten differently in bfloat16, so halves are raised first.
    """
    xp = namespace_of(array)
    if xp.__name__ == "numpy":
        return xp.asarray(array, dtype=xp.float64)
    return array if array.dtype in (xp.float32, xp.float64) else array.float()


def log_sigmoid(logits: Any) -> Any:
    """Return log(1 / (1 + exp(-z))) without overflow; 0 at plus infinity, minus infinity at minus infinity."""
    xp = namespace_of(logits)
    return -xp.logaddexp(xp.zeros_like(logits), -logits)


def sigmoid(logits: Any) -> Any:
    """Return 1 / (1 + exp(-z))."""
    return namespace_of(logits).exp(log_sigmoid(logits))


def flipped(array: Any) -> Any:
    """Return an array with its last axis reversed."""
    return namespace_of(array).flip(array, (-1,))


def column(array: Any, value: float) -> Any:
    """Return one column of a value, to stand before or behind an array's last axis."""
    return namespace_of(array).zeros_like(array[..., :1]) + value
