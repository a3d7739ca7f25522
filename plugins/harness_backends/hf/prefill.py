"""Brings rows up to their last token: what is known of their beginnings is taken over, only the rest is computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from harness_backends.hf.engine import Engine
from harness_backends.hf.forward import New, forward
from harness_backends.hf.prefixes import Entry, Prefixes, Tokens, shared
from harness_backends.hf.rows import Kept, Rows, Trunk, joined

#: A beginning longer than this is computed once and stands apart from the rows; a shorter one is copied into them.
TRUNK = 128
#: A beginning shorter than this is not worth looking for.
LEAST = 8
#: New tokens of one forward pass.
CPU_TOKENS, GPU_TOKENS = 2048, 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Where a row begins: on a trunk, with some columns copied, and the tokens that are still to be computed."""

    trunk: Trunk | None
    copied: Kept
    held: int
    new: Tokens
    branches: tuple[int, ...] = ()


def start_of(prefixes: Prefixes, tokens: Tokens) -> Start:
    """Return how a row begins, at least one token of which is left to be computed."""
    entry, match = prefixes.best(tokens)
    match = min(match, len(tokens) - 1)
    if entry is None or match < LEAST:
        return Start(trunk=None, copied=Kept(), held=0, new=tokens)
    if entry.trunk is None or match > entry.stem:
        return Start(trunk=entry.trunk, copied=entry.kept, held=match - entry.stem, new=tokens[match:])
    if match < TRUNK:
        return Start(trunk=None, copied=entry.trunk.kept, held=match, new=tokens[match:])
    trunk = entry.trunk if match == entry.stem else prefixes.cut(entry.trunk, match)
    return Start(trunk=trunk, copied=Kept(), held=0, new=tokens[match:])


def begun(rows: Rows, slot: int, start: Start) -> New:
    """Copy what a row takes over into its slot, and return what is new of it."""
    rows.grow(slots=slot + 1, width=start.held + len(start.new))
    rows.put(slot, start.copied, start.held)
    return New(tokens=start.new, trunk=start.trunk, held=start.held, branches=start.branches)


def grow_trunk(engine: Engine, prefixes: Prefixes, tokens: Tokens) -> None:
    """Compute a beginning that many have in common once, on its own; what is known of it is taken over."""
    entry, match = prefixes.best(tokens)
    if entry is not None and match == len(tokens):
        prefixes.add_trunk(tokens, joined(entry.trunk, entry.kept, len(tokens)))
        return
    rows = Rows(1)
    start = start_of(prefixes, tokens)
    new = begun(rows, 0, start)
    computed(engine, rows, 0, [new])
    prefixes.add_trunk(tokens, joined(start.trunk, rows.take(0, new.held + len(new.tokens)), len(tokens)))


def computed(engine: Engine, rows: Rows, first: int, news: Sequence[New], *, keep: int = 1) -> torch.Tensor:
    """Return the logits of the last `keep` new tokens of each row, in passes of a bounded number of tokens.

    Rows that share a pass stand on one trunk and are of similar length, if `news` are in such an order.
    """
    most = CPU_TOKENS if engine.device.type == "cpu" else GPU_TOKENS
    found = []
    at = 0
    while at < len(news):
        end = at + 1
        while end < len(news) and fits(news[at : end + 1], most):
            end += 1
        found.append(in_chunks(engine, rows, first + at, news[at:end], keep=keep, most=most))
        at = end
    return torch.cat(found)


def fits(news: Sequence[New], most: int) -> bool:
    """Return whether rows can share a pass."""
    return news[0].trunk is news[-1].trunk and len(news) * max(len(new.tokens) for new in news) <= most


def in_chunks(engine: Engine, rows: Rows, first: int, news: Sequence[New], *, keep: int, most: int) -> torch.Tensor:
    """Return the logits of one pass; a single row that is too long for it goes in several."""
    while len(news) == 1 and not news[0].branches and len(news[0].tokens) - keep > most:
        (new,) = news
        forward(engine, rows, first, [New(tokens=new.tokens[:most], trunk=new.trunk, held=new.held)], keep=1)
        news = [New(tokens=new.tokens[most:], trunk=new.trunk, held=new.held + most)]
    return forward(engine, rows, first, news, keep=keep)


def remembered(prefixes: Prefixes, rows: Rows, slot: int, tokens: Tokens, trunk: Trunk | None) -> None:
    """Keep a prompt that stands in a slot, for those that begin like it."""
    stem = trunk.length if trunk else 0
    if len(tokens) > stem:
        prefixes.add(Entry(tokens=tokens, trunk=trunk, kept=rows.take(slot, len(tokens) - stem)))


def better_later(prefixes: Prefixes, tokens: Tokens, neighbours: Sequence[Tokens]) -> bool:
    """Return whether one that is about to be computed shares more with a row than anything known does."""
    nearest = max((shared(tokens, other) for other in neighbours), default=0)
    return nearest >= LEAST and nearest - prefixes.best(tokens)[1] >= LEAST
