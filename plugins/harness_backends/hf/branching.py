"""Log-likelihoods of all continuations of a context in one pass: they branch off it, and do not see each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from harness_backends.hf.engine import Engine
from harness_backends.hf.prefill import TRUNK, Start, begun, computed, grow_trunk, remembered, start_of
from harness_backends.hf.prefixes import Prefixes, Tokens, worth_sharing
from harness_backends.hf.rows import Rows
from harness_backends.hf.scoring import Weighed
from harness_backends.hf.text import Pair

#: Tokens of the continuations that go in one row; those of a context that take more go in several.
WIDEST = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A context, and continuations of it by their places among what was asked."""

    context: Tokens
    #: Tokens of context cut off on the left.
    cut: int
    places: tuple[tuple[int, ...], ...]
    continuations: tuple[Tokens, ...]

    @property
    def branched(self) -> list[int]:
        """The tokens after the context that the model must see: of each continuation all but the last."""
        return [token for one in self.continuations for token in one[:-1]]

    @property
    def branches(self) -> list[int]:
        """Which continuation each of these belongs to, from 1."""
        return [number for number, one in enumerate(self.continuations, 1) for _ in one[:-1]]


def bundles(pairs: Sequence[Pair], length: int) -> list[Bundle]:
    """Return pairs by their contexts, cut on the left to what the model holds; equal ones are weighed once."""
    found: dict[tuple[Tokens, int], dict[Tokens, list[int]]] = {}
    for place, pair in enumerate(pairs):
        whole = (*pair.context, *pair.continuation)
        kept = whole[-(length + 1) :]
        key = kept[: len(kept) - len(pair.continuation)], len(whole) - len(kept)
        found.setdefault(key, {}).setdefault(tuple(pair.continuation), []).append(place)
    return [
        Bundle(
            context=context,
            cut=cut,
            places=tuple(tuple(some[one]) for one in part),
            continuations=tuple(part),
        )
        for (context, cut), some in found.items()
        for part in parts(list(some), length - len(context))
    ]


def parts(continuations: Sequence[Tokens], room: int) -> list[list[Tokens]]:
    """Return continuations in parts that each fit into a row.

    >>> parts([(1, 2), (3, 4), (5, 6, 7)], room=2)
    [[(1, 2), (3, 4)], [(5, 6, 7)]]
    """
    most = min(WIDEST, room)
    found: list[list[Tokens]] = []
    left = 0
    for one in continuations:
        if not found or len(one) - 1 > left:
            found.append([])
            left = most
        found[-1].append(one)
        left -= len(one) - 1
    return found


def branched(engine: Engine, prefixes: Prefixes, batch: Sequence[Bundle]) -> list[list[tuple[int, Weighed]]]:
    """Return the log-likelihoods of the continuations of each bundle, by their places."""
    share(engine, prefixes, [bundle.context for bundle in batch])
    starts = [start_of(prefixes, bundle.context) for bundle in batch]
    order = sorted(range(len(batch)), key=lambda at: (id(starts[at].trunk), len(starts[at].new)))
    rows = Rows(len(batch))
    news = [begun(rows, slot, with_branches(starts[at], batch[at])) for slot, at in enumerate(order)]
    keep = 1 + max(len(bundle.branched) for bundle in batch)
    logits = computed(engine, rows, 0, news, keep=keep)
    found: dict[int, list[tuple[int, Weighed]]] = {}
    for slot, at in enumerate(order):
        remembered(prefixes, rows, slot, batch[at].context, news[slot].trunk)
        found[at] = read(batch[at], logits[slot])
    return [found[at] for at in range(len(batch))]


def share(engine: Engine, prefixes: Prefixes, contexts: Sequence[Tokens]) -> None:
    """Compute what many contexts begin with once, if it is long."""
    left = list(dict.fromkeys(contexts))
    while len(left) > 1:
        lead, *others = left
        length = min(worth_sharing(lead, others), len(lead) - 1)
        entry, match = prefixes.best(lead)
        if length - (min(match, entry.stem) if entry else 0) >= TRUNK:
            grow_trunk(engine, prefixes, lead[:length])
        left = [one for one in others if not length or one[:length] != lead[:length]]


def with_branches(start: Start, bundle: Bundle) -> Start:
    """Return the beginning of a row with the continuations after its context."""
    return Start(
        trunk=start.trunk,
        copied=start.copied,
        held=start.held,
        new=(*start.new, *bundle.branched),
        branches=(*(0 for _ in start.new), *bundle.branches),
    )


def read(bundle: Bundle, logits: torch.Tensor) -> list[tuple[int, Weighed]]:
    """Return what the logits of one row say of its continuations: (kept, words), padded at the front."""
    tail = logits[-(1 + len(bundle.branched)) :].log_softmax(-1)
    found = []
    at = 1
    for places, one in zip(bundle.places, bundle.continuations, strict=True):
        lines = torch.cat([tail[:1], tail[at : at + len(one) - 1]])
        at += len(one) - 1
        chosen = torch.tensor(one, device=logits.device)
        weighed = Weighed(
            logprob=float(lines.gather(1, chosen.unsqueeze(1)).sum()),
            greedy=bool((lines.argmax(dim=-1) == chosen).all()),
            cut=bundle.cut,
        )
        found += [(place, weighed) for place in places]
    return found
