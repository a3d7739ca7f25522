"""Each guard on the real prompts, rows and answers of every suite, and on answers made to fool it."""

from __future__ import annotations

import keyword
import re

import pytest

from harness import Constraint, ConstraintType, Response, Verdict
from harness_constraints import harness_constraint_types
from harness_sustainscore.asked import asked_by
from harness_sustainscore.clues import COMMON, clues_of
from harness_sustainscore.evaluation import verdict
from harness_sustainscore.guards import guard_against, held
from harness_sustainscore.others import mutants, violated_by_bank

TYPES = {kind.name: kind for kind in harness_constraint_types()}


@pytest.mark.parametrize(
    ("task", "said", "unsaid"),
    [
        ("gsm8k_chat", "Number the steps.", "Use at most 3 sentences."),
        ("math500", "Work step by step.", "Use at most 3 sentences."),
        ("math500", "Put the result in a box with \\boxed.", "Use no table."),
        ("musique", "Give your reasoning.", "Use at most 3 lines."),
        ("hotpotqa", "Show the steps of the reasoning.", "Use no bullet points."),
        ("humaneval_chat", "Put the code into one fenced code block.", "Use no lambda expression."),
        ("humaneval_chat", "Keep the signature of the function.", "Use at most 9 lines of code."),
        ("mbpp_chat", "Put the code into one fenced block.", "Use no lambda expression."),
    ],
)
def test_real_prompts_say_their_own_form_and_no_other(hub_sources, task, said, unsaid):
    for one in hub_sources(task, 40):
        asked = asked_by(one.answered.doc, one.answered.prompt)
        assert asked.says(said), one.answered.prompt.asked.content[-400:]
        assert asked.says(unsaid) == "", (asked.says(unsaid), one.answered.prompt.asked.content[-400:])


def test_the_texts_of_a_row_are_no_instruction(hub_sources):
    for one in hub_sources("musique", 40):
        asked = asked_by(one.answered.doc, one.answered.prompt)
        assert one.answered.doc.fields["question"] not in asked.instruction
        assert len(asked.instruction) < 500


def test_identifiers_of_real_references_are_told_and_those_of_the_prompt_are_not(hub_sources):
    told = 0
    for one in hub_sources("humaneval_chat", 164):
        doc = one.answered.doc
        clues = clues_of(doc, one.answered.prompt)
        shown = set(re.findall(r"[A-Za-z_]\w*", one.answered.prompt.asked.content))
        for name in set(re.findall(r"[A-Za-z_]\w{2,}", doc.fields["canonical_solution"])):
            text = f'Use "{name}" in the code.'
            if name in shown or name in COMMON or keyword.iskeyword(name):
                assert clues.told_by(text) in {"", *map(str, clues.numbers)}, (doc.id, name)
            else:
                told += 1
                assert clues.told_by(text) == name
    assert told > 200


def test_the_docstring_and_the_annotations_of_a_stub_are_shown_by_it(hub_sources):
    annotated = 0
    for one in hub_sources("humaneval_chat", 60):
        asked = asked_by(one.answered.doc, one.answered.prompt)
        assert asked.says("Give every function a docstring.")
        assert asked.says("The code has no docstrings.") == ""
        hints = "->" in one.answered.doc.fields["prompt"].split('"""')[0].split("\n\n")[-1]
        annotated += hints
        if hints:
            assert asked.says("Every parameter has a type annotation.")
    assert annotated > 20


def test_the_bank_or_the_mutants_violate_nearly_all_that_is_offered(recorded):
    """A type whose constraints nothing violates would never be drawn."""
    recording, answers = recorded
    passed, refused = set(), set()
    for one in answers(311 if recording not in {"hotpotqa", "mbpp"} else 31):
        others = mutants(one.answered.response.text)
        for kind in TYPES.values():
            if not kind.domains or one.domain in kind.domains:
                for candidate in kind.extract(one.answered):
                    violated = violated_by_bank(kind.check, candidate, one.domain) or any(
                        kind.check(candidate, Response(text=text)).met is False for text in others
                    )
                    (passed if violated else refused).add(kind.name)
    assert len(passed) >= 40
    assert len(refused - passed) <= 0.05 * len(passed), refused - passed


def wavering(met):
    made = Constraint(type="calm", family="tone", version="1", params={}, text="Stay calm and write it plainly.")
    return made, ConstraintType(
        name="calm",
        family="tone",
        summary="",
        extract=lambda _: (made,),
        check=lambda _, response: Verdict(met=met(response.text)),
    )


@pytest.mark.parametrize(
    ("name", "met"),
    [
        ("met by an empty answer", lambda text: "\ud7ff" not in text),  # an absence
        ("vacuous", lambda text: len(text) > 0),  # always
        ("vacuous", lambda text: bool(text) and not text.startswith("\ud7ff")),  # an absence of what nobody writes
        ("vacuous", lambda text: None if text.startswith("#") else bool(text)),  # an exception that counts as a pass
        ("untrue on its source", lambda text: None),
        ("untrue on its source", lambda text: len(text) > 10**6),
    ],
)
def test_checkers_that_always_pass_are_turned_away(hub_sources, name, met):
    for task in ("gsm8k_chat", "humaneval_chat", "musique"):
        (one,) = hub_sources(task, 1)
        made, kind = wavering(met)
        assert guard_against(kind, made, held(one.answered, one.spec, one.domain)) == name


class Seen:
    """A bench with one constraint type, for verdicts."""

    def __init__(self, kind):
        self.kind = kind

    def kind_of(self, _constraint):
        return self.kind


@pytest.mark.parametrize(
    ("text", "met", "note"),
    [
        ("<think>so so</think>It is calm.", True, ""),
        ("<think>calm calm</think>It is loud.", False, ""),
        ("<think>calm and", None, "truncated thinking"),
        ("<think>a</think>calm<think>b", None, "truncated thinking"),
        ("calm</think>loud", False, ""),  # the template opened it
        ("<THINKING>x</thinking> calm", True, ""),
        ("<think>calm</think> \n", False, "empty answer"),
        ("", False, "empty answer"),
    ],
)
async def test_only_the_final_part_is_judged_and_an_unclosed_thought_is_not(text, met, note):
    made, kind = wavering(lambda seen: "calm" in seen)
    found = await verdict(made, Response(text=text), Seen(kind))
    assert (found.met, found.note) == (met, note)
