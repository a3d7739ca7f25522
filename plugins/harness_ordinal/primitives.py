"""The four ways from a head's outputs to exceedance probabilities, which carry every ordinal method.

Ranks are 0 .. K-1, thresholds k = 0 .. K-2, and G_k = P(y > k). Every function takes numpy arrays or torch tensors
with the thresholds on the last axis, any number of axes before it, and gives back the same kind; halves are raised to
float32, numpy is reckoned in float64.

    sequential    z_k = logit P(y > k | y > k-1)    CORN, CONDOR, continuation ratio, stick-breaking
    cumulative    z_k = logit P(y > k)              CORAL, proportional odds (CLM)
    class         p_j = P(y = j)                    softmax heads, label log-likelihoods of a language model
    independent   z_k = logit P(y > k), unordered   OR-NN, yes/no questions; may need repair
"""

from __future__ import annotations

from typing import Literal, TypeVar

from harness_ordinal.errors import OrdinalError
from harness_ordinal.namespace import column, flipped, floating, log_sigmoid, namespace_of, sigmoid

Array = TypeVar("Array")

#: How thresholds that contradict one another are put in order.
Repair = Literal["none", "sort", "pav"]

#: Numbers that one block of the repair by pooling may hold.
BLOCK = 4_000_000


def sequential_exceedance(logits: Array) -> Array:
    """Return G_k as the chain product of P(y > j | y > j-1), j <= k (arXiv 2111.08851, eq. 4); never increasing.

    Args:
        logits: shape (..., K-1), the conditional logits.

    >>> import numpy as np
    >>> sequential_exceedance(np.array([0.0, 0.0, np.inf])).tolist()
    [0.5, 0.25, 0.25]
    """
    raised = floating(logits)
    xp = namespace_of(raised)
    return xp.exp(xp.cumsum(log_sigmoid(raised), -1))  # type: ignore[no-any-return]


def sequential_log_probabilities(logits: Array) -> Array:
    """Return log P(y = j), shape (..., K), from conditional logits, shape (..., K-1)."""
    raised = floating(logits)
    xp = namespace_of(raised)
    reached = xp.concatenate([column(raised, 0.0), xp.cumsum(log_sigmoid(raised), -1)], -1)
    stops = xp.concatenate([log_sigmoid(-raised), column(raised, 0.0)], -1)
    return reached + stops  # type: ignore[no-any-return]


def downward_exceedance(logits: Array) -> Array:
    """Return G_k from the chain asked from the top: z_k = logit P(y <= k | y <= k+1), shape (..., K-1).

    The mirror image of `sequential_exceedance`: P(y <= k) is the product over j >= k.

    >>> import numpy as np
    >>> downward_exceedance(np.array([0.0, 0.0])).tolist()
    [0.75, 0.5]
    """
    raised = floating(logits)
    return 1.0 - flipped(sequential_exceedance(flipped(raised)))  # type: ignore[no-any-return]


def cumulative_exceedance(logits: Array) -> Array:
    """Return G_k = sigmoid(z_k), shape (..., K-1); never increasing where the logits are not.

    >>> import numpy as np
    >>> cumulative_exceedance(np.array([0.0, -np.inf])).tolist()
    [0.5, 0.0]
    """
    return sigmoid(floating(logits))  # type: ignore[no-any-return]


def cumulative_log_probabilities(logits: Array) -> Array:
    """Return log P(y = j), shape (..., K), from ordered cumulative logits, shape (..., K-1).

    With a = z_{j-1} and c = z_j: log sigmoid(a) + log sigmoid(-c) + log(1 - exp(c - a)), which keeps its gradient
    where the difference of two sigmoids underflows. Minus infinity where two thresholds are equal; nan where they
    are out of order, since that is no distribution.
    """
    import numpy as np

    raised = floating(logits)
    xp = namespace_of(raised)
    above, below = raised[..., :-1], raised[..., 1:]
    with np.errstate(divide="ignore", invalid="ignore"):  # what is undefined comes back as nan
        gap = xp.where(below == above, xp.zeros_like(above), below - above)  # inf - inf is no gap
        inner = log_sigmoid(above) + log_sigmoid(-below) + xp.log(-xp.expm1(gap))
    return xp.concatenate([log_sigmoid(-raised[..., :1]), inner, log_sigmoid(raised[..., -1:])], -1)  # type: ignore[no-any-return]


def class_exceedance(probabilities: Array) -> Array:
    """Return G_k = sum of p_j over j > k, shape (..., K-1), from class probabilities, shape (..., K).

    Summed from the top, so that small tails keep their digits.

    >>> import numpy as np
    >>> class_exceedance(np.array([0.5, 0.25, 0.25])).tolist()
    [0.5, 0.25]
    """
    raised = floating(probabilities)
    xp = namespace_of(raised)
    return flipped(xp.cumsum(flipped(raised[..., 1:]), -1))  # type: ignore[no-any-return]


def class_log_probabilities(logits: Array) -> Array:
    """Return log P(y = j) = log softmax(z)_j, shape (..., K); a logit of minus infinity is a class ruled out."""
    raised = floating(logits)
    xp = namespace_of(raised)
    if xp.__name__ == "torch":
        return xp.log_softmax(raised, -1)  # type: ignore[no-any-return]
    from scipy.special import log_softmax

    return log_softmax(raised, axis=-1)  # type: ignore[no-any-return]


def independent_exceedance(logits: Array, repair: Repair = "none") -> Array:
    """Return G_k = sigmoid(z_k) of thresholds judged one by one, shape (..., K-1), put in order if asked.

    Raises:
        OrdinalError: an unknown repair.
    """
    return repaired(sigmoid(floating(logits)), repair)  # type: ignore[no-any-return]


def repaired(exceedance: Array, repair: Repair) -> Array:
    """Return exceedance probabilities in order.

    Args:
        exceedance: shape (..., K-1).
        repair: "none" leaves them; "sort" is the rearrangement (Chernozhukov et al. 2009); "pav" the nearest
            ordered values in least squares (pool adjacent violators).

    Raises:
        OrdinalError: an unknown repair.

    >>> import numpy as np
    >>> repaired(np.array([0.5, 0.75, 0.25]), "sort").tolist(), repaired(np.array([0.5, 0.75, 0.25]), "pav").tolist()
    ([0.75, 0.5, 0.25], [0.625, 0.625, 0.25])
    """
    raised = floating(exceedance)
    xp = namespace_of(raised)
    if repair == "none":
        return raised  # type: ignore[no-any-return]
    if repair == "sort":
        ordered = xp.sort(raised, -1)
        return flipped(ordered if xp.__name__ == "numpy" else ordered.values)  # type: ignore[no-any-return]
    if repair == "pav":
        rows = raised.reshape(-1, raised.shape[-1])
        step = max(1, BLOCK // max(1, raised.shape[-1] ** 2))
        pooled = [_pooled(rows[start : start + step]) for start in range(0, rows.shape[0], step)]
        return xp.concatenate(pooled, 0).reshape(raised.shape) if pooled else raised  # type: ignore[no-any-return]
    raise OrdinalError(f"repair {repair!r} is unknown; use none, sort or pav")


def _pooled(rows: Array) -> Array:
    """Return the least-squares non-increasing fit of each row, shape (n, T).

    The min-max formula of isotonic regression (Barlow et al. 1972): min over a <= k of max over b >= k of the mean
    of entries a .. b.
    """
    xp = namespace_of(rows)
    values = rows
    size = values.shape[-1]  # type: ignore[attr-defined]
    sums = xp.concatenate([column(values, 0.0), xp.cumsum(values, -1)], -1)
    span = xp.arange(size)
    width = span[None, :] - span[:, None] + 1
    means = (sums[:, None, 1:] - sums[:, :-1, None]) / xp.where(width > 0, width, xp.ones_like(width))
    means = xp.where(width > 0, means, xp.zeros_like(means) - xp.inf)
    best_end = means
    for k in range(size - 2, -1, -1):  # running maximum from the right: max over b >= k
        best_end = xp.concatenate(
            [
                best_end[..., :k],
                xp.maximum(best_end[..., k : k + 1], best_end[..., k + 1 : k + 2]),
                best_end[..., k + 1 :],
            ],
            -1,
        )
    allowed = xp.where(width > 0, best_end, xp.zeros_like(best_end) + xp.inf)
    return xp.amin(allowed, -2)  # type: ignore[no-any-return]


def class_probabilities(exceedance: Array) -> Array:
    """Return p_j = G_{j-1} - G_j with G_{-1} = 1 and G_{K-1} = 0, shape (..., K); negative where G is out of order.

    >>> import numpy as np
    >>> class_probabilities(np.array([0.5, 0.25])).tolist()
    [0.5, 0.25, 0.25]
    """
    raised = floating(exceedance)
    xp = namespace_of(raised)
    return xp.concatenate([column(raised, 1.0), raised], -1) - xp.concatenate([raised, column(raised, 0.0)], -1)  # type: ignore[no-any-return]
