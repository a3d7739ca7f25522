"""Everything that can go wrong and be explained, so that a user reads one clear line.

HarnessError            exit status 2; the message is for the user
├── UnknownName         a name that nothing offers
├── PluginError         a plugin that cannot be loaded, clashes, or raised
├── TaskError           a task that cannot be built, rendered or scored
│   └── DataUnavailable its rows can be had neither from a folder nor from the hub
├── BackendError        a model that cannot be opened, or cannot do what is asked of it
├── SandboxError        generated code cannot be confined as asked, or the sandbox itself failed
├── RequestFailed       one request failed for good; becomes an unscored document
└── StoreError          a store or run folder that cannot be read or written
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class HarnessError(Exception):
    """Something the user can mend; the message says what, whose it is and how."""


class UnknownName(HarnessError):
    """A name was asked for that nothing offers."""

    @classmethod
    def among(cls, kind: str, name: str, known: Iterable[str], hint: str = "") -> UnknownName:
        """Name the nearest known names, so that a slip of the finger is mended at a glance."""
        names = sorted(known)
        near = difflib.get_close_matches(name, names, n=3)
        if near:
            known_text = f"did you mean {' or '.join(near)}?"
        elif len(names) <= 12:  # noqa: PLR2004  # what fits on a line
            known_text = f"known: {', '.join(names) or 'none'}"
        else:
            known_text = f"{len(names):,} are known"
        return cls(f"no {kind} named {name!r}; {known_text}{f' ({hint})' if hint else ''}")


class PluginError(HarnessError):
    """A plugin cannot be loaded, clashes with another, or raised."""


class TaskError(HarnessError):
    """A task cannot be built, rendered or scored."""


class DataUnavailable(TaskError):
    """The rows of a task can be had neither from a folder nor from the hub."""


class BackendError(HarnessError):
    """A model cannot be opened, or cannot do what is asked of it."""


class SandboxError(HarnessError):
    """Generated code cannot be confined as asked, or the sandbox itself failed; says nothing of the code."""


class RequestFailed(HarnessError):
    """One request failed for good; the document becomes unscored, the run goes on."""


class StoreError(HarnessError):
    """A store or a run folder cannot be read or written."""


class blame:  # noqa: N801  # used as a word of the language; as a generator it would take three times as long
    """Attribute whatever foreign code raises to the one it belongs to: `with blame("task gsm8k, score"): ...`.

    Errors that already carry a message for the user pass unchanged.

    Raises:
        HarnessError: of the given kind, with the original as its cause.
    """

    __slots__ = ("kind", "whose")

    def __init__(self, whose: str, kind: type[HarnessError] = PluginError) -> None:
        self.whose = whose
        self.kind = kind

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, Exception) and not isinstance(error, HarnessError):
            raise self.kind(f"{self.whose}: {described(error)}") from error


def described(error: BaseException) -> str:
    """Return an error in one line, its type first.

    >>> described(KeyError("answer"))
    "KeyError: 'answer'"
    """
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
