"""An analysis for a reader and for a machine: tables, attention.md, attention.json, a line for each trial, pictures.

They go into a folder of their own beside the run's files, which stay as they are: to the run's seal they are added.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from harness import Estimate, HarnessError, Json, Table
from harness.report import amount, bounds, interval_text, markdown_table, notes_of, p_text
from harness_attention.analysis import ALL, CONSTRAINT, Analysis
from harness_attention.coloured import page, sample
from harness_attention.doses import dose_table

if TYPE_CHECKING:
    from harness_attention.measured import Measured

SCHEMA = 1
FOLDER = "attention"
#: Heads that the report names; all are in attention.json.
TOP = 10
#: Said in every report: the numbers describe, they do not explain.
CORRELATION = "Attention that goes with an outcome need not be its cause; `--push` asks that."

#: The quantity and phase that were fixed before the data were seen, and the columns of the tables.
PRIMARY = ("lift", "final")
PLACE = ("right", "wrong", "difference", "d_z")
WHOLE = (*PLACE, "auc")

Labels = tuple[str, ...]
Cell = Mapping[str, Estimate]


def by_labels(estimates: Iterable[Estimate], *names: str) -> dict[Labels, dict[str, Estimate]]:
    """Return the estimates that have just these labels: by their values, then by metric."""
    found: dict[Labels, dict[str, Estimate]] = {}
    for one in estimates:
        if set(one.labels) == set(names):
            found.setdefault(tuple(one.labels[name] for name in names), {})[one.metric] = one
    return found


def tables(estimates: Sequence[Estimate]) -> Iterator[Table]:
    """Yield the tables of an analysis, the primary one first; one without anything to tell has no rows."""
    cells = by_labels(estimates, "task", "position", "span", "quantity", "phase")
    primary = {
        key[:3]: cell
        for key, cell in cells.items()
        if key[3:] == PRIMARY and (key[:2] == (ALL, ALL) or cell["difference"].value is not None)
    }
    others = {key[3:]: cell for key, cell in cells.items() if key[:3] == (ALL, ALL, CONSTRAINT) and key[3:] != PRIMARY}
    heads = by_labels(estimates, "span", "layer", "head")
    best = sorted(heads, key=lambda key: (heads[key]["difference"].p_adjusted or 0, -abs(heads[key]["d_z"].value or 0)))
    models = {key[1:]: cell for key, cell in by_labels(estimates, "task", "model", "effect").items()}
    names = ("task", "position", "span")
    yield table("Lift over the final answer: right and wrong answers to one prompt", names, primary, WHOLE)
    yield table(f"The {TOP} heads that differ most", ("span", "layer", "head"), {one: heads[one] for one in best[:TOP]})
    yield table("Other quantities and phases", ("quantity", "phase"), others, WHOLE, detail=True)
    for title, name in (("By tenth of the answer", "decile"), ("By layer", "layer")):
        yield table(title, ("span", name), by_labels(estimates, "span", name), detail=True)
    yield table("Models of P(right)", ("model", "effect"), models, ("log odds",), detail=True)


def table(
    title: str,
    names: Sequence[str],
    cells: Mapping[Labels, Cell],
    metrics: Sequence[str] = PLACE,
    *,
    detail: bool = False,
) -> Table:
    """Return a table with a row for each cell."""
    shown = [cell[metric] for cell in cells.values() for metric in metrics if metric in cell]
    rows = tuple(
        (*key, f"{max(one.n for one in cell.values()):,}", *(text(cell[m]) if m in cell else "" for m in metrics))
        for key, cell in cells.items()
    )
    return Table(title=title, columns=(*names, "n", *metrics), rows=rows, notes=notes_of(shown), detail=detail)


def text(one: Estimate) -> str:
    """Return an estimate with its interval, and with its p-value, adjusted if it was."""
    if one.p_adjusted is None:
        return interval_text(one)
    parts = (amount(one.value, one.unit), bounds(one), f"p {p_text(one.p)}, max-T {p_text(one.p_adjusted)}")
    return " ".join(part for part in parts if part)


def told(analysis: Analysis) -> Iterator[str]:
    """Yield what a reader must know of the measurement, in lines."""
    found = analysis.measurement
    out = sum(found.left_out.values())
    yield f"{len(found.trials):,} answers measured · {found.passes:,} different · {out:,} left out"
    yield from (f"left out, {count:,}: {why}" for why, count in found.left_out.items())
    kinds = {kind: found.kinds.count(kind) for kind in ("full", "windowed", "linear") if kind in found.kinds}
    aside = "" if set(kinds) == {"full"} else "; only layers that see all of the text are measured"
    yield f"layers: {', '.join(f'{count} {kind}' for kind, count in kinds.items())}{aside}"
    if found.reread:
        yield f"{found.reread:,} answers read as another number of tokens than were generated"
    if not analysis.same_model:
        answered, looked = (named(one) for one in (analysis.answered_by, analysis.model))
        yield f"the answers are those of {answered}, and the model that was looked into is {looked}: another one"


def named(identity: Mapping[str, Json]) -> str:
    """Return a model in a few words."""
    return " ".join(str(identity[key]) for key in ("backend", "model", "name", "dtype") if identity.get(key))


def written(analysis: Analysis, folder: Path) -> list[Path]:
    """Write all files of an analysis into a folder, which is made; return their paths.

    Raises:
        HarnessError: they cannot be written.
    """
    from harness_attention.pictures import draw

    try:
        folder.mkdir(parents=True, exist_ok=True)
        told_of = (*analysis.estimates, *analysis.doses)
        pictures = list(draw(told_of, analysis.measurement.kinds, folder / "pictures"))
        answers = sample(analysis.measurement.trials)
        contents = {
            "attention.json": msgspec.json.format(msgspec.json.encode(as_json(analysis)), indent=2) + b"\n",
            "attention.md": ("\n".join(markdown(analysis, pictures, answers)) + "\n").encode(errors="replace"),
            "trials.jsonl": b"".join(msgspec.json.encode(line(one)) + b"\n" for one in analysis.measurement.trials),
        }
        if answers:
            contents["answers.html"] = page(answers).encode(errors="replace")
        for name, content in contents.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise HarnessError(f"attention: cannot write into {folder}: {error}; choose another with --output") from error
    return [*(folder / name for name in contents), *pictures]


def markdown(analysis: Analysis, pictures: Sequence[Path], answers: Sequence[Measured]) -> Iterator[str]:
    """Yield the lines of attention.md."""
    yield f"# Attention to the constraint: {analysis.run.name}"
    yield ""
    yield f"Model {named(analysis.model)}. {CORRELATION}"
    yield ""
    yield from (f"- {one}" for one in told(analysis))
    yield ""
    shown = [path for path in pictures if path.suffix == ".svg"]
    for number, one in enumerate([*tables(analysis.estimates), dose_table(analysis.doses)]):
        if one.rows:
            yield from markdown_table(one)
        if number == 0:
            for path in shown:
                yield f"![{path.stem}](pictures/{path.name})"
                yield ""
            if answers:
                yield "[Answers coloured by attention](answers.html)"
                yield ""


def as_json(analysis: Analysis) -> Json:
    """Return what attention.json holds."""
    found = analysis.measurement
    return {
        "schema": SCHEMA,
        "run": analysis.run.name,
        "records_sha256": analysis.records,
        "model": dict(analysis.model),
        "answered_by": dict(analysis.answered_by),
        "measured": len(found.trials),
        "passes": found.passes,
        "left_out": dict(found.left_out),
        "reread": found.reread,
        "layers": list(found.kinds),
        "estimates": analysis.estimates,
        "doses": analysis.doses,
    }


def line(one: Measured) -> Json:
    """Return a trial as its line of trials.jsonl: what another analysis could start from."""
    return {
        "doc": one.doc,
        "task": one.task,
        "arm": one.arm,
        "k": one.k,
        "draw": one.draw,
        "position": one.position,
        "solved": one.solved,
        "complied": one.complied,
        "tokens": one.tokens,
        "span_tokens": one.span,
        "content_tokens": one.content,
        "echo": one.echo,
        "phases": {phase: dict(values) for phase, values in one.phases.items()},
        "deciles": {name: values.tolist() for name, values in one.deciles.items()},
    }
