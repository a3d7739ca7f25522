"""The grades of the tasks, as their YAML files name them: a document and its answer in, a value for each metric out.

Each task has a strict grade, which wants the answer where the prompt asks for it, and a lenient one, which takes it
wherever it is said. A right answer by the strict grade is right by the lenient one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from harness_suites.grading import latex, numeric, plus, programs, qa

if TYPE_CHECKING:
    from harness_sandbox import Outcome

#: What lm-eval hands to `process_results`: a row, and the filtered responses to its requests.
Row = Mapping[str, Any]

#: An expression that stands alone on a line is no longer than this.
LONGEST_LINE = 400

#: Where the prompts ask for a number.
NUMBER_MARK = (r"(?i:the answer is)\W{0,9}?(?=[-−–$€£¥]*\.?\d)",)  # noqa: RUF001  # signs as models write them


def svamp(doc: Row, results: Sequence[str]) -> dict[str, float]:
    """Grade a number: after "The answer is", or the last one."""
    answer, gold = results[0], str(doc["Answer"])
    strict = numeric.equal(numeric.marked(answer, NUMBER_MARK), gold)
    return _match(strict=strict, lenient=strict or numeric.equal(numeric.stated(answer), gold))


def gsm8k(doc: Row, results: Sequence[str]) -> dict[str, float]:
    """Grade a number against the one after "####": after "The answer is", or the last one stated."""
    answer, gold = results[0], str(doc["answer"]).rsplit("####", 1)[-1].strip()
    strict = numeric.equal(numeric.marked(answer, NUMBER_MARK), gold)
    return _match(strict=strict, lenient=strict or numeric.equal(numeric.stated(answer), gold))


def math500(doc: Row, results: Sequence[str]) -> dict[str, float]:
    """Grade an expression: in the last box, or wherever a final answer is stated."""
    answer, gold = results[0], str(doc["answer"])
    box = latex.boxed(answer)
    strict = box is not None and latex.same(gold, box)
    last = qa.stated(answer).strip(" $*.")  # an expression without delimiters is read only where it stands alone
    return _match(strict=strict, lenient=strict or latex.states(gold, answer) or latex.same(gold, last[:LONGEST_LINE]))


def short_answer(doc: Row, results: Sequence[str]) -> dict[str, float]:
    """Grade a few words: on the line "Answer:", or in what is said last."""
    answer, golds = results[0], golds_of(doc)
    line, said = qa.answer_line(answer), qa.stated(answer)
    strict = line is not None and qa.exact(line, golds)
    overlap = max((qa.f1(line or "", gold) for gold in golds), default=0.0)
    return {**_match(strict=strict, lenient=strict or qa.close(said, golds)), "f1": overlap}


def golds_of(doc: Row) -> tuple[str, ...]:
    """Return the right answers of a row: its answer, then its aliases.

    >>> golds_of({"answer": True}), golds_of({"answer": "NY", "answer_aliases": ["New York"]})
    (('yes',), ('NY', 'New York'))
    """
    answer = doc["answer"]
    word = {True: "yes", False: "no"}[answer] if isinstance(answer, bool) else str(answer)
    return (word, *(str(alias) for alias in doc.get("answer_aliases") or ()))


def humaneval(doc: Row, results: Sequence[str]) -> dict[str, float]:
    """Grade a function by the tests of its row, run in the sandbox."""
    return _function(doc, results[0], f"{doc['test']}\ncheck({doc['entry_point']})\n", seconds=10.0)


def humaneval_plus(doc: Row, results: Sequence[str]) -> dict[str, float]:
    """Grade a function by the many inputs of HumanEval+, against what the reference solution makes of them."""
    tests = plus.tests_of(doc) if "plus_input" in doc else f"{doc['test']}\ncheck({doc['entry_point']})\n"
    return _function(doc, results[0], tests, seconds=30.0)


def mbpp(doc: Row, results: Sequence[str]) -> dict[str, float]:
    """Grade a program by the assertions of its row, run in the sandbox."""
    before = [str(doc.get("test_setup_code") or ""), *(doc.get("test_imports") or ())]
    return _program(doc, results[0], "\n".join([*before, *doc["test_list"], ""]), seconds=10.0)


def mbpp_plus(doc: Row, results: Sequence[str]) -> dict[str, float]:
    """Grade a program by the many inputs of MBPP+, which its row holds as a test of its own."""
    return _program(doc, results[0], "\n".join([*(doc.get("test_imports") or ()), str(doc["test"])]), seconds=30.0)


def _function(doc: Row, answer: str, tests: str, *, seconds: float) -> dict[str, float]:
    """Grade an answer that completes or rewrites the function that a prompt opens."""
    prompt, name, code = str(doc["prompt"]), str(doc["entry_point"]), programs.written(answer)
    strict = f"{prompt}\n{code}" if programs.defines(code, name) else f"{prompt}{code}"
    guess = programs.completed(prompt, programs.found(answer, name), name)
    return _passes(strict if code.strip() else "", programs.with_imports(guess), tests, (name,), seconds)


def _program(doc: Row, answer: str, tests: str, *, seconds: float) -> dict[str, float]:
    """Grade an answer that is a whole program."""
    names = programs.defined(str(doc.get("code") or "")) or (called(doc["test_list"]),)
    guess = programs.found(answer, called(doc["test_list"]))
    return _passes(programs.written(answer), programs.with_imports(guess), tests, names, seconds)


def called(tests: Sequence[str]) -> str:
    """Return the function that assertions are about; empty if that cannot be told.

    >>> called(["assert set(similar((3, 4),(5, 4))) == set((4,))"])
    'similar'
    """
    import builtins

    names = re.findall(r"([A-Za-z_]\w*)\s*\(", tests[0].partition("assert")[2]) if tests else []
    return next((name for name in names if not hasattr(builtins, name) and name not in {"isclose", "math"}), "")


def _match(*, strict: bool, lenient: bool) -> dict[str, float]:
    return {"exact_match": float(strict), "exact_match_lenient": float(lenient)}


def seen(outcome: Outcome) -> str:
    """Return how a program ended, without the words it chose itself, so that two runs of it say the same.

    >>> from harness_sandbox import Outcome
    >>> seen(Outcome(status="failed", detail="NameError: name 'x' (line 3)"))
    'failed: NameError'
    """
    name = re.match(r"[A-Z][\w.]{0,60}(?=:| \()", outcome.detail)
    told = name[0] if outcome.status == "failed" and name else ""
    return f"{outcome.status}: {told}" if told else outcome.status


class Grade(float):
    """A grade that says what the grader saw; to lm-eval it is a number like any other."""

    __slots__ = ("note",)

    note: str

    def __new__(cls, value: float, note: str = "") -> Self:  # noqa: D102  # a float is made here
        grade = super().__new__(cls, value)
        grade.note = note
        return grade


def _passes(strict: str, lenient: str, tests: str, tested: Sequence[str], seconds: float) -> dict[str, float]:
    """Return whether programs pass; the lenient one is run only where it can make a difference."""
    from harness_sandbox import judge

    outcome = judge(strict, tests, tested=tested, timeout=seconds)
    # What ran until it was stopped was read well enough: the same code would only be waited for twice.
    again = outcome.status in {"failed", "syntax", "no code"} and lenient != strict
    either = outcome.passed or (again and judge(lenient, tests, tested=tested, timeout=seconds).passed)
    return {"pass_at_1": Grade(outcome.passed, seen(outcome)), "pass_at_1_lenient": float(either)}
