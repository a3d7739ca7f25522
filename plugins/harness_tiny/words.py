"""Word problems of two steps: twelve stories told with small whole numbers."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness_tiny.problem import Problem, listed

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

NAMES = listed(
    "Anna Ben Clara David Emma Felix Grace Henry Ida Jonas Kate Leo Maria Nils Olga Paul Rosa Sam Tina Victor "
    "Wendy Yusuf Zoe Adam Bella Carl Dora Erik Fiona Hugo"
)
THINGS = listed(
    "apples books coins cards pens shells stamps marbles stones eggs lemons tickets buttons candles flowers "
    "cookies pears nuts plates cups beads keys ribbons stickers"
)
OPERATIONS: dict[str, Callable[[int, int], int]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.floordiv,
}
LARGEST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A kind of word problem: `m` is the result of the first step, `r` that of the second."""

    name: str
    first: str
    second: str
    wordings: tuple[str, ...]
    told: tuple[tuple[str, str], ...]
    home: str


STORIES = (
    Story(
        name="buy-give",
        first="a + b",
        second="m - c",
        wordings=(
            "{n} has {a} {t}. {n} buys {b} more and gives away {c}. How many {t} does {n} have now?",
            "{n} had {a} {t}, bought {b} {t} and then gave {c} to {o}. How many {t} are left?",
        ),
        told=(
            ("{n} has {first} {t} after buying more.", "After giving some away, {n} has {then} {t}."),
            ("With the new {t} there are {first} in total.", "Then {then} {t} are left."),
        ),
        home="paragraph",
    ),
    Story(
        name="lose-find",
        first="a - b",
        second="m + c",
        wordings=(
            "{n} has {a} {t}. {n} loses {b} of them and later finds {c}. How many {t} does {n} have in the end?",
            "There are {a} {t} in a bag. {n} takes out {b} and puts in {c} others. How many {t} are in the bag?",
        ),
        told=(
            ("First there are {first} {t} left.", "Later there are {then} {t}."),
            ("After the loss, {first} {t} remain.", "In the end {n} counts {then} {t}."),
        ),
        home="numbered",
    ),
    Story(
        name="boxes-more",
        first="a * b",
        second="m + c",
        wordings=(
            "{n} has {a} boxes with {b} {t} each and {c} more {t} on the table. How many {t} is that in total?",
            "There are {a} bags. Each bag holds {b} {t}. {n} brings {c} more {t}. How many {t} are there?",
        ),
        told=(
            ("The boxes hold {first} {t}.", "Together with the others that makes {then} {t}."),
            ("All containers hold {first} {t} together.", "In total there are {then} {t}."),
        ),
        home="lines",
    ),
    Story(
        name="boxes-less",
        first="a * b",
        second="m - c",
        wordings=(
            "{n} packs {a} boxes with {b} {t} each. Then {c} {t} are sold. How many {t} are left?",
            "A shop gets {a} trays of {b} {t}. {n} drops {c} of the {t}. How many {t} are still good?",
        ),
        told=(
            ("At first there are {first} {t}.", "After that {then} {t} are left."),
            ("{n} starts with {first} {t}.", "So {then} {t} remain."),
        ),
        home="steps",
    ),
    Story(
        name="change",
        first="a * b",
        second="c - m",
        wordings=(
            "{n} buys {a} {t} for {b} dollars each and pays with {c} dollars. How many dollars does {n} get back?",
            "One of the {t} costs {b} dollars. {n} has {c} dollars and buys {a}. How many dollars does {n} have left?",
        ),
        told=(
            ("The {t} cost {first} dollars.", "So {n} keeps {then} dollars."),
            ("The total price is {first} dollars.", "The change is {then} dollars."),
        ),
        home="paragraph",
    ),
    Story(
        name="together",
        first="a + b",
        second="a + m",
        wordings=(
            "{n} has {a} {t}. {o} has {b} more than {n}. How many {t} do they have together?",
            "{n} found {a} {t} and {o} found {b} more than that. How many {t} did both find altogether?",
        ),
        told=(
            ("{o} has {first} {t}.", "Together they have {then} {t}."),
            ("The other person has {first} {t}.", "Altogether that makes {then} {t}."),
        ),
        home="short",
    ),
    Story(
        name="share-sum",
        first="a + b",
        second="m / c",
        wordings=(
            "{n} has {a} {t} and gets {b} more. They are shared equally among {c} friends. How many {t} does each get?",
            "{n} picks {a} {t} and {o} picks {b}. They put all into {c} equal piles. How many {t} are in one pile?",
        ),
        told=(
            ("There are {first} {t} to share.", "Each one gets {then} {t}."),
            ("All the {t} make {first}.", "Every part has {then} {t}."),
        ),
        home="equations",
    ),
    Story(
        name="sell-rest",
        first="a - b",
        second="m * c",
        wordings=(
            "{n} has {a} {t}, but {b} are broken. The rest are sold for {c} dollars each. How many dollars is that?",
            "From {a} {t} {n} keeps {b} and sells the others at {c} dollars each. How many dollars does {n} earn?",
        ),
        told=(
            ("Only {first} {t} can be sold.", "They bring {then} dollars."),
            ("That leaves {first} {t} to sell.", "In total that is {then} dollars."),
        ),
        home="numbered",
    ),
    Story(
        name="mixed-boxes",
        first="a + b",
        second="m * c",
        wordings=(
            "A box holds {a} red and {b} blue {t}. {n} has {c} boxes. How many {t} does {n} have?",
            "Every day {n} makes {a} {t} and {o} makes {b}. How many {t} do they make in {c} days?",
        ),
        told=(
            ("One time gives {first} {t}.", "All of them give {then} {t}."),
            ("Each one counts {first} {t}.", "So the total is {then} {t}."),
        ),
        home="short",
    ),
    Story(
        name="three-days",
        first="a + b",
        second="m + c",
        wordings=(
            "{n} sells {a} {t} on Monday, {b} on Tuesday and {c} on Friday. How many {t} does {n} sell in all?",
            "{n} reads about {a} {t}, {o} about {b} and a third child about {c}. How many {t} is that in total?",
        ),
        told=(
            ("The first two make {first} {t}.", "All three make {then} {t}."),
            ("We add {first} first.", "The total is {then} {t}."),
        ),
        home="lines",
    ),
    Story(
        name="share-boxes",
        first="a * b",
        second="m / c",
        wordings=(
            "{n} opens {a} packs of {b} {t} and deals them equally to {c} children. How many {t} does each child get?",
            "There are {a} rows of {b} {t}. {n} puts them in {c} equal groups. How many {t} are in a group?",
        ),
        told=(
            ("In all there are {first} {t}.", "Each part is {then} {t}."),
            ("The number of {t} is {first}.", "So everyone gets {then} {t}."),
        ),
        home="steps",
    ),
    Story(
        name="two-losses",
        first="a - b",
        second="m - c",
        wordings=(
            "{n} had {a} {t}. {b} were lost and {c} were given to {o}. How many {t} are left?",
            "Of {a} {t} on a shelf {n} takes {b} and {o} takes {c}. How many {t} stay on the shelf?",
        ),
        told=(
            ("First, {first} {t} remain.", "Finally, {then} {t} remain."),
            ("After the first change there are {first} {t}.", "Now only {then} {t} are left."),
        ),
        home="equations",
    ),
)


def _numbers(story: Story, rng: random.Random) -> dict[str, int]:
    """Return numbers with which both steps of the story stay whole, positive and small."""
    while True:
        small = "*" in story.first
        numbers = {
            "a": rng.randint(2, 9) if small else rng.randint(3, 45),
            "b": rng.randint(2, 10) if small else rng.randint(2, 40),
            "c": rng.randint(2, 9) if story.second[2] in "*/" else rng.randint(2, 45),
        }
        for letter, formula in (("m", story.first), ("r", story.second)):
            left, sign, right = formula.split()
            numbers[letter] = OPERATIONS[sign](numbers[left], numbers[right])
        product_fits = story.second[2] != "*" or 2 <= numbers["m"] <= 10  # noqa: PLR2004 - the multiplication table
        division_fits = story.second[2] != "/" or numbers["m"] == numbers["r"] * numbers["c"]
        if product_fits and division_fits and 1 <= numbers["m"] <= LARGEST and 1 <= numbers["r"] <= LARGEST:
            return numbers


def word_problem(rng: random.Random) -> Problem:
    """Return one word problem, drawn from everything the generator can say, evaluation problems included."""
    story = rng.choice(STORIES)
    numbers = _numbers(story, rng)
    name, other = rng.sample(NAMES, 2)
    shown = {"n": name, "o": other, "t": rng.choice(THINGS), **{k: str(v) for k, v in numbers.items()}}
    steps = []
    for formula, result in ((story.first, "m"), (story.second, "r")):
        left, sign, right = formula.split()
        steps.append(f"{numbers[left]} {sign} {numbers[right]} = {numbers[result]}")
    told = rng.choice(story.told)
    return Problem(
        domain="words",
        key=f"words:{story.name}:{numbers['a']}:{numbers['b']}:{numbers['c']}",
        question=rng.choice(story.wordings).format_map(shown),
        gold=str(numbers["r"]),
        steps=tuple(steps),
        sentences=tuple(line.format_map({**shown, "first": steps[0], "then": steps[1]}) for line in told),
        home=story.home,
    )
