"""What every constraint type promises, as checks that anybody can run on his own.

True on the answer that a constraint was taken from, false on an empty one and on at least one other text, total,
deterministic, the same for characters composed and decomposed, quick.
"""

from __future__ import annotations

import json
import re
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, TypeVar

from harness.contracts import ConstraintType
from harness.data import Answered, Constraint, Doc, Message, Prompt, Response, Score, Verdict
from harness.sample_texts import BANK, HARD_TEXTS, NOTHING, adversarial_texts

Result = TypeVar("Result")
#: Characters composed and decomposed.
FORMS: tuple[Literal["NFC", "NFD"], ...] = ("NFC", "NFD")


def answered(text: str, *, question: str = "How many are there?", golds: tuple[str, ...] = ()) -> Answered:
    """Return an answer to a question, as a constraint type gets it."""
    return Answered(
        doc=Doc(id="test/0", task="test", index=0, fields={"question": question}, golds=golds),
        prompt=Prompt(messages=(Message(role="user", content=question),)),
        response=Response(text=text),
        score=Score(solved=True),
    )


def check_constraint_type(
    kind: ConstraintType, answers: Iterable[str | Answered] = (), counterexamples: Sequence[str] = ()
) -> int:
    """Check the promises of a constraint type; return how many constraints it drew.

    Args:
        kind: the type.
        answers: texts, or recorded answers with their prompts, that constraints are taken from, besides our own.
        counterexamples: texts that violate its constraints, where no common answer does.

    Raises:
        AssertionError: a promise is broken; the message says which, with the text.
    """
    assert kind.name, "a constraint type without a name"
    assert kind.family, f"{kind.name}: no family"
    assert kind.version, f"{kind.name}: no version: verdicts of two versions would be mixed"
    seen: dict[str, str] = {}
    drawn = 0
    for source in (*answers, *BANK, *HARD_TEXTS):
        whole = answered(source) if isinstance(source, str) else source
        for constraint in drawn_from(kind, whole):
            drawn += 1
            holds_for(kind, constraint, whole.response)
            key = json.dumps(constraint.params, sort_keys=True, default=list)
            if key not in seen:
                found = violating_text(kind, constraint, whole.response.text, counterexamples, list(seen.values()))
                assert found is not None, (
                    f"{kind.name}: no text violates {constraint.text!r}, drawn from {short(whole.response.text)}; "
                    "if one can, give it among `counterexamples`"
                )
                seen[key] = found
    return drawn


def drawn_from(kind: ConstraintType, source: Answered) -> tuple[Constraint, ...]:
    """Return what a type draws from an answer: total, deterministic, of its own name, family and version, rendered."""
    where = short(source.response.text)
    first = attempted(kind, "extract", where, lambda: kind.extract(source))
    again = attempted(kind, "extract", where, lambda: kind.extract(source))
    assert first == again, f"{kind.name}: extract is not deterministic on {where}"
    for constraint in first:
        assert constraint.type == kind.name, f"{kind.name}: made a constraint of type {constraint.type!r}"
        assert constraint.family == kind.family, f"{kind.name}: made a constraint of family {constraint.family!r}"
        assert constraint.version == kind.version, f"{kind.name}: made a constraint of version {constraint.version!r}"
        assert constraint.text.strip(), f"{kind.name}: rendered no text from {where}"
        assert "\n" not in constraint.text, (
            f"{kind.name}: rendered more than one line from {where}: {constraint.text!r}"
        )
    return first


def holds_for(kind: ConstraintType, constraint: Constraint, source: Response) -> None:
    """Check a constraint on its own source, on nothing, on failures, and on the same text in other characters."""
    where = f"{short(source.text)}: {constraint.text}"
    assert verdict(kind, constraint, source).met is True, f"{kind.name}: false on its own source {where}"
    for text in NOTHING:
        assert verdict(kind, constraint, Response(text=text)).met is not True, (
            f"{kind.name}: an empty answer ({text!r}) meets {constraint.text!r}"
        )
    failed = Response(text=source.text, finish="error", error="the request failed")
    assert isinstance(verdict(kind, constraint, failed), Verdict)
    stored = Constraint(
        type=constraint.type, family=constraint.family, version=constraint.version, text=constraint.text,
        params=json.loads(json.dumps(constraint.params)),
    )  # fmt: skip
    assert verdict(kind, stored, source).met is True, f"{kind.name}: its parameters do not survive JSON: {where}"
    for form in FORMS:
        same = Response(text=unicodedata.normalize(form, source.text))
        assert verdict(kind, constraint, same).met is True, f"{kind.name}: false on its own source in {form}, {where}"


def verdict(kind: ConstraintType, constraint: Constraint, response: Response) -> Verdict:
    """Return the verdict of a check that is total and deterministic."""
    where = f"{constraint.text!r} on {short(response.text)}"
    first = attempted(kind, "check", where, lambda: kind.check(constraint, response))
    assert isinstance(first, Verdict), f"{kind.name}: check of {where} returned {type(first).__name__}"
    assert first == kind.check(constraint, response), f"{kind.name}: check is not deterministic: {where}"
    return first


def attempted(kind: ConstraintType, what: str, where: str, call: Callable[[], Result]) -> Result:
    """Return what a call returns; one that raises breaks a promise."""
    try:
        return call()
    except Exception as error:
        raise AssertionError(f"{kind.name}: {what} raised {type(error).__name__}: {error} ({where})") from error


def violating_text(
    kind: ConstraintType, constraint: Constraint, text: str, counterexamples: Sequence[str], known: Iterable[str]
) -> str | None:
    """Return a text, not an empty one, that violates a constraint; None if no twin and no foreign answer does."""
    candidates = (*filter(None, known), *counterexamples, *BANK, *twins(text, constraint))
    return next((other for other in candidates if verdict(kind, constraint, Response(text=other)).met is False), None)


def twins(text: str, constraint: Constraint) -> Iterator[str]:
    """Yield negated twins of an answer: turned, cut, doubled, with and without what the constraint speaks of."""
    yield from (
        text.upper(),
        text.lower(),
        text[: len(text) // 2],
        text.split("\n", 1)[0],
        f"{text}\n\n{text}",
        text * 50,
    )
    yield from (
        f"Well, {text}",
        f"{text} Indeed",
        f"{text}\n\nIndeed.",
        text.replace("\n", " "),
        text.replace(" ", "\n"),
    )
    for value in constraint.params.values():
        for item in value if isinstance(value, list | tuple) else [value]:
            if isinstance(item, str) and item:
                yield from (f"{text} {item} {item}.", re.sub(re.escape(item), "", text, flags=re.IGNORECASE))


def check_speed(
    kinds: Iterable[ConstraintType], texts: Iterable[tuple[str, str]] | None = None, seconds: float = 1.0
) -> tuple[str, str, float]:
    """Take constraints from long texts, and check them there; return the slowest type, its text and CPU seconds.

    Raises:
        AssertionError: a type raised, or took longer than allowed for one text.
    """
    types = list(kinds)
    slowest = ("", "", 0.0)
    for name, text in adversarial_texts() if texts is None else texts:
        source = answered(text)
        for kind in types:
            began = time.process_time()
            for constraint in attempted(kind, "extract", name, lambda kind=kind, source=source: kind.extract(source)):  # type: ignore[misc]
                assert verdict(kind, constraint, source.response).met is True, (
                    f"{kind.name}: false on its source, {name}"
                )
            slowest = max(slowest, (kind.name, name, time.process_time() - began), key=lambda one: one[2])
            assert slowest[2] <= seconds, (
                f"{slowest[0]}: {slowest[2]:.2f} s of CPU for {len(text):,} characters: {slowest[1]}"
            )
    return slowest


def short(text: str) -> str:
    """Return a text as a message shows it."""
    return repr(text if len(text) <= 80 else f"{text[:80]}…")  # noqa: PLR2004  # a line
