"""The rows of the rating tasks, read from the files their authors publish, with a mean rating as the nearest label.

A half goes up: Python's `round` sends 2.5 and 3.5 to different sides.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from harness import DataUnavailable, blame
from harness_lm_eval import dataset_file

Rows = list[dict[str, Any]]

#: A field of a file may be long.
LONGEST_FIELD = 1 << 24


def nearest(value: float, lowest: int, highest: int) -> int:
    """Return the rank of a mean rating on a scale of whole numbers.

    >>> nearest(2.5, 1, 5), nearest(3.49, 1, 5), nearest(0.0, 0, 5)
    (2, 2, 0)

    Raises:
        ValueError: it is off the scale.
    """
    rank = math.floor(value + 0.5) - lowest
    if not 0 <= rank <= highest - lowest:
        raise ValueError(f"a rating of {value} is off the scale {lowest} to {highest}")
    return rank


def splits(**read: Callable[[], Iterable[Mapping[str, Any]]]) -> Any:
    """Return splits as lm-eval takes them; one whose file is not there is left out, unless it is the test split.

    Raises:
        DataUnavailable: there is no test split.
    """
    import datasets

    found = {}
    for name, rows in read.items():
        try:
            with blame(f"rows of split {name}", DataUnavailable):
                found[name] = datasets.Dataset.from_list([dict(row) for row in rows()])
        except DataUnavailable:
            if name == "test":
                raise
    return datasets.DatasetDict(found)


def table(file: Path, delimiter: str, names: tuple[str, ...] = (), *, quoted: bool = True) -> Iterator[dict[str, str]]:
    """Yield the rows of a text table; a byte order mark is no part of the first name."""
    csv.field_size_limit(LONGEST_FIELD)
    with file.open(newline="", encoding="utf-8-sig") as lines:
        yield from csv.DictReader(
            lines, names or None, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
        )


# ---------------------------------------------------------------- CompLex

COMPLEX = "get lcp_single_*.tsv and lcp_multi_*.tsv from github.com/MMU-TDMLab/CompLex (CC BY 4.0)"


def complex_words(**_: object) -> Any:
    """Return single words in their sentences (Shardlow et al. 2020): mean of five points, told on [0, 1]."""
    return splits(train=lambda: complexities("lcp_single_train.tsv"), test=lambda: complexities("lcp_single_test.tsv"))


def complex_phrases(**_: object) -> Any:
    """Return pairs of words in their sentences, from the same source."""
    return splits(train=lambda: complexities("lcp_multi_train.tsv"), test=lambda: complexities("lcp_multi_test.tsv"))


def complexities(name: str) -> Rows:
    """Return the rows of one file of CompLex."""
    return [
        {
            "sentence": row["sentence"],
            "token": row["token"],
            "corpus": row.get("corpus") or row.get("subcorpus"),
            "rank": nearest(1 + 4 * float(row["complexity"]), 1, 5),
        }
        for row in table(dataset_file(name, COMPLEX), "\t", quoted=False)
    ]


# ---------------------------------------------------------------- STS-B

STSB = "get sts-test.csv from the STS benchmark (ixa2.si.ehu.eus/stswiki)"
STSB_NAMES = ("genre", "file", "year", "id", "score", "sentence1", "sentence2")


def stsb(**_: object) -> Any:
    """Return sentence pairs of the STS benchmark (Cer et al. 2017): mean similarity 0 to 5."""
    return splits(train=lambda: similarities("sts-train.csv"), test=lambda: similarities("sts-test.csv"))


def similarities(name: str) -> Rows:
    """Return the rows of one file of STS-B."""
    return [
        {
            "sentence1": row["sentence1"],
            "sentence2": row["sentence2"],
            "genre": row["genre"],
            "rank": nearest(float(row["score"]), 0, 5),
        }
        for row in table(dataset_file(name, STSB), "\t", STSB_NAMES, quoted=False)
    ]


# ---------------------------------------------------------------- judges

UNIEVAL = "get it from github.com/maszhongming/UniEval, folder reproduce (MIT)"


def topical_chat(**_: object) -> Any:
    """Return answers in dialogues with their overall quality, 1 to 5 (Mehri and Eskenazi 2020, as UniEval has them)."""
    return splits(
        test=lambda: [
            {
                "source": row["source"].strip(),
                "context": row["context"].strip(),
                "output": row["system_output"].strip(),
                "rank": nearest(row["scores"]["overall"], 1, 5),
            }
            for row in objects("topical_chat.json")
        ]
    )


def sfhot(**_: object) -> Any:
    """Return sentences made from dialogue acts about hotels with their naturalness, 1 to 6 (Wen et al. 2015)."""
    return splits(
        test=lambda: [
            {
                "source": row["source"],
                "output": row["system_output"].strip(),
                "rank": nearest(row["scores"]["naturalness"], 1, 6),
            }
            for row in objects("sfhot.json")
        ]
    )


def objects(name: str) -> Rows:
    """Return the objects of one of UniEval's files."""
    found: Rows = json.loads(dataset_file(name, UNIEVAL).read_text(encoding="utf-8"))
    return found


# ---------------------------------------------------------------- reviews

COURSERA = "its rows may not be passed on: get coursera_balanced.csv of the CORN paper's repository for your own use"


def coursera(**_: object) -> Any:
    """Return course reviews with their stars, 1 to 5; for whoever has them: their licence is not established."""
    return splits(
        test=lambda: [
            {"text": row["TEXT_COLUMN_NAME"].strip(), "rank": nearest(float(row["LABEL_COLUMN_NAME"]), 1, 5)}
            for row in table(dataset_file("coursera_balanced.csv", COURSERA), ",")
        ]
    )
