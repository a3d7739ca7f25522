r"""What crosses between two processes that do not trust each other: plain data in JSON, framed by its length.

A value of an exact built-in type crosses by value and arrives as a fresh one, so whoever sends can state a value and
nothing more: no behaviour, no `__eq__`, no code. Everything else stays where it is and crosses as a number.

>>> text = encoded({"a": (1, 2.5, None), "b": {3}}, refuse)
>>> decoded(text, refuse)
{'a': (1, 2.5, None), 'b': {3}}
"""

from __future__ import annotations

import collections
import importlib
import json
import marshal
import os
from collections.abc import Callable
from typing import Any

#: The longest message that is read, in bytes.
LONGEST = 64 << 20
#: Integers that JSON carries as they are; others go as hexadecimals, which have no limit of digits.
SMALL = 1 << 63
#: Values nested deeper than this are refused, well before a decoder's own recursion fails.
DEEPEST = 400

#: Made of plain parts, by tag: type, value -> parts, parts -> value.
RICH: dict[str, tuple[type, Callable[[Any], Any], Callable[[Any], Any]]] = {
    "tuple": (tuple, list, tuple),
    "set": (set, list, set),
    "frozenset": (frozenset, list, frozenset),
    "bytes": (bytes, bytes.hex, bytes.fromhex),
    "bytearray": (bytearray, bytearray.hex, bytearray.fromhex),
    "complex": (complex, lambda value: [value.real, value.imag], lambda parts: complex(*parts)),
    "range": (range, lambda value: [value.start, value.stop, value.step], lambda parts: range(*parts)),
    "deque": (collections.deque, lambda value: [list(value), value.maxlen], lambda parts: collections.deque(*parts)),
    "counter": (collections.Counter, lambda value: list(value.items()), lambda parts: collections.Counter(dict(parts))),
    "ordered": (collections.OrderedDict, lambda value: list(value.items()), collections.OrderedDict),
}
TAGS = {kind: tag for tag, (kind, _, _) in RICH.items()}
#: Types of modules that few programs import, and so are not imported for all: value -> parts, type and parts -> value.
RARE: dict[str, tuple[Callable[[Any], Any], Callable[[Any, Any], Any]]] = {
    "fractions.Fraction": (lambda value: [value.numerator, value.denominator], lambda kind, parts: kind(*parts)),
    "decimal.Decimal": (str, lambda kind, text: kind(text)),
    "datetime.date": (lambda value: value.isoformat(), lambda kind, text: kind.fromisoformat(text)),
    "datetime.datetime": (lambda value: value.isoformat(), lambda kind, text: kind.fromisoformat(text)),
    "datetime.time": (lambda value: value.isoformat(), lambda kind, text: kind.fromisoformat(text)),
    "datetime.timedelta": (
        lambda value: [value.days, value.seconds, value.microseconds],
        lambda kind, parts: kind(*parts),
    ),
}
#: What a subclass of a built-in type is worth; `defaultdict`, named tuples and `IntEnum` among them.
BASES: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (int, int.__int__),
    (float, float.__float__),
    (str, str.__str__),
    (collections.OrderedDict, lambda value: collections.OrderedDict(dict.items(value))),
    (dict, lambda value: dict(dict.items(value))),
    (list, lambda value: list(list.__iter__(value))),
    (tuple, lambda value: tuple(tuple.__iter__(value))),
    (set, lambda value: set(set.__iter__(value))),
    (frozenset, lambda value: frozenset(frozenset.__iter__(value))),
)

#: Turns what is no plain data into something that JSON holds, and back.
Ref = Callable[[Any], Any]


class Unplain(TypeError):
    """A value that cannot cross."""


def refuse(value: Any) -> Any:
    """Take no value but plain ones."""
    raise Unplain(f"a {type(value).__name__} cannot cross")


def encoded(value: Any, refer: Ref) -> Any:
    """Return a value as JSON's own; `refer` is asked for a reference to what is not plain."""
    return _down(value, refer, 0)


def _down(value: Any, refer: Ref, depth: int) -> Any:  # noqa: PLR0911  # one case a line
    kind = type(value)
    if value is None or kind is bool or kind is float or kind is str:
        return value
    if kind is int:
        return value if -SMALL < value < SMALL else {"int": hex(value)}
    if depth > DEEPEST:
        raise RecursionError("nested too deeply to cross")
    if kind is list:
        return [_down(item, refer, depth + 1) for item in value]
    if kind is dict:
        return {"dict": [[_down(k, refer, depth + 1), _down(v, refer, depth + 1)] for k, v in value.items()]}
    tag = TAGS.get(kind)
    if tag is not None:
        return {tag: _down(RICH[tag][1](value), refer, depth + 1)}
    name = f"{kind.__module__}.{kind.__qualname__}"
    if name in RARE and kind is _rare(name):
        return {name: _down(RARE[name][0](value), refer, depth + 1)}
    for base, plain in BASES:
        if isinstance(value, base):
            return _down(plain(value), refer, depth + 1)
    return {"ref": refer(value)}


def _rare(name: str) -> Any:
    """Return one of the rare types."""
    home, _, kind = name.rpartition(".")
    return getattr(importlib.import_module(home), kind)


def decoded(value: Any, resolve: Ref) -> Any:  # noqa: PLR0911  # one case a line
    """Return the value that JSON stands for; `resolve` is given each reference.

    Raises:
        ValueError: it stands for none.
    """
    kind = type(value)
    if kind is list:
        return [decoded(item, resolve) for item in value]
    if kind is not dict:
        return value
    if len(value) != 1:
        raise ValueError("no value")
    tag, parts = next(iter(value.items()))
    if tag == "dict":
        return {decoded(k, resolve): decoded(v, resolve) for k, v in parts}
    if tag == "int":
        return int(parts, 16)
    if tag == "ref":
        return resolve(parts)
    if tag in RARE:
        return RARE[tag][1](_rare(tag), decoded(parts, resolve))
    if tag not in RICH:
        raise ValueError("no value")
    return RICH[tag][2](decoded(parts, resolve))


#: The encoder of `json.dumps`, made once: making it costs a forked process more than what it is used for.
PLAINLY = (None, refuse, json.encoder.encode_basestring_ascii, None, ":", ",", False, False, True)
TO_JSON = json.encoder.c_make_encoder(*PLAINLY)  # type: ignore[attr-defined]


FROM_JSON = json.JSONDecoder().decode
#: Bytes that are read at once, if there are as many.
BLOCK = 1 << 16


def framed(text: bytes) -> bytes:
    """Return a message with its length before it."""
    return len(text).to_bytes(4, "big") + text


def written(descriptor: int, text: bytes) -> None:
    """Write all of a text."""
    view = memoryview(text)
    while view:
        view = view[os.write(descriptor, view) :]


def read(descriptor: int, length: int) -> bytes:
    """Return so many bytes.

    Raises:
        EOFError: the other side has gone.
    """
    blocks = []
    while length:
        block = os.read(descriptor, min(length, 1 << 20))
        if not block:
            raise EOFError
        blocks.append(block)
        length -= len(block)
    return blocks[0] if len(blocks) == 1 else b"".join(blocks)


class Channel:
    """One end of a conversation over two descriptors, in JSON: what it says is never more than data."""

    def __init__(self, reading: int, writing: int) -> None:
        """Take the descriptors to read from and to write to."""
        self.reading, self.writing = reading, writing
        #: What was read beyond the last message.
        self.ahead = b""

    def send(self, message: Any) -> None:
        """Write a message."""
        written(self.writing, framed("".join(TO_JSON(message, 0)).encode("ascii")))

    def receive(self) -> Any:
        """Return the next message.

        Raises:
            EOFError: the other side has gone; ValueError: what it sent is no message.
        """
        return FROM_JSON(self._next().decode("ascii"))

    def _next(self) -> bytes:
        while len(self.ahead) < 4:  # noqa: PLR2004  # of the length
            self.ahead += self._block()
        stop = 4 + int.from_bytes(self.ahead[:4], "big")
        if stop > LONGEST:
            raise ValueError("a message too long")
        if len(self.ahead) < stop:
            blocks, left = [self.ahead], stop - len(self.ahead)
            while left > 0:
                blocks.append(self._block())
                left -= len(blocks[-1])
            self.ahead = b"".join(blocks)
        text, self.ahead = self.ahead[4:stop], self.ahead[stop:]
        return text

    def _block(self) -> bytes:
        block = os.read(self.reading, BLOCK)
        if not block:
            raise EOFError
        return block


class ProgramEnd(Channel):
    """The program's end: it trusts what the tests send, so that may be quicker to read."""

    def receive(self) -> Any:
        """Return the next message; see `Channel.receive`."""
        return marshal.loads(self._next())  # noqa: S302  # of the tests, which the program cannot speak for


class TestsEnd(Channel):
    """The tests' end: what it reads is JSON, whoever wrote it."""

    def send(self, message: Any) -> None:
        """Write a message."""
        written(self.writing, framed(marshal.dumps(message)))
