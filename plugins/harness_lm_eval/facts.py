"""What a manifest and a results file tell of a task: its settings as text, its version, and hashes of file and rows."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from harness import Json
from harness.secrets import MASK, SECRET_NAME
from harness_lm_eval.data import Sources
from harness_lm_eval.scoring import plain


def facts_of(engine: Any, file: Path | None, number: int, sources: Sources) -> Mapping[str, Json]:
    """Return what is to be known of an opened task, as JSON and without secrets."""
    config = engine.config
    return {
        "config": told(engine.dump_config()),
        "version": str(engine.VERSION),
        "docs": number,
        "num_fewshot": int(getattr(config, "num_fewshot", None) or 0),
        "output_type": str(engine.OUTPUT_TYPE),
        "dataset": {"path": engine.DATASET_PATH, "name": engine.DATASET_NAME, "from": dict(sources.used)},
        "file_sha256": hashlib.sha256(file.read_bytes()).hexdigest() if file is not None else None,
        "lm_eval": version("lm-eval"),
    }


def told(value: Any, name: str = "") -> Json:
    """Return a setting as JSON: functions by their source, as lm-eval tells them, secrets masked by their name."""
    if name and isinstance(value, str) and SECRET_NAME.search(name) and name != "doc_to_target":
        return MASK
    if isinstance(value, Mapping):
        return {str(key): told(item, str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [told(item, name) for item in value]
    if callable(value):
        return source(value)
    return plain(value)


def source(function: Any) -> str:
    """Return the source of a function; its name where there is none."""
    try:
        return inspect.getsource(function)
    except (OSError, TypeError):
        return str(getattr(function, "__qualname__", type(function).__qualname__))
