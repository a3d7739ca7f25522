"""Positions and wordings: balanced over documents, the same for every model, spans true in each."""

from collections import Counter
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import Constraint, Message, Prompt
from harness_constraints import harness_constraint_types
from harness_sustainscore.design import levels
from harness_sustainscore.evaluation import preview
from harness_sustainscore.inserts import constraint_pieces, placebo_pieces
from harness_sustainscore.options import SustainOptions

POSITIONS = ("appended", "prepended", "system")
WORDINGS = ("imperative", "declarative", "polite", "checklist")
MADE = tuple(
    Constraint(type=f"t{n}", family="f", version="1", params={}, text=text)
    for n, text in enumerate(["Use no table.", "Schreibe höchstens fünf Sätze.", "No more than 9 lines."])
)
QUESTION = "Question: 1 + 1?\nAnswer:"
SHOTS = "Question: 2 + 2?\nAnswer: 4\n\n"
PLAIN = Prompt(messages=(Message(role="user", content=QUESTION),), slot=QUESTION.index("\nAnswer"))
FEW = Prompt(
    messages=(Message(role="user", content=SHOTS + QUESTION),),
    start=len(SHOTS),
    slot=len(SHOTS) + QUESTION.index("\nAnswer"),
)
CHAT = replace(PLAIN, chat=True, prefix="So")
TOLD = replace(CHAT, messages=(Message(role="system", content="Be brief."), *CHAT.messages))
TURNS = replace(
    CHAT, messages=(Message(role="user", content="2 + 2?"), Message(role="assistant", content="4"), *CHAT.messages)
)
CODE = Prompt(messages=(Message(role="user", content="def f(x):\n    '''Return x.'''\n"),), slot=0)
PROMPTS = {"plain": PLAIN, "few": FEW, "chat": CHAT, "told": TOLD, "turns": TURNS, "code": CODE}


@given(
    st.lists(st.sampled_from(POSITIONS), min_size=1, max_size=3, unique=True),
    st.lists(st.sampled_from(WORDINGS), min_size=1, max_size=4, unique=True),
    st.integers(0, 10_000),
)
def test_any_block_of_documents_holds_every_pair_once(positions, wordings, first):
    block = len(positions) * len(wordings)
    first -= first % block
    seen = Counter(levels(n, positions, wordings) for n in range(first, first + block))
    assert seen == dict.fromkeys(product(positions, wordings), 1)


def test_few_documents_are_balanced_in_each_factor():
    seen = [levels(n, POSITIONS, WORDINGS) for n in range(12)]
    assert set(Counter(position for position, _ in seen[:6]).values()) == {2}
    assert set(Counter(wording for _, wording in seen[:8]).values()) == {2}


@pytest.mark.parametrize("place", POSITIONS)
@pytest.mark.parametrize("name", PROMPTS)
@pytest.mark.parametrize("count", [1, 3])
def test_every_span_holds_the_text_of_its_constraint(name, place, count):
    prompt = replace(PROMPTS[name], place=place)
    shown = prompt.with_inserted(constraint_pieces(MADE[:count], prompt))
    assert [span.label for span in shown.spans] == [f"c{n}" for n in range(count)]
    for span, constraint in zip(shown.spans, MADE[:count], strict=True):
        assert shown.messages[span.message].content[span.start : span.end] == constraint.text


@pytest.mark.parametrize("place", POSITIONS)
@pytest.mark.parametrize("name", PROMPTS)
def test_what_was_added_is_all_that_changed_and_is_set_off(name, place):
    prompt = replace(PROMPTS[name], place=place)
    pieces = constraint_pieces(MADE[:1], prompt)
    shown = prompt.with_inserted(pieces)
    added = "".join(text for _, text in pieces)
    assert shown.text.replace(added, "", 1) == prompt.text
    (span,) = shown.spans
    content = shown.messages[span.message].content
    before, after = content[: span.start].removesuffix("Constraint: "), content[span.end :]
    assert not before or before.endswith("\n\n")
    assert not after or after.startswith("\n")


@pytest.mark.parametrize("place", POSITIONS)
@pytest.mark.parametrize("name", PROMPTS)
def test_the_placebo_stands_where_the_constraint_would(name, place):
    prompt = replace(PROMPTS[name], place=place)
    treated = prompt.with_inserted(constraint_pieces(MADE[:1], prompt))
    idle = prompt.with_inserted(placebo_pieces("Moss is soft.", prompt))
    (one,), (other,) = treated.spans, idle.spans
    assert one.message == other.message
    assert one.start - len("Constraint: ") == other.start - len("Note: ")


def test_each_position_is_where_it_says():
    def shown(prompt, place):
        here = replace(prompt, place=place)
        return here.with_inserted(constraint_pieces(MADE[:1], here))

    assert shown(FEW, "appended").text == f"{SHOTS}Question: 1 + 1?\n\nConstraint: Use no table.\nAnswer:"
    assert shown(FEW, "prepended").text == f"{SHOTS}Constraint: Use no table.\n\n{QUESTION}"
    assert shown(FEW, "system").text == f"Constraint: Use no table.\n\n{SHOTS}{QUESTION}"
    assert [message.role for message in shown(CHAT, "system").messages] == ["system", "user"]
    assert shown(CHAT, "system").messages[0].content == "Constraint: Use no table."
    assert shown(TOLD, "system").messages[0].content == "Be brief.\n\nConstraint: Use no table."
    assert shown(TURNS, "prepended").messages[-1].content == f"Constraint: Use no table.\n\n{QUESTION}"
    assert shown(TURNS, "prepended").messages[0] == TURNS.messages[0]


@pytest.mark.parametrize("place", POSITIONS)
def test_what_is_added_twice_stands_in_order(place):
    prompt = replace(FEW, place=place)
    twice = prompt.with_inserted((("a", "[A]"),)).with_inserted((("b", "[B]"),))
    assert "[A][B]" in twice.text
    if place == "prepended":
        assert twice.asked.content[: twice.slot] == f"{SHOTS}[A][B]Question: 1 + 1?"


def test_the_preview_shows_every_position():
    arms = dict(preview(PLAIN, SustainOptions(position=POSITIONS)))
    assert next(iter(arms)) == "base"
    assert {arm for arm in arms if arm.startswith("constrained")} == {f"constrained, {place}" for place in POSITIONS}


@pytest.mark.parametrize("kind", list(harness_constraint_types()), ids=lambda kind: kind.name)
def test_every_type_of_the_catalogue_knows_the_wordings(kind):
    made = Constraint(type=kind.name, family=kind.family, version=kind.version, params={}, text="")
    example = kind.details["wordings"]
    assert set(WORDINGS) <= set(example)
    assert kind.reworded is not None
    if "{" not in "".join(example.values()):
        texts = {kind.reworded(made, wording).text for wording in WORDINGS}
        assert len(texts) == len(WORDINGS)


@pytest.mark.parametrize("options", [{"position": ()}, {"wording": ("polite", "polite")}])
def test_a_factor_without_levels_is_refused(options):
    with pytest.raises(ValueError, match="one or more, each once"):
        SustainOptions(**options)
