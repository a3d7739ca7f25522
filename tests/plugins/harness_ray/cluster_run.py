"""Runs on a Ray cluster of two nodes on this machine; prints what came of them as JSON. A process of its own: Ray
leaves threads and warnings behind.

    python cluster_run.py FOLDER SUMS

`local`: without Ray. `ray`: nothing happens. `broken`: the driver's coroutine ends in mid-run, `resumed`: the same
again. `worker`: a worker process is killed. `node`: a node is lost.
"""

import asyncio
import json
import os
import signal
import sys
import time
from pathlib import Path

from harness import Plan
from harness.registry import load_registry
from harness.run import run

FOLDER, SUMS = (Path(sys.argv[1]), sys.argv[2]) if __name__ == "__main__" else (Path(), "")
#: Where models note what they are asked; workers have the environment that their node began with.
LOG = FOLDER / "asked.log"
#: Records that are written before something happens.
THEN = 20


def workers():
    """Return the process ids of the actors that work on documents."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes().startswith(b"ray::Worker"):
                found.append(int(path.parent.name))
        except OSError:
            continue
    return sorted(found)


def carried_out(name, executor="ray", happens=None, output=None):
    """Run the plan; `happens` is called once, in mid-run."""
    before = LOG.stat().st_size if LOG.exists() else 0

    def watch(progress):
        if happens is not None and progress.done == THEN:
            happens()

    plan = Plan(
        tasks=("sums",),
        model="sums",
        constraint_type=("mine",),
        executor=executor,
        executor_option={"block": 4, "ahead": 3, "cpus": 0.5, "actors": 2} if executor == "ray" else {},
        output=str(FOLDER / (output or name)),
    )
    try:
        end = asyncio.run(run(plan, load_registry(files=[SUMS]), watch))
    except KeyboardInterrupt:
        return {"records": None, "asked": noted(before)}
    return {
        "asked": noted(before),
        "records": (end.folder / "records.jsonl").read_text(),
        "results": (end.folder / "results.json").read_text(),
        "requests": end.manifest["requests"],
        "folders": len(list((FOLDER / (output or name)).glob("*/.run"))),
    }


def noted(start):
    """Return what models noted from a place in their log on."""
    with LOG.open() as log:
        log.seek(start)
        return [line.split() for line in log]


def gone(before):
    """Return the workers that are gone, once one is; the driver waits meanwhile, so that documents are left to do."""
    until = time.monotonic() + 30
    while set(workers()) >= set(before) and time.monotonic() < until:
        time.sleep(0.05)
    return sorted(set(before) - set(workers()))


def interrupt():
    raise KeyboardInterrupt


def started(kind):
    """Return a cluster of two nodes, and the second. Ray gives each thirty seconds, too few on a busy machine."""
    memory = 80 << 20
    for attempt in range(3):
        cluster = kind()
        try:
            cluster.add_node(num_cpus=2, object_store_memory=memory, include_dashboard=False)
            return cluster, cluster.add_node(num_cpus=1, object_store_memory=memory)
        except Exception as error:
            cluster.shutdown()
            if "timed out during startup" not in str(error) or attempt == 2:
                raise
    raise AssertionError


def main():
    import ray
    from ray.cluster_utils import Cluster

    os.environ["SUMS_LOG"] = str(LOG)
    told = {"local": carried_out("local", executor="local")}
    os.environ["SUMS_SECONDS"] = "0.05"
    cluster, second = started(Cluster)
    try:
        ray.init(address=cluster.address, log_to_driver=False, logging_level="ERROR")
        told["nodes"] = sum(node["Alive"] for node in ray.nodes())
        told["ray"] = carried_out("ray")
        told["broken"] = carried_out("broken", happens=interrupt)
        told["resumed"] = carried_out("resumed", output="broken")

        def kill_one():
            before = workers()
            os.kill(before[-1], signal.SIGKILL)
            told["killed"] = gone(before)

        def lose_node():
            before = workers()
            cluster.remove_node(second, allow_graceful=False)
            told["lost"] = gone(before)

        told["worker"] = carried_out("worker", happens=kill_one)
        told["node"] = carried_out("node", happens=lose_node)
        until = time.monotonic() + 30
        while workers() and time.monotonic() < until:
            time.sleep(0.1)
        told["workers left"] = workers()
    finally:
        ray.shutdown()
        cluster.shutdown()
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
