"""The program's side: execute it, then answer what the tests ask of its functions, classes and values.

Nothing here is trusted. Whatever the program does to this process, all it can send is plain data: the result of a call
that was asked for. It never learns what the tests expect.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
import operator
import os
import random
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

from harness_sandbox.inside.wire import Channel, ProgramEnd, decoded, encoded, read

#: What the tests may do with an object of the program. No operator that would hand it the value it is compared with.
OPERATIONS: dict[str, Callable[..., Any]] = {
    "call": lambda function, arguments, named: function(*arguments, **named),
    "getattr": getattr,
    "setattr": setattr,
    "delattr": delattr,
    "iter": iter,
    "next": next,
    "reversed": reversed,
    "len": len,
    "bool": bool,
    "str": str,
    "repr": repr,
    "format": format,
    "int": int,
    "float": float,
    "index": operator.index,
    "abs": abs,
    "neg": operator.neg,
    "getitem": operator.getitem,
    "setitem": operator.setitem,
    "delitem": operator.delitem,
    "enter": lambda manager: type(manager).__enter__(manager),
    "exit": lambda manager: type(manager).__exit__(manager, None, None, None),
    "isinstance": isinstance,
    "issubclass": issubclass,
    # Between two objects of the program, which its own methods may compare.
    **{name: getattr(operator, name) for name in ("eq", "ne", "lt", "le", "gt", "ge", "add", "sub", "mul", "truediv")},
}


class Program:
    """A program that was executed, with the objects that the tests hold of it."""

    def __init__(self, channel: Channel) -> None:
        """Begin with no program."""
        self.channel = channel
        self.module = types.ModuleType("program")
        self.objects: list[Any] = []
        self.numbers: dict[int, int] = {}

    def load(self, source: str) -> bool:
        """Execute the program as a module; tell the tests how that went, and return whether it ran to its end."""
        try:
            code = compile(source, "<program>", "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
            self.channel.send({"syntax": described(error)})
            return False
        sys.modules["program"] = self.module
        try:
            exec(code, self.module.__dict__)  # noqa: S102  # what it is for
        except BaseException as error:  # noqa: BLE001  # whatever it raises is its outcome
            self.channel.send({"raised": self.raised(error)})
            return False
        with contextlib.suppress(Exception):  # a program may have closed it
            sys.stdout.flush()
        self.channel.send({"loaded": True})
        return True

    def serve(self) -> None:
        """Answer until the tests have ended."""
        with contextlib.suppress(EOFError):
            while True:
                self.answer(self.channel.receive())

    def answer(self, asked: Any) -> None:
        """Carry out one request and send what came of it."""
        try:
            reply = self.global_named(asked["global"]) if "global" in asked else self.carried_out(asked)
        except BaseException as error:  # noqa: BLE001  # the tests are told, and decide
            reply = {"raised": self.raised(error)}
        self.channel.send(reply)

    def global_named(self, name: str) -> dict[str, Any]:
        """Return a name of the program's top level, or that there is none."""
        return {"value": self.out(self.module.__dict__[name])} if name in self.module.__dict__ else {"absent": True}

    def carried_out(self, asked: Any) -> dict[str, Any]:
        """Return the result of an operation, and its arguments if it changed them."""
        before = asked["with"]
        arguments = decoded(before, self.resolve)
        result = OPERATIONS[asked["do"]](*arguments)
        reply = {"value": self.out(result)}
        after = self.out(arguments)
        if after != before:
            reply["changed"] = after
        return reply

    def out(self, value: Any) -> Any:
        """Return a value as it crosses."""
        return encoded(value, self.refer)

    def refer(self, value: Any) -> Any:
        """Return the reference under which the tests hold an object; a built-in class is known to both by its name."""
        if isinstance(value, Told):
            return {"theirs": value.number}
        name = getattr(value, "__name__", "")
        if isinstance(value, type) and builtins.__dict__.get(name) is value:
            return {"builtin": name}
        number = self.numbers.get(id(value))
        if number is None:
            number = self.numbers[id(value)] = len(self.objects)
            self.objects.append(value)  # and so it stays alive, and its `id` its own
        if isinstance(value, type) and issubclass(value, BaseException):
            return {"number": number, "exception": self.lineage(value)}
        return {"number": number}  # as the tests refer to it, so that an argument that did not change is seen as such

    def lineage(self, kind: type[BaseException]) -> list[str | list[Any]]:
        """Return the classes of an exception from the first built-in one down: a name, then [number, name] of each."""
        line: list[str | list[Any]] = []
        for parent in kind.__mro__:
            if builtins.__dict__.get(parent.__name__) is parent:
                return [parent.__name__, *reversed(line)]
            number = self.numbers.setdefault(id(parent), len(self.objects))
            if number == len(self.objects):
                self.objects.append(parent)
            line.append([number, parent.__name__])
        return ["Exception", *reversed(line)]

    def resolve(self, ref: Any) -> Any:
        """Return the object that the tests refer to."""
        if "number" in ref:
            return self.objects[ref["number"]]
        if "module" in ref:
            found: Any = importlib.import_module(ref["module"])
            for part in ref["name"].split("."):
                found = getattr(found, part)
            return found
        return Told(self, ref["theirs"])

    def ask(self, number: int, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Call a function of the tests that was handed to the program, and answer what they ask meanwhile."""
        self.channel.send({"call": number, "with": self.out([list(arguments), named])})
        while True:
            reply = self.channel.receive()
            if "returned" in reply:
                return decoded(reply["returned"], self.resolve)
            if "failed" in reply:
                raise RuntimeError(reply["failed"])
            self.answer(reply)

    def raised(self, error: BaseException) -> dict[str, Any]:
        """Return an exception as it crosses: its classes, its arguments where they are plain, one line for a reader."""
        arguments = []
        with contextlib.suppress(BaseException):
            arguments = [encoded(item, _unplain) for item in error.args]
        return {"lineage": self.lineage(type(error)), "args": arguments, "text": described(error)}


class Told:
    """A function or an iterator of the tests, as the program sees it."""

    def __init__(self, program: Program, number: int) -> None:
        """Remember whose it is."""
        self.program, self.number = program, number

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Call it where it lives."""
        return self.program.ask(self.number, arguments, named)

    def __iter__(self) -> Iterator[Any]:
        """Go through an iterator of the tests."""
        while True:
            got = self.program.ask(self.number, (), {})
            if not got:
                return
            yield got[0]


def _unplain(value: Any) -> Any:
    """Say no."""
    raise TypeError(type(value).__name__)


def described(error: BaseException) -> str:
    """Return an exception in one line, with the line of the program that raised it."""
    line = error.lineno if isinstance(error, SyntaxError) else None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<program>":
            line = trace.tb_lineno
        trace = trace.tb_next
    try:
        text = " ".join(str(error.msg if isinstance(error, SyntaxError) else error).split())[:500]
    except BaseException:  # noqa: BLE001  # `__str__` is the program's, too
        text = "(its message cannot be read)"
    where = f" (line {line})" if line else ""
    early = ": the program left before its end" if isinstance(error, SystemExit) else ""
    return f"{type(error).__name__}{': ' if text else ''}{text}{where}{early}"


def obey(reading: int, writing: int, text: int) -> None:
    """Read a program from a descriptor, execute it and serve its tests; never returns."""
    program = Program(ProgramEnd(reading, writing))
    leave = os._exit
    try:
        source = read(text, int.from_bytes(read(text, 4), "big")).decode()
        os.close(text)
        random.seed(0)  # so that a verdict is repeatable; a fork would otherwise seed it anew
        if program.load(source):
            program.serve()
    finally:
        leave(0)
