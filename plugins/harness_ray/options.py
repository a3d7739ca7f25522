"""How a run is spread over a Ray cluster; `--executor-option name=value`."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness import HarnessError


@dataclass(frozen=True, slots=True, kw_only=True)
class RayOptions:
    """None of them changes a result."""

    address: str | None = field(
        default=None, metadata={"help": "of the cluster, as ray.init takes it; none: $RAY_ADDRESS, else this machine"}
    )
    actors: int | None = field(default=None, metadata={"help": "models at once; none: one a node, or one for its GPUs"})
    cpus: float = field(default=1.0, metadata={"help": "cores that are set aside for each"})
    gpus: float | None = field(default=None, metadata={"help": "GPUs of each; none: 1 where the cluster has any"})
    block: int = field(default=32, metadata={"help": "documents that are handed out together"})
    ahead: int = field(default=8, metadata={"help": "blocks for each actor that may be out before the oldest is back"})
    object_store: int = field(default=256, metadata={"help": "MiB of Ray's object store, where none runs yet"})
    patience: float = field(default=300.0, metadata={"help": "seconds to wait for an actor to be placed and opened"})

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            HarnessError: one that cannot be.
        """
        for name, least in (("actors", 1), ("block", 1), ("ahead", 1), ("object_store", 80), ("cpus", 0), ("gpus", 0)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise HarnessError(f"--executor-option {name}={value}: must be at least {least}")
