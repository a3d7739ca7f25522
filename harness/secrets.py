"""Keeps secrets out of everything that is written: secret options, and keys of the environment."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.data import Json

#: What stands where a secret stood.
MASK = "***"

SECRET_NAME = re.compile(r"key|token(?!s|iz)|secret|passw|credential|auth", re.IGNORECASE)
USERINFO = re.compile(r"(?<=://)[^/@\s]+@")
SHORTEST = 6  # a shorter value would blot out innocent text


@dataclass(frozen=True, slots=True)
class Secrets:
    """The secret values of one run."""

    values: tuple[str, ...] = ()

    def hide(self, text: str) -> str:
        """Return the text with every secret masked.

        >>> Secrets(("sk-12345678",)).hide("401 for sk-12345678 at http://me:pw@host/")
        '401 for *** at http://***@host/'
        """
        for value in self.values:
            text = text.replace(value, MASK)
        return USERINFO.sub(f"{MASK}@", text)

    def hidden(self, value: Json) -> Json:
        """Return a JSON value with every secret in its strings masked."""
        if isinstance(value, str):
            return self.hide(value)
        if isinstance(value, Mapping):
            return {key: self.hidden(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.hidden(item) for item in value]
        return value


def secrets_of(options: Mapping[str, Json], declared: Iterable[str] = ()) -> Secrets:
    """Return the secrets among options, and those of the environment.

    Args:
        options: by name, as the user gave them.
        declared: names of options that are secret by declaration.
    """
    named = set(declared)
    given = [str(value) for name, value in options.items() if value and (name in named or SECRET_NAME.search(name))]
    around = [value for name, value in os.environ.items() if SECRET_NAME.search(name)]
    values = {
        value for value in (*given, *around) if len(value) >= SHORTEST and not value.isdigit() and "/" not in value[:1]
    }
    return Secrets(tuple(sorted(values, key=len, reverse=True)))


def secret_fields(options: type[Any]) -> tuple[str, ...]:
    """Return the fields of an option dataclass declared secret."""
    return tuple(field.name for field in dataclasses.fields(options) if field.metadata.get("secret"))
