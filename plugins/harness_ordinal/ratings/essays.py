"""Essay scores of ASAP-AES (Hewlett Foundation 2012), from a file that the user has: its terms let none pass it on."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from harness import DataUnavailable
from harness_lm_eval import dataset_file
from harness_ordinal.ratings.rows import LONGEST_FIELD, Rows, nearest, splits

FILE = "training_set_rel3.tsv"
SOURCE = "get it from kaggle.com/c/asap-aes after accepting its rules, for your own use"
COLUMNS = ("essay_id", "essay_set", "essay", "domain1_score")
#: The scale of the resolved score of each set; 7 and 8 have 31 and 61 points, which are no labels to choose from.
SCALES = {1: (2, 12), 2: (1, 6), 3: (0, 3), 4: (0, 3), 5: (0, 4), 6: (0, 4)}


def asap(essay_set: int = 0, **_: object) -> Any:
    """Return the essays of one set with their resolved scores, as lm-eval takes them.

    Args:
        essay_set: 1 to 6.

    Raises:
        DataUnavailable: no such set, no such file, or one that is not as it was published.
    """
    if essay_set not in SCALES:
        raise DataUnavailable(f"essay_set {essay_set!r} of ASAP-AES: it has labels to choose from for sets 1 to 6")
    return splits(test=lambda: essays(dataset_file(FILE, SOURCE), essay_set))


def essays(file: Path, essay_set: int) -> Rows:
    """Return the essays of one set.

    Raises:
        DataUnavailable: a column is missing, an essay has no score or one off its scale, or there is none of this set.
    """
    lowest, highest = SCALES[essay_set]
    csv.field_size_limit(LONGEST_FIELD)
    table = csv.DictReader(io.StringIO(read(file), newline=""), delimiter="\t")
    missing = [name for name in COLUMNS if name not in (table.fieldnames or ())]
    if missing:
        raise DataUnavailable(f"{file}: no column {', '.join(missing)}; {FILE} as published has them: {SOURCE}")
    found: Rows = []
    for row in table:
        if (row["essay_set"] or "").strip() == str(essay_set):
            rank = nearest(score_of(row, file), lowest, highest)
            found.append({"text": row["essay"].strip(), "rank": rank, "lowest": lowest, "highest": highest})
    if not found:
        raise DataUnavailable(f"{file}: no essay of set {essay_set}")
    return found


def score_of(row: dict[str, str], file: Path) -> float:
    """Return the resolved score of an essay.

    Raises:
        DataUnavailable: it has none, as in the files that were published without.
    """
    text = (row["domain1_score"] or "").strip()
    try:
        return float(text)
    except ValueError:
        raise DataUnavailable(
            f"{file}: essay {row['essay_id']} has the domain1_score {text!r}, which is no number; of the published "
            f"files {FILE} has scores"
        ) from None


def read(file: Path) -> str:
    """Return the text of a file that was published in Windows-1252 and that users keep in UTF-8."""
    data = file.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
