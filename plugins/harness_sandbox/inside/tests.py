"""The tests' side: run the tests against a program in another process, and be the only one to say how they ended.

    tests: assert add(2, 3) == 5        program: def add(a, b): ...
        add is not here ──call 2, 3──────────>  add(2, 3)
        5 == 5, here    <──value 5───────────

A name that the tests do not define and that is no built-in stands for the program's. Plain data crosses by value, so
every comparison of a result with what is expected happens here, between values of built-in types. An object of the
program stays there; here it is a `Remote`, which can be called, read, written and gone through, and which is equal to
nothing but an object of the program.
"""

from __future__ import annotations

import builtins
import contextlib
import json
import os
import random
import resource
import socket
import sys
import time
import types
from collections.abc import Callable, Collection, Iterator
from typing import Any

from harness_sandbox.inside.wire import Channel, TestsEnd, decoded, encoded, read

#: How tests end, and one line on why.
Ending = tuple[str, str]


class Gone(BaseException):
    """The program has ended, or sent what is no answer; no test can catch it as an `Exception`."""


class Remote:
    """An object of the program."""

    __slots__ = ("_number", "_peer")

    def __init__(self, peer: Peer, number: int) -> None:
        """Remember which one."""
        object.__setattr__(self, "_peer", peer)
        object.__setattr__(self, "_number", number)

    def __getattr__(self, name: str) -> Any:
        """Read an attribute."""
        return self._peer.do("getattr", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        """Write an attribute."""
        self._peer.do("setattr", self, name, value)

    def __delattr__(self, name: str) -> None:
        """Delete an attribute."""
        self._peer.do("delattr", self, name)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Call it."""
        return self._peer.do("call", self, arguments, named)

    def __exit__(self, *_: object) -> Any:
        """Leave it; the exception of the tests stays theirs."""
        return self._peer.do("exit", self)

    def __instancecheck__(self, instance: Any) -> bool:
        """Whether an object of the program is an instance of this class of the program."""
        return isinstance(instance, Remote) and bool(self._peer.do("isinstance", instance, self))

    def __hash__(self) -> int:
        """Hash by identity, as equality is."""
        return hash(("remote", self._number))

    def __eq__(self, other: object) -> bool:
        """Compare two objects of the program by its own rule; it equals nothing else, whatever it claims."""
        if self is other:
            return True
        return isinstance(other, Remote) and bool(self._peer.do("eq", self, other))

    def __ne__(self, other: object) -> bool:
        """Return the opposite of equality."""
        return not self == other


def _unary(operation: str) -> Callable[..., Any]:
    def method(self: Remote, *arguments: Any) -> Any:
        return self._peer.do(operation, self, *arguments)

    return method


def _binary(operation: str) -> Callable[..., Any]:
    def method(self: Remote, other: Any) -> Any:
        return self._peer.do(operation, self, other) if isinstance(other, Remote) else NotImplemented

    return method


for _name in ("iter", "next", "reversed", "len", "bool", "str", "repr", "int", "float", "index", "abs", "neg", "enter"):
    setattr(Remote, f"__{_name}__", _unary(_name))
for _name in ("getitem", "setitem", "delitem", "format"):
    setattr(Remote, f"__{_name}__", _unary(_name))
for _name in ("lt", "le", "gt", "ge", "add", "sub", "mul", "truediv"):
    setattr(Remote, f"__{_name}__", _binary(_name))


class Peer:
    """The program, as the tests reach it."""

    def __init__(self, channel: Channel) -> None:
        """Take the channel to it."""
        self.channel = channel
        self.remotes: dict[int, Remote] = {}
        self.exceptions: dict[int, type[BaseException]] = {}
        self.handed: list[Any] = []
        #: Whether the program was found gone, which tests that catch everything must not hide.
        self.gone = False

    def do(self, operation: str, *arguments: Any) -> Any:
        """Have an operation carried out by the program; what it changed in its arguments is changed here, too."""
        sent = self.out(list(arguments))
        reply = self.asked({"do": operation, "with": sent})
        if "changed" in reply:
            update(list(arguments), self.read(reply["changed"]))
        return self.read(reply.get("value"))

    def named(self, name: str) -> Any:
        """Return what the program calls by a name.

        Raises:
            KeyError: nothing.
        """
        reply = self.asked({"global": name})
        if "value" not in reply:
            raise KeyError(name)
        return self.read(reply["value"])

    def asked(self, message: Any) -> dict[str, Any]:
        """Send a request and return the answer; calls of functions that were handed over are served meanwhile."""
        self.send(message)
        while True:
            reply = self.receive()
            if "call" in reply:
                self.send(self.called(reply))
            elif "raised" in reply:
                raise self.exception(reply["raised"])
            else:
                return reply

    def send(self, message: Any) -> None:
        """Send; a program that has gone hears nothing."""
        try:
            self.channel.send(message)
        except OSError:
            raise self.lost() from None

    def lost(self) -> Gone:
        """Note that the program has gone."""
        self.gone = True
        return Gone()

    def receive(self) -> dict[str, Any]:
        """Return the next message of the program."""
        try:
            reply = self.channel.receive()
        except (EOFError, OSError, ValueError, RecursionError, MemoryError):
            raise self.lost() from None
        if not isinstance(reply, dict):
            raise self.lost()
        return reply

    def called(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the result of a function of the tests that the program was handed."""
        try:
            arguments, named = self.read(request["with"])
            return {"returned": self.out(self.handed[request["call"]](*arguments, **named))}
        except Exception as error:  # noqa: BLE001  # it is raised in the program, which may catch it
            return {"failed": f"{type(error).__name__}: {error}"}

    def read(self, value: Any) -> Any:
        """Return a value that the program sent."""
        try:
            return decoded(value, self.resolve)
        except Exception:  # noqa: BLE001  # whatever is wrong with it
            raise self.lost() from None

    def out(self, value: Any) -> Any:
        """Return a value as it crosses."""
        return encoded(value, self.refer)

    def resolve(self, ref: Any) -> Any:
        """Return what stands here for an object of the program."""
        if "builtin" in ref:
            found = builtins.__dict__[ref["builtin"]]
            if not isinstance(found, type):
                raise TypeError
            return found
        if "theirs" in ref:
            return self.handed[ref["theirs"]]
        if "exception" in ref:
            return self.exception_class(ref["exception"])
        number = int(ref["number"])
        return self.remotes.setdefault(number, Remote(self, number))

    def refer(self, value: Any) -> Any:
        """Return a reference to what is no plain data: the program's own, the library's, a function of the tests.

        Raises:
            TypeError: an object of the tests that cannot cross.
        """
        if isinstance(value, Remote):
            return {"number": value._number}  # noqa: SLF001  # this module's
        for number, kind in self.exceptions.items():
            if kind is value:
                return {"number": number}
        home, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
        if isinstance(value, type | types.BuiltinFunctionType) and home in sys.stdlib_module_names and name:
            return {"module": home, "name": name}
        if isinstance(value, Iterator):
            self.handed.append(stepping(value))
        elif callable(value) and not isinstance(value, type):
            self.handed.append(value)
        else:
            raise TypeError(f"the tests hand the program a {type(value).__name__}, which cannot leave them")
        return {"theirs": len(self.handed) - 1}

    def exception_class(self, lineage: Any) -> type[BaseException]:
        """Return the class that stands here for an exception of the program: below the same built-in one."""
        first, *others = lineage
        kind = builtins.__dict__.get(first)
        if not (isinstance(kind, type) and issubclass(kind, BaseException)):
            raise TypeError
        for number, name in others:
            if number not in self.exceptions:
                self.exceptions[int(number)] = type(str(name), (kind,), {})
            kind = self.exceptions[number]
        return kind

    def exception(self, raised: Any) -> BaseException:
        """Return the exception that stands here for one of the program, marked as the program's."""
        try:
            kind, text = self.exception_class(raised["lineage"]), str(raised["text"])
            arguments = decoded(raised["args"], self.resolve)
            try:
                error = kind(*arguments)
            except Exception:  # noqa: BLE001  # some classes want arguments of their own
                error = RuntimeError(text)
            error.__dict__["from_program"] = text
        except Exception:  # noqa: BLE001  # no exception at all
            raise self.lost() from None
        return error


def stepping(values: Iterator[Any]) -> Callable[[], list[Any]]:
    """Return a function that gives the next item of an iterator, alone in a list; an empty list at its end."""

    def step() -> list[Any]:
        return [item for _, item in zip((0,), values, strict=False)]

    return step


def update(old: Any, new: Any) -> None:
    """Make a value what the program made of it, in place, as deep as what it is made of can be changed."""
    if type(old) is not type(new):
        return
    if isinstance(old, list | tuple) and len(old) == len(new):
        for position, (before, after) in enumerate(zip(old, new, strict=True)):
            update(before, after)
            if isinstance(old, list) and before != after:
                old[position] = after
    elif isinstance(old, list | bytearray):
        old[:] = new
    elif isinstance(old, dict):
        kept = {key: old[key] for key in new if key in old}
        old.clear()
        for key, after in new.items():
            if key in kept:
                update(kept[key], after)
            old[key] = kept[key] if key in kept and kept[key] == after else after
    elif isinstance(old, set):
        old.clear()
        old.update(new)


class Namespace(dict[str, Any]):
    """The names of the tests; one that they lack is looked up in the program, a built-in only if it is tested."""

    def __init__(self, peer: Peer, tested: Collection[str]) -> None:
        """Begin as a module does."""
        super().__init__(__name__="tests", __builtins__=builtins)
        self.peer, self.tested = peer, tested

    def __missing__(self, name: str) -> Any:
        """Return the program's value of a name.

        Raises:
            KeyError: it has none, or the name is a built-in that the program must not replace.
        """
        if name in builtins.__dict__ and name not in self.tested:
            raise KeyError(name)
        found = self.peer.named(name)
        if isinstance(found, Remote | type):
            self[name] = found  # functions and classes are looked up once; values may change
        return found


def ending(peer: Peer, tests: str, tested: Collection[str]) -> Ending:
    """Run tests to their end."""
    try:
        first = peer.receive()
        if "syntax" in first:
            return "syntax", str(first["syntax"])
        if "raised" in first:
            return failure(peer.exception(first["raised"]))
        if "loaded" not in first:
            return "gone", ""
        sys.modules["tests"] = types.ModuleType("tests")
        names = Namespace(peer, tested)
        exec(compile(tests, "<tests>", "exec", dont_inherit=True), names)  # noqa: S102  # what it is for
    except Gone:
        return "gone", ""
    except BaseException as error:  # noqa: BLE001  # whatever is raised is the outcome
        return ("gone", "") if peer.gone else failure(error)
    return ("gone", "") if peer.gone else ("passed", "")


def failure(error: BaseException) -> Ending:
    """Return how tests ended that an exception ended."""
    said = getattr(error, "from_program", None)
    if isinstance(error, MemoryError):
        return "memory", str(said or described(error))
    if said is not None and isinstance(error, PermissionError):
        return "refused", str(said)
    return "failed", str(said or described(error))


def described(error: BaseException) -> str:
    """Return an exception of the tests in one line, with the line of the tests at which it was raised."""
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<tests>":
            line = trace.tb_lineno
        trace = trace.tb_next
    text = ""
    with contextlib.suppress(Exception):
        text = " ".join(str(error).split())[:500]
    where = f" (line {line} of the tests)" if line else ""
    return f"{type(error).__name__}{': ' if text else ''}{text}{where}"


def serve(descriptor: int, texts: int) -> None:
    """Run tests as they come, and say how they ended.

    One process serves many tests, so that each costs no more than itself. They are of one task and none of them is a
    program's; what they might leave to the next ones is put back.

    Args:
        descriptor: a socket on which each job comes as two descriptors to its program, and each answer goes.
        texts: where the tests come from; the server has no part in them, since programs are forked from it.
    """
    limit = sys.getrecursionlimit()
    answers = Channel(descriptor, descriptor)
    with socket.socket(fileno=descriptor) as ours, contextlib.suppress(EOFError, OSError):
        while True:
            _, descriptors, _, _ = socket.recv_fds(ours, 1, 2)
            if not descriptors:
                return
            job = json.loads(read(texts, int.from_bytes(read(texts, 4), "big")))
            seconds = int(time.process_time() + job["seconds"]) + 1
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))
            random.seed(0)  # every test sees the same numbers, whichever process it is run in
            sys.setrecursionlimit(limit)
            status, detail = ending(Peer(TestsEnd(*descriptors)), job["tests"], job["tested"])
            for one in descriptors:
                os.close(one)
            answers.send([status, detail[:2_000]])
