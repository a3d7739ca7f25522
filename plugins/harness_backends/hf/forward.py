"""One pass of the model over new tokens of rows in flight; each row goes on where its own keys and values end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from harness_backends.hf.attention import Stand, Window, opened
from harness_backends.hf.engine import Engine
from harness_backends.hf.rows import Rows, Trunk, Write


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """The new tokens of one row."""

    tokens: Sequence[int]
    trunk: Trunk | None
    #: Columns that the row holds after its trunk.
    held: int
    #: Which continuation each new token belongs to, 0: what all of them share. Continuations do not see each other.
    branches: Sequence[int] = ()

    @property
    def stem(self) -> int:
        """Tokens of its trunk."""
        return self.trunk.length if self.trunk else 0

    def positions(self) -> list[int]:
        """Return the positions of the new tokens; every branch begins where the common part ends."""
        first = self.stem + self.held
        if not self.branches:
            return list(range(first, first + len(self.tokens)))
        common = first + sum(branch == 0 for branch in self.branches)
        following = {0: first}
        found = []
        for branch in self.branches:
            found.append(following.setdefault(branch, common))
            following[branch] += 1
        return found


def forward(engine: Engine, rows: Rows, start: int, news: Sequence[New], *, keep: int) -> torch.Tensor:
    """Return the logits of the last `keep` new tokens of each row: (n, keep, words).

    The rows then hold the new columns; how many they hold is the caller's to count.

    Args:
        start: the slot of the first row; the others follow it.
    """
    rows.grow(slots=start + len(news), width=max(new.held + len(new.tokens) for new in news))
    wide = max(len(new.tokens) for new in news)
    pads = [wide - len(new.tokens) for new in news]
    device = engine.device
    tokens = torch.tensor([[0] * pad + list(new.tokens) for pad, new in zip(pads, news, strict=True)], device=device)
    queries = torch.tensor([[0] * pad + new.positions() for pad, new in zip(pads, news, strict=True)], device=device)
    keys, visible = columns(news, pads, queries, device)
    standing = stands(news, device)
    window = Window(
        rows=rows,
        start=start,
        stands=standing,
        queries=queries,
        keys=keys,
        visible=visible,
        stem=max((stand.trunk.length for stand in standing), default=0),
        one_trunk=not standing or (len(standing) == 1 and len(standing[0].rows) == len(news)),
    )
    rows.write = written(news, pads, start, device)
    with torch.inference_mode(), opened(window, engine.configs):
        more = {"logits_to_keep": keep} if engine.slices_logits else {}
        logits: torch.Tensor = engine.model(
            input_ids=tokens, position_ids=queries, past_key_values=rows, use_cache=True, **more
        ).logits
    engine.sliding.update(window.seen)
    return logits[:, -keep:]


def stands(news: Sequence[New], device: torch.device) -> list[Stand]:
    """Return the trunks of some rows, each with the rows that stand on it."""
    found: dict[int, tuple[Trunk, list[int]]] = {}
    for row, new in enumerate(news):
        if new.trunk is not None:
            found.setdefault(id(new.trunk), (new.trunk, []))[1].append(row)
    return [Stand(trunk=trunk, rows=torch.tensor(some, device=device)) for trunk, some in found.values()]


def columns(
    news: Sequence[New], pads: Sequence[int], queries: torch.Tensor, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the positions of the rows' columns, and which of them each new token may see."""
    total = max(new.held + len(new.tokens) for new in news)
    held = torch.tensor([new.held for new in news], device=device)
    stems = torch.tensor([new.stem for new in news], device=device)
    places = torch.arange(total, device=device)
    # The column of each new token; padding stands before the first and sees that one, so that it sees something.
    steps = torch.arange(queries.shape[1], device=device)[None] - torch.tensor(pads, device=device)[:, None]
    mine = (held[:, None] + steps).clamp_min(0)
    visible = places <= mine[:, :, None]
    keys = stems[:, None] + places
    if any(new.branches for new in news):
        branch = torch.zeros((len(news), total), dtype=torch.long, device=device)
        for row, new in enumerate(news):
            span = slice(new.held, new.held + len(new.tokens))
            branch[row, span] = torch.tensor(new.branches or [0] * len(new.tokens), device=device)
            keys[row, span] = torch.tensor(new.positions(), device=device)
        asker = branch.gather(1, mine)
        visible = visible & ((branch[:, None] == 0) | (branch[:, None] == asker[:, :, None]))
    return keys, visible


def written(news: Sequence[New], pads: Sequence[int], start: int, device: torch.device) -> Write:
    """Return where the new columns go; padding goes nowhere."""
    if not any(pads) and len(news[0].tokens) == 1:
        places = torch.tensor([new.held for new in news], device=device)
        return Write(slot=torch.arange(start, start + len(news), device=device), place=places)
    cells = [
        (row, pad + step, start + row, new.held + step)
        for row, (pad, new) in enumerate(zip(pads, news, strict=True))
        for step in range(len(new.tokens))
    ]
    row, column, slot, place = torch.tensor(cells, device=device).T
    return Write(row=row, column=column, slot=slot, place=place)
