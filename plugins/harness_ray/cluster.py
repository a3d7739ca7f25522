"""The way to a Ray cluster: one that runs, or one of this machine alone for as long as the run takes."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from harness import BackendError
from harness_ray.options import RayOptions

INSTALL = "executor ray needs Ray: pip install 'sustain-harness[ray]'"


@contextmanager
def connected(options: RayOptions) -> Iterator[Any]:
    """Give Ray, connected; what was connected before stays so afterwards.

    Raises:
        BackendError: it is not installed, or no cluster answers.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent anywhere
    try:
        import ray
    except ImportError as error:
        raise BackendError(INSTALL) from error
    if ray.is_initialized():
        yield ray
        return
    address = options.address or os.environ.get("RAY_ADDRESS")
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.WARNING}
    try:
        if address:
            ray.init(address=address, **quiet)
        else:
            memory = options.object_store << 20
            ray.init(
                address="local",
                include_dashboard=False,
                object_store_memory=memory,
                _node_ip_address="127.0.0.1",
                **quiet,
            )
    except (ConnectionError, RuntimeError, ValueError) as error:
        where = f"the cluster at {address}" if address else "a cluster on this machine"
        raise BackendError(f"executor ray: {where} does not answer: {' '.join(str(error).split())}") from error
    try:
        yield ray
    finally:
        ray.shutdown()


def shape(ray: Any, options: RayOptions) -> tuple[int, Mapping[str, Any]]:
    """Return how many workers there are to be, and what each is given of the cluster."""
    whole = ray.cluster_resources()
    gpus = options.gpus if options.gpus is not None else min(1.0, whole.get("GPU", 0.0))
    nodes = sum(node["Alive"] for node in ray.nodes())
    number = options.actors or (max(1, int(whole.get("GPU", 0.0) / gpus)) if gpus else nodes)
    placed = {"num_cpus": options.cpus, "num_gpus": gpus, "scheduling_strategy": "SPREAD"}
    return number, {**placed, "max_restarts": 0, "max_task_retries": 0}


def home(ray: Any) -> Mapping[str, Any]:
    """Return what places an actor on the driver's own node."""
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    here = ray.get_runtime_context().get_node_id()
    return {"scheduling_strategy": NodeAffinitySchedulingStrategy(node_id=here, soft=False)}
