"""Everything that a comparison of lineages says: estimates, tables and warnings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness import Estimate, Table
from harness.report import amount, bounds, interval_text, p_text
from harness_paradigms.effects import OWN, PORTABLE, own_effects, portable_effects, rungs
from harness_paradigms.lineage import Lineage
from harness_paradigms.runs import SOURCES, Runs
from harness_paradigms.standing import standing_table
from harness_paradigms.steps import Step, steps_of
from harness_paradigms.summary import ENOUGH, summaries
from harness_sustainscore import adjusted, mismatches


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A comparison of lineages."""

    lineages: tuple[Lineage, ...]
    runs: Runs
    #: Differences of steps (adjusted together), rungs of the ladder, means over lineages.
    estimates: tuple[Estimate, ...]
    warnings: tuple[str, ...]


def compared(lineages: Sequence[Lineage], runs: Runs) -> Compared:
    """Compare the members of each lineage."""
    steps = [step for lineage in lineages for step in steps_of(lineage)]
    primary = adjusted([one for step in steps for one in portable_effects(step, runs)])
    own = [one for step in steps for one in own_effects(step, runs)]
    ladder = [one for lineage in lineages for one in rungs(lineage, runs)]
    return Compared(
        lineages=tuple(lineages),
        runs=runs,
        estimates=(*primary, *own, *ladder, *summaries(primary)),
        warnings=tuple(warnings(lineages, runs, steps)),
    )


def unlike(lineages: Sequence[Lineage], runs: Runs) -> list[str]:
    """Return what the runs of a lineage differ in, so that their numbers are not of one kind."""
    found = []
    for lineage in lineages:
        for source in SOURCES:
            its = [run for one in lineage.members if (run := runs.of(lineage.id, one, source)) is not None]
            found += mismatches(its) if its else []
    return found


def warnings(lineages: Sequence[Lineage], runs: Runs, steps: Sequence[Step]) -> Iterator[str]:
    """Yield what a reader must know before reading a number."""
    if len(lineages) < ENOUGH:
        count = f"{len(lineages)} lineage{'s' * (len(lineages) != 1)}"
        yield f"{count}: a claim that a kind of training causes anything needs at least {ENOUGH}"
    yield "each checkpoint is one training run: how much another training seed would change is not observed"
    for step in steps:
        if not step.descends:
            yield (
                f"{step.lineage}: {step.after.name} is not known to come from another member, and is compared with "
                f"the first, {step.before.name}"
            )
        templates = {step.before.template_hash, step.after.template_hash}
        if len(templates) > 1 and None not in templates:
            yield f"{step.lineage}: {step.name}: other chat templates, which change every prompt"
    for lineage in lineages:
        for source in SOURCES:
            lacking = [one.name for one in lineage.members if runs.of(lineage.id, one, source) is None]
            if lacking:
                yield f"{lineage.id}: no run with {source} constraints of {', '.join(lacking)}"


def tables_of(found: Compared) -> list[Table]:
    """Return the tables of a comparison, the primary one first."""
    return [
        *step_tables(found.estimates),
        own_table(found.estimates),
        summary_table(found.estimates),
        standing_table(found.lineages, found.runs),
        member_table(found.lineages),
    ]


STEP_COLUMNS = ("lineage", "step", "task", "k", "family", "n", "D_spec before", "after", "change", "p", "verdict")


def step_tables(estimates: Sequence[Estimate]) -> Iterator[Table]:
    """Yield the primary table, and the same split by family."""
    cells: dict[tuple[str, ...], dict[str, Estimate]] = {}
    for one in estimates:
        if one.metric in {PORTABLE, "D_spec_first", "D_spec_second"}:
            cells.setdefault(tuple(one.labels.values()), {})[one.metric] = one
    for split, title in ((False, "What each step changes"), (True, "The same by family of the constraint")):
        rows = [row for its in cells.values() if (row := step_row(its)) and (row[4] != "all") is split]
        yield Table(
            title=title,
            columns=STEP_COLUMNS,
            rows=tuple(rows),
            notes=(
                "portable constraints, items that both members solved; p adjusted over all steps"
                + (" (Benjamini-Hochberg)" if split else " (Holm)"),
            ),
            detail=split,
        )


def step_row(its: Mapping[str, Estimate]) -> tuple[str, ...]:
    """Return the row of one step."""
    one = its[PORTABLE]
    verdict = one.note.replace("the second", "the later").replace("the first", "the earlier")
    return (
        *(one.labels[name] for name in ("lineage", "step", "task", "k", "family")),
        f"{one.n:,}",
        *(amount(its[name].value, "points") for name in ("D_spec_first", "D_spec_second")),
        f"{amount(one.value, 'points')} {bounds(one)}".strip(),
        p_text(one.p_adjusted),
        verdict,
    )


def own_table(estimates: Sequence[Estimate]) -> Table:
    """Return the secondary table: each one's own constraints, re-weighted."""
    rows = tuple(
        (*(one.labels[name] for name in ("lineage", "step", "task")), f"{one.n:,}", interval_text(one), one.note)
        for one in estimates
        if one.metric == OWN
    )
    return Table(
        title="The same with each member's own constraints",
        columns=("lineage", "step", "task", "documents", "change", "note"),
        rows=rows,
        notes=("own successes in bins of difficulty, weighted alike for both; the constraints differ, so secondary",),
    )


def summary_table(estimates: Sequence[Estimate]) -> Table:
    """Return the means over lineages."""
    rows = tuple(
        (*(one.labels[name] for name in ("stages", "task", "k")), f"{one.n:,}", interval_text(one), one.note)
        for one in estimates
        if one.metric == "over_lineages"
    )
    columns = ("step", "task", "k", "lineages", "change", "note")
    return Table(title="Over lineages", columns=columns, rows=rows)


def member_table(lineages: Sequence[Lineage]) -> Table:
    """Return what is known of each member."""
    rows = []
    for lineage in lineages:
        for one in lineage.members:
            used = {None: "unknown", True: "used", False: "not used"}[one.reasoning_used]
            reasoning = "unknown" if one.reasoning_mode is None else f"{one.reasoning_mode}, {used}"
            facts = (one.repo, one.revision, one.stage, reasoning, one.template_hash)
            parent = "none" if one.parent == "" else one.parent
            data = "unknown" if one.data is None else ", ".join(one.data) or "none"
            rows.append((lineage.id, one.name, parent or "unknown", *(fact or "unknown" for fact in facts), data))
    columns = ("lineage", "member", "parent", "repo", "revision", "stage", "reasoning", "template", "data")
    return Table(title="Members", columns=columns, rows=tuple(rows), detail=True)
