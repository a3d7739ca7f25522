"""`harness ordinal probe --features FILE --label COLUMN`: heads on the features in a table, tested on rows apart."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from harness import HarnessError
from harness_ordinal.errors import OrdinalError
from harness_ordinal.printed import print_estimates
from harness_ordinal.probe.figures import Setup, probe_estimates
from harness_ordinal.probe.fitting import Sample
from harness_ordinal.probe.options import ProbeOptions
from harness_ordinal.probe.splits import folds_of, groups_of
from harness_ordinal.ratings.scale import Scale, check_order
from harness_ordinal.tables import Columns, column, columns_of, number
from harness_ordinal.words import parts_of


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's words."""
    usual = ProbeOptions()
    made = argparse.ArgumentParser(
        prog="harness ordinal probe",
        description="Linear ordinal heads on every numeric column of a table, by nested cross-validation: no row, and "
        "no row equal to it or of its cluster, is ever in training and in test at once.",
    )
    made.add_argument(
        "--features", required=True, metavar="FILE", help="csv, tsv, jsonl or parquet; a column may hold vectors"
    )
    made.add_argument("--label", default="label", help="column of the right label")
    made.add_argument("--scale", required=True, help="the ordered labels, lowest first: 1,2,3,4,5")
    made.add_argument("--cluster", default="", help="column of what rows share; never split")
    made.add_argument("--ignore", default="", help="columns that are no features: id,text")
    made.add_argument("--heads", default=",".join(usual.heads), help="ce, corn:nll, coral, clm, ornn, rps ...")
    made.add_argument(
        "--l2", default=",".join(f"{l2:g}" for l2 in usual.l2), help="penalties that validation chooses from"
    )
    made.add_argument("--folds", type=int, default=usual.folds)
    made.add_argument("--decoding", default=",".join(usual.decoding))
    made.add_argument("--seed", type=int, default=0)
    made.add_argument("--json", action="store_true", help="print JSON")
    return made


def main(words: Sequence[str]) -> int:
    """Print what heads on a table are worth.

    Raises:
        HarnessError: the file, a column, the scale or a setting is not as it should be.
    """
    import numpy as np

    given = parser().parse_args(list(words))
    labels = parts_of(given.scale)
    check_order(labels, "--scale")
    try:
        options = ProbeOptions(
            heads=parts_of(given.heads),
            l2=tuple(map(float, parts_of(given.l2))),
            folds=given.folds,
            decoding=parts_of(given.decoding),
        )
    except ValueError as error:
        raise HarnessError(str(error)) from error
    columns = columns_of(given.features)
    golds = ranks(column(columns, given.label, given.features), Scale(labels=labels), given.features)
    features = matrix(columns, {given.label, given.cluster, *parts_of(given.ignore)}, given.features)
    clusters = [None if value is None else str(value) for value in columns.get(given.cluster, [None] * len(golds))]
    if given.cluster:
        column(columns, given.cluster, given.features)
    groups = groups_of(clusters, [row.tobytes() for row in features])
    folds = folds_of(groups, golds, options.folds, given.seed)
    sample = Sample(labels=np.array(golds), num_classes=len(labels), folds=np.array(folds))
    setup = Setup(heads=options.heads, l2=options.l2, decodings=options.decoding)
    found = probe_estimates(sample, {"features": features}, tuple(map(str, groups)), setup, {})
    print_estimates(tuple(found), as_json=given.json)
    return 0


def ranks(values: Sequence[Any], scale: Scale, path: str) -> list[int]:
    """Return labels as ranks.

    Raises:
        HarnessError: one that is not on the scale; the row is named.
    """
    found = []
    for line, value in enumerate(values, start=1):
        rank = None if value is None else scale.rank(str(value))
        if rank is None:
            raise HarnessError(f"{path!r}, row {line}: label {value!r} is none of {', '.join(scale.labels)}")
        found.append(rank)
    return found


def matrix(columns: Columns, others: set[str], path: str) -> Any:
    """Return the features of a table, shape (n, d): its columns of numbers, and of vectors of numbers.

    Raises:
        HarnessError: a column of neither, or no column at all; a cell without a number.
    """
    import numpy as np

    parts = []
    for name, values in columns.items():
        if name in others:
            continue
        if isinstance(values[0], (list, tuple)):
            try:
                parts.append(np.array(values, dtype=float))
            except (ValueError, TypeError) as error:
                raise HarnessError(f"{path!r}, column {name!r}: vectors of one length are needed ({error})") from error
            continue
        numbers = [number(value) for value in values]
        if None in numbers:
            line = numbers.index(None) + 1
            raise HarnessError(
                f"{path!r}, column {name!r}, row {line}: {values[line - 1]!r} is no number (--ignore {name}?)"
            )
        parts.append(np.array(numbers, dtype=float)[:, None])
    if not parts:
        raise OrdinalError(f"{path!r} has no columns of features")
    return np.hstack(parts)
