"""A study as its file tells of it: a lineage, a model for each member, tasks, and what is run of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import msgspec

from harness import HarnessError, Json
from harness_paradigms import lineage_file

READY = Path(__file__).parent / "studies"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One run of every member."""

    #: First documents of each task; None: the study's.
    limit: int | None = None
    constraint_type: tuple[str, ...] = ("all",)
    #: Options of the evaluation.
    option: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A study: every key of its file."""

    title: str
    about: str = ""
    #: A lineage file, beside the study's file, or the name of a ready-made one.
    lineage: str
    #: By member of the lineage, in the order of the report: BACKEND or BACKEND:NAME.
    models: Mapping[str, str]
    tasks: tuple[str, ...]
    limit: int = 40
    seed: int = 0
    #: Each member's own constraints, one at a time: SustainScore, families, failures, attention.
    own: Part
    #: The constraints that all members share: the ladder. None: it is left out.
    portable: Part | None = None
    #: Nested constraints: the scale and the sustain curve. None: they are left out.
    scale: Part | None = None
    #: First documents of each task whose attention is measured; 0: none.
    attention: int = 0
    #: Python files that are plugins, beside the study's file.
    plugins: tuple[str, ...] = ()


def known_keys(told: Any) -> None:
    """Check that a study has no key that means nothing.

    Raises:
        msgspec.ValidationError: it has one.
    """
    if not isinstance(told, dict):
        raise msgspec.ValidationError("it is no mapping of keys")
    parts = [told[name] for name in ("own", "portable", "scale") if isinstance(told.get(name), dict)]
    for kind, given in ((Study, told), *((Part, part) for part in parts)):
        odd = [str(key) for key in given if key not in {one.name for one in fields(kind)}]
        if odd:
            raise msgspec.ValidationError(f"no such key: {', '.join(odd)}")


def read_study(name: str) -> Study:
    """Return the study of a file, or a ready-made one by its name.

    Raises:
        HarnessError: it cannot be read, or is not as it should be.
    """
    import yaml

    ready = READY / f"{name}.yaml"
    path = ready if ready.is_file() and not Path(name).is_file() else Path(name)
    try:
        told: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        known_keys(told)
        study = msgspec.convert(told, Study)
    except OSError as error:
        known = ", ".join(sorted(one.stem for one in READY.glob("*.yaml")))
        raise HarnessError(f"study {name}: {error.strerror}; give a file, or one of: {known}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise HarnessError(f"study {path}: not YAML: {' '.join(str(error).split())}") from error
    except msgspec.ValidationError as error:
        raise HarnessError(f"study {path}: {error}") from error
    if not study.models or not study.tasks or study.limit < 1:
        raise HarnessError(f"study {path}: it needs models, tasks and a limit of at least 1")
    beside = path.parent
    return replace(
        study,
        lineage=str(lineage_file(study.lineage, beside)),
        plugins=tuple(str(beside / one) for one in study.plugins),
    )
