"""The order of the labels: declared by the task, checked before anything is asked, never guessed from the rows.

Published tables were computed on star ratings numbered by their frequency in the training set; nobody noticed, since
a model learns any numbering. So an order that is not one is an error here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness import Doc, Task, TaskError

#: Words of well-known scales, each in its order.
KNOWN_ORDERS = (
    ("never", "rarely", "sometimes", "often", "usually", "always"),
    ("strongly disagree", "disagree", "neither agree nor disagree", "agree", "strongly agree"),
    ("strongly disagree", "disagree", "neutral", "agree", "strongly agree"),
    ("terrible", "very poor", "poor", "fair", "average", "good", "very good", "excellent"),
    ("very bad", "bad", "neutral", "good", "very good"),
    ("very negative", "negative", "neutral", "positive", "very positive"),
    ("very easy", "easy", "neutral", "difficult", "very difficult"),
    ("very low", "low", "medium", "high", "very high"),
    ("none", "mild", "moderate", "severe"),
    ("not at all", "slightly", "moderately", "very", "extremely"),
)

#: Documents whose right label is looked at before the first request.
LOOKED_AT = 2_000

#: Labels that an order is told by.
FEWEST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """K labels, the lowest first."""

    labels: tuple[str, ...]

    def __len__(self) -> int:
        """Return K."""
        return len(self.labels)

    def rank(self, text: str) -> int | None:
        """Return the rank of a label, compared as text without case, else as a number; None if it is none of them.

        >>> Scale(labels=("1", "2", "3")).rank("2.0"), Scale(labels=("low", "high")).rank(" High"), Scale(
        ...     labels=("1", "2")).rank("2.5")
        (1, 1, None)
        """
        wanted = text.strip().casefold()
        for rank, label in enumerate(self.labels):
            if label.strip().casefold() == wanted:
                return rank
        value = number(wanted)
        if value is None:
            return None
        return next((rank for rank, label in enumerate(self.labels) if number(label) == value), None)

    def gold(self, doc: Doc) -> int | None:
        """Return the rank of a document's right label; None where it has none on the scale."""
        return next((rank for gold in doc.golds if (rank := self.rank(gold)) is not None), None)


def number(text: str) -> float | None:
    """Return a label as a finite number; None if it is none."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def scale_of(task: Task, given: Sequence[str] = ()) -> Scale:
    """Return the scale of a task: the labels given by option, else those that the task declares.

    Raises:
        TaskError: it declares none, or their order is not one.
    """
    labels = tuple(given) or task.spec.labels
    if not labels:
        raise TaskError(
            f"task {task.name} declares no ordered labels: put `metadata: {{labels: [...]}}` into its file, the lowest "
            "first, or give --option labels=1,2,3,4,5"
        )
    check_order(labels, f"task {task.name}")
    return Scale(labels=labels)


def check_order(labels: Sequence[str], whose: str) -> None:
    """Check that labels can be a scale, lowest first.

    Raises:
        TaskError: fewer than two, one twice, numbers that do not ascend, or words of a known scale out of order.
    """
    shown = ", ".join(labels)
    folded = [label.strip().casefold() for label in labels]
    if len(labels) < 2 or "" in folded:  # noqa: PLR2004  # one label is no scale
        raise TaskError(f"{whose}: labels {shown!r}: a scale has at least two, none of them empty")
    if len(set(folded)) < len(folded):
        raise TaskError(f"{whose}: labels {shown}: one stands there twice")
    numbers = [number(label) for label in labels]
    known = [value for value in numbers if value is not None]
    if len(known) == len(labels) and known != sorted(set(known)):
        raise TaskError(
            f"{whose}: labels {shown} are numbers and do not ascend; list them from the lowest to the highest"
        )
    for order in KNOWN_ORDERS:
        places = [order.index(label) for label in folded if label in order]
        if len(places) >= FEWEST and places not in (sorted(places), sorted(places, reverse=True)):
            raise TaskError(
                f"{whose}: labels {shown} are out of order; known are {', '.join(order)}; list them lowest first"
            )


def check_choices(task: Task, doc: Doc, scale: Scale) -> None:
    """Check that the choices a multiple-choice task weighs are the declared labels in the declared order.

    Raises:
        TaskError: they are not; every rank would be read wrongly.
    """
    if "loglikelihood" not in task.kinds:
        return
    choices = choices_of(task, doc)
    if [choice.strip().casefold() for choice in choices] != [label.strip().casefold() for label in scale.labels]:
        raise TaskError(
            f"task {task.name}, document {doc.id}: its choices are {', '.join(choices)}, its labels "
            f"{', '.join(scale.labels)}; they must be the same in the same order"
        )


def choices_of(task: Task, doc: Doc) -> list[str]:
    """Return the choices of a document, without the space before them."""
    return list(dict.fromkeys(request.continuation.strip() for request in task.requests(doc)))


def check_golds(task: Task, docs: Iterable[Doc], scale: Scale) -> None:
    """Check that the right labels of documents stand on the scale.

    Raises:
        TaskError: one does not; an index in place of a label, say.
    """
    for doc in docs:
        if doc.golds and scale.gold(doc) is None:
            raise TaskError(
                f"task {task.name}, document {doc.id}: its right label is {doc.golds[0]!r}, none of "
                f"{', '.join(scale.labels)}; doc_to_target must give a label, not its index"
            )
