"""The backend `train`: a model that answers a training run with the test logits it ends with.

Behind the one door to models a run is remembered: the same command again trains nothing, and a changed metric reads
the logits that are stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

import msgspec

from harness import Backend, BackendError, Kind, Model, Request, RequestFailed, Response, UnknownName
from harness_ordinal.training.recipe import RECIPES, Recipe

#: Raised when the same cell and recipe would be trained otherwise.
VERSION = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainOptions:
    """What differs from the recipe; None: as it says."""

    hidden: tuple[int, ...] | None = None
    standardize: bool | None = None
    normalize: bool | None = None
    dropout: float | None = None
    lr: float | None = None
    weight_decay: float | None = None
    batch_size: int | None = None
    epochs: int | None = None
    patience: int | None = None
    checkpoint: str | None = None
    #: Threads of torch; with one, a seed gives the same digits again.
    threads: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainModel:
    """A recipe that trains what it is asked for, one run at a time."""

    recipe: Recipe
    identity: Mapping[str, str]
    can: frozenset[Kind] = frozenset({"generate"})
    deterministic: bool = True
    #: torch's generator of random numbers is one for the process.
    concurrency: int = 1
    lock: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def generate(self, request: Request) -> Response:
        """Train, and return the logits of the test part as JSON.

        Raises:
            RequestFailed: it is no training run, or it cannot be trained.
        """
        async with self.lock:
            return await asyncio.to_thread(self._trained, request)

    async def loglikelihood(self, request: Request) -> Response:  # noqa: ARG002  # the contract's
        """Weigh nothing: a recipe is no language model."""
        raise RequestFailed("backend train: a recipe trains heads and weighs no text; use --evaluation ordinal-train")

    def _trained(self, request: Request) -> Response:
        """Carry out one run."""
        from harness import HarnessError
        from harness_ordinal.training.cells import answer, cell_of
        from harness_ordinal.training.loop import trained
        from harness_ordinal.training.tasks import opened, split_for

        try:
            cell = cell_of(request)
        except (msgspec.MsgspecError, ValueError) as error:
            raise RequestFailed("backend train: not a training run; use --evaluation ordinal-train") from error
        dataset = opened(cell.dataset, cell.folder)
        split = split_for(cell.dataset, cell.folder, cell.seed)
        try:
            return Response(text=answer(trained(dataset, split, cell.head, self.recipe, seed=cell.seed)))
        except HarnessError as error:
            raise RequestFailed(f"{cell.dataset}, head {cell.head}, seed {cell.seed}: {error}") from error


@asynccontextmanager
async def open_train(rest: str, options: TrainOptions) -> AsyncIterator[Model]:
    """Open a recipe by name, with what the options change of it.

    Raises:
        UnknownName: there is no such recipe. BackendError: an option that cannot be.
    """
    import torch

    name = rest or "table"
    if name not in RECIPES:
        raise UnknownName.among("recipe", name, RECIPES)
    given = {one.name: getattr(options, one.name) for one in fields(options) if one.name != "threads"}
    recipe = replace(RECIPES[name], **{key: value for key, value in given.items() if value is not None})
    try:
        recipe.checked()
    except ValueError as error:
        raise BackendError(f"backend train: {error}") from error
    before = torch.get_num_threads()
    torch.set_num_threads(options.threads)
    try:
        yield TrainModel(recipe=recipe, identity=identity_of(name, recipe, options.threads))
    finally:
        torch.set_num_threads(before)


def identity_of(name: str, recipe: Recipe, threads: int) -> dict[str, str]:
    """Return all on which the digits of a run depend, beside the cell."""
    import torch

    told: dict[str, Any] = {key: msgspec.json.encode(value).decode() for key, value in asdict(recipe).items()}
    fixed = {"backend": "train", "recipe": name, "version": VERSION, "torch": str(torch.__version__)}
    return fixed | {"threads": str(threads)} | told


BACKEND = Backend(
    name="train",
    summary="trains backbone and ordinal head by a recipe: train:table, train:fireman_fast, train:coursera ...",
    open=open_train,
    options=TrainOptions,
)
