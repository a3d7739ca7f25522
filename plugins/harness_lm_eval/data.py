"""Where the rows of a task come from: a folder laid out like hub repositories, files, or the hub, within seconds."""

from __future__ import annotations

import functools
import hashlib
import os
import re
import socket
import threading
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness import DataUnavailable
from harness.seal import hash_of
from harness_lm_eval.lines import rows

#: Names that `datasets` reads from local files, not from the hub.
LOCAL = frozenset({"json", "csv", "parquet", "text", "arrow", "xml", "imagefolder", "audiofolder"})
#: Formats that `datasets` reads by unpickling, which runs whatever the file says.
PICKLED = frozenset({"pandas"})

#: Folders below the dataset root in which a file is looked for by its name.
DEPTH = 3

#: Seconds within which the hub must answer before it counts as out of reach.
PATIENCE = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where rows may come from while one task is opened, and where they came from."""

    root: Path | None
    #: One line per dataset: "dataset-root openai/gsm8k main", with a hash where rows are files.
    used: dict[str, str] = field(default_factory=dict)


#: The sources of the task that is being opened; none outside of that, and then `datasets` is left alone.
CURRENT: ContextVar[Sources | None] = ContextVar("harness_lm_eval_sources", default=None)


@contextmanager
def rows_from(root: str | None) -> Iterator[Sources]:
    """Serve the datasets that a folder holds from it, for the task opened within.

    Raises:
        DataUnavailable: the folder does not exist.
    """
    install()
    folder = Path(root).expanduser().resolve() if root else None
    if folder is not None and not folder.is_dir():
        raise DataUnavailable(
            f"no folder at {root!r}; give --dataset-root a folder of <owner>/<name>/<config>/<split>.jsonl"
        )
    sources = Sources(root=folder)
    token = CURRENT.set(sources)
    try:
        yield sources
    finally:
        CURRENT.reset(token)


@functools.cache
def install() -> None:
    """Put a switch in front of `datasets.load_dataset`; without current sources it changes nothing."""
    import datasets

    original = datasets.load_dataset

    @functools.wraps(original)
    def load_dataset(path: str | None = None, name: str | None = None, *args: Any, **kwargs: Any) -> Any:
        sources = CURRENT.get()
        if sources is None or path is None:
            return original(path, name, *args, **kwargs)
        return loaded(
            sources, functools.partial(original, path, name, *args, **kwargs), path, name, kwargs.get("split")
        )

    datasets.load_dataset = load_dataset


def loaded(sources: Sources, original: Callable[[], Any], path: str, name: str | None, split: Any) -> Any:
    """Return a dataset from the first source that has it.

    Raises:
        DataUnavailable: none has it.
    """
    if path in PICKLED:
        raise DataUnavailable(f"dataset_path {path!r} unpickles files, which runs their code; write them as parquet")
    folder = inside(sources.root, path)
    if folder is not None and path not in LOCAL and folder.is_dir():
        return from_folder(sources, folder, path, name, split)
    if path in LOCAL or Path(path).exists():
        sources.used[path] = "files"
        try:
            return original()
        except (FileNotFoundError, ValueError, OSError) as error:
            raise DataUnavailable(
                f"rows of dataset_path {path!r}: {' '.join(str(error).split())}; mend data_files"
            ) from error
    return from_hub(sources, original, path, name)


# ---------------------------------------------------------------- a folder


def inside(root: Path | None, path: str) -> Path | None:
    """Return where a dataset root would hold a dataset; None where there is no root, or the path is not of the hub.

    Raises:
        DataUnavailable: the name leads out of the folder it is in.
    """
    if ".." in Path(path).parts or "\0" in path:
        raise DataUnavailable(
            f"dataset_path {path!r} leads out of its folder; give <owner>/<name>, or an absolute path"
        )
    return None if root is None or Path(path).is_absolute() else root / path


def from_folder(sources: Sources, folder: Path, path: str, name: str | None, split: Any) -> Any:
    """Return the splits of one configuration in a dataset root, or one split if one is asked for."""
    config = configuration(folder, path, name)
    files = sorted(config.glob("*.jsonl"))
    if not files:
        raise DataUnavailable(
            f"dataset {path!r}: no <split>.jsonl in {config.name!r} of the dataset root; put them there"
        )
    splits = splits_type()({file.stem: rows(file, f"dataset {path!r} in the dataset root") for file in files})
    splits.whose = f"dataset {path!r} ({config.name}) in the dataset root"
    sources.used[f"{path} {config.name}"] = f"dataset-root sha256:{digest(files)}"
    return splits if split is None else chosen(splits, str(split))


def configuration(folder: Path, path: str, name: str | None) -> Path:
    """Return the folder of a configuration: the one named, else `default`, else the only one."""
    known = sorted(item.name for item in folder.iterdir() if item.is_dir())
    wanted = name if name is not None else "default" if "default" in known else known[0] if len(known) == 1 else None
    if wanted in known:
        return folder / str(wanted)
    if wanted is None:
        raise DataUnavailable(
            f"dataset {path!r} in the dataset root has {', '.join(known) or 'nothing'}; set dataset_name to one"
        )
    raise DataUnavailable(
        f"dataset {path!r} in the dataset root has no configuration {wanted!r}, only {', '.join(known) or 'none'}; "
        f"put its rows at {path}/{wanted}/<split>.jsonl"
    )


@functools.cache
def splits_type() -> Any:
    """Return a DatasetDict that says which split is missing and what there is."""
    import datasets

    class Splits(datasets.DatasetDict):  # type: ignore[misc]  # `datasets` has no types here
        """The splits of one configuration."""

        whose: str = ""

        def __missing__(self, split: str) -> Any:
            raise DataUnavailable(
                f"{self.whose} has no split {split!r}, only {', '.join(self)}; add {split}.jsonl there"
            )

    return Splits


def chosen(splits: Any, spec: str) -> Any:
    """Return what a split specification like `train[:10]` or `train+test` names."""
    import datasets

    lengths = {name: len(split) for name, split in splits.items()}
    for name in re.split(r"\s*\+\s*", spec):
        splits[name.split("[")[0]]
    parts = datasets.ReadInstruction.from_spec(spec).to_absolute(lengths)
    pieces = [
        splits[part.splitname].select(range(part.from_ or 0, lengths[part.splitname] if part.to is None else part.to))
        for part in parts
    ]
    return pieces[0] if len(pieces) == 1 else datasets.concatenate_datasets(pieces)


def digest(files: Sequence[Path]) -> str:
    """Return a hash of the names and contents of files, so that a run says on which rows it stands."""
    state = hashlib.sha256()
    for file in files:
        state.update(file.name.encode() + b"\0" + bytes.fromhex(hash_of(file)))
    return state.hexdigest()[:32]


# ---------------------------------------------------------------- the hub


def from_hub(sources: Sources, original: Callable[[], Any], path: str, name: str | None) -> Any:
    """Return a dataset from the hub or from what `datasets` has kept of it."""
    reachable = hub_answers()
    try:
        with offline(unless=reachable):
            found = original()
    except Exception as error:
        whole = f"{path!r} ({name})" if name else f"{path!r}"
        why = "the hub does not answer" if not reachable else f"the hub says: {' '.join(str(error).split())[:300]}"
        held = "is not under the dataset root and" if sources.root else "is not kept here and"
        raise DataUnavailable(
            f"dataset {whole} {held} {why}; put its rows at <root>/{path}/{name or 'default'}/<split>.jsonl "
            f"and give --dataset-root <root>"
        ) from error
    sources.used[f"{path} {name or ''}".strip()] = "hub"
    return found


def hub_answers() -> bool:
    """Whether the hub can be asked: not forbidden, and something listens there."""
    from huggingface_hub import constants

    return not constants.HF_HUB_OFFLINE and answers(constants.ENDPOINT)


@functools.cache
def answers(endpoint: str) -> bool:
    """Whether the host of a URL takes a connection in time; through a proxy that cannot be told, so: yes.

    The lookup of a name has no timeout of its own, so it runs in a thread that is left behind.
    """
    url = urllib.parse.urlsplit(endpoint)
    if urllib.request.getproxies().get(url.scheme):
        return True
    met: list[bool] = []

    def knock() -> None:
        try:
            socket.create_connection((url.hostname or "", url.port or 443), timeout=PATIENCE).close()
        except OSError:
            return
        met.append(True)

    thread = threading.Thread(target=knock, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return bool(met)


@contextmanager
def offline(*, unless: bool) -> Iterator[None]:
    """Keep `datasets` from trying the hub five times over when nobody is there; what it has kept still serves."""
    if unless:
        yield
        return
    import datasets
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE, datasets.config.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = datasets.config.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE, datasets.config.HF_HUB_OFFLINE = before


def dataset_file(name: str, where: str) -> Path:
    """Return a file of the dataset root by its name, at most three folders below it; for rows in a form of their own.

    Args:
        name: of the file.
        where: how it is had, for the error.

    Raises:
        DataUnavailable: there is no root, no such file in it, or more than one.
    """
    sources = CURRENT.get()
    root = sources.root if sources is not None else Path(dataset_root(None) or "nowhere").expanduser()
    if root is None or not root.is_dir():
        raise DataUnavailable(
            f"{name} is read from a dataset root and none is given; {where}, put it into a folder "
            "and give --dataset-root FOLDER (or HARNESS_DATASET_ROOT)"
        )
    found = [file for depth in range(DEPTH + 1) for file in sorted(root.glob("*/" * depth + name))]
    if len(found) != 1:
        many = f"stands {len(found)} times" if found else "is not"
        raise DataUnavailable(f"{name} {many} in the dataset root, at most {DEPTH} folders deep; {where}")
    if sources is not None:
        sources.used[name] = f"dataset-root sha256:{digest(found)}"
    return found[0]


def dataset_root(given: str | None) -> str | None:
    """Return the dataset root of the settings, else of the environment."""
    return given or os.environ.get("HARNESS_DATASET_ROOT") or None
