"""What is made of the masses of one response (method 7.1).

Row t is a token of the response, C the span, P the content of the prompt, K the control span, A the weights:

    mass = sum_{j in C} A[t, j]             density = mass / |C|          share = mass / sum_{j in P} A[t, j]
    lift = share / (|C| / |P|)              contrast = log density(C) - log density(K)

A lift of 1 is what a prompt attended to evenly would give. The definition of the paper's "constraint attention score"
is not known; lift over the final answer is primary here, because it depends on neither length.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from harness_attention.masses import Masses
    from harness_attention.placing import Placed

    Array = NDArray[np.float64]

#: In the order of reports; the first is primary.
QUANTITIES = ("lift", "share", "density", "mass", "contrast")
#: Parts of a response by relative position.
DECILES = 10
#: Parts of a response by what the model does in them.
PHASES = ("final", "think")
#: Below any weight that 32 bits can tell from zero: keeps logarithms finite.
LEAST = 1e-30
#: The spans of `span_masses`, in order.
SPAN, CONTENT, CONTROL = range(3)


def spans_of(one: Placed) -> tuple[tuple[int, ...], ...]:
    """Return the spans whose masses are wanted, by their numbers."""
    return one.span, one.content, one.control


def quantities(masses: Masses, one: Placed, span: int = SPAN) -> dict[str, Array]:
    """Return every quantity of a span for each layer, head and token of the response.

    Args:
        masses: shape (layers, heads, tokens, spans).
        one: the tokens.
        span: SPAN, or CONTROL: the same of the control span, whose own control is the span.
    """
    import numpy as np

    sizes = [len(places) for places in spans_of(one)]
    values = masses.values.astype(float)
    mass, content = values[..., span], values[..., CONTENT]
    other = CONTROL if span == SPAN else SPAN
    density = mass / sizes[span]
    share = mass / np.maximum(content, LEAST)
    contrast = np.log(np.maximum(density, LEAST)) - np.log(np.maximum(values[..., other] / sizes[other], LEAST))
    return {
        "lift": share * sizes[CONTENT] / sizes[span],
        "share": share,
        "density": density,
        "mass": mass,
        "contrast": contrast,
    }


def phase_rows(one: Placed) -> Mapping[str, NDArray[np.bool_]]:
    """Return the tokens of each phase, those in an echo left out."""
    import numpy as np

    heard, final = ~np.array(one.echo), np.array(one.final)
    return {"final": heard & final, "think": heard & ~final}


def decile_rows(one: Placed) -> list[NDArray[np.bool_]]:
    """Return the tokens of each tenth of the response, those in an echo left out."""
    import numpy as np

    heard = ~np.array(one.echo)
    tenth = np.arange(len(heard)) * DECILES // max(1, len(heard))
    return [heard & (tenth == decile) for decile in range(DECILES)]


def mean_rows(values: Array, rows: NDArray[np.bool_]) -> Array:
    """Return the mean over some tokens, which are the last axis; not a number where there is none."""
    import numpy as np

    if not rows.any():
        return np.full(values.shape[:-1], np.nan)
    return np.asarray(values[..., rows].mean(axis=-1))
