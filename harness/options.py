"""Options by name into the dataclass that declares them, with an error that names what is known."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from harness.data import Json
from harness.errors import HarnessError, UnknownName
from harness.seal import hash_of

T = TypeVar("T")


def options_from(declared: type[T], given: Mapping[str, Json], whose: str) -> T:
    """Return an instance of an option dataclass.

    Words of the command line are read as the field's type: "4" as a number, "1,2,4" as a tuple,
    "true" as a bool, "none" as None.

    Args:
        declared: the dataclass.
        given: by name; a dash counts as an underscore.
        whose: for the error: "evaluation sustainscore".

    Raises:
        UnknownName: an option that the dataclass does not have.
        HarnessError: a value that its type does not take.
    """
    hints = typing.get_type_hints(declared)
    known = {field.name for field in dataclasses.fields(declared)}  # type: ignore[arg-type]
    values = {name.replace("-", "_"): value for name, value in given.items()}
    for name in values:
        if name not in known:
            raise UnknownName.among(f"option of {whose}", name, known)
    built: dict[str, Any] = {}
    for name, value in values.items():
        try:
            built[name] = msgspec.convert(parts_of(value, hints[name]), hints[name], strict=False)
        except msgspec.ValidationError as error:
            raise HarnessError(f"{whose}, option {name}: {value!r} does not fit: {error}") from error
    try:
        return declared(**built)
    except (ValueError, TypeError) as error:
        raise HarnessError(f"{whose}: {error}") from error


def parts_of(value: Json, hint: Any) -> Json:
    """Return a word split at its commas where a sequence is wanted, read as JSON where a mapping is.

    >>> parts_of("1, 2", tuple[int, ...]), parts_of('{"a": 1}', dict[str, int]), parts_of("a,b", str)
    (['1', '2'], {'a': 1}, 'a,b')
    >>> parts_of("none", float | None), parts_of("a,b", tuple[str, ...] | None), parts_of("none", str)
    (None, ['a', 'b'], 'none')
    """
    kinds = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    origins = {typing.get_origin(kind) or kind for kind in kinds}
    if types.NoneType in origins and isinstance(value, str) and value in {"none", "None", "null"}:
        return None
    if origins & {Mapping, dict} and isinstance(value, str):
        return json_of(value)
    sequence = origins & {tuple, list}
    if sequence and isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if sequence and not isinstance(value, (list, tuple)):
        return [value]
    return value


def json_of(word: str) -> Json:
    """Return the mapping that a word of the command line writes as JSON; the word itself if it is none."""
    try:
        return msgspec.json.decode(word)
    except msgspec.DecodeError:
        return word


def described_options(declared: type[Any]) -> list[dict[str, Json]]:
    """Return name, type and default of every option, for `harness list ... -v`."""
    rows = []
    for field in dataclasses.fields(declared):
        default = "" if field.default is dataclasses.MISSING else field.default
        rows.append(
            {
                "name": field.name,
                "type": str(field.type),
                "default": str(default),
                "help": str(field.metadata.get("help", "")),
            }
        )
    return rows


def option_files(options: object) -> dict[str, str]:
    """Return the SHA-256 of each file that an option names, by option; the run is another if one has changed.

    Raises:
        HarnessError: a file cannot be read.
    """
    found: dict[str, str] = {}
    for field in dataclasses.fields(options):  # type: ignore[arg-type]
        path = getattr(options, field.name) if field.metadata.get("file") else None
        if path:
            try:
                found[field.name] = hash_of(Path(path))
            except OSError as error:
                raise HarnessError(f"option {field.name}: {path}: {error.strerror}") from error
    return found
