"""Questions of two hops over a short list of facts: from a person to another, from the other to a property."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness_tiny.problem import Problem, listed
from harness_tiny.words import NAMES

if TYPE_CHECKING:
    import random


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """Something that a person has one of."""

    name: str
    verb: str
    values: tuple[str, ...]
    wordings: tuple[str, ...]
    home: str


BONDS = listed("helps trusts follows admires calls pays teaches thanks")
PROPERTIES = (
    Property(
        name="city",
        verb="visits",
        values=listed("Rome Paris Oslo Madrid Vienna Berlin Lima Cairo Tokyo Dublin Athens Boston"),
        wordings=("Which city does {who} visit?", "Name the city that {who} visits."),
        home="paragraph",
    ),
    Property(
        name="animals",
        verb="owns",
        values=listed("cats dogs horses parrots rabbits goats snakes turtles hamsters ponies"),
        wordings=("Which animals does {who} own?", "Name the animals that {who} owns."),
        home="numbered",
    ),
    Property(
        name="colour",
        verb="likes",
        values=listed("red blue green yellow black white orange purple brown pink"),
        wordings=("Which colour does {who} like?", "Name the colour that {who} likes."),
        home="lines",
    ),
    Property(
        name="instrument",
        verb="plays",
        values=listed("piano violin flute guitar drums cello harp trumpet organ banjo"),
        wordings=("Which instrument does {who} play?", "Name the instrument that {who} plays."),
        home="steps",
    ),
    Property(
        name="drink",
        verb="drinks",
        values=listed("tea coffee milk water juice cocoa wine lemonade cider soda"),
        wordings=("What does {who} drink?", "Name the drink that {who} drinks."),
        home="equations",
    ),
    Property(
        name="subject",
        verb="studies",
        values=listed("law music physics history biology art chemistry geology French Latin"),
        wordings=("Which subject does {who} study?", "Name the subject that {who} studies."),
        home="short",
    ),
)
WHO = ("the person that {p} {verb}", "the one whom {p} {verb}")
TOLD = (
    ("Here {p} {verb} {q}.", "So {q} {has} {value}."),
    ("The person that {p} {verb} is {q}.", "We know that {q} {has} {value}."),
    ("We read that {p} {verb} {q}.", "And {q} {has} {value}."),
)


def fact_problem(rng: random.Random) -> Problem:
    """Return one question with its facts, drawn from everything the generator can say."""
    asker, target, *others = rng.sample(NAMES, 6)
    bond = rng.choice(BONDS)
    asked, beside = rng.sample(PROPERTIES, 2)
    value, *wrong = rng.sample(asked.values, 4)
    facts = [
        f"{asker} {bond} {target}.",
        f"{others[0]} {rng.choice(BONDS)} {others[1]}.",
        f"{target} {asked.verb} {value}.",
        f"{others[1]} {asked.verb} {wrong[0]}.",
        f"{rng.choice((asker, others[2]))} {asked.verb} {wrong[1]}.",
    ]
    if rng.random() < 0.4:  # noqa: PLR2004 - a property of the right person that is not asked for
        facts.append(f"{rng.choice((target, others[3]))} {beside.verb} {rng.choice(beside.values)}.")
    rng.shuffle(facts)
    who = rng.choice(WHO).format(p=asker, verb=bond)
    question = rng.choice(asked.wordings).format(who=who)
    shown = {
        "p": asker,
        "q": target,
        "verb": bond,
        "has": asked.verb,
        "value": value,
    }
    told = rng.choice(TOLD)
    text = " ".join([*facts, question])
    return Problem(
        domain="facts",
        key=f"facts:{text}",
        question=text,
        gold=value,
        steps=(f"{asker} {bond} {target}", f"{target} {asked.verb} {value}"),
        sentences=tuple(line.format_map(shown) for line in told),
        lead="Fact: ",
        home=asked.home,
    )
