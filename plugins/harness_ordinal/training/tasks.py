"""Data sets as tasks of training: a document is one seed, with its split; `--tasks ordinal_cement` or a CSV file."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from harness import (
    DataUnavailable,
    Doc,
    Estimate,
    Json,
    Kind,
    Request,
    Response,
    Score,
    TaskSettings,
    TaskSpec,
    TaskSuite,
)
from harness_ordinal.data.published import CATALOGUE

#: What stands before a data set's name where it is a task.
PREFIX = "ordinal_"
#: Seeds of a task, as in the published comparison.
SEEDS = 5
#: Endings of the files that are tables.
TABLES = (".csv",)


@functools.lru_cache(maxsize=8)
def opened(name: str, folder: str) -> Any:
    """Return a data set of the catalogue, or the table of a file; the last few are kept, since every seed asks."""
    from harness_ordinal.data.tables import read_table

    return CATALOGUE[name].open(Path(folder)) if name in CATALOGUE else read_table(Path(name))


def split_for(name: str, folder: str, seed: int) -> Any:
    """Return the split of a seed: the published one where there is one, else stratified at random."""
    from harness_ordinal.data.splits import stratified

    dataset = opened(name, folder)
    if name in CATALOGUE:
        return CATALOGUE[name].split_for(Path(folder), dataset, seed)
    return stratified(dataset, seed=seed)


def content_of(dataset: Any) -> str:
    """Return a hash of inputs and ranks."""
    digest = hashlib.sha256(dataset.ranks.tobytes())
    for key in dataset.keys():  # noqa: SIM118  # not a mapping
        digest.update(key.encode() if isinstance(key, str) else key)
    return digest.hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainTask:
    """A data set whose documents are seeds."""

    name: str
    #: As `opened` takes it.
    source: str
    folder: str
    content: str
    num_classes: int
    version: str = "1"
    domain: str = "ordinal"
    spec: TaskSpec
    kinds: frozenset[Kind] = frozenset({"generate"})
    blocking: bool = False
    facts: Mapping[str, Json]

    def __len__(self) -> int:
        """Return the number of seeds."""
        return SEEDS

    def docs(self, start: int = 0) -> Iterator[Doc]:
        """Yield one document for each seed."""
        for seed in range(start, SEEDS):
            yield Doc(id=f"{self.name}/{seed}", task=self.name, index=seed, fields={"seed": seed})

    def requests(self, doc: Doc) -> tuple[Request, ...]:
        """Return the training run of CORN, the head that is asked for where none is named."""
        return (self.request(doc.index, "corn"),)

    def request(self, seed: int, head: str) -> Request:
        """Return the training run of a head."""
        from harness_ordinal.training.cells import Cell, asked

        return asked(Cell(dataset=self.source, folder=self.folder, content=self.content, head=head, seed=seed))

    def score(self, doc: Doc, responses: Sequence[Response]) -> Score:
        """Return the epoch that validation chose and how long it took; figures need the head, see the metric."""
        import msgspec

        held = msgspec.json.decode(responses[0].text)
        return Score(values={"epoch": held["epoch"], "epochs": held["epochs"], "seed": doc.index})

    def aggregate(self, scores: Sequence[Score]) -> tuple[Estimate, ...]:  # noqa: ARG002  # its figures are the metric's
        """Return nothing."""
        return ()

    def truth(self, seed: int) -> Any:
        """Return the ranks of the test part of a seed."""
        return opened(self.source, self.folder).ranks[split_for(self.source, self.folder, seed).test]


@dataclass(frozen=True, slots=True)
class TrainSource:
    """Opens data sets by name, and tables by path."""

    def find(self, pattern: str, settings: TaskSettings) -> tuple[str, ...]:  # noqa: ARG002  # the contract's
        """Return the path itself where it is a table."""
        return (pattern,) if pattern.endswith(TABLES) and Path(pattern).is_file() else ()

    def open(self, name: str, settings: TaskSettings, spec: TaskSpec | None, domain: str) -> TrainTask:  # noqa: ARG002  # likewise
        """Return the task, its split looked through for leaks.

        Raises:
            DataUnavailable: the files are missing. TaskError: they are not what they should be.
        """
        from harness_ordinal.data.splits import leaks_of

        source = name.removeprefix(PREFIX)
        folder = settings.dataset_root or ""
        files = CATALOGUE[source].files if source in CATALOGUE else {}
        if files and not folder:
            raise DataUnavailable(f"task {name} reads {', '.join(files)}: give their folder by --dataset-root")
        dataset = opened(source, folder)
        split = split_for(source, folder, 0)
        leaks = asdict(leaks_of(dataset, split))
        parts = {part: len(split.part(part)) for part in ("train", "valid", "test")}
        return TrainTask(
            name=name,
            source=source,
            folder=folder,
            content=content_of(dataset),
            num_classes=dataset.num_classes,
            spec=spec or TaskSpec(name=name),
            facts={**dataset.facts, "labels": list(dataset.labels), "parts": parts, "leaks_of_seed_0": leaks},
        )

    def catalogue(self, settings: TaskSettings) -> Iterable[Mapping[str, Json]]:  # noqa: ARG002  # the contract's
        """Yield nothing: the suite names its tasks."""
        return ()


SUITE = TaskSuite(
    name="ordinal_data",
    summary="Tables and texts with ordered labels, to train heads on: --evaluation ordinal-train --model train:RECIPE.",
    domain="ordinal",
    tasks=tuple(TaskSpec(name=f"{PREFIX}{name}", domain="ordinal") for name in CATALOGUE),
    source=TrainSource(),
)
#: Opens whatever path of a table it is given.
FILES = TaskSuite(
    name="ordinal_tables",
    summary="Any CSV file of numbers with a column `response` of ranks, to train heads on.",
    source=TrainSource(),
)
