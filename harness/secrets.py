"""Keeps secrets out of everything that is written: secret options, and keys of the environment."""

from __future__ import annotations

import dataclasses
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.data import Json

#: What stands where a secret stood.
MASK = "***"

SECRET_NAME = re.compile(r"key|token(?!s|iz)|secret|passw|credential|auth", re.IGNORECASE)
USERINFO = re.compile(r"(?<=://)[^/@\s]+@")
SHORTEST = 6  # a shorter value of the environment would blot out innocent text


@dataclass(frozen=True, slots=True)
class Secrets:
    """The secret values of one run, and the names of the options that hold them."""

    values: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()

    def hide(self, text: str) -> str:
        """Return the text with every secret masked.

        >>> Secrets(("sk-12345678",)).hide("401 for sk-12345678 at http://me:pw@host/")
        '401 for *** at http://***@host/'
        """
        for value in self.values:
            text = text.replace(value, MASK)
        return USERINFO.sub(f"{MASK}@", text)

    def hidden(self, value: Json) -> Json:
        """Return a JSON value with every secret in its strings and names masked."""
        if isinstance(value, str):
            return self.hide(value)
        if isinstance(value, Mapping):
            return {self.hide(str(key)): self.hidden(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.hidden(item) for item in value]
        return value

    def hidden_options(self, options: Mapping[str, Json]) -> dict[str, Json]:
        """Return options as they may be written: one that is secret by name is masked whatever it holds."""
        return {name: MASK if self._secret(name) else self.hidden(value) for name, value in options.items()}

    def _secret(self, name: str) -> bool:
        return name.replace("-", "_") in self.names or SECRET_NAME.search(name) is not None


def secrets_of(*options: Mapping[str, Json], declared: Iterable[str] = ()) -> Secrets:
    """Return the secrets among options, and those of the environment.

    Args:
        options: by name, as the user gave them; values may be nested, or JSON in a word.
        declared: names of options that are secret by declaration.
    """
    names = frozenset(declared)
    given = {leaf for one in options for leaf in secret_leaves(one, names)}
    around = {value for name, value in os.environ.items() if SECRET_NAME.search(name)}
    around = {value for value in around if len(value) >= SHORTEST and not value.isdigit() and not value.startswith("/")}
    return Secrets(tuple(sorted(given | around, key=lambda value: (-len(value), value))), names)


def secret_leaves(options: Mapping[str, Json], names: frozenset[str]) -> Iterator[str]:
    """Yield the texts under the names that are secret.

    >>> sorted(secret_leaves({"headers": '{"X-Api-Key": "a1", "Accept": "json"}', "model": "m"}, frozenset()))
    ['a1']
    """
    for name, given in options.items():
        value = decoded(given)
        if name.replace("-", "_") in names or SECRET_NAME.search(name):
            yield from leaves(value)
        elif isinstance(value, Mapping):
            yield from secret_leaves(value, names)


def leaves(value: Json) -> Iterator[str]:
    """Yield the texts and numbers that a value holds, as texts."""
    if isinstance(value, Mapping):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from leaves(item)
    elif value is not None and not isinstance(value, bool) and str(value):
        yield str(value)


def decoded(value: Json) -> Json:
    """Return the mapping or list that a word writes as JSON; other values as they are."""
    if isinstance(value, str) and value[:1] in {"{", "["}:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def secret_fields(options: type[Any]) -> tuple[str, ...]:
    """Return the fields of an option dataclass declared secret."""
    return tuple(field.name for field in dataclasses.fields(options) if field.metadata.get("secret"))
