"""The scores of many documents by column, for figures over all of them: a few words a document, not a few objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, overload

from harness import Json, Score

#: Stands where a document lacks a grade that others have.
ABSENT: Final = object()


class Scores(Sequence[Score]):
    """Scores as `Task.aggregate` takes them, without what the filters left; each is made anew when it is looked at."""

    __slots__ = ("_grades", "_lenient", "_notes", "_solved")

    def __init__(self) -> None:
        self._grades: dict[str, list[Json]] = {}
        self._solved: list[bool | None] = []
        self._lenient: list[bool | None] = []
        self._notes: dict[int, str] = {}

    def append(self, score: Score) -> None:
        """Add the score of the next document."""
        number = len(self._solved)
        for key, value in score.values.items():
            if key not in self._grades:
                self._grades[key] = [ABSENT] * number
            self._grades[key].append(value)
        if len(score.values) < len(self._grades):
            for column in self._grades.values():
                if len(column) == number:
                    column.append(ABSENT)
        self._solved.append(score.solved)
        self._lenient.append(score.lenient)
        if score.note:
            self._notes[number] = score.note

    def __len__(self) -> int:
        return len(self._solved)

    @overload
    def __getitem__(self, number: int) -> Score: ...
    @overload
    def __getitem__(self, number: slice) -> list[Score]: ...
    def __getitem__(self, number: int | slice) -> Score | list[Score]:
        if isinstance(number, slice):
            return [self._made(one) for one in range(*number.indices(len(self)))]
        return self._made(range(len(self))[number])

    def __iter__(self) -> Iterator[Score]:
        return map(self._made, range(len(self)))

    def _made(self, number: int) -> Score:
        values = {key: column[number] for key, column in self._grades.items() if column[number] is not ABSENT}
        return Score(
            values=values,
            solved=self._solved[number],
            lenient=self._lenient[number],
            note=self._notes.get(number, ""),
        )
