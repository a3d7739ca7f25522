"""The prompt of a trial as it was sent, from its record: messages, added text, and where its parts stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from harness import Message, Prompt, Record, StoreError, Trial

#: The first schema of records that says how a prompt was shown.
WHOLE_PROMPTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A prompt with added text, and where that stands."""

    prompt: Prompt
    #: The message that text was added to; its characters `start` to `end` were.
    message: int
    start: int
    end: int


def sent(record: Record, trial: Trial) -> Sent:
    """Return the prompt of a trial that had text added.

    Raises:
        StoreError: the record does not fit together, or is of a schema that tells too little.
    """
    if record.schema < WHOLE_PROMPTS:
        raise StoreError(
            f"{record.doc}: its record is of schema {record.schema}, which does not tell how prompts were shown: "
            "give the command of the run again; its answers are stored, so nothing is asked"
        )
    messages = list(record.prompt)
    if trial.position == "system" and (not messages or messages[0].role != "system"):
        messages = [Message(role="system", content=""), *messages]
    number = trial.spans[0].message
    if not 0 <= number < len(messages):
        raise StoreError(
            f"{record.doc}, {trial.arm}: its span stands in message {number}, and there are {len(messages)}"
        )
    plain = messages[number].content
    start = insertion(record, trial, plain)
    content = plain[:start] + trial.inserted + plain[start:]
    messages[number] = replace(messages[number], content=content)
    prompt = Prompt(messages=tuple(messages), chat=record.chat, prefix=record.prefix, spans=trial.spans)
    return Sent(prompt=prompt, message=number, start=start, end=start + len(trial.inserted))


def insertion(record: Record, trial: Trial, plain: str) -> int:
    """Return where text was added to a message; the arms of a record share the place.

    Args:
        record: of the trial.
        trial: with spans.
        plain: the message without the added text.

    Raises:
        StoreError: no place makes the spans hold their constraints.
    """
    shared = [one for one in record.trials if one.spans and one.position == trial.position and one.arm != "placebo"]
    for one in (trial, *shared):
        texts = texts_of(record, one)
        if not texts:
            continue
        first = one.spans[0]
        for start in places(one, texts[first.label], first.start):
            whole = plain[:start] + one.inserted + plain[start:]
            if 0 <= start <= len(plain) and all(whole[s.start : s.end] == texts.get(s.label) for s in one.spans):
                return start
    raise StoreError(f"{record.doc}, {trial.arm}: its spans do not hold its constraints: was the record changed?")


def places(trial: Trial, text: str, at: int) -> Iterator[int]:
    """Yield where the added text of a trial can begin, if a part of it begins at a known place."""
    found = trial.inserted.find(text)
    while found >= 0:
        yield at - found
        found = trial.inserted.find(text, found + 1)


def texts_of(record: Record, trial: Trial) -> Mapping[str, str]:
    """Return the texts of a trial's labelled constraints; empty where it holds none."""
    held = record.foreign.get(trial.arm) or record.constraints[: trial.k]
    labels = {span.label for span in trial.spans}
    return {f"c{n}": one.text for n, one in enumerate(held) if f"c{n}" in labels}
