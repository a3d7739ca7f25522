"""Readers of tables: CSV with a response column, the files of skordinal, texts with a rating."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness import DataUnavailable, TaskError
from harness_ordinal.data.dataset import Dataset, numeric_order, ranks_of


def content_of(path: Path) -> bytes:
    """Return what a file holds.

    Raises:
        DataUnavailable: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataUnavailable(f"{path}: {error.strerror or error}; give the folder by --dataset-root") from error


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(content_of(path)).hexdigest()


def lines_of(path: Path, delimiter: str = ",", quoting: int = csv.QUOTE_MINIMAL) -> list[list[str]]:
    """Return the cells of a file, lines without any left out."""
    text = content_of(path).decode("utf-8-sig")
    rows = list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter, quoting=quoting))  # type: ignore[arg-type]
    return [row for row in rows if row]


def read_table(path: Path, *, response: str = "response", labels: Sequence[str] = (), name: str = "") -> Dataset:
    """Return a CSV of numbers with a header and a response column.

    Args:
        path: the file.
        response: name of the column of labels.
        labels: all labels from lowest to highest; empty: those met, which must be numbers.
        name: of the data set; empty: of the file.

    Raises:
        DataUnavailable: no such file. TaskError: no such column, a row of another length than the header, a cell that
            is no number, an unknown label.
    """
    header, *rows = lines_of(path)
    if response not in header:
        raise TaskError(f"{path}: no column {response!r}; it has {', '.join(header)}")
    even(path, header, rows)
    place = header.index(response)
    return _table(path, rows, place, labels, name)


def even(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Check that every row has a cell for every name.

    Raises:
        TaskError: one has fewer or more; the message names the first.
    """
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            raise TaskError(f"{path}: row {number} has {len(row)} cells, the first line {len(header)} names")


def read_skordinal(path: Path, *, labels: Sequence[str] = (), name: str = "") -> Dataset:
    """Return a file of the skordinal package: a first line `rows,columns,label names`, labels 0 .. K-1 last.

    Raises:
        DataUnavailable: no such file. TaskError: a cell that is no number, an unknown label.
    """
    header, *rows = lines_of(path)
    numbered = [str(rank) for rank in range(len(header) - 2)]
    found = _table(path, rows, len(header[:1]) and len(rows[0]) - 1, numbered, name)
    named = tuple(labels) or tuple(header[2:])
    return Dataset(name=found.name, inputs=found.inputs, ranks=found.ranks, labels=named)


def _table(path: Path, rows: list[list[str]], place: int, labels: Sequence[str], name: str) -> Dataset:
    """Return rows of numbers with the labels in one place."""
    import numpy as np

    try:
        inputs = np.array([[float(cell) for at, cell in enumerate(row) if at != place] for row in rows])
    except ValueError as error:
        raise TaskError(f"{path}: {error}; every column but the response must hold numbers") from error
    if inputs.ndim != 2 or not len(inputs):  # noqa: PLR2004  # rows and columns
        raise TaskError(f"{path}: no rows, or rows of different lengths")
    values = [row[place].strip() for row in rows]
    order = tuple(labels) or numeric_order(values, str(path))
    return Dataset(name=name or path.stem, inputs=inputs, ranks=ranks_of(values, order, str(path)), labels=order)


def read_texts(path: Path, *, text: str, response: str, labels: Sequence[str] = (), name: str = "") -> Dataset:
    """Return a CSV of texts with a rating.

    Raises:
        DataUnavailable: no such file. TaskError: no such column, a row of another length than the header, an unknown
            label.
    """
    header, *rows = lines_of(path)
    for column in (text, response):
        if column not in header:
            raise TaskError(f"{path}: no column {column!r}; it has {', '.join(header)}")
    even(path, header, rows)
    values = [row[header.index(response)].strip() for row in rows]
    order = tuple(labels) or numeric_order(values, str(path))
    texts = tuple(row[header.index(text)] for row in rows)
    return Dataset(name=name or path.stem, inputs=texts, ranks=ranks_of(values, order, str(path)), labels=order)


def read_complex(path: Path, *, name: str = "") -> Dataset:
    """Return a file of CompLex (SemEval-2021 task 1, CC BY 4.0): word and sentence, complexity as a rank of 5.

    The source gives the mean of 5-point ratings mapped to [0, 1]; rank = round(4 x mean).

    Raises:
        DataUnavailable: no such file. TaskError: not a file of CompLex.
    """
    import numpy as np

    header, *rows = lines_of(path, delimiter="\t", quoting=csv.QUOTE_NONE)
    if not {"sentence", "token", "complexity"} <= set(header):
        raise TaskError(f"{path}: not a file of CompLex; its columns are {', '.join(header)}")
    sentence, token, score = (header.index(column) for column in ("sentence", "token", "complexity"))
    texts = tuple(f"{row[token]} | {row[sentence]}" for row in rows)
    means = np.array([float(row[score]) for row in rows])
    if not ((means >= 0) & (means <= 1)).all():
        raise TaskError(f"{path}: complexity outside 0 .. 1")
    labels = ("very easy", "easy", "neutral", "difficult", "very difficult")
    ranks: Any = np.floor(means * 4 + 0.5).astype(np.int64)
    return Dataset(name=name or path.stem, inputs=texts, ranks=ranks, labels=labels)
