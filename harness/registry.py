"""Find, load, check and gather plugins; the only user of pluggy's manager."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import inspect
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import pluggy

from harness import hookspecs
from harness.contracts import (
    Backend,
    Command,
    ConstraintFormat,
    ConstraintType,
    Evaluation,
    Executor,
    Metric,
    Reporter,
    TaskSuite,
)
from harness.errors import HarnessError, PluginError, UnknownName, blame, described

Offer = TypeVar("Offer")

#: Hook -> what it yields. One line a kind; nothing else lists them.
KINDS: Mapping[str, tuple[str, type[Any]]] = {
    "harness_task_suites": ("suite", TaskSuite),
    "harness_constraint_types": ("constraint type", ConstraintType),
    "harness_constraint_formats": ("constraint format", ConstraintFormat),
    "harness_backends": ("backend", Backend),
    "harness_metrics": ("metric", Metric),
    "harness_evaluations": ("evaluation", Evaluation),
    "harness_executors": ("executor", Executor),
    "harness_reporters": ("reporter", Reporter),
    "harness_commands": ("command", Command),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """A plugin that was found: where it comes from, and what it offers."""

    name: str
    #: Distribution and version, or the file.
    source: str
    #: (kind, name) of everything it offers.
    offers: tuple[tuple[str, str], ...] = ()
    #: Why it could not be used; empty if it could.
    failure: str = ""
    #: What stops nothing, and is hardly meant: a metric of an evaluation that nobody offers.
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """Everything that plugins offer, by kind and name; a value, gathered once."""

    plugins: tuple[Plugin, ...] = ()
    suites: Mapping[str, TaskSuite] = field(default_factory=dict)
    constraint_types: Mapping[str, ConstraintType] = field(default_factory=dict)
    constraint_formats: Mapping[str, ConstraintFormat] = field(default_factory=dict)
    backends: Mapping[str, Backend] = field(default_factory=dict)
    metrics: Mapping[str, Metric[Any]] = field(default_factory=dict)
    evaluations: Mapping[str, Evaluation] = field(default_factory=dict)
    executors: Mapping[str, Executor] = field(default_factory=dict)
    reporters: Mapping[str, Reporter] = field(default_factory=dict)
    commands: Mapping[str, Command] = field(default_factory=dict)
    #: How it was loaded, so that another process can load the same: files that are plugins, names left out.
    files: tuple[str, ...] = ()
    disabled: tuple[str, ...] = ()
    #: Why nothing may run: clashes of names, misspelt hooks.
    faults: tuple[str, ...] = ()

    def checked(self) -> Registry:
        """Return itself if everything may run.

        Raises:
            PluginError: two providers of one name, or a misspelt hook; all of them are named.
        """
        if self.faults:
            raise PluginError("; ".join(self.faults))
        return self

    def pick(self, kind: str, offers: Mapping[str, Offer], name: str) -> Offer:
        """Return what is offered under a name.

        Raises:
            UnknownName: nothing is; plugins that failed to load are named, for it may be theirs.
        """
        if name in offers:
            return offers[name]
        failed = [f"{plugin.name} failed to load: {plugin.failure}" for plugin in self.plugins if plugin.failure]
        raise UnknownName.among(kind, name, offers, hint="; ".join(failed))


@dataclass(frozen=True, slots=True)
class Found:
    """A plugin that was found and not yet imported."""

    name: str
    source: str
    load: Any
    #: Whether it was given by hand: going on without it would be less than was asked for.
    asked_for: bool = False

    @property
    def label(self) -> str:
        """Its name and where it comes from: two packages may have plugins of one name."""
        return f"{self.name} ({self.source})"


def load_registry(*, files: Sequence[str] = (), disabled: Iterable[str] = ()) -> Registry:
    """Load every plugin and gather what it offers.

    Args:
        files: Python files that are plugins without packaging (`--plugin`).
        disabled: entry point names that are left out (`--disable-plugin`).

    Raises:
        UnknownName: a disabled plugin that is not there.
        PluginError: a plugin file that does not exist.
    """
    found = [*found_packages(), *(found_file(path) for path in files)]
    names = {plugin.name for plugin in found}
    off = set(disabled)
    for name in sorted(off - names):
        raise UnknownName.among("plugin", name, names)
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    failures: dict[str, str] = {}
    faults: list[str] = []
    for plugin in found:
        if plugin.name not in off:
            try:
                faults += registered(manager, plugin)
            except (Exception, SystemExit) as error:  # noqa: BLE001  # reported by `harness plugins`, and where a name is unknown
                failures[plugin.label] = described(error)
                if plugin.asked_for:
                    faults.append(f"--plugin {plugin.source}: {described(error)}")
    offers = gathered(manager, failures)
    registry = registry_of([plugin for plugin in found if plugin.name not in off], offers, failures, faults)
    return replace(registry, files=tuple(str(Path(path).resolve()) for path in files), disabled=tuple(sorted(off)))


def found_packages() -> list[Found]:
    """Return the plugins of the entry point group, by name."""
    points = sorted(
        importlib.metadata.entry_points(group=hookspecs.PROJECT), key=lambda point: (point.name, point.value)
    )
    return [Found(point.name, source_of(point), point.load) for point in points]


def source_of(point: importlib.metadata.EntryPoint) -> str:
    """Return "distribution version" of an entry point."""
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.value


def found_file(path: str) -> Found:
    """Return a plugin that is a file."""
    file = Path(path)
    if not file.is_file():
        raise PluginError(f"--plugin {path}: no such file")
    return Found(file.stem, str(file), lambda: module_from(file), asked_for=True)


def module_from(file: Path) -> ModuleType:
    """Import a file under a name that no package can have."""
    name = f"harness_plugin_file_{file.stem}_{hashlib.sha256(str(file.resolve()).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise PluginError(f"--plugin {file}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def registered(manager: pluggy.PluginManager, plugin: Found) -> list[str]:
    """Import and register one plugin; return what is wrong with the names of its hooks."""
    module = plugin.load()
    faults = misspelt(plugin, module)
    if not faults:
        manager.register(module, name=plugin.label)
    return faults


def misspelt(plugin: Found, module: ModuleType) -> list[str]:
    """Return one line for every function that looks like a hook and is none."""
    faults = []
    for name, value in vars(module).items():
        if not (name.startswith("harness_") and inspect.isfunction(value) and value.__module__ == module.__name__):
            continue
        marked = hasattr(value, f"{hookspecs.PROJECT}_impl")
        if name not in KINDS:
            nearest = UnknownName.among("hook", name, KINDS)
            faults.append(f"plugin {plugin.label}: {nearest}")
        elif not marked:
            faults.append(f"plugin {plugin.label}: {name} lacks @hookimpl")
    return faults


def gathered(manager: pluggy.PluginManager, failures: dict[str, str]) -> dict[str, list[tuple[str, Any]]]:
    """Call every hook; return hook -> (plugin, offer), sorted by name; one that raises is its plugin's failure."""
    offers: dict[str, list[tuple[str, Any]]] = {}
    for hook, (kind, expected) in KINDS.items():
        rows: list[tuple[str, Any]] = []
        for impl in getattr(manager.hook, hook).get_hookimpls():
            short = impl.plugin_name.split(" (")[0]
            try:
                with blame(f"plugin {short}, {hook}"):
                    rows += [(impl.plugin_name, checked_offer(offer, kind, expected)) for offer in impl.function()]
            except HarnessError as error:
                failures[impl.plugin_name] = str(error)
        offers[hook] = sorted(rows, key=lambda row: (row[1].name, row[0]))
    return offers


def checked_offer(offer: Any, kind: str, expected: type[Any]) -> Any:
    """Return an offer if it is what its hook promises."""
    if not isinstance(offer, expected):
        raise TypeError(f"a {kind} must be a {expected.__name__}, not {type(offer).__name__}")
    return offer


def registry_of(
    found: Sequence[Found],
    offers: Mapping[str, Sequence[tuple[str, Any]]],
    failures: Mapping[str, str],
    faults: Sequence[str],
) -> Registry:
    """Build the registry; two providers of one name are both named."""
    owners: dict[tuple[str, str], str] = {}
    problems = list(faults)
    by_plugin: dict[str, list[tuple[str, str]]] = {}
    for hook, rows in offers.items():
        kind = KINDS[hook][0]
        for owner, offer in rows:
            by_plugin.setdefault(owner, []).append((kind, offer.name))
            other = owners.setdefault((kind, offer.name), owner)
            if other != owner:
                problems.append(f"{kind} {offer.name!r} is offered by {other} and by {owner}: disable one of them")
    plugins = tuple(
        Plugin(
            name=plugin.name,
            source=plugin.source,
            offers=tuple(by_plugin.get(plugin.label, ())),
            failure=failures.get(plugin.label, ""),
            notes=tuple(idle_metrics(plugin.label, offers)),
        )
        for plugin in found
    )
    named = {hook: {offer.name: offer for _, offer in rows} for hook, rows in offers.items()}
    return Registry(
        plugins=plugins,
        suites=named["harness_task_suites"],
        constraint_types=named["harness_constraint_types"],
        constraint_formats=named["harness_constraint_formats"],
        backends=named["harness_backends"],
        metrics=named["harness_metrics"],
        evaluations=named["harness_evaluations"],
        executors=named["harness_executors"],
        reporters=named["harness_reporters"],
        commands=named["harness_commands"],
        faults=tuple(problems),
    )


def idle_metrics(label: str, offers: Mapping[str, Sequence[tuple[str, Any]]]) -> Iterable[str]:
    """Yield one line for every metric of a plugin whose evaluation nobody offers: no report will show it."""
    known = {offer.name for _, offer in offers["harness_evaluations"]}
    for owner, metric in offers["harness_metrics"]:
        if owner == label and metric.evaluation not in known:
            nearest = UnknownName.among("evaluation", metric.evaluation, known)
            yield f"metric {metric.name} is in no report: {nearest}"
