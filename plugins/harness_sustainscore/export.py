"""From the runs of several models to portable constraints: what a success of each meets, and each meets naturally."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

import msgspec

from harness import Answered, Constraint, ConstraintType, Doc, Record, Task, Trial
from harness_sustainscore.choice import Terms, in_turn, passing
from harness_sustainscore.design import levels
from harness_sustainscore.guards import Held, held
from harness_sustainscore.natural import BASE, EXPECTED
from harness_sustainscore.options import WORDINGS
from harness_sustainscore.pairs import clash
from harness_sustainscore.portable import PortableConstraint

NOT_ASKED = "not asked of every model"
NOT_SOLVED = "not solved by every model"
NONE_SHARED = "no constraint that every model meets naturally"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is exported."""

    #: Constraints a document at the most.
    count: int = 1
    least_q: float = 0.8
    seed: int = 0
    most_hint: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What one model answered to one document in its base arm, without its thinking."""

    model: str
    #: The first is the source of its candidates.
    successes: tuple[Trial, ...]
    others: tuple[Trial, ...]

    @property
    def rest(self) -> tuple[Trial, ...]:
        """All answers but the source."""
        return (*self.successes[1:], *self.others)


def answers_of(model: str, record: Record) -> Answers:
    """Return the base answers of a record; one that could not be judged or was cut off while thinking is left out."""
    trials = []
    for trial in record.arm(BASE):
        final = trial.response.final
        if trial.score.solved is not None and final is not None and trial.response.finish != "error":
            trials.append(replace(trial, responses=(replace(trial.response, text=final),)))
    successes = tuple(trial for trial in trials if trial.score.solved and trial.response.text.strip())
    return Answers(model=model, successes=successes, others=tuple(trial for trial in trials if trial not in successes))


def exported(
    task: Task, records: Mapping[str, Mapping[str, Record]], types: Mapping[str, ConstraintType], wanted: Wanted
) -> tuple[dict[str, tuple[PortableConstraint, ...]], Counter[str]]:
    """Return the portable constraints of a task's documents, and why the others have none.

    Args:
        task: opened.
        records: by model, then by document.
        types: what may be drawn.
        wanted: how many, and how natural.
    """
    items: dict[str, tuple[PortableConstraint, ...]] = {}
    without: Counter[str] = Counter()
    asked = set().union(*records.values())
    for doc in task.docs():
        if doc.id not in asked:
            continue
        asked.remove(doc.id)
        found = shared(doc, task, [(model, of.get(doc.id)) for model, of in sorted(records.items())], types, wanted)
        if isinstance(found, str):
            without[found] += 1
        else:
            items[doc.id] = found
        if not asked:
            break
    return items, without


def shared(
    doc: Doc,
    task: Task,
    records: Sequence[tuple[str, Record | None]],
    types: Mapping[str, ConstraintType],
    wanted: Wanted,
) -> tuple[PortableConstraint, ...] | str:
    """Return the constraints of one document; why there is none otherwise."""
    answers = [answers_of(model, record) for model, record in records if record is not None]
    if len(answers) < len(records):
        return NOT_ASKED
    if not all(one.successes for one in answers):
        return NOT_SOLVED
    random = Random(f"{wanted.seed}:portable:{doc.id}")  # noqa: S311  # not for secrets
    sources = [sourced(doc, task, one) for one in answers]
    drawn: list[tuple[ConstraintType, PortableConstraint]] = []
    for kind in in_turn(types.values(), task.domain, random):
        if len(drawn) == wanted.count:
            break
        candidates = [
            one
            for one in natural(kind, sources, answers, doc, wanted)
            if not any(clash(kind, one.constraint, other, its.constraint) for other, its in drawn)
            and met_together([*drawn, (kind, one)], answers)
        ]
        if candidates:
            drawn.append((kind, random.choice(candidates)))
    return tuple(one for _, one in drawn) or NONE_SHARED


def sourced(doc: Doc, task: Task, answers: Answers) -> Held:
    """Return what the candidates of a model's first success are held against."""
    trial = answers.successes[0]
    source = Answered(doc=doc, prompt=task.requests(doc)[0].prompt, response=trial.response, score=trial.score)
    against = held(source, task.spec, task.domain)
    assert against is not None  # the thinking is taken off already
    return against


def natural(
    kind: ConstraintType, sources: Sequence[Held], answers: Sequence[Answers], doc: Doc, wanted: Wanted
) -> Iterator[PortableConstraint]:
    """Yield the constraints of one type that pass the guards and that every model meets naturally, each once."""
    wording = levels(doc.index, ("appended",), WORDINGS)[1]
    terms = Terms(wording=wording, most_hint=wanted.most_hint)
    seen: set[bytes] = set()
    for against, own in zip(sources, answers, strict=True):
        for constraint in passing(kind, against, terms, {}):
            name = msgspec.json.encode(constraint, order="deterministic")
            if name in seen:
                continue
            seen.add(name)
            q = {
                one.model: share(kind, constraint, one.rest if one is own else (*one.successes, *one.others))
                for one in answers
            }
            if all(natural_enough(value, constraint, wanted.least_q) for value in q.values()):
                yield PortableConstraint(constraint=constraint, q=q)


def share(kind: ConstraintType, constraint: Constraint, trials: Iterable[Trial]) -> float | None:
    """Return the share of answers that meet a constraint; None where none could be judged."""
    met = [kind.check(constraint, trial.response).met for trial in trials]
    judged = [one for one in met if one is not None]
    return sum(judged) / len(judged) if judged else None


def natural_enough(q: float | None, constraint: Constraint, least: float) -> bool:
    """Whether a constraint is met often enough; what was never observed is taken as its type declares."""
    return EXPECTED.get(constraint.stratum, 0.0) >= least if q is None else q >= least


def met_together(drawn: Iterable[tuple[ConstraintType, PortableConstraint]], answers: Iterable[Answers]) -> bool:
    """Whether some success of every model meets all constraints at once."""
    pairs = list(drawn)
    return all(
        any(
            all(kind.check(one.constraint, trial.response).met is True for kind, one in pairs)
            for trial in its.successes
        )
        for its in answers
    )
