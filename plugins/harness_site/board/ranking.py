"""Ranks as far as the data tell: paired comparisons on common items, adjusted over all pairs; the rest are ties.

The places of a line reach from one more than the runs that lose less than it, to the number of runs less those that
lose more. Two runs that no test tells apart share places, also where their numbers differ.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace

from harness import Estimate
from harness_site.board.lines import Line, Rank, Scope
from harness_site.board.submission import SUSTAINSCORE, Submission
from harness_sustainscore import LEVEL, adjusted, mismatches, pair_estimates


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What the paired comparisons of submissions found; runs by name."""

    #: (scope, first, second) -> the difference, D_spec of the second less that of the first.
    differences: Mapping[tuple[Scope, str, str], Estimate]
    #: (first, second) -> why they were not compared.
    unlike: Mapping[tuple[str, str], str]

    def loses_less(self, scope: Scope, one: str, other: str) -> bool:
        """Whether the first is shown to lose less than the second."""
        found, sign = self.differences.get((scope, one, other)), 1
        if found is None:
            found, sign = self.differences.get((scope, other, one)), -1
        if found is None or found.value is None or found.p_adjusted is None:
            return False
        return found.p_adjusted < LEVEL and sign * found.value > 0


def compared(submissions: Sequence[Submission]) -> Comparison:
    """Compare every two submissions of the evaluation `sustainscore` on their common items, adjusted together."""
    runs = [one for one in submissions if one.evaluation == SUSTAINSCORE and one.rows]
    unlike: dict[tuple[str, str], str] = {}
    found: list[Estimate] = []
    for first, second in itertools.combinations(runs, 2):
        differing = mismatches([first.stored, second.stored])
        if differing:
            unlike[first.name, second.name] = differing[0].removeprefix(f"{second.folder}: ")
            continue
        found += [
            replace(one, labels={"first": first.name, "second": second.name, **one.labels})
            for one in pair_estimates(first.rows, second.rows)
            if one.metric == "difference"
        ]
    differences = {(scope_of(one.labels), one.labels["first"], one.labels["second"]): one for one in adjusted(found)}
    return Comparison(differences=differences, unlike=unlike)


def scope_of(labels: Mapping[str, str]) -> Scope:
    """Return the scope of a comparison."""
    return Scope(domain=labels["domain"], task=labels["task"], k=int(labels["k"]), family=labels["family"])


def ranked(lines: Sequence[Line], comparison: Comparison) -> list[Line]:
    """Return the lines with their ranks, scope by scope, the least interference first.

    A run that fails its verification, or of which no D_spec is known, keeps its line and gets no rank.
    """
    found: list[Line] = []
    scopes: dict[Scope, list[Line]] = {}
    for line in lines:
        scopes.setdefault(line.scope, []).append(line)
    for scope, members in sorted(scopes.items(), key=lambda item: astuple(item[0])):
        found += sorted((placed(line, members, scope, comparison) for line in members), key=order)
    return found


def placed(line: Line, members: Sequence[Line], scope: Scope, comparison: Comparison) -> Line:
    """Return a line with its rank among the lines of its scope."""
    why = unranked(line)
    if why:
        return replace(line, why=why)
    rivals = [one.submission.name for one in members if not unranked(one)]
    me = line.submission.name
    before = sum(comparison.loses_less(scope, other, me) for other in rivals)
    behind = sum(comparison.loses_less(scope, me, other) for other in rivals)
    apart = {
        other: why
        for other in rivals
        if (why := comparison.unlike.get((me, other)) or comparison.unlike.get((other, me), ""))
    }
    return replace(line, rank=Rank(best=1 + before, worst=len(rivals) - behind, among=len(rivals)), apart=apart)


def unranked(line: Line) -> str:
    """Return why a line gets no rank; empty if it does."""
    if line.submission.failed:
        return f"not ranked: verification differs ({', '.join(one.name for one in line.submission.failed)})"
    if line.value("D_spec") is None:
        note = line.cell["D_spec"].note if "D_spec" in line.cell else ""
        return f"not ranked: D_spec is not known{f' ({note})' if note else ''}"
    return ""


def order(line: Line) -> tuple[bool, int, int, float, str]:
    """Return what sorts lines of one scope: ranks, then numbers, and those without a rank last."""
    value = line.value("D_spec")
    place = line.rank or Rank(best=0, worst=0, among=0)
    return (
        line.rank is None,
        place.best,
        place.worst,
        float("inf") if value is None else value,
        line.submission.name,
    )
