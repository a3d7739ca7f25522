"""The forms an answer can be written in, natural ones and those that are only used when asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from harness_tiny.problem import Problem


def _last(problem: Problem) -> str:
    return f"The answer is {problem.gold}."


def _marked(problem: Problem, mark: str) -> str:
    lines = [mark.format(n=n) + step for n, step in enumerate(problem.steps, start=1)]
    return "\n" + "\n".join([*lines, _last(problem)])


def _led(problem: Problem) -> list[str]:
    return [problem.lead + step for step in problem.steps]


def _short(problem: Problem) -> str:
    first, second = problem.steps
    return f" First, {first}. Then {second}. {_last(problem)}"


def _json(problem: Problem) -> str:
    return " " + json.dumps({"steps": _led(problem), "answer": problem.gold})


def _joined(problem: Problem) -> str:
    return ". ".join(problem.steps) + "."


REASONED: dict[str, Callable[[Problem], str]] = {
    "paragraph": lambda p: " " + " ".join([*p.sentences, _last(p)]),
    "short": _short,
    "lines": lambda p: "\n" + "\n".join([*p.sentences, _last(p)]),
    "equations": lambda p: "\n" + "\n".join([*_led(p), _last(p)]),
    "numbered": lambda p: _marked(p, "{n}. "),
    "steps": lambda p: _marked(p, "Step {n}: "),
    "bullets": lambda p: _marked(p, "- "),
    "json": _json,
    "boxed": lambda p: f" {_joined(p)} The answer is \\boxed{{{p.gold}}}.",
    "capitals": lambda p: f" {_joined(p)} {_last(p)}".upper(),
    "answer_line": lambda p: "\n" + "\n".join([*_led(p), f"Answer: {p.gold}"]),
    "bold": lambda p: f" {_joined(p)} The answer is **{p.gold}**.",
    "heading": lambda p: "\n## Solution\n" + "\n".join([*_led(p), _last(p)]),
    "only": lambda p: f" {p.gold}",
}


def _signature(problem: Problem, *, typed: bool = False) -> str:
    *taken, given = problem.kinds
    if not typed:
        return f"def {problem.entry_point}({', '.join(problem.parameters)}):"
    pairs = zip(problem.parameters, taken, strict=True)
    return f"def {problem.entry_point}({', '.join(f'{name}: {kind}' for name, kind in pairs)}) -> {given}:"


def _body(problem: Problem) -> str:
    return f"{_signature(problem)}\n    return {problem.gold}"


def _fence(code: str) -> str:
    return f"```python\n{code}\n```"


WRITTEN: dict[str, Callable[[Problem], str]] = {
    "fenced": lambda p: "\n" + _fence(_body(p)),
    "bare": lambda p: "\n" + _body(p),
    "prefaced": lambda p: f" The result is {p.gold}.\n" + _fence(_body(p)),
    "explained": lambda p: "\n" + _fence(_body(p)) + f"\nIt returns {p.sentences[0]}.",
    "one_line": lambda p: f" {_signature(p)} return {p.gold}",
    "typed": lambda p: "\n" + _fence(f"{_signature(p, typed=True)}\n    return {p.gold}"),
    "docstring": lambda p: "\n" + _fence(f'{_signature(p)}\n    """Return {p.sentences[0]}."""\n    return {p.gold}'),
    "comment": lambda p: "\n" + _fence(f"{_signature(p)}\n    # {p.sentences[0]}\n    return {p.gold}"),
    "variable": lambda p: "\n" + _fence(f"{_signature(p)}\n    result = {p.gold}\n    return result"),
    "lambda": lambda p: "\n" + _fence(f"{p.entry_point} = lambda {', '.join(p.parameters)}: {p.gold}"),
}
NATURAL = {
    "words": ("paragraph", "short", "lines", "equations", "numbered", "steps"),
    "facts": ("paragraph", "short", "lines", "equations", "numbered", "steps"),
    "code": ("fenced", "bare", "prefaced", "explained", "one_line"),
}


def forms(domain: str) -> dict[str, Callable[[Problem], str]]:
    """Return every form of a domain by its name."""
    return WRITTEN if domain == "code" else REASONED


def natural_form(problem: Problem, rng: random.Random) -> str:
    """Return the form of an answer when none is asked for: mostly the home of the problem, else any natural one."""
    return problem.home if rng.random() < 0.7 else rng.choice(NATURAL[problem.domain])  # noqa: PLR2004


def target(problem: Problem, form: str) -> str:
    """Return the whole answer, beginning with the space or line break after the cue."""
    return forms(problem.domain)[form](problem)
