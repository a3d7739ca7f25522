"""MORPH-2, AFAD and AES from a folder that the user has: image paths with ages or grades, and the official parts.

The files of the authors' repository are `morph2_train.csv`, `afad_valid.csv`, `aes_test.csv` ..., with a column `file`
(or `path`) and a column `age` (or `label`, `beauty_scores`), numbered from 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness import DataUnavailable, TaskError
from harness_ordinal.data.dataset import Dataset, ranks_of
from harness_ordinal.data.splits import PARTS, Split, split_of
from harness_ordinal.data.tables import lines_of

#: Number of ranks of each set, as published.
RANKS = {"morph2": 55, "afad": 26, "aes": 5}
PATHS, LABELS = ("file", "path", "img_name", "files_name"), ("age", "label", "beauty_scores")
#: How many missing images an error names.
NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    """Paths of images with their ranks, and the parts."""

    #: Its inputs are paths.
    dataset: Dataset
    split: Split


def read_images(folder: Path, kind: str, *, num_classes: int | None = None, as_published: bool = False) -> Images:
    """Return the images of a set.

    Args:
        folder: holds the lists and, below it, the images.
        kind: morph2, afad or aes.
        num_classes: K; None: as published.
        as_published: swap validation and test for MORPH-2 and AFAD. The constants of the published main tables name
            the one file for the other, so their "test" figures are those of the validation list; their ablation rows
            are not, and cannot be compared with them.

    Raises:
        TaskError: no such set, a label off the scale. DataUnavailable: a list or an image is missing.
    """
    if kind not in RANKS:
        raise TaskError(f"{kind!r} is no image set; known: {', '.join(RANKS)}")
    size = num_classes or RANKS[kind]
    swap = as_published and kind in {"morph2", "afad"}
    paths: list[str] = []
    values: list[str] = []
    parts: dict[str, range] = {}
    for part in PARTS:
        found, labels = _listed(_list_of(folder, kind, part))
        place = {"valid": "test", "test": "valid"}.get(part, part) if swap else part
        parts[place] = range(len(paths), len(paths) + len(found))
        paths += [str(folder / name) for name in found]
        values += labels
    missing = [path for path in paths if not Path(path).is_file()]
    if missing:
        raise DataUnavailable(f"{len(missing)} images of {kind} are not there: {', '.join(missing[:NAMED])}")
    order = tuple(map(str, range(size)))
    dataset = Dataset(
        name=kind,
        inputs=tuple(paths),
        ranks=ranks_of(values, order, kind),
        labels=order,
        facts={"parts": "valid and test swapped, as in the published main tables" if swap else "as the lists say"},
    )
    return Images(dataset=dataset, split=split_of(parts, len(paths), kind))


def _list_of(folder: Path, kind: str, part: str) -> Path:
    """Return the list of a part; its name may say `balanced` besides."""
    found = sorted({*folder.glob(f"{kind}*_{part}.csv"), *folder.glob(f"{kind}_{part}*.csv")})
    if not found:
        raise DataUnavailable(f"{folder}: no {kind}_{part}.csv; give the folder with the authors' lists")
    return found[0]


def _listed(path: Path) -> tuple[list[str], list[str]]:
    """Return the paths and labels of a list.

    Raises:
        TaskError: it has no column of either.
    """
    header, *rows = lines_of(path)
    places = [next((header.index(name) for name in names if name in header), None) for names in (PATHS, LABELS)]
    if places[0] is None or places[1] is None:
        raise TaskError(f"{path}: no column of paths ({', '.join(PATHS)}) and labels ({', '.join(LABELS)})")
    return [row[places[0]] for row in rows], [row[places[1]].strip() for row in rows]
