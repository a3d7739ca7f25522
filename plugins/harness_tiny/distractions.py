"""Sentences that have nothing to do with the question, so many and so odd that the model learns to pass over any.

`distraction` is for training. `unseen` is for evaluation: other sentence patterns, filled with words that no
training sentence contains.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness_tiny.problem import listed

if TYPE_CHECKING:
    import random

NOUNS = listed(
    "river mountain window lamp garden train ship castle forest carpet door roof tower bridge field lake engine "
    "wheel barn cloud storm winter summer museum library market island village road kettle mirror clock radio "
    "painting statue curtain ladder basket bucket hammer blanket pillow drawer fence gate tunnel harbour desert "
    "valley meadow cottage chimney cellar attic orchard bakery theatre stadium airport station poem song letter "
    "newspaper dictionary telescope compass lantern saddle feather owl fox wolf bear whale eagle spider beetle "
    "tree leaf root moss stone sand ice snow fog rain wind sun moon star planet king queen farmer sailor painter "
    "doctor soldier baker tailor writer singer child uncle visitor crowd team school church bank office factory"
)
ADJECTIVES = listed(
    "old new small large quiet loud bright dark heavy light narrow wide cold warm dry wet empty full clean dusty "
    "soft hard smooth rough famous strange simple rare common gentle proud tired hungry busy lazy broken wooden "
    "golden silver round square flat steep deep shallow early late slow fast young ancient modern grey pale calm"
)
VERBS = listed(
    "crossed followed watched carried painted closed opened moved reached covered passed touched visited repaired "
    "sold found lost noticed remembered described measured cleaned pushed pulled lifted dropped turned joined "
    "built heard met admired ignored guarded filled surrounded shaped replaced forgot"
)
ACTIONS = listed(
    "water close open clean paint visit watch repair carry cover check feed lock follow admire avoid move empty "
    "describe count keep ignore bring return fold shake warm polish borrow protect"
)
PLACES = (
    "near the harbour", "behind the barn", "in the north", "under the bridge", "at the market", "by the sea",
    "on the hill", "in the old town", "beside the road", "across the valley", "in the garden", "at home", "abroad",
    "next to the church", "above the clouds", "in the evening", "before noon", "after the storm", "every spring",
    "last year", "on Sunday", "at night", "during the winter", "once a week", "a long time ago",
)  # fmt: skip
KINDS = ("wood", "iron", "glass", "paper", "wool", "silk", "stone", "copper", "clay", "leather", "cotton")
PATTERNS = (
    "The {a} {n} {v} the {n} {p}.",
    "The {n} {v} a {a} {n}.",
    "{P}, the {n} was {a}.",
    "A {n} is {a} when the {n} is {a}.",
    "Remember to {d} the {n} {p}.",
    "Please {d} the {a} {n}.",
    "Do not {d} the {n}.",
    "Never {d} a {n} {p}.",
    "There are {k} {n}s {p}.",
    "In {y} the {n} {v} the {n}.",
    "The {n} is {k} metres long and {k} years old.",
    "The {a} {n} is made of {m}.",
    "{N}s and {n}s are {a}.",
    "Many {n}s are found {p}.",
    "It was {a} and {a} {p}.",
    "My {n} {v} the {n} of the {n}.",
    "The sky is {a} {p}.",
    "Some people {d} their {n} {p}.",
    "Is the {n} {a}?",
    "What a {a} {n}!",
    "The word for it is '{n}'.",
    'The sign says "{n}".',
    "If the {n} is {a}, {d} the {n}.",
    "Use the {a} {n} {p}.",
    "Write to the {n} {p}.",
    "Put the {n} and the {n} {p}.",
    "The {n}, which {v} the {n}, is {a}.",
    "They {v} the {a} {n} and {v} the {n} because the {n} was {a}.",
    "He {v} {k} {n}s; she {v} none.",
    "Note that the {n} has {k} {n}s.",
    "{a} {n} {a} {n}",
    "You may {d} the {n} at {k}:{k}.",
)
LINKS = (", and ", ", but ", "; ", " while ", " because ", ", so ", " although ", " - ", ": ")
EMPTY = (
    "Please answer the question.",
    "Read the question with care.",
    "Take your time.",
    "Think before you write.",
    "This is a question.",
    "Thank you.",
    "Good luck.",
    "Do your best.",
    "Answer as you normally would.",
    "Here comes the question.",
)
ONSETS = listed("b br c ch d dr f fl g gr h j k kl l m n p pl qu r s sh sk st t tr v w z")
VOWELS = listed("a e i o u ai ea ee io ou y")
ENDS = ["", *listed("b ck d ft g l lm m n nd ng p r rt s st t x")]
SIGNS = (",", ",", ";", ":", " -", "!", "?", "...", '"', "(", ")", "'", "/", "%", "&", "*", "#", "=", "+")

UNSEEN_NOUNS = listed(
    "violet glacier parliament crystal pigeon volcano festival kitchen helmet canyon acorn rocket tulip marsh "
    "jungle puppet comet sculpture waterfall shepherd monastery ferry sparrow velvet mustard orbit pottery "
    "lighthouse cricket umbrella"
)
UNSEEN_ADJECTIVES = listed("remote purplish curious elegant frozen hollow transparent noisy medieval damp")
UNSEEN_VERBS = listed("attracts reflects resembles protects outlasts overlooks supports delays inspires hides")
UNSEEN_ACTIONS = listed("decorate photograph sketch rinse wrap harvest unlock celebrate inspect greet")
UNSEEN_PATTERNS = (
    "Most {n}s need a {a} {n} to survive.",
    "Historians agree that the {n} {v} every {n}.",
    "Somebody ought to {d} the {n} before the {n} arrives.",
    "Nothing about a {a} {n} surprises the {n}.",
    "Compared with the {n}, each {a} {n} {v} two {n}s.",
    "Try to {d} the {n} whenever it looks {a}.",
    "Experts {d} a {n} for about {k} hours, since the {a} {n} {v} it and nobody else would {d} a {n} like that.",
    "According to legend, the {a} {n} {v} the {n}, whereas the {n} never {v} anything at all.",
    "Our {n} opened in {y} with {k} {n}s.",
    "{N}, {n}, {n}.",
)


def _pseudo(rng: random.Random) -> str:
    return "".join(rng.choice(ONSETS) + rng.choice(VOWELS) + rng.choice(ENDS) for _ in range(rng.choice((1, 2, 2, 3))))


def _number(rng: random.Random) -> str:
    return str(rng.randint(0, 10 ** rng.randint(1, 3)))


def _word(words: tuple[str, ...], rng: random.Random) -> str:
    return _pseudo(rng) if rng.random() < 0.2 else rng.choice(words)  # noqa: PLR2004


def _filled(pattern: str, slots: dict[str, tuple[str, ...]], rng: random.Random, *, pseudo: bool) -> str:
    """Return a pattern with each slot filled anew."""
    pieces = []
    for piece in pattern.split("{"):
        letter, closed, rest = piece.partition("}")
        if not closed:
            pieces.append(piece)
        elif letter == "k":
            pieces.append(_number(rng) + rest)
        elif letter == "y":
            pieces.append(str(rng.randint(1100, 2030)) + rest)
        else:
            words = slots[letter.lower()]
            word = _word(words, rng) if pseudo and letter not in "pP" else rng.choice(words)
            pieces.append((word[0].upper() + word[1:] if letter.isupper() else word) + rest)
    return "".join(pieces)


TRAINING_SLOTS = {"n": NOUNS, "a": ADJECTIVES, "v": VERBS, "d": ACTIONS, "p": PLACES, "m": KINDS}
UNSEEN_SLOTS = {"n": UNSEEN_NOUNS, "a": UNSEEN_ADJECTIVES, "v": UNSEEN_VERBS, "d": UNSEEN_ACTIONS}


def _clause(rng: random.Random) -> str:
    return _filled(rng.choice(PATTERNS), TRAINING_SLOTS, rng, pseudo=True)


def _salad(rng: random.Random) -> str:
    """Return words without grammar, a third of them invented, with signs and numbers between."""
    words = []
    for _ in range(rng.randint(2, 14)):
        roll = rng.random()
        if roll < 0.35:  # noqa: PLR2004
            words.append(_pseudo(rng))
        elif roll < 0.42:  # noqa: PLR2004
            words.append(_number(rng))
        else:
            words.append(rng.choice(rng.choice((NOUNS, NOUNS, ADJECTIVES, VERBS, ACTIONS))))
        if rng.random() < 0.1:  # noqa: PLR2004
            words[-1] += rng.choice(SIGNS)
        if rng.random() < 0.08:  # noqa: PLR2004
            words[-1] = words[-1].capitalize()
    text = " ".join(words)
    return text[0].upper() + text[1:] + rng.choice((".", ".", ".", "!", ""))


def distraction(rng: random.Random) -> str:
    """Return one irrelevant sentence of 2 to about 30 words."""
    roll = rng.random()
    if roll < 0.04:  # noqa: PLR2004
        return rng.choice(EMPTY)
    if roll < 0.28:  # noqa: PLR2004
        return _salad(rng)
    sentence = _clause(rng)
    while rng.random() < 0.25 and len(sentence) < 150:  # noqa: PLR2004
        following = _clause(rng)
        sentence = sentence.rstrip(".!?") + rng.choice(LINKS) + following[0].lower() + following[1:]
    return sentence


def unseen(rng: random.Random) -> str:
    """Return one irrelevant sentence whose pattern and content words are in no training text."""
    return _filled(rng.choice(UNSEEN_PATTERNS), UNSEEN_SLOTS, rng, pseudo=False)
