"""A plugin for whole runs in tests: sums as a task, and models that answer them by a hash, quickly or slowly.

`--model sums:KIND`: `plain` is wrong in a quarter of its draws; `steady` is always right; `brittle` is steady until a
prompt names words, then wrong in half of its draws. The environment says how slow it is (SUMS_SECONDS), how long its
answers are (SUMS_BYTES), and where it notes what it is asked and has answered (SUMS_LOG).
"""

import asyncio
import hashlib
import os
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from harness import Backend, Constraint, ConstraintType, Response, Sampling, TaskSpec, TaskSuite, Verdict, hookimpl
from harness.testing import ListSource, ListTask

ROWS = tuple({"question": f"What is {n} + {n}?", "answer": str(2 * n)} for n in range(60))
#: `sums` is drawn, `greedy_sums` is not.
TASKS = {
    "sums": ListTask(name="sums", rows=ROWS, sampling=Sampling(temperature=1.0)),
    "greedy_sums": ListTask(name="greedy_sums", rows=ROWS),
}
HUNDRED = Constraint(type="hundred", family="mine", version="1", params={}, text="Use at most 100 words.")


def noted(what, request):
    if "SUMS_LOG" in os.environ:
        key = hashlib.sha256(f"{request.draw}|{request.prompt.text}".encode()).hexdigest()[:16]
        with Path(os.environ["SUMS_LOG"]).open("a") as log:
            log.write(f"{what} {key}\n")


@dataclass(frozen=True)
class Sums:
    kind: str
    can = frozenset({"generate"})
    deterministic = True
    concurrency = 16

    @property
    def identity(self):
        return {"backend": "sums", "name": self.kind}

    async def generate(self, request):
        noted("asked", request)
        await asyncio.sleep(float(os.environ.get("SUMS_SECONDS", "0")))
        text = request.prompt.asked.content
        number = int(text.split("What is ")[1].split(" +")[0])
        seed = hashlib.sha256(f"{request.draw}{number}".encode()).digest()[0]
        wrong = {"plain": seed % 4 == 0, "steady": False, "brittle": "words" in text and seed % 2 == 1}[self.kind]
        noted("answered", request)
        return Response(text="x" * int(os.environ.get("SUMS_BYTES", "0")) + f" That makes {2 * number + wrong}")


@hookimpl
def harness_backends():
    @asynccontextmanager
    async def opened(rest, options):
        yield Sums(rest or "plain")

    yield Backend(name="sums", summary="", open=opened)


@hookimpl
def harness_task_suites():
    specs = tuple(TaskSpec(name=name) for name in TASKS)
    yield TaskSuite(name="tests", summary="", tasks=specs, source=ListSource(tasks=TASKS))


@hookimpl
def harness_constraint_types():
    yield ConstraintType(
        name="hundred",
        family="mine",
        summary="few words",
        extract=lambda source: (HUNDRED,),
        check=lambda constraint, response: Verdict(met=0 < len(response.text.split()) <= 100),
    )
