"""What every loss asks of its arguments, told once and checked without a wait per element."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor

from harness_ordinal.errors import OrdinalError
from harness_ordinal.namespace import floating

#: How many wrong labels an error names.
NAMED = 3


class Batch(NamedTuple):
    """A batch whose shapes and labels are right, flattened to rows: a tuple, which costs a small batch least."""

    #: Shape (B, columns), at least float32.
    logits: Tensor
    #: Shape (B,), int64, on the device of the logits.
    labels: Tensor
    #: Shape (B,), sample weight times class weight; None: all one.
    weights: Tensor | None
    #: The shape of the labels as given, for `reduction="none"`.
    shape: torch.Size


def checked_batch(
    logits: Tensor,
    labels: Any,
    num_classes: int,
    columns: int,
    *,
    class_weights: Any = None,
    sample_weights: Any = None,
) -> Batch:
    """Return the batch, checked.

    Args:
        logits: shape (..., columns).
        labels: ranks 0 .. K-1, shape (...): a tensor, or what `torch.as_tensor` takes.
        num_classes: K.
        columns: what the head of this loss puts out.
        class_weights: shape (K,).
        sample_weights: shape (...).

    Raises:
        OrdinalError: a wrong shape, a label off the scale or between ranks, negative weights.
    """
    if not isinstance(logits, Tensor) or not logits.is_floating_point():
        raise OrdinalError(f"logits must be a floating-point tensor, not {_kind(logits)}")
    if num_classes < 2:  # noqa: PLR2004  # one rank is no scale
        raise OrdinalError(f"num_classes {num_classes!r}: a scale has at least two ranks")
    if logits.ndim < 1 or logits.shape[-1] != columns:
        raise OrdinalError(_column_message(logits, num_classes, columns))
    given = labels if isinstance(labels, Tensor) else torch.as_tensor(labels)
    if given.device != logits.device:
        given = given.to(logits.device)
    if given.shape != logits.shape[:-1]:
        raise OrdinalError(
            f"labels of shape {tuple(given.shape)} for logits of shape {tuple(logits.shape)}: "
            f"one label a row is needed, shape {tuple(logits.shape[:-1])}"
        )
    ranks = checked_labels(given, num_classes)
    rows = logits if logits.dtype is torch.float32 else floating(logits)
    if rows.ndim != 2:  # noqa: PLR2004  # a view of what is in rows already would be one more step back
        ranks, rows = ranks.reshape(-1), rows.reshape(-1, columns)
    weights = None
    if class_weights is not None or sample_weights is not None:
        weights = _weights(ranks, rows, num_classes, class_weights, sample_weights)
    return Batch(logits=rows, labels=ranks, weights=weights, shape=given.shape)


def checked_labels(labels: Tensor, num_classes: int) -> Tensor:
    """Return labels as int64; one transfer from the device, whatever their number.

    Raises:
        OrdinalError: a label off the scale, between ranks, or not a number.
    """
    if labels.numel() == 0 or labels.dtype == torch.bool:
        return labels.long()
    if labels.is_complex():
        raise OrdinalError(f"labels must be whole numbers, not {labels.dtype}")
    if labels.is_floating_point():
        wrong = ~((labels >= 0) & (labels < num_classes) & (labels == labels.floor()))
    else:
        low, high = labels.aminmax()
        if int(low) >= 0 and int(high) < num_classes:
            return labels if labels.dtype == torch.int64 else labels.long()
        wrong = (labels < 0) | (labels >= num_classes)
    if not bool(wrong.any()):
        return labels.long()
    off = labels[wrong].flatten()
    named = ", ".join(f"{value:g}" for value in off[:NAMED].tolist())
    raise OrdinalError(
        f"{off.numel()} of {labels.numel()} labels are off the scale 0 .. {num_classes - 1} ({named}); "
        "number the ranks from 0 in the order of the scale, and leave out rows without a label"
    )


def per_threshold(importance: Any, like: Tensor) -> Tensor | None:
    """Return importance weights, one for each threshold, shape (K-1,).

    Raises:
        OrdinalError: a wrong number of them, or a negative one.
    """
    return None if importance is None else _vector(importance, like.shape[-1], "importance", "threshold", like)


def _weights(ranks: Tensor, rows: Tensor, num_classes: int, class_weights: Any, sample_weights: Any) -> Tensor | None:
    """Return the weight of each row; None where all are one."""
    weights = None
    if class_weights is not None:
        weights = _vector(class_weights, num_classes, "class_weights", "class", rows)[ranks]
    if sample_weights is not None:
        given = torch.as_tensor(sample_weights, device=rows.device).reshape(-1)
        own = _vector(given, len(ranks), "sample_weights", "label", rows)
        weights = own if weights is None else weights * own
    return weights


def _vector(values: Any, size: int, name: str, unit: str, like: Tensor) -> Tensor:
    """Return weights as a vector of this length, none negative."""
    vector = torch.as_tensor(values, dtype=like.dtype, device=like.device)
    if vector.shape != (size,):
        raise OrdinalError(f"{name} of shape {tuple(vector.shape)}: one for each {unit} is needed, shape ({size},)")
    if not bool((vector >= 0).all()):
        raise OrdinalError(f"{name} must not be negative or nan: {vector.min().item():g} is the least")
    return vector


def _column_message(logits: Tensor, num_classes: int, columns: int) -> str:
    """Say what is wrong with the width of a head."""
    shape = tuple(logits.shape)
    if columns == num_classes - 1 and logits.ndim and logits.shape[-1] == num_classes:
        return (
            f"logits of shape {shape}: {num_classes} ranks have {columns} thresholds, so this head needs {columns} "
            f"outputs, not {num_classes} (a head made for cross-entropy?)"
        )
    return f"logits of shape {shape}: for {num_classes} ranks this loss needs (..., {columns})"


def _kind(value: object) -> str:
    """Return what a value is, in words."""
    return f"a tensor of {value.dtype}" if isinstance(value, Tensor) else f"a {type(value).__name__}"
