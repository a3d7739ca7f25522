"""The nuisance factors of the design, balanced over documents: where added text stands, and how it is worded.

A single wording per condition is no evidence (FormatSpread, arXiv 2310.11324), so documents take turns.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from harness import Position

#: The ways to say a constraint that every type has.
Wording = Literal["imperative", "declarative", "polite", "checklist"]


def levels(index: int, positions: Sequence[Position], wordings: Sequence[Wording]) -> tuple[Position, Wording]:
    """Return the position and the wording of a document: a Latin square over documents in their order.

    Any `len(positions) * len(wordings)` documents in a row hold every pair once; both factors alternate as fast as
    they can, so that few documents are balanced in each. It depends on nothing but the index, so it is the same for
    every model and in every arm.

    >>> [levels(n, ("appended", "system"), ("polite", "checklist")) for n in range(4)]  # doctest: +NORMALIZE_WHITESPACE
    [('appended', 'polite'), ('system', 'checklist'), ('appended', 'checklist'), ('system', 'polite')]
    """
    turn = index // math.lcm(len(positions), len(wordings))
    return positions[index % len(positions)], wordings[(index + turn) % len(wordings)]
