"""One document as a page shows it: what was inserted into its prompt, and the answers of all arms side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from harness import Case, Message, Record, Trial, Verdict
from harness_site.view.formatted import formatted
from harness_site.view.marking import Mark, Piece, added, pieces
from harness_sustainscore import BASE, CONSTRAINED

#: Characters of an answer that a page shows at first.
FIRST = 4_000
#: Likewise of a message of a prompt, of which the end counts: the question stands there.
PROMPT = 6_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer in its arm."""

    #: Place of the trial in its record.
    number: int
    trial: Trial
    #: "right", "wrong" or "not judged".
    grade: str
    shown: tuple[Piece, ...]
    #: Characters in all, and of those shown.
    length: int
    first: int
    case: Case | None = None

    @property
    def html(self) -> Any:
        """What is shown, as Markdown."""
        return formatted("".join(piece.text for piece in self.shown))

    @property
    def tokens(self) -> str:
        """Tokens of prompt and answer, in words."""
        usages = [one.usage for one in self.trial.responses]
        parts = []
        for name in ("prompt_tokens", "completion_tokens"):
            counts = [getattr(one, name) for one in usages]
            parts.append("?" if None in counts else f"{sum(counts):,}")
        return " + ".join(parts)

    @property
    def finish(self) -> str:
        """Why the answer ended."""
        return ", ".join(dict.fromkeys(one.finish for one in self.trial.responses))

    @property
    def error(self) -> str:
        """Why there is no answer; empty if there is one."""
        return "; ".join(one.error for one in self.trial.responses if one.error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """The answers of one arm at one number of constraints."""

    arm: str
    k: int
    answers: tuple[Answer, ...]
    #: The messages as sent, with the inserted text marked; empty: as in the base arm.
    inserted: tuple[Piece, ...] = ()

    @property
    def title(self) -> str:
        """In words."""
        return f"{self.arm}, k = {self.k}" if self.k else self.arm


def text_of(trial: Trial) -> str:
    """Return what was said; of several responses one after the other."""
    return "\n".join(response.text for response in trial.responses)


def columns_of(record: Record, cases: Iterable[Case]) -> list[Column]:
    """Return the arms of a record, those without constraints first, then by their number."""
    found: dict[tuple[str, int], list[Answer]] = {}
    known = {(case.arm, case.k, case.draw): case for case in cases}
    source = source_text(record)
    for number, trial in enumerate(record.trials):
        case = known.get((trial.arm, trial.k, trial.draw))
        found.setdefault((trial.arm, trial.k), []).append(answer_of(number, trial, case, source))
    return [
        Column(arm=arm, k=k, answers=tuple(answers), inserted=inserted_pieces(record, answers[0].trial))
        for (arm, k), answers in sorted(found.items(), key=lambda item: item[0][1])
    ]


def source_text(record: Record) -> str | None:
    """Return the base answer that the others are compared with: the one constraints were taken from, else the first."""
    base = [trial for trial in record.trials if trial.arm == BASE]
    chosen = next((trial for trial in base if trial.draw == record.source), base[0] if base else None)
    return None if chosen is None else text_of(chosen)


def answer_of(number: int, trial: Trial, case: Case | None, source: str | None) -> Answer:
    """Return one answer, its first part in pieces."""
    text = text_of(trial)
    part = text[:FIRST]
    marks: list[Mark] = []
    if source is not None and trial.arm != BASE:
        marks += added(source[:FIRST], part)
    if case is not None:
        marks += [Mark(start=one.start, end=one.end, look="evidence", title=one.label) for one in case.evidence]
    return Answer(
        number=number,
        trial=trial,
        grade={True: "right", False: "wrong", None: "not judged"}[trial.score.solved],
        shown=tuple(pieces(part, marks)),
        length=len(text),
        first=len(part),
        case=case,
    )


def inserted_pieces(record: Record, trial: Trial) -> tuple[Piece, ...]:
    """Return the message that text was added to, as sent, with that text marked; empty where it cannot be told."""
    if not trial.inserted or not trial.spans:
        return ()
    messages = list(record.prompt)
    if trial.position == "system" and (not messages or messages[0].role != "system"):
        messages = [Message(role="system", content=""), *messages]
    span = trial.spans[0]
    if not 0 <= span.message < len(messages):
        return ()
    content = messages[span.message].content
    # The labelled parts stand at the end of what was inserted, but for the space after it.
    start = trial.spans[-1].end - len(trial.inserted.rstrip())
    if not 0 <= start <= len(content):
        return ()
    whole = content[:start] + trial.inserted + content[start:]
    low = max(0, start - PROMPT)
    high = start + len(trial.inserted) + PROMPT
    mark = Mark(start=start - low, end=start - low + len(trial.inserted), look="inserted", title="inserted")
    return tuple(pieces(whole[low:high], [mark]))


def verdicts_of(record: Record, trial: Trial) -> list[tuple[str, Verdict, bool]]:
    """Return text and verdict of each constraint, and whether this prompt held it."""
    judged = (*record.constraints, *record.foreign.get(trial.arm, ()))
    own = range(len(record.constraints), len(judged))
    held = range(trial.k) if trial.arm == CONSTRAINED else own
    pairs = zip(judged, trial.verdicts, strict=False)
    return [(one.text, verdict, place in held) for place, (one, verdict) in enumerate(pairs)]


def prompt_pieces(messages: Sequence[Message]) -> Iterator[tuple[str, str, int]]:
    """Yield role, end of the content, and how many characters before it are left out."""
    for message in messages:
        left = max(0, len(message.content) - PROMPT)
        yield message.role, message.content[left:], left
