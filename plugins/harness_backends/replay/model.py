"""A model that answers with what was recorded, and with nothing else: what is missing is told, never made up."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from harness import Kind, Request, RequestFailed, Response
from harness_backends.replay.options import ReplayOptions
from harness_backends.replay.questions import shown
from harness_backends.replay.recordings import Place, Recordings, key, read
from harness_backends.replay.rows import asked_key


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayModel:
    """Recorded answers."""

    recordings: Recordings
    identity: Mapping[str, str]
    deterministic: bool = True
    concurrency: int = 64

    @property
    def can(self) -> frozenset[Kind]:
        """The kinds of answers that were recorded."""
        return frozenset(self.recordings.kinds)

    async def generate(self, request: Request) -> Response:
        """Return the text recorded for a draw of a prompt."""
        options = self.recordings.options
        entry = self.recordings.at(drawn(self._places(request), request, options))
        text = entry.text
        if options.cut_at_stops:
            text = min((text.split(stop, 1)[0] for stop in request.sampling.stop if stop), key=len, default=text)
        return Response(text=text, finish="stop" if len(text) < len(entry.text) else entry.finish)

    async def loglikelihood(self, request: Request) -> Response:
        """Return the log-likelihood recorded for a continuation or a whole text."""
        entry = self.recordings.at(self._places(request)[0])
        return Response(logprob=entry.logprob, greedy=entry.greedy)

    def _places(self, request: Request) -> list[Place]:
        """Return where the answers to a request stand.

        Raises:
            RequestFailed: there are none, or those of several items.
        """
        if self.recordings.questions is None:
            asked = asked_key(request.prompt)
        else:
            prompt = request.prompt
            asked = self.recordings.questions.asked_in(prompt.asked.content if prompt.chat else prompt.text)
        places = self.recordings.places.get(key(request.kind, asked, request.continuation), [])
        if not places:
            after = f" with the continuation {shown(request.continuation)}" if request.continuation else ""
            raise RequestFailed(f"replay: no recorded answer for {shown(asked)}{after}")
        if len({place.item for place in places}) > 1:
            raise RequestFailed(f"replay: several items share the question {shown(asked)}: whose answer is meant?")
        return places


def drawn(places: list[Place], request: Request, options: ReplayOptions) -> Place:
    """Return the place of one draw: the one of this name, else the one of this number in its arm.

    Raises:
        RequestFailed: there is no answer for it.
    """
    named = [place for place in places if isinstance(place.draw, str)]
    for place in named:
        if place.draw == request.draw:
            return place
    arm, number = arm_and_number(request.draw)
    first = options.arms.get(arm, None if arm else 0)
    free = sorted((place for place in places if not isinstance(place.draw, str)), key=numbered)
    if not free:
        raise RequestFailed(
            f"replay: answers to {shown(request.prompt.text)} were recorded, none for draw {request.draw!r}"
        )
    if first is None:
        raise RequestFailed(
            f"replay: no answer was recorded for arm {arm!r}: a row belongs to the arms {', '.join(options.arms)} "
            "unless its `draw` says otherwise; see the option arms"
        )
    last = min((start for start in options.arms.values() if start > first), default=len(free))
    mine = free[first:last]
    if not mine or (number >= len(mine) and not options.repeat_draws):
        raise RequestFailed(
            f"replay: draw {request.draw!r} of {shown(request.prompt.text)} was not recorded: there are {len(mine)} "
            "answers for its arm; see the option repeat_draws"
        )
    return mine[number % len(mine)]


def numbered(place: Place) -> int:
    """Return the number a row gives its answer; rows without one stay in their order."""
    return place.draw if isinstance(place.draw, int) else 0


def arm_and_number(draw: str) -> tuple[str, int]:
    """Return the arm of a draw's name and its number: draws of the arm, or repeats of a task.

    >>> arm_and_number("base/2/0"), arm_and_number("base/0/3"), arm_and_number("")
    (('base', 2), ('base', 3), ('', 0))

    Raises:
        RequestFailed: both count, so that the number is not known.
    """
    arm, *numbers = draw.split("/")
    if arm.isdigit():
        arm, numbers = "", [arm, *numbers]
    counts = [int(number) for number in numbers if number.isdigit() and int(number)]
    if len(counts) > 1:
        raise RequestFailed(f"replay: draw {draw!r} is a repeat of a repeat: name it in the row's `draw`")
    return arm, counts[0] if counts else 0


@asynccontextmanager
async def opened(name: str, options: ReplayOptions) -> AsyncIterator[ReplayModel]:
    """Open recorded answers; the files are read through once, in a thread."""
    recordings = await asyncio.to_thread(read, name, options)
    try:
        yield ReplayModel(recordings=recordings, identity=identity(name, recordings))
    finally:
        recordings.close()


def identity(name: str, recordings: Recordings) -> dict[str, str]:
    """Return all that tells these answers from others; where they lie is no part of it."""
    asked = asdict(recordings.options)
    asked["join"] = asked["join"].rpartition("/")[2]
    asked["arms"] = dict(sorted(recordings.options.arms.items()))
    usual = asdict(ReplayOptions())
    settings = {field: value for field, value in asked.items() if value != usual[field]}
    return {
        "backend": "replay",
        "model": Path(name).expanduser().resolve().name,
        "sha256": recordings.hash,
        "options": json.dumps(settings, sort_keys=True),
    }
