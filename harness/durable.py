"""Files that are whole or absent and survive a power cut: the run folder, and batches under way, are such."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all; it, and its name, are on the disk when this returns.

    Raises:
        OSError: it cannot be written; what stood there before stands there still.
    """
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name is kept there
    finally:
        os.close(folder)
