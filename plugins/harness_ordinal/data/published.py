"""The data sets known by name: where their files stand under a folder, how they are read and split, and their hashes.

A file with another hash is read all the same, and the manifest says that it is not the published one.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from harness import Json, TaskError
from harness_ordinal.data.dataset import Dataset
from harness_ordinal.data.friedman import friedman
from harness_ordinal.data.splits import Split, split_of, stratified
from harness_ordinal.data.tables import (
    content_of,
    lines_of,
    read_complex,
    read_skordinal,
    read_table,
    read_texts,
    sha256_of,
)

#: One to five, as stars and grades are written.
FIVE = ("1", "2", "3", "4", "5")


def numbers(first: int, last: int) -> tuple[str, ...]:
    """Return whole numbers as labels."""
    return tuple(str(number) for number in range(first, last + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A data set and its split; made by name."""

    name: str
    summary: str
    #: Reads the data set from a folder laid out like the catalogue's paths.
    read: Callable[[Path], Dataset]
    #: Its files under the folder, with the first 16 hexadecimal digits of the SHA-256 of the published ones.
    files: Mapping[str, str]
    licence: str
    #: The split of a seed; None: stratified at random.
    split: Callable[[Path, Dataset, int], Split] | None = None

    def open(self, folder: Path) -> Dataset:
        """Return the data set with its facts.

        Raises:
            DataUnavailable: a file is missing. TaskError: it is not what it should be.
        """
        hashes = {name: sha256_of(folder / name) for name in self.files}
        facts: dict[str, Json] = {
            "files": hashes,
            "as_published": all(hashes[name].startswith(known) for name, known in self.files.items()),
            "licence": self.licence,
        }
        found = self.read(folder)
        return replace(found, name=self.name, facts={**found.facts, **facts})

    def split_for(self, folder: Path, dataset: Dataset, seed: int) -> Split:
        """Return the split of a seed."""
        if self.split is None:
            return stratified(dataset, seed=seed)
        return self.split(folder, dataset, seed)


def _parts_file(name: str) -> Callable[[Path, Dataset, int], Split]:
    """Return the reader of a split told row by row (`row,split`), the same for every seed."""

    def split(folder: Path, dataset: Dataset, seed: int) -> Split:  # noqa: ARG001  # one split for all
        parts: dict[str, list[int]] = {}
        for row, part in lines_of(folder / name)[1:]:
            parts.setdefault(part, []).append(int(row))
        return split_of(parts, len(dataset), name)

    return split


def _seeds_file(name: str) -> Callable[[Path, Dataset, int], Split]:
    """Return the reader of row numbers by seed and part (gzipped JSON)."""

    def split(folder: Path, dataset: Dataset, seed: int) -> Split:
        by_seed = json.loads(gzip.decompress(content_of(folder / name)))
        if str(seed) not in by_seed:
            raise TaskError(f"{name}: no split for seed {seed}; it has {', '.join(by_seed)}")
        return split_of(by_seed[str(seed)], len(dataset), f"{name}, seed {seed}")

    return split


def _fireman(folder: Path) -> Dataset:
    """Return the three files of the published FIREMAN split, one after the other."""
    import numpy as np

    parts = [read_table(folder / name, labels=numbers(0, 15)) for name in FIREMAN_FILES]
    return Dataset(
        name="fireman",
        inputs=np.concatenate([part.inputs for part in parts]),
        ranks=np.concatenate([part.ranks for part in parts]),
        labels=parts[0].labels,
        facts={"rows": [len(part) for part in parts]},
    )


def _fireman_split(folder: Path, dataset: Dataset, seed: int) -> Split:  # noqa: ARG001  # one split for all
    """Return the published split: by file."""
    train, valid, test = (len(lines_of(folder / name)) - 1 for name in FIREMAN_FILES)
    rows = range(train + valid + test)
    parts = {"train": rows[:train], "valid": rows[train : train + valid], "test": rows[train + valid :]}
    return split_of(parts, len(dataset), "fireman")


FIREMAN_FILES = {
    "tabular/fireman_example_balanced_train.csv": "8c709abfc84cf98c",
    "tabular/fireman_example_balanced_valid.csv": "6646c2f35233d895",
    "tabular/fireman_example_balanced_test.csv": "7855b95a1a8e16ae",
}


def _generated(folder: Path) -> Dataset:  # noqa: ARG001  # needs no file
    """Return generated Friedman data."""
    return friedman().dataset


def _table(name: str, labels: tuple[str, ...]) -> Callable[[Path], Dataset]:
    """Return the reader of a table of the tabular folder."""
    return lambda folder: read_table(folder / f"tabular/{name}.csv", labels=labels)


def _skordinal(name: str, labels: tuple[str, ...] = ()) -> Callable[[Path], Dataset]:
    """Return the reader of a table of skordinal."""
    return lambda folder: read_skordinal(folder / f"tabular/skordinal_{name}.csv", labels=labels)


def _complex(part: str) -> Callable[[Path], Dataset]:
    """Return the reader of CompLex, its train, trial and test files one after the other."""

    def read(folder: Path) -> Dataset:
        import numpy as np

        files = [read_complex(folder / f"text/complex/lcp_{part}_{split}.tsv") for split in ("train", "trial", "test")]
        texts = tuple(text for file in files for text in file.inputs)
        return Dataset(
            name="complex",
            inputs=texts,
            ranks=np.concatenate([file.ranks for file in files]),
            labels=files[0].labels,
            facts={"rows": [len(file) for file in files]},
        )

    return read


def _complex_split(part: str) -> Callable[[Path, Dataset, int], Split]:
    """Return the official split of CompLex; its trial part chooses."""

    def split(folder: Path, dataset: Dataset, seed: int) -> Split:  # noqa: ARG001  # one split for all
        train, valid, test = (dataset.facts["rows"][place] for place in range(3))
        rows = range(train + valid + test)
        parts = {"train": rows[:train], "valid": rows[train : train + valid], "test": rows[train + valid :]}
        return split_of(parts, len(dataset), f"complex {part}")

    return split


def _coursera(folder: Path) -> Dataset:
    """Return Coursera's reviews."""
    path = folder / "text/coursera_balanced.csv"
    return read_texts(path, text="TEXT_COLUMN_NAME", response="LABEL_COLUMN_NAME", labels=FIVE)


def _tripadvisor(folder: Path) -> Dataset:
    """Return TripAdvisor's reviews."""
    path = folder / "text/tripadvisor_hotel_reviews_partial.csv"
    return read_texts(path, text="Review", response="Rating", labels=FIVE)


#: By name.
CATALOGUE: Mapping[str, Published] = {
    one.name: one
    for one in (
        Published(
            name="friedman",
            summary="Friedman #1 in 16 ranks, generated; no model below MAE 0.693",
            read=_generated,
            files={},
            licence="generated",
        ),
        Published(
            name="fireman",
            summary="the published FIREMAN table, 16 ranks, its own split",
            read=_fireman,
            files=FIREMAN_FILES,
            licence="synthetic",
            split=_fireman_split,
        ),
        Published(
            name="cement",
            summary="concrete strength, 5 ranks, fixed split",
            read=_table("cement_strength", FIVE),
            files={
                "tabular/cement_strength.csv": "98f69aaa6165705a",
                "splits/cement.csv": "8ea85a80a5dcdce8",
            },
            licence="UCI, CC BY 4.0",
            split=_parts_file("splits/cement.csv"),
        ),
        Published(
            name="wine_red",
            summary="red wine quality, 6 ranks",
            read=_table("winequality-red", numbers(1, 6)),
            files={"tabular/winequality-red.csv": "74ada6d5bf368db7"},
            licence="UCI, CC BY 4.0",
        ),
        Published(
            name="machine",
            summary="CPU performance, 10 ranks",
            read=_table("machine_ord", numbers(1, 10)),
            files={"tabular/machine_ord.csv": "b62c4ea40c8e7f57"},
            licence="UCI, CC BY 4.0",
        ),
        Published(
            name="auto_risk",
            summary="insurance risk of cars, 6 ranks",
            read=_table("auto_riskness", numbers(1, 6)),
            files={"tabular/auto_riskness.csv": "0f302b7072d4845d"},
            licence="UCI, CC BY 4.0",
        ),
        Published(
            name="affairs",
            summary="frequency of affairs, 6 ranks",
            read=_table("affairs", numbers(1, 6)),
            files={"tabular/affairs.csv": "e3e6519b0dcc4f99"},
            licence="not established",
        ),
        Published(
            name="stock",
            summary="stock price, 5 ranks",
            read=_table("stock_ord", FIVE),
            files={"tabular/stock_ord.csv": "6ca3ef12729aa1fd"},
            licence="not established",
        ),
        Published(
            name="lev",
            summary="lecturer evaluations, 5 ranks",
            read=_skordinal("lev"),
            files={"tabular/skordinal_lev.csv": "3425228f1e7c88c6"},
            licence="BSD-3-Clause (skordinal)",
        ),
        Published(
            name="esl",
            summary="employee selection, 9 ranks",
            read=_skordinal("esl"),
            files={"tabular/skordinal_esl.csv": "9476ac858e1234dc"},
            licence="BSD-3-Clause (skordinal)",
        ),
        Published(
            name="era",
            summary="employee rejection and acceptance, 9 ranks",
            read=_skordinal("era"),
            files={"tabular/skordinal_era.csv": "df8a5074fa12f097"},
            licence="BSD-3-Clause (skordinal)",
        ),
        Published(
            name="balance_scale",
            summary="balance scale, 3 ranks",
            read=_skordinal("balance_scale"),
            files={"tabular/skordinal_balance_scale.csv": "43eb17a3638cd0db"},
            licence="BSD-3-Clause (skordinal)",
        ),
        Published(
            name="coursera",
            summary="Coursera stars, 5 ranks, the paper's splits",
            read=_coursera,
            files={
                "text/coursera_balanced.csv": "8a08b44c877d671f",
                "splits/coursera_seeds_0-4.json.gz": "16d24abac3ada2cb",
            },
            licence="not established: do not redistribute",
            split=_seeds_file("splits/coursera_seeds_0-4.json.gz"),
        ),
        Published(
            name="tripadvisor",
            summary="TripAdvisor stars, 5 ranks, first 2,000 rows",
            read=_tripadvisor,
            files={"text/tripadvisor_hotel_reviews_partial.csv": "0fb94c2d882d3cb5"},
            licence="not established: do not redistribute",
        ),
        Published(
            name="complex_single",
            summary="CompLex, complexity of a word in its sentence, 5 ranks",
            read=_complex("single"),
            files={
                "text/complex/lcp_single_train.tsv": "12142b2653edfbed",
                "text/complex/lcp_single_trial.tsv": "67bb6ef05cb1a690",
                "text/complex/lcp_single_test.tsv": "846ef133c72cfa05",
            },
            licence="CC BY 4.0",
            split=_complex_split("single"),
        ),
        Published(
            name="complex_multi",
            summary="CompLex, complexity of a two-word term in its sentence, 5 ranks",
            read=_complex("multi"),
            files={
                "text/complex/lcp_multi_train.tsv": "8bd1e51343ac36e9",
                "text/complex/lcp_multi_trial.tsv": "7ebaa82428381458",
                "text/complex/lcp_multi_test.tsv": "59669b0a546f2bd4",
            },
            licence="CC BY 4.0",
            split=_complex_split("multi"),
        ),
    )
}
