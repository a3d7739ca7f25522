"""The rows of a JSON lines file as a dataset: a short file in memory, a long one in a file that is mapped."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

import msgspec

from harness import DataUnavailable, Json

#: Rows that are Python's objects at once; a file with no more is held in memory.
MOST = 20_000


def rows(file: Path, whose: str) -> Any:
    """Return the rows of a file as a dataset; texts stay texts, whatever date they look like.

    Args:
        file: one JSON object a line; a field that a row lacks is None.
        whose: for the error.

    Raises:
        DataUnavailable: a line is no object, or fields of one name are of several types.
    """
    import datasets

    try:
        blocks = blocks_of(file)
        first = next(blocks, [])
        second = next(blocks, None)
        if second is None:
            return datasets.Dataset.from_dict(columns(first, dict.fromkeys(chain.from_iterable(first))))
        return mapped(file)
    except (msgspec.MsgspecError, AttributeError, ValueError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise DataUnavailable(f"{whose}, {file.name}: {reason}; one JSON object a line") from error


def blocks_of(file: Path) -> Iterator[list[Mapping[str, Json]]]:
    """Yield the objects of a file, some at a time."""
    decode = msgspec.json.Decoder().decode
    with file.open("rb") as lines:
        found = (decode(line) for line in lines if line.strip())
        while block := list(islice(found, MOST)):
            yield block


def columns(block: Sequence[Mapping[str, Json]], names: Iterable[str]) -> dict[str, list[Json]]:
    """Return rows as columns."""
    return {name: [row.get(name) for row in block] for name in names}


def mapped(file: Path) -> Any:
    """Return the rows of a file as a dataset on the disk, in two passes: what types there are, then the rows."""
    import datasets
    import pyarrow as pa

    found = []
    for block in blocks_of(file):
        names = dict.fromkeys(chain.from_iterable(block))
        found.append(datasets.Dataset.from_dict(columns(block, names)).data.schema.remove_metadata())
    schema = pa.unify_schemas(found, promote_options="permissive")
    with tempfile.NamedTemporaryFile(suffix=".arrow", delete=False) as kept:
        place = Path(kept.name)
    try:
        with pa.OSFile(str(place), "wb") as sink, pa.ipc.new_stream(sink, schema) as writer:
            for block in blocks_of(file):
                writer.write_table(pa.Table.from_pydict(columns(block, schema.names), schema=schema))
        return datasets.Dataset.from_file(str(place))
    finally:
        place.unlink()  # the map outlives the name
