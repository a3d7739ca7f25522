"""What a data set is: inputs, ranks, and the ordered labels that the ranks stand for.

The order is told, never found. Numbering labels by their frequency, as a vocabulary does, once doubled the error in
a published table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness import Json, TaskError

#: How many unknown labels an error names.
NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """Rows with ranks."""

    name: str
    #: Numbers, shape (n, d), float64; or texts.
    inputs: Any
    #: Ranks 0 .. K-1, shape (n,), int64.
    ranks: Any
    #: The K labels from lowest to highest, as the source writes them.
    labels: tuple[str, ...]
    #: What a manifest records: file, hash, licence.
    facts: Mapping[str, Json] = field(default_factory=dict)

    @property
    def num_classes(self) -> int:
        """K."""
        return len(self.labels)

    @property
    def texts(self) -> bool:
        """Whether the inputs are texts."""
        return isinstance(self.inputs, tuple)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.ranks)

    def keys(self) -> Iterator[Any]:
        """Yield for each row what is equal where its input is."""
        return iter(self.inputs) if self.texts else (row.tobytes() for row in self.inputs)


def ranks_of(values: Sequence[str], labels: Sequence[str], source: str) -> Any:
    """Return the rank of each label, shape (n,), int64.

    Args:
        values: labels as written in the source.
        labels: all of them, from lowest to highest.
        source: whose they are, for the error.

    Raises:
        TaskError: a label that the scale does not hold, or a scale that holds one twice.

    >>> ranks_of(["3", "1"], ["1", "2", "3"], "stars.csv").tolist()
    [2, 0]
    """
    import numpy as np

    places = {label: rank for rank, label in enumerate(labels)}
    if len(places) != len(labels):
        raise TaskError(f"{source}: the labels {', '.join(labels)} name one twice")
    unknown = [value for value in values if value not in places]
    if unknown:
        named = ", ".join(repr(value) for value in list(dict.fromkeys(unknown))[:NAMED])
        raise TaskError(
            f"{source}: {len(unknown)} of {len(values)} labels are not among {', '.join(labels)}: {named}; "
            "tell all labels in order, lowest first"
        )
    return np.array([places[value] for value in values], dtype=np.int64)


def numeric_order(values: Sequence[str], source: str) -> tuple[str, ...]:
    """Return distinct labels in numeric order, where the labels are numbers and so tell their order.

    Raises:
        TaskError: one is no number: its order must be told.

    >>> numeric_order(["10", "2", "2"], "t.csv")
    ('2', '10')
    """
    try:
        return tuple(sorted(dict.fromkeys(values), key=float))
    except ValueError as error:
        raise TaskError(f"{source}: {error}; labels that are no numbers need their order told") from error
