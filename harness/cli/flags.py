"""The flags of `run`, from a YAML file and the command line, as a plan; the command line wins."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from harness.errors import HarnessError, UnknownName

if TYPE_CHECKING:
    from harness.contracts import Evaluation
    from harness.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """Every flag of `harness run`, by its name; None: not given."""

    tasks: tuple[str, ...] | None = None
    constraint_type: tuple[str, ...] | None = None
    model: str | None = None
    model_option: dict[str, Any] | None = None
    extractor_model: str | None = None
    extractor_option: dict[str, Any] | None = None
    judge_model: str | None = None
    judge_option: dict[str, Any] | None = None
    evaluation: str | None = None
    option: dict[str, Any] | None = None
    preset: str | None = None
    limit: int | None = None
    domain_limit: int | None = None
    seed: int | None = None
    num_fewshot: int | None = None
    apply_chat_template: bool | None = None
    fewshot_as_multiturn: bool | None = None
    system_instruction: str | None = None
    output: str | None = None
    dataset_root: str | None = None
    include_path: tuple[str, ...] | None = None
    trust_tasks: tuple[str, ...] | None = None
    sandbox: str | None = None
    allow_weak_sandbox: bool | None = None
    executor: str | None = None
    executor_option: dict[str, Any] | None = None
    concurrency: int | None = None
    batch_size: int | None = None
    batch_api: bool | None = None
    max_cost: float | None = None
    max_tokens_total: int | None = None
    prices: str | None = None
    plugin: tuple[str, ...] | None = None
    disable_plugin: tuple[str, ...] | None = None
    dry_run: bool | None = None
    json: bool | None = None
    #: Flags of none of these names: options of the evaluation, until `with_options` has looked.
    further: dict[str, Any] | None = None


T = TypeVar("T")

#: Flags whose words are split at commas.
SPLIT = frozenset({"tasks", "constraint_type", "disable_plugin"})
LISTS = ("tasks", "constraint_type", "include_path", "trust_tasks", "plugin", "disable_plugin")
COUNTS = ("limit", "domain_limit", "concurrency", "batch_size", "max_tokens_total")


def pairs(words: Iterable[str], flag: str) -> dict[str, Any] | None:
    """Return the "name=value" words of a flag as a mapping; None where there are none.

    >>> pairs(["base_url=http://127.0.0.1/v1?a=b"], "--model-option")
    {'base_url': 'http://127.0.0.1/v1?a=b'}
    """
    found: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise HarnessError(f"{flag} {word!r}: give it as name=value")
        found[name.strip()] = value
    return found or None


def further_flags(words: Sequence[str]) -> dict[str, Any] | None:
    """Return the words that are no flag of ours as names with values; a name without a value is "true".

    Raises:
        HarnessError: a word that belongs to no flag.

    >>> further_flags(["--constraint-count", "1,2", "--touching", "--draws=4"])
    {'constraint_count': '1,2', 'touching': 'true', 'draws': '4'}
    """
    found: dict[str, Any] = {}
    name = ""
    for word in words:
        if word.startswith("--"):
            flag, equals, value = word[2:].partition("=")
            name = flag.replace("-", "_")
            found[name] = value if equals else "true"
            name = "" if equals else name
        elif name:
            found[name] = word
            name = ""
        else:
            raise HarnessError(f"unexpected word {word!r}: flags are given as --name value (several values: a,b)")
    return found or None


def flags_of(values: Mapping[str, Any], words: Sequence[str]) -> Flags:
    """Return the flags that a command line gives, with those of its `--config` file where it says nothing.

    Args:
        values: of the options of `harness run`, by name, as its command reads them.
        words: those that it does not know.

    Raises:
        HarnessError: a word that belongs to no flag, a value that cannot be, or a file that cannot be read.
    """
    names = [field.name for field in dataclasses.fields(Flags) if field.name in values]
    line = Flags(**{name: flag_value(name, values[name]) for name in names}, further=further_flags(words))
    return line if values["config"] is None else merged(from_file(Path(values["config"])), line)


def flag_value(name: str, value: Any) -> Any:
    """Return what the command line gave as a flag holds it; None where it was not given."""
    if name in SPLIT:
        return split(value)
    if name.endswith("option"):
        return pairs(value or (), f"--{name.replace('_', '-')}")
    if isinstance(value, (list, tuple)):
        return tuple(value) or None
    return value


def with_options(flags: Flags, evaluation: Evaluation) -> Flags:
    """Return the flags with those of the evaluation among its options, where they belong.

    An evaluation's options are its flags: `--constraint-count 1,2` is `--option constraint_count=1,2`.

    Raises:
        UnknownName: a flag that is neither ours nor the evaluation's.
    """
    options = {field.name for field in dataclasses.fields(evaluation.options)}
    ours = {field.name for field in dataclasses.fields(Flags)} - {"further"}
    for name in flags.further or ():
        if name not in options:
            known = (f"--{one.replace('_', '-')}" for one in options | ours | {"config"})
            hint = f"options of evaluation {evaluation.name}: `harness list evaluations -v`"
            raise UnknownName.among("flag", f"--{name.replace('_', '-')}", known, hint=hint)
    return dataclasses.replace(flags, option={**(flags.option or {}), **(flags.further or {})}, further=None)


def with_preset(flags: Flags, evaluation: Evaluation) -> Flags:
    """Return the flags with what their preset says where they say nothing; a limit of theirs, of either kind, wins.

    Raises:
        UnknownName: no such preset.
    """
    if not flags.preset:
        return flags
    known = {one.name: one for one in evaluation.presets}
    if flags.preset not in known:
        raise UnknownName.among(f"preset of evaluation {evaluation.name}", flags.preset, known)
    preset = known[flags.preset]
    limited = flags.limit is not None or flags.domain_limit is not None
    return dataclasses.replace(
        flags,
        option={**preset.option, **(flags.option or {})},
        domain_limit=flags.domain_limit if limited else preset.domain_limit,
    )


def split(words: Iterable[str] | None) -> tuple[str, ...] | None:
    """Return words split at commas; None where there are none.

    >>> split(["gsm8k,math500", "svamp"])
    ('gsm8k', 'math500', 'svamp')
    """
    parts = tuple(part.strip() for word in words or () for part in word.split(",") if part.strip())
    return parts or None


def from_file(path: Path) -> Flags:
    """Read flags from a YAML file: the names of the command line, with dashes or underscores.

    Raises:
        HarnessError: the file cannot be read, or a value does not fit.
    """
    import msgspec
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise HarnessError(f"--config {path}: {' '.join(str(error).split())}") from error
    if not isinstance(content, Mapping):
        raise HarnessError(f"--config {path}: must be a mapping of flags, such as `tasks: [gsm8k]`")
    values = {str(name).replace("-", "_"): value for name, value in content.items()}
    known = {field.name for field in dataclasses.fields(Flags)} - {"further"}
    values["further"] = {name: values.pop(name) for name in [*values] if name not in known} or None
    for name in LISTS:
        if isinstance(values.get(name), str):
            values[name] = split([values[name]])
    try:
        return msgspec.convert(values, Flags)
    except msgspec.ValidationError as error:
        raise HarnessError(f"--config {path}: {error}") from error


def merged(file: Flags, line: Flags) -> Flags:
    """Return the flags of both; the command line wins, options by name."""
    both: dict[str, Any] = {}
    for field in dataclasses.fields(Flags):
        low, high = getattr(file, field.name), getattr(line, field.name)
        if isinstance(low, dict) and isinstance(high, dict):
            both[field.name] = {**low, **high}
        else:
            both[field.name] = low if high is None else high
    return Flags(**both)


def plan_of(flags: Flags) -> Plan:
    """Return the plan that flags describe; what is not given comes from the environment or the plan's defaults.

    Raises:
        HarnessError: no tasks, or a number that cannot be.
    """
    from harness.plan import Plan, TaskSettings

    if not flags.tasks:
        raise HarnessError(
            "no tasks: give --tasks, such as --tasks demo or --tasks gsm8k (`harness list suites` shows what there is)"
        )
    for name in COUNTS:
        value = getattr(flags, name)
        if value is not None and value < 1:
            raise HarnessError(f"--{name.replace('_', '-')} {value}: must be at least 1")
    if flags.max_cost is not None and not flags.max_cost > 0:
        raise HarnessError(f"--max-cost {flags.max_cost:g}: must be above 0")
    if flags.num_fewshot is not None and flags.num_fewshot < 0:
        raise HarnessError(f"--num-fewshot {flags.num_fewshot}: must not be negative")
    root = flags.dataset_root or os.environ.get("HARNESS_DATASET_ROOT") or None
    if root is not None and not Path(root).is_dir():
        raise HarnessError(f"--dataset-root {root}: no such folder")
    settings = given(
        TaskSettings,
        num_fewshot=flags.num_fewshot,
        apply_chat_template=flags.apply_chat_template,
        fewshot_as_multiturn=flags.fewshot_as_multiturn,
        system_instruction=flags.system_instruction,
        dataset_root=root,
        include_path=flags.include_path,
        trust_tasks=flags.trust_tasks,
        sandbox=flags.sandbox,
        allow_weak_sandbox=flags.allow_weak_sandbox,
    )
    names = (
        "tasks",
        "evaluation",
        "option",
        "constraint_type",
        "model_option",
        "preset",
        "extractor_model",
        "extractor_option",
        "judge_model",
        "judge_option",
        "limit",
        "domain_limit",
        "seed",
        "executor",
        "executor_option",
        "concurrency",
        "batch_size",
        "batch_api",
        "max_cost",
        "max_tokens_total",
        "prices",
        "output",
    )
    fields = {name: getattr(flags, name) for name in names}
    model = flags.model or os.environ.get("HARNESS_MODEL") or None
    return given(Plan, settings=settings, model=model, **fields)


def given(declared: type[T], **values: Any) -> T:
    """Return an instance of a dataclass from the values that are not None."""
    return declared(**{name: value for name, value in values.items() if value is not None})
