"""Spans of characters become spans of tokens that say the same, whatever a chat template does around them."""

from dataclasses import replace
from random import Random

import pytest

from harness import Constraint, Message, Prompt, Record, Response, Score, StoreError, Trial
from harness_attention.placing import SINKS, Unplaced, placed
from harness_attention.prompts import sent
from harness_backends import HfOptions, engine_of, open_hf
from harness_sustainscore.inserts import constraint_pieces, placebo_pieces
from harness_tiny import WEIGHTS

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content | trim }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
#: Says a word of its own that messages say too, and a system message that nobody wrote.
WORDY = (
    "{% if messages[0].role != 'system' %}user user: be helpful, Ann.\n{% endif %}"
    "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant:"
)
LOUD = "{% for m in messages %}{{ m.content | upper }}{% endfor %}"
QUESTION = "Question: Ann has 12 pears. She eats 3. How many pears are left?\nAnswer:"
RULES = ("Use at most 20 words.", "Do not use bullet points.", "No «quotes», no naïve ☃ signs.")


@pytest.fixture(scope="module")
def text_of(tmp_path_factory):
    """The embedded model's tokenizer with some chat template."""
    import asyncio

    folder = tmp_path_factory.mktemp("templates")

    async def opened(template):
        file = folder / "template.jinja"
        file.write_text(template)
        options = HfOptions(device="cpu", chat_template=str(file) if template else "")
        async with open_hf(str(WEIGHTS), options) as model:
            return engine_of(model).text

    return lambda template: asyncio.run(opened(template))


def record_of(prompt, rules=RULES[:1], answer=" She has 9 pears left.\nThe answer is 9."):
    """Return a record as an evaluation makes it, with a constrained and a placebo trial."""
    made = tuple(Constraint(type="r", family="f", version="1", params={}, text=rule) for rule in rules)
    arms = {"constrained": constraint_pieces(made, prompt), "placebo": placebo_pieces("Moss is soft.", prompt)}
    trials = tuple(
        Trial(
            arm=arm,
            draw=0,
            k=len(rules),
            inserted="".join(piece for _, piece in pieces),
            position=prompt.place,
            spans=prompt.with_inserted(pieces).spans,
            responses=(Response(text=answer),),
            score=Score(solved=True),
        )
        for arm, pieces in arms.items()
    )
    return Record(
        doc="t/0",
        task="t",
        index=0,
        prompt=prompt.messages,
        chat=prompt.chat,
        prefix=prompt.prefix,
        constraints=made,
        trials=trials,
    ), {arm: prompt.with_inserted(pieces) for arm, pieces in arms.items()}


def prompt_of(*, chat, place, system):
    messages = (Message(role="user", content=QUESTION),)
    if system:
        messages = (Message(role="system", content="You are Ann.\n"), *messages)
    return Prompt(messages=messages, chat=chat, place=place, start=10, slot=len(QUESTION) - len("\nAnswer:"))


@pytest.mark.parametrize("template", ["", CHATML, WORDY])
@pytest.mark.parametrize("place", ["appended", "prepended", "system"])
@pytest.mark.parametrize("system", [False, True])
@pytest.mark.parametrize("rules", [RULES[:1], RULES])
def test_the_tokens_of_a_span_say_what_it_says(text_of, template, place, system, rules):
    text = text_of(template)
    record, prompts = record_of(prompt_of(chat=bool(template), place=place, system=system), rules)
    for trial in record.trials:
        found = sent(record, trial)
        assert found.prompt.messages == prompts[trial.arm].messages
        one = placed(text, found, trial.response.text, Random(0))
        said = text.tokenizer.decode([one.tokens[i] for i in one.span])
        wanted = rules if trial.arm == "constrained" else ("Moss is soft.",)
        if not template and place == "system" and not system:  # the first tokens of all are never counted
            assert " ".join(wanted).endswith(said.strip())
            assert min(one.span) >= SINKS
        else:
            assert said.split() == " ".join(wanted).split()
        assert set(one.span) <= set(one.content)
        assert len(one.control) == min(len(one.span), len(one.control))
        assert not set(one.control) & set(one.span)
        shown = text.tokenizer.decode([one.tokens[i] for i in one.content])
        assert "How many pears are left?" in shown
        assert not any(word in shown for word in ("assistant", "im_start", "be helpful"))
        assert "".join(one.words) == trial.response.text
        assert list(one.tokens[: one.start]) == text.encoded(text.rendered(prompts[trial.arm]))


def test_a_template_that_changes_the_constraint_leaves_the_trial_out(text_of):
    record, _ = record_of(prompt_of(chat=True, place="appended", system=False))
    with pytest.raises(Unplaced, match="template changes the message"):
        placed(text_of(LOUD), sent(record, record.trials[0]), "9", Random(0))


def test_a_record_that_was_changed_is_told(text_of):
    record, _ = record_of(prompt_of(chat=False, place="appended", system=False))
    changed = replace(record, constraints=(replace(record.constraints[0], text="Use at most 30 words."),))
    with pytest.raises(StoreError, match="do not hold its constraints"):
        sent(changed, changed.trials[0])
    with pytest.raises(StoreError, match="give the command of the run again"):
        sent(replace(record, schema=2), record.trials[0])


def test_an_empty_answer_is_left_out(text_of):
    record, _ = record_of(prompt_of(chat=False, place="appended", system=False), answer="")
    with pytest.raises(Unplaced, match="empty"):
        placed(text_of(""), sent(record, record.trials[0]), "", Random(0))


def test_copies_of_the_constraint_and_thinking_are_told_apart(text_of):
    record, _ = record_of(prompt_of(chat=False, place="appended", system=False))
    answer = "<think>I must use at most 20 words. Fine.</think> It is 9."
    one = placed(text_of(""), sent(record, record.trials[0]), answer, Random(0))
    echoed = "".join(word for word, echo in zip(one.words, one.echo, strict=True) if echo)
    final = "".join(word for word, late in zip(one.words, one.final, strict=True) if late)
    assert echoed.strip() == "use at most 20 words."
    assert final.strip() == "It is 9."
    unended = placed(text_of(""), sent(record, record.trials[0]), "<think>I must", Random(0))
    assert not any(unended.final)
