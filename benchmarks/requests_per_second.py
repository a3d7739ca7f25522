"""Requests a second against a server that takes 50 ms, beside lm-eval, Inspect and the client library alone.

    python benchmarks/requests_per_second.py --inspect VENV/bin/python [--docs 2000] [--concurrency 16,64,256]

Every side is a whole process that asks the same sums of a server process on the loopback and scores the answers: ours
with its store, records and reports, lm-eval with its samples, Inspect with its log. `raw` is aiohttp alone: as many
workers as requests in flight, each answer decoded and thrown away. `door` is our way from a request to an answer that
is safe on the disk, without a task: no prompt is rendered and nothing scored. Speed while asking is what the server
saw, from the first request to the last answer; seconds are the whole process. Medians; the sides take turns. Inspect
needs a virtual environment of its own (`pip install inspect_ai openai`); without one it is left out. lm-eval needs
tenacity (`pip install lm-eval[api]`).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from faults import serving, stats, write_task

INSPECT = """
from inspect_ai import Task, task
from inspect_ai.dataset import Sample, json_dataset
from inspect_ai.scorer import pattern
from inspect_ai.solver import generate


@task
def sums():
    rows = json_dataset("rows.jsonl", lambda row: Sample(input=row["question"], target=row["answer"]))
    return Task(dataset=rows, solver=generate(), scorer=pattern(r"#### (-?[0-9.,]+)"))
"""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One process of one side."""

    #: Requests a second while it asked.
    speed: float
    #: Of the whole process.
    seconds: float
    #: Of processors, likewise.
    cpu: float


def command(side: str, url: str, at_once: int, docs: int, inspect: str) -> list[str]:
    """Return the command of one side."""
    if side in ALONE:
        return [sys.executable, __file__, f"--{side}", f"{url}/v1", str(at_once), str(docs)]
    if side == "harness":
        words = ["-m", "harness", "run", "--tasks", "faults.yaml", "--evaluation", "accuracy", "--model", "openai:m"]
        return [sys.executable, *words, "--model-option", f"base_url={url}/v1", "--concurrency", str(at_once)]
    if side == "lm-eval":
        settings = f"model=m,base_url={url}/v1/chat/completions,num_concurrent={at_once},max_retries=3"
        words = ["-m", "lm_eval", "run", "--model", "local-chat-completions", "--model_args", settings]
        words += ["--tasks", "faults", "--include_path", ".", "--apply_chat_template", "--log_samples"]
        return [sys.executable, *words, "--output_path", "lm-eval"]
    words = ["-m", "inspect_ai", "eval", "sums.py", "--model", "openai-api/loop/m", "--display", "none"]
    return [inspect, *words, "--max-connections", str(at_once), "--max-samples", str(at_once)]


def measured(side: str, at_once: int, docs: int, inspect: str, latency: float) -> Measured:
    """Run one side once, in a folder and against a server of its own."""
    with tempfile.TemporaryDirectory() as place, serving("--seconds", str(latency)) as url:
        folder = Path(place)
        write_task(folder, docs)
        (folder / "sums.py").write_text(INSPECT)
        around = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "hub"), "OPENAI_API_KEY": "none"}
        around |= {"LOOP_API_KEY": "none", "LOOP_BASE_URL": f"{url}/v1"}
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        begun = time.perf_counter()
        done = subprocess.run(
            command(side, url, at_once, docs, inspect),
            cwd=folder,
            env=around,
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - begun
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        told = stats(url)
    if done.returncode or told["answers"] != docs:
        raise SystemExit(f"{side}: status {done.returncode}, {told}: {(done.stdout + done.stderr)[-2000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    found = Measured(speed=docs / float(str(told["seconds"])), seconds=seconds, cpu=cpu)
    print(f"{at_once} {side} {found}", file=sys.stderr, flush=True)
    return found


async def raw(url: str, at_once: int, docs: int) -> None:
    """Ask as fast as the client library can."""
    import aiohttp

    left = iter(range(docs))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as client:

        async def worker() -> None:
            for k in left:
                message = {"role": "user", "content": f"What is {k} plus {k % 9}?"}
                body = json.dumps({"model": "m", "messages": [message], "max_tokens": 64, "temperature": 0.0})
                async with client.post(
                    f"{url}/chat/completions", data=body, headers={"content-type": "application/json"}
                ) as reply:
                    json.loads(await reply.read())

        await asyncio.gather(*(worker() for _ in range(at_once)))


async def door(url: str, at_once: int, docs: int) -> None:
    """Ask through the door to the model, as evaluations do."""
    from harness import Message, Prompt, Request, Sampling
    from harness.asker import Asker
    from harness.store import open_store
    from harness_backends import OpenAIOptions, open_openai

    left = iter(range(docs))
    options = OpenAIOptions(base_url=url, concurrency=at_once)
    with open_store(Path("store.db")) as store:
        async with open_openai("m", options) as model:
            asker = Asker(model, store, concurrency=at_once)

            async def worker() -> None:
                for k in left:
                    prompt = Prompt(messages=(Message(role="user", content=f"What is {k} plus {k % 9}?"),), chat=True)
                    await asker.ask(Request(kind="generate", prompt=prompt, sampling=Sampling(max_tokens=64)))

            await asyncio.gather(*(worker() for _ in range(at_once)))


ALONE = {"raw": raw, "door": door}


def main() -> None:
    """Measure all sides in turns, and print the table."""
    alone = ALONE.get(sys.argv[1].removeprefix("--")) if len(sys.argv) > 1 else None
    if alone is not None:
        asyncio.run(alone(sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--docs", type=int, default=2000)
    parser.add_argument("--concurrency", default="16,64,256")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds that the server takes for an answer")
    parser.add_argument("--sides", default="harness,door,raw,lm-eval,inspect", help="harness must be one of them")
    parser.add_argument("--inspect", default="", help="a Python that has inspect_ai")
    given = parser.parse_args()
    sides = [side for side in given.sides.split(",") if side != "inspect" or given.inspect]
    if "inspect" not in sides:
        print("inspect: left out, as no --inspect PYTHON was given\n")
    print("| in flight | side | requests/s while asking | ours is | whole process s | ours is | processor s |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for at_once in map(int, given.concurrency.split(",")):
        rounds = [
            {side: measured(side, at_once, given.docs, given.inspect, given.latency) for side in sides}
            for _ in range(given.times)
        ]
        middle = {
            side: Measured(
                speed=statistics.median(one[side].speed for one in rounds),
                seconds=statistics.median(one[side].seconds for one in rounds),
                cpu=statistics.median(one[side].cpu for one in rounds),
            )
            for side in sides
        }
        ours = middle["harness"]
        for side, one in middle.items():
            faster = f"{ours.speed / one.speed:.2f}x" if side != "harness" else ""
            sooner = f"{one.seconds / ours.seconds:.2f}x" if side not in {"harness", *ALONE} else ""
            print(
                f"| {at_once} | {side} | {one.speed:,.0f} | {faster} | {one.seconds:.1f} | {sooner} | {one.cpu:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
