"""All files of the static site, from the submissions; the same submissions give the same bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

import harness
from harness import Estimate, Evaluation, Table
from harness.ledger import slug
from harness.report import amount, bounds, funnel_line, p_text, tables_of
from harness_site.board.exports import board_files, ordinal_files
from harness_site.board.lines import Line, Scope, lines_of
from harness_site.board.ordinal import OrdinalLine, ordinal_lines
from harness_site.board.ranking import Comparison, compared, ranked
from harness_site.board.submission import Submission
from harness_site.pictures import drawn
from harness_site.rendering import page, static_files
from harness_site.tables import board_table, model_path, ordinal_board, whole
from harness_sustainscore import ALL

LEAD = (
    "Runs ranked by specific interference: what an instruction costs beyond any added text. Places are ranges: runs "
    "that share a place are not told apart by a paired test on the items that both solved."
)
ADJUSTED = (
    "Differences are paired, on common successes, adjusted over all pairs of runs: whole tasks by Holm, families by "
    "Benjamini and Hochberg."
)
NOTES = (
    "Ranks are within a task, a number and a family of constraints.",
    ADJUSTED,
    "A run that differs from what its folder says keeps its line and gets no rank. Brackets are 95 % intervals.",
)
TOLD = {
    "forest": "Forest plot of D_spec: the numbers stand in the table",
    "drop_by_k": "D_spec against the number of constraints",
    "drop_by_accuracy": "D_spec against the accuracy of the base answers",
    "ladder": "Paradigm ladder: D_spec by stage of post-training",
    "drop_by_q": "D_spec against the share of answers that do not meet the constraint unasked",
    "flow": "What the constraint loses and gains",
    "sustain_curve": "Successes that survive so many constraints",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A picture on a page."""

    path: str
    told: str


@dataclass(frozen=True, kw_only=True)  # no slots: cached_property needs a dictionary
class Site:
    """What is on the site."""

    submissions: tuple[Submission, ...]
    lines: tuple[Line, ...]
    ordinal: tuple[OrdinalLine, ...]
    comparison: Comparison
    evaluations: Mapping[str, Evaluation]
    #: Links before those of the site's own pages: name and path.
    around: tuple[tuple[str, str], ...] = ()

    @cached_property
    def tasks(self) -> dict[str, str]:
        """The page of each task of the board; file names of which no two are alike."""
        seen: Counter[str] = Counter()
        found = {}
        for name in dict.fromkeys(line.scope.task for line in self.lines if line.scope.task != ALL):
            base = slug(name)
            seen[base] += 1
            found[name] = f"tasks/{base}.html" if seen[base] == 1 else f"tasks/{base}_{seen[base]}.html"
        return found

    @cached_property
    def boards(self) -> tuple[tuple[str, str], ...]:
        """Family of constraints and page of each board."""
        families = dict.fromkeys(line.scope.family for line in self.lines)
        ordered = sorted(families, key=lambda name: (name != ALL, name))
        return tuple((name, "index.html" if name == ALL else f"family-{slug(name)}.html") for name in ordered)

    @property
    def links(self) -> tuple[tuple[str, str], ...]:
        """What every page leads to."""
        own = [("Board", "index.html")] if self.lines else []
        if self.ordinal:
            own.append(("Ordinal board", "ordinal.html" if self.lines else "index.html"))
        return (*self.around, *own)

    def page(self, template: str, here: str, **values: object) -> tuple[str, bytes]:
        """Return path and content of a page."""
        root = "../" * here.count("/")
        filled = page(template, root=root, here=here, links=self.links, version=harness.__version__, **values)
        return here, filled


def site_of(
    submissions: Sequence[Submission], evaluations: Mapping[str, Evaluation], around: tuple[tuple[str, str], ...] = ()
) -> Site:
    """Return the site of submissions: their lines, ranked by paired comparisons, and their ordinal lines."""
    comparison = compared(submissions)
    return Site(
        submissions=tuple(submissions),
        lines=tuple(ranked(lines_of(submissions), comparison)),
        ordinal=tuple(ordinal_lines(submissions)),
        comparison=comparison,
        evaluations=evaluations,
        around=around,
    )


def files_of(site: Site) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of every file, pages first."""
    yield from board_pages(site)
    yield from ordinal_page(site)
    for name, path in site.tasks.items():
        yield from task_files(site, name, path)
    for submission in site.submissions:
        yield from model_files(site, submission)
    exports = {
        **(board_files(site.lines) if site.lines else {}),
        **(ordinal_files(site.ordinal) if site.ordinal else {}),
    }
    for name, text in exports.items():
        yield name, text.encode()
    yield from static_files().items()


def board_pages(site: Site) -> Iterator[tuple[str, bytes]]:
    """Yield a board for each family of constraints, that of all first, with the pictures."""
    for family, path in site.boards:
        own = [line for line in site.lines if line.scope.family == family]
        pictures: dict[str, bytes] = {}
        if family == ALL:
            pictures = {f"pictures/{name}.svg": svg.encode() for name, svg in drawn(own)}
        title = "Leaderboard" if family == ALL else f"Leaderboard: {family}"
        yield site.page(
            "board.html",
            path,
            title=title,
            lead=LEAD,
            board=board_table(own, site.tasks, title),
            families=site.boards if len(site.boards) > 1 else (),
            downloads=("board.csv", "board.md", "board.tex", "board.json"),
            drawings=drawings(pictures),
            notes=NOTES,
        )
        yield from pictures.items()


def ordinal_page(site: Site) -> Iterator[tuple[str, bytes]]:
    """Yield the ordinal board, if there is one."""
    if site.ordinal:
        yield site.page(
            "board.html",
            dict(site.links)["Ordinal board"],
            title="Ordinal board",
            lead="Ordered labels: errors in ranks, agreement and scores, by the way in which ratings were had.",
            board=ordinal_board(site.ordinal),
            families=(),
            downloads=("ordinal.csv", "ordinal.md", "ordinal.tex", "ordinal.json"),
            drawings=(),
            notes=("Lines are in the order of agreement; overlapping intervals are no proof of a tie, nor of none.",),
        )


def drawings(pictures: Iterable[str]) -> list[Drawing]:
    """Return the pictures at paths, with what they show in words."""
    names = {path: PurePosixPath(path).stem for path in pictures}
    return [Drawing(path=path, told=TOLD.get(name, name.replace("_", " "))) for path, name in names.items()]


def task_files(site: Site, task: str, path: str) -> Iterator[tuple[str, bytes]]:
    """Yield the page of a task and its pictures."""
    own = [line for line in site.lines if line.scope.task == task]
    folder = path.removesuffix(".html")
    pictures = {f"{folder}/{name}.svg": svg.encode() for name, svg in drawn(own)}
    yield site.page(
        "task.html",
        path,
        task=task,
        board=board_table(own, {}, f"Runs of {task}", families=True),
        drawings=drawings(pictures),
        rivals=rivals(site, {line.scope for line in whole(own)}),
    )
    yield from pictures.items()


def rivals(site: Site, scopes: set[Scope], name: str = "") -> Table | None:
    """Return the paired comparisons within scopes, those of one run if it is named; None where there are none."""
    models = {one.name: one for one in site.submissions}
    rows = [
        (
            models[first].model,
            models[second].model,
            scope.title,
            f"{one.n:,}",
            f"{amount(one.value, 'points')} {bounds(one)}".strip(),
            p_text(one.p_adjusted),
            one.note,
        )
        for (scope, first, second), one in site.comparison.differences.items()
        if scope in scopes and name in {"", first, second}
    ]
    rows += [
        (models[first].model, models[second].model, "not compared", "", "", "", why)
        for (first, second), why in site.comparison.unlike.items()
        if name in {"", first, second}
    ]
    columns = ("first", "second", "where", "n", "D_spec, second less first", "p, adjusted", "verdict")
    return Table(columns=columns, rows=tuple(rows)) if rows else None


def model_files(site: Site, submission: Submission) -> Iterator[tuple[str, bytes]]:
    """Yield the page of a run and its pictures."""
    path = model_path(submission.name)
    own = [line for line in whole(site.lines) if line.submission is submission]
    evaluation = site.evaluations.get(submission.evaluation)
    pictures = run_pictures(submission.estimates, path.removesuffix(".html"))
    yield site.page(
        "model.html",
        path,
        run=submission,
        facts=facts_of(submission),
        funnel=funnel_line(ordered_funnel(submission.results["funnel"], evaluation.funnel if evaluation else ())),
        reasons=submission.results["reasons"],
        board=board_table(own, site.tasks, f"Places of {submission.model}"),
        drawings=drawings(pictures),
        rivals=rivals(site, {line.scope for line in own}, submission.name),
        tables=tables_of(submission.estimates, layout=evaluation.layout if evaluation else None),
    )
    yield from pictures.items()


def ordered_funnel(told: Mapping[str, int], marks: Sequence[str]) -> dict[str, int]:
    """Return a funnel in the order of its stages, which a file does not keep.

    >>> ordered_funnel({"asked": 3, "lost": 0, "solved": 2}, ["solved", "lost"])
    {'asked': 3, 'solved': 2, 'lost': 0}
    """
    names = [name for name in ("asked", *marks) if name in told]
    return {name: told[name] for name in (*names, *(name for name in told if name not in names))}


def run_pictures(estimates: Sequence[Estimate], folder: str) -> dict[str, bytes]:
    """Return the pictures of one run by path; drawn from its numbers, never taken from its folder."""
    if not any(one.metric == "D_spec" and one.value is not None for one in estimates):
        return {}
    import vl_convert

    from harness_report.pictures import PICTURES

    charts = {name: make(estimates) for name, make in PICTURES.items()}
    return {
        f"{folder}/{name}.svg": vl_convert.vegalite_to_svg(chart.to_json()).encode()
        for name, chart in charts.items()
        if chart is not None
    }


def facts_of(submission: Submission) -> list[tuple[str, str]]:
    """Return what is known of a run and its model, in words."""
    plan, manifest, cost = submission.results["plan"], submission.manifest, submission.cost
    facts = submission.facts
    told = {
        **{f"Model, {name}": str(value) for name, value in submission.results["model"].items()},
        "Model family": facts.family,
        "Stage": facts.stage,
        "Parent": facts.parent,
        "Evaluation": f"{submission.evaluation}, version {submission.results['evaluation'].get('version')}",
        "Tasks": ", ".join(map(str, plan.get("tasks", ()))),
        "Constraint types": ", ".join(map(str, plan.get("constraint_type", ()))),
        "Seed": str(plan.get("seed")),
        "Options": ", ".join(f"{name} = {value}" for name, value in plan.get("option", {}).items()),
        "Harness": str(manifest.get("harness")),
        "Began, ended": f"{manifest.get('started')}, {manifest.get('ended')}",
        "Requests": f"{cost.requests:,}",
        "Tokens of prompts, of answers": ", ".join(
            "not counted" if count is None else f"{count:,}" for count in (cost.prompt_tokens, cost.completion_tokens)
        ),
    }
    return [(name, value) for name, value in told.items() if value]
