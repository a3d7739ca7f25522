"""The tables of a study: members side by side, each number with its interval and its controls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness import Estimate, Table
from harness.report import amount, bounds, interval_text, p_text
from harness_study.carry import OWN, SCALE, Outcome
from harness_study.cells import by_metric, excess, keyed, metric, of_part, tasks_of
from harness_sustainscore import ALL

WHOLE = ("sustain_raw", "floor", "placebo", "sustain_adjusted", "D", "D_spec", "compliance")
NONE = "-"


def funnel_table(outcomes: Sequence[Outcome]) -> Table:
    """Return what became of every document of every run."""
    marks = list(dict.fromkeys(name for one in outcomes for name in one.funnel))
    rows = tuple((one.member, one.part, *(f"{one.funnel.get(name, 0):,}" for name in marks)) for one in outcomes)
    return Table(title="What was asked", columns=("model", "constraints", *marks), rows=rows)


def sustain_table(outcomes: Sequence[Outcome]) -> Table:
    """Return SustainScore by model and domain, with floor, placebo and compliance."""
    rows = []
    for one in outcomes:
        if one.part == OWN:
            for task in tasks_of([one]):
                its = by_metric(one, task, "1")
                accuracy = its.get("base_accuracy")
                solved = amount(accuracy.value, "share") if accuracy else NONE
                n = its["sustain_raw"].n if "sustain_raw" in its else 0
                rows.append((one.member, task, solved, f"{n:,}", *(text(its.get(name)) for name in WHOLE)))
    return Table(
        title="SustainScore by model and domain",
        columns=("model", "task", "accuracy", "n", *WHOLE),
        rows=tuple(rows),
        notes=("own constraints, one at a time; each model on its own successes: the ladder compares models",),
    )


def side_by_side(
    title: str, names: Sequence[str], cells: Mapping[tuple[str, ...], Mapping[str, Estimate]], members: Sequence[str]
) -> Table:
    """Return a table with a row for each cell and a column for each member: value, interval, number of items."""
    rows = tuple((*key, *(counted(its.get(member)) for member in members)) for key, its in cells.items())
    return Table(title=title, columns=(*names, *members), rows=rows)


def family_table(outcomes: Sequence[Outcome], members: Sequence[str]) -> Table:
    """Return D_spec by family of the constraint."""
    cells = keyed(metric(outcomes, OWN, "D_spec", but="family"), "task", "family")
    return side_by_side("D_spec by family", ("task", "family"), dict(sorted(cells.items())), members)


def scale_tables(outcomes: Sequence[Outcome], members: Sequence[str]) -> Iterator[Table]:
    """Yield what is sustained, what of the placebo, and D_spec, by number of nested constraints."""
    titles = {"sustain_raw": "Solved with k constraints", "placebo": "Solved with a placebo as long"}
    for name, title in {**titles, "D_spec": "D_spec by k"}.items():
        cells = keyed(metric(outcomes, SCALE, name), "task", "k")
        yield side_by_side(title, ("task", "k"), cells, members)


def failure_table(outcomes: Sequence[Outcome], members: Sequence[str]) -> Table:
    """Return the share of constrained draws that fail in each way, and the excess over the placebo."""
    found = of_part(outcomes, OWN)
    shares = keyed(((member, one) for member, one in found if one.metric == "failed"), "task", "class")
    more = keyed(excess(outcomes, OWN), "task", "class")
    rows = tuple(
        (*key, *(both(its.get(member), more.get(key, {}).get(member)) for member in members))
        for key, its in shares.items()
        if key[0] != ALL
    )
    return Table(
        title="How constrained answers fail",
        columns=("task", "class", *members),
        rows=rows,
        notes=("share of constrained draws; after the bar its excess over the placebo: the controls fail too",),
    )


def curve_table(outcomes: Sequence[Outcome], members: Sequence[str]) -> Table:
    """Return the share of successes that survive so many nested constraints."""
    found = ((member, one) for member, one in of_part(outcomes, SCALE) if one.metric == "sustained")
    cells = keyed(((member, one) for member, one in found if one.labels["curve of"] == ALL), "task", "k")
    return side_by_side("Sustain curve", ("task", "k"), cells, members)


def findings(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield where D_spec differs from none once its tests are adjusted; if nowhere, say so.

    Whole tasks with one constraint, then its families, then so many nested constraints.
    """
    shown = 0
    for part, split in ((OWN, ""), (OWN, "family"), (SCALE, "")):
        for member, one in metric(outcomes, part, "D_spec", but=split):
            if excludes_zero(one) and one.p_adjusted is not None and one.p_adjusted < 0.05:  # noqa: PLR2004 - the usual
                shown += 1
                adjusted = f"adjusted p {p_text(one.p_adjusted)} ({one.adjustment})"
                drop = f"D_spec {amount(one.value, 'points')} {bounds(one)}"
                yield f"{member}, {placed(one, split)}: {drop}, {one.n} items, {adjusted}"
    if not shown:
        yield "No cell of any member shows a D_spec that differs from zero once its tests are adjusted."


def placed(one: Estimate, split: str) -> str:
    """Return in words which cell an estimate is of."""
    task = one.labels["task"]
    parts = [f"{one.labels['domain']}, all tasks" if task == ALL else task, one.labels[split] if split else ""]
    k = one.labels.get("k", "1")
    parts.append(f"{k} constraints" if k != "1" else "")
    return ", ".join(part for part in parts if part)


def excludes_zero(one: Estimate) -> bool:
    """Whether the interval of an estimate lies on one side of zero."""
    return one.low is not None and one.high is not None and (one.low > 0 or one.high < 0)


def text(one: Estimate | None) -> str:
    """Return value and interval."""
    return NONE if one is None else interval_text(one)


def counted(one: Estimate | None) -> str:
    """Return value, interval and number of items."""
    return NONE if one is None else f"{amount(one.value, one.unit)} {bounds(one)} ({one.n:,})".replace("  ", " ")


def both(share: Estimate | None, more: Estimate | None) -> str:
    """Return a share and its excess."""
    parts = [] if share is None else [amount(share.value, "share")]
    if more is not None:
        parts.append(f"{amount(more.value, 'points')} {bounds(more)}")
    return " | ".join(parts) or NONE
