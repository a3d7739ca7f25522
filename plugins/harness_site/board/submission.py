"""A submission to the board is a run folder: what it says, who made it, and which of that could be verified."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import msgspec

from harness import Estimate, Json, Record, StoreError
from harness.ledger import MANIFEST, RECORDS, Records, read_json, read_results, slug
from harness.recorded import recorded_tasks
from harness.registry import Registry
from harness.verify import Check, verify
from harness_site.board.models import UNKNOWN, Facts
from harness_sustainscore import StoredRun, SustainRow, sustain_row

SUSTAINSCORE = "sustainscore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What the answers of a run took, as its records tell of them; None where the model did not count tokens."""

    documents: int
    requests: int
    prompt_tokens: int | None
    completion_tokens: int | None

    def per_document(self, count: int | None) -> float | None:
        """Return a count for each document; None where it or the documents are not known."""
        return None if count is None or not self.documents else count / self.documents


@dataclass(frozen=True, kw_only=True)  # no slots: cached_property needs a dictionary
class Submission:
    """A finished run on the board."""

    #: Unique on the site, and fit for a file name.
    name: str
    folder: Path
    results: Mapping[str, Json]
    manifest: Mapping[str, Json]
    #: What was looked at; empty: nothing was.
    checks: tuple[Check, ...]
    rows: tuple[SustainRow, ...] = field(repr=False)
    cost: Cost
    facts: Facts = UNKNOWN

    @cached_property
    def estimates(self) -> tuple[Estimate, ...]:
        """All numbers of its report."""
        return msgspec.convert(self.results["estimates"], tuple[Estimate, ...])

    @property
    def evaluation(self) -> str:
        """The name of its evaluation."""
        return str(self.results["evaluation"]["name"])

    @property
    def model(self) -> str:
        """The model in a few words: its name, else its backend."""
        identity = self.results["model"]
        return str(identity.get("name") or identity.get("backend") or "unnamed")

    @property
    def stored(self) -> StoredRun:
        """The run as comparisons read it."""
        return StoredRun(folder=self.folder, results=self.results, rows=self.rows)

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that found a difference: its numbers are not what the folder says."""
        return tuple(check for check in self.checks if check.passed is False)

    @property
    def unknown(self) -> tuple[Check, ...]:
        """The checks that could not be made."""
        return tuple(check for check in self.checks if check.passed is None)

    @property
    def standing(self) -> str:
        """In one word: "verified", "partly" where something could not be looked at, "differs", or "unchecked"."""
        if not self.checks:
            return "unchecked"
        return "differs" if self.failed else "partly" if self.unknown else "verified"


def read_submissions(
    folders: Sequence[Path], registry: Registry, facts: Mapping[str, Facts], *, checked: bool = True
) -> list[Submission]:
    """Read run folders, each once, in the order given.

    Args:
        folders: of finished runs.
        registry: with the plugins that made them.
        facts: of models, by name.
        checked: whether every run is verified, which takes as long as its report took.

    Raises:
        StoreError: a folder is no finished run.
    """
    names: Counter[str] = Counter()
    found = []
    for folder in dict.fromkeys(path.resolve() for path in folders):
        base = slug(folder.name)
        names[base] += 1
        name = base if names[base] == 1 else f"{base}_{names[base]}"
        found.append(read_submission(folder, name, registry if checked else None, facts))
    return found


def read_submission(folder: Path, name: str, registry: Registry | None, facts: Mapping[str, Facts]) -> Submission:
    """Read one run folder; records that cannot be read are a fault that the checks name, if there are any."""
    results, manifest = read_results(folder), read_json(folder / MANIFEST)
    checks = () if registry is None else verify(folder, registry)
    rows: tuple[SustainRow, ...] = ()
    cost = Cost(documents=0, requests=0, prompt_tokens=None, completion_tokens=None)
    try:
        rows, cost = read_records(folder, results)
    except (StoreError, KeyError):
        if not any(check.passed is False for check in checks):
            raise
    submission = Submission(
        name=name, folder=folder, results=results, manifest=manifest, checks=checks, rows=rows, cost=cost
    )
    named = str(results["plan"].get("model", ""))
    names = (str(folder.resolve()), named, named.partition(":")[2], submission.model)
    return replace(submission, facts=next((facts[one] for one in names if one in facts), UNKNOWN))


def read_records(folder: Path, results: Mapping[str, Json]) -> tuple[tuple[SustainRow, ...], Cost]:
    """Go through the records once: what comparisons keep of them, and what their answers took."""
    tasks = recorded_tasks(results["tasks"])
    sustained = results["evaluation"].get("name") == SUSTAINSCORE
    rows: list[SustainRow] = []
    counts: Counter[str] = Counter()
    for record in Records(folder / RECORDS):
        row = sustain_row(record, tasks[record.task]) if sustained else None
        if row is not None:
            rows.append(row)
        counts["documents"] += 1
        counts.update(counted(record))
    cost = Cost(
        documents=counts["documents"],
        requests=counts["requests"],
        prompt_tokens=None if counts["prompt unknown"] else counts["prompt"],
        completion_tokens=None if counts["completion unknown"] else counts["completion"],
    )
    return tuple(rows), cost


def counted(record: Record) -> dict[str, int]:
    """Return how many requests a record answers, their tokens, and of how many those are not known."""
    responses = [response for trial in record.trials for response in trial.responses]
    usages = [response.usage for response in responses if response.finish != "error"]
    return {
        "requests": len(responses),
        "prompt": sum(one.prompt_tokens or 0 for one in usages),
        "prompt unknown": sum(one.prompt_tokens is None for one in usages),
        "completion": sum(one.completion_tokens or 0 for one in usages),
        "completion unknown": sum(one.completion_tokens is None for one in usages),
    }
