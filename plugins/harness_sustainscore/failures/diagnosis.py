"""The rules in their order: the first that fits names the failure, the others are flags (method 6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from harness_sustainscore.failures.case import KINDS, Failure, Finding
from harness_sustainscore.failures.channel import answer_conflict, output_specification
from harness_sustainscore.failures.endless import infrastructure, truncation
from harness_sustainscore.failures.intrusion import constraint_as_content, constraint_fixation
from harness_sustainscore.failures.reasoning import calculation_slip, curtailed_reasoning, hop_error, wrong_plan
from harness_sustainscore.failures.refusal import refusal

Rule = Callable[[Failure], Iterator[Finding]]

#: In the order of KINDS; the last class is what no rule explains.
RULES: tuple[Rule, ...] = (
    infrastructure,
    truncation,
    output_specification,
    answer_conflict,
    refusal,
    constraint_as_content,
    constraint_fixation,
    curtailed_reasoning,
    calculation_slip,
    wrong_plan,
    hop_error,
)
UNEXPLAINED = KINDS[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What a failure is, and all that was seen of it."""

    kind: str
    findings: tuple[Finding, ...]

    @property
    def flags(self) -> tuple[str, ...]:
        """Every class that fits, in order, the primary one first."""
        return tuple(dict.fromkeys(finding.kind for finding in self.findings))


def primary(failure: Failure) -> str:
    """Return the class of a failure: that of the first rule that fits."""
    for rule in RULES:
        finding = next(rule(failure), None)
        if finding is not None:
            return finding.kind
    return UNEXPLAINED


def diagnosis(failure: Failure) -> Diagnosis:
    """Return the class of a failure with everything that any rule sees of it."""
    findings = tuple(finding for rule in RULES for finding in rule(failure))
    return Diagnosis(kind=findings[0].kind if findings else UNEXPLAINED, findings=findings)
