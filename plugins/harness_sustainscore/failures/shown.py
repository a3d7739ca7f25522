"""The failures of a record for a reader: the answer that was right, what was added, the one that failed, and why."""

from __future__ import annotations

from collections.abc import Iterator

from harness import Case, Record, Task
from harness_sustainscore.failures.diagnosis import diagnosis
from harness_sustainscore.failures.failed import failed_trials
from harness_sustainscore.failures.measures import measures


def failure_cases(record: Record, task: Task) -> Iterator[Case]:
    """Yield the failed answers of a document, each beside the base answer that its constraints were taken from."""
    for one in failed_trials(record, task):
        seen = diagnosis(one.failure)
        yield Case(
            doc=record.doc,
            task=record.task,
            arm=one.trial.arm,
            k=one.trial.k,
            draw=one.trial.draw,
            kind=seen.kind,
            flags=seen.flags,
            findings=tuple(
                f"{finding.kind}: {finding.detail}" if finding.detail else finding.kind for finding in seen.findings
            ),
            inserted=one.trial.inserted.strip(),
            before=one.failure.base[0] if one.failure.base else "",
            after=one.failure.text,
            evidence=tuple(span for finding in seen.findings for span in finding.spans),
            measures=measures(one.failure, one.verdicts),
        )
