"""`harness show RUN --failures`: failed answers beside the ones that were right, with the places that show why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from harness.cli.marking import marked, plain
from harness.contracts import Case
from harness.errors import HarnessError, blame
from harness.ledger import RECORDS, Records, read_results
from harness.recorded import recorded_tasks
from harness.report import visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from harness.registry import Registry

#: Columns of a page that is no terminal.
WIDTH = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which failures are shown; empty: all."""

    kinds: frozenset[str] = field(default=frozenset())
    tasks: frozenset[str] = field(default=frozenset())
    arms: frozenset[str] = field(default=frozenset())
    #: The most that are shown.
    limit: int = 10

    def chooses(self, kind: str, task: str, arm: str) -> bool:
        """Whether a failure is one of them."""
        wanted = ((self.kinds, kind), (self.tasks, task), (self.arms, arm))
        return all(not names or name in names for names, name in wanted)


def show_failures(folder: Path, registry: Registry, wanted: Wanted) -> None:
    """Print the counts of failures by class and arm, then the wanted ones in document order.

    Raises:
        HarnessError: no finished run, an evaluation that tells nothing of failures, a class, task or arm without any.
    """
    from rich.console import Console

    seen: Counter[tuple[str, str, str]] = Counter()
    shown: list[Case] = []
    for case in cases_of(folder, registry):
        place = case.kind, case.task, case.arm
        seen[place] += 1
        if len(shown) < wanted.limit and wanted.chooses(*place):
            shown.append(case)
    for option, names, at in (("class", wanted.kinds, 0), ("task", wanted.tasks, 1), ("arm", wanted.arms, 2)):
        known = sorted({key[at] for key in seen})
        missing = sorted(names - set(known))
        if missing:
            raise HarnessError(f"--{option} {missing[0]}: {folder} has no such failure; there are: {', '.join(known)}")
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDTH)
    console.print(counts_table(seen))
    for number, case in enumerate(shown, start=1):
        print_case(case, number, console)
    chosen = sum(count for key, count in seen.items() if wanted.chooses(*key))
    more = "" if len(shown) == chosen else "; more with --limit, others with --class, --task and --arm"
    console.print(f"{len(shown):,} of {chosen:,} failed answers shown{more}", markup=False)


def cases_of(folder: Path, registry: Registry) -> Iterator[Case]:
    """Yield the failures of a finished run, in document order."""
    results = read_results(folder)
    evaluation = registry.pick("evaluation", registry.evaluations, results["evaluation"]["name"])
    if evaluation.failures is None:
        raise HarnessError(f"{folder}: the evaluation {evaluation.name} does not tell failures apart")
    tasks = recorded_tasks(results["tasks"])
    for record in Records(folder / RECORDS):
        with blame(f"evaluation {evaluation.name}, failures, document {record.doc}"):
            yield from evaluation.failures(record, tasks[record.task])


def counts_table(seen: Counter[tuple[str, str, str]]) -> Table:
    """Return how many failures there are, by class and arm."""
    from rich.table import Table

    arms = list(dict.fromkeys(arm for _, _, arm in seen))
    grid = Table(box=None, pad_edge=False, header_style="bold")
    grid.add_column("class")
    for arm in arms:
        grid.add_column(arm, justify="right")
    by_kind: dict[str, Counter[str]] = {}
    for (kind, _, arm), count in seen.items():
        by_kind.setdefault(kind, Counter())[arm] += count
    for kind, counts in sorted(by_kind.items(), key=lambda item: (-item[1].total(), item[0])):
        grid.add_row(visible(kind), *(f"{counts[arm]:,}" for arm in arms))
    return grid


def print_case(case: Case, number: int, console: Console) -> None:
    """Print one failure: what it is, what was added to the prompt, and the two answers side by side."""
    from rich.table import Table

    where = f"{case.doc} · {case.arm}{f', k = {case.k}' if case.k else ''}, draw {case.draw}"
    console.rule(plain(f"{number} · {case.kind} · {where}", "bold"), characters="-", align="left")
    also = [flag for flag in case.flags if flag != case.kind]
    for name, said in (
        ("also", ", ".join(also)),
        ("added", case.inserted),
        ("seen", "; ".join(case.findings)),
        ("measured", measured(case)),
    ):
        if said:
            console.print(plain(f"{name + ':':<10}", "dim") + plain(said))
    grid = Table(box=None, pad_edge=False, header_style="bold", expand=True, padding=(0, 2, 0, 0))
    grid.add_column("base answer", ratio=1, overflow="fold")
    grid.add_column("failed answer", ratio=1, overflow="fold")
    colour = console.is_terminal
    grid.add_row(marked(case.before, (), colour=colour), marked(case.after, case.evidence, colour=colour))
    console.print(grid)
    console.print()


def measured(case: Case) -> str:
    """Return the measures in words; what could not be measured is left out."""
    known = {name: value for name, value in case.measures.items() if value is not None}
    return ", ".join(
        f"{name.replace('_', ' ')} {f'{value:.2f}' if isinstance(value, float) else value}"
        for name, value in known.items()
    )
