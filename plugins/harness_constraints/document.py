"""The catalogue as a page for readers, and the JSON Schema for editors; both are files that tests keep current.

python -m harness_constraints.document > docs/constraints.md
python -m harness_constraints.document --schema > constraints/schema.json
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from itertools import groupby

from harness_constraints.catalogue import catalogue
from harness_constraints.engine import Rule, rendered
from harness_constraints.measurements import MEASUREMENTS
from harness_constraints.relations import RELATIONS
from harness_constraints.schema import json_schema

HEAD = """\
# Constraint types

*Written by `python -m harness_constraints.document` from `constraints/*.yaml`; change those.*

A constraint is a **measurement** of an answer and a **relation**. Taking one from an answer measures it and rounds with
slack; checking it measures another answer and applies the relation. Its text is rendered from its parameters in one
of at least four wordings, which the document's id decides. It is never parsed back.

What holds for every type:

- it holds on the answer that it was taken from, and on no empty answer;
- it is read from the final part of an answer: what follows the last `</think>`. A `<think>` that is never closed is
  not judged;
- line ends are `\\n`, characters are NFC, and invisible ones (zero-width, direction marks) are taken out first;
- "prose" is what is not fenced code; in prose a formula, a LaTeX command and a code span are one word each.

**Hint** 0: says nothing of the solution; 1: names a method; 2: tells a part of the answer. **Stratum**: the share of
other good answers that are expected to meet it: strict from 0.95, soft from 0.80, forcing below. **Group**: types of
one group imply or exclude each other, so one of them is used at a time. *Tight* ones leave no room; *answer* marks
those that speak of the place where the answer stands.
"""

TAIL = """\
## A constraint type of your own

Over a measurement that exists it is YAML alone, and nothing installed is touched: write `mine.yaml`, check it with
`harness validate mine.yaml`, use it with `harness run --constraint-type mine.yaml`, alone or beside families and names.
`constraints/schema.json` tells an editor what can stand in it. The version of such a type carries a digest of its
file, so a run with another content is another run.

`harness.testing.check_constraint_type` tries any type, however it is made, on the texts that ours go through: true on
its source, false on nothing and on some other text, total, deterministic; `check_speed` on texts of a megabyte.

A new measurement is one function of a `Reading` in `harness_constraints/measurements/`, with a row in the table of its
module.
"""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _row(rule: Rule) -> Sequence[str]:
    marks = [word for word, on in (("tight", rule.tight), ("answer", rule.touches_answer)) if on]
    args = "".join(f", {key}={value}" for key, value in rule.args.items())
    return (
        f"`{rule.name}`",
        rendered(rule.wordings[0][1], rule.example, rule.unit),
        f"`{rule.measurement.name}`{args} `{rule.relation.name}`",
        ", ".join(sorted(rule.domains)) or "all",
        str(rule.hint),
        " ".join([rule.stratum, *marks]),
        rule.group,
    )


def markdown() -> str:
    """Return the page."""
    rules = catalogue()
    parts = [HEAD, f"There are {len(rules)} types in {len({rule.family for rule in rules})} families.\n"]
    for family, members in groupby(rules, key=lambda rule: rule.family):
        parts.append(f"## `{family}`\n")
        head = ("type", "example", "measurement, relation", "domains", "hint", "stratum", "group")
        parts.append(_table(head, map(_row, members)))
    parts.append("## Measurements\n")
    parts.append(
        _table(("name", "gives", "what"), ((f"`{m.name}`", m.gives, m.summary) for m in MEASUREMENTS.values()))
    )
    parts.append("## Relations\n")
    parts.append(_table(("name", "holds if the value"), ((f"`{r.name}`", r.reads) for r in RELATIONS.values())))
    return "\n".join([*parts, TAIL])


if __name__ == "__main__":
    sys.stdout.write(json_schema() if "--schema" in sys.argv[1:] else markdown())
