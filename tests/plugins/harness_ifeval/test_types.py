"""The published instructions as constraint types: they hold on their source, and ask what a reader would."""

import json
from pathlib import Path

import pytest

from harness import Constraint, Response
from harness.testing import answered, check_constraint_type
from harness_ifeval import harness_constraint_types
from harness_ifeval.types import LONGEST
from harness_ifeval.verdicts import instructions

DATA = Path(__file__).parents[4] / "shared" / "data"
TYPES = {kind.name: kind for kind in harness_constraint_types()}
#: One answer for each instruction that can be taken from one.
SHOWN = {
    "keywords:existence": "The remaining apples are shared.",
    "keywords:frequency": "The remaining apples are the remaining ones.",
    "keywords:forbidden_words": "There are seven left over in the old box at the end.",
    "keywords:letter_frequency": "Bubbling babies babble by big blue bobbing boats.",
    "language:response_language": "El resultado de la suma es el mismo para todos.",
    "length_constraints:number_sentences": "One is here. Two are there. Three are gone. Four came.",
    "length_constraints:number_words": "word " * 30,
    "length_constraints:number_paragraphs": "One part.\n***\nAnother part.",
    "length_constraints:nth_paragraph_first_word": "To begin, we add.\n\nThen we stop.",
    "detectable_content:number_placeholders": "Dear [name], go to [some address].",
    "detectable_content:postscript": "All done.\n\nP.S. Call me.",
    "detectable_format:number_bullet_lists": "- one apple\n- two pears",
    "detectable_format:constrained_response": "My answer is yes.",
    "detectable_format:number_highlighted_sections": "The *first part* and the **second part**.",
    "detectable_format:multiple_sections": "Section 1\nWe add.\nSection 2\nWe stop.",
    "detectable_format:json_format": '{"answer": 7}',
    "detectable_format:title": "<<apples>>\nThere are seven.",
    "combination:two_responses": "Seven.\n******\nIt is seven.",
    "combination:repeat_prompt": "How many are there? Seven.",
    "startend:end_checker": "Seven. I hope this helps!",
    "startend:quotation": '"It is seven."',
    "change_case:english_capital": "THERE ARE SEVEN OF THEM.",
    "change_case:english_lowercase": "there are seven of them.",
    "change_case:capital_word_frequency": "NASA and ESA and I agree.",
    "punctuation:no_comma": "There are seven.",
    "count:word_count_range": "word " * 30,
    "count:unique_word_count": " ".join(f"word{n}" for n in range(30)),
    "count:conjunctions": "This and that, or neither, but so what.",
    "count:person_names": "Emma, Liam and Zoe share.",
    "count:numbers": "From 3 and 4 we get 7.",
    "count:pronouns": "They gave it to us and we kept all of it.",
    "count:punctuation": "One, two; three: four. Five! Six? Seven?!",
    "count:keywords_multiple": "alpha beta beta gamma gamma gamma" + " delta" * 5 + " omega" * 7,
    "count:words_japanese": "eins みず zwei みず drei みず",
    "format:emoji": "Seven. \U0001f600 Yes! \U0001f600",
    "format:line_indent": "one\n two\n  three",
    "format:list": "- one apple\n- two pears",
    "format:newline": "one\ntwo\nthree",
    "format:no_bullets_bullets": "One thing. Two things.\n* an apple\n* a pear",
    "format:no_whitespace": "thereareseven.",
    "format:options": "Yes.",
    "format:output_template": "My Answer: 7 My Conclusion: yes Future Outlook: good",
    "format:parentheses": "(one [two {three (four [five])}])",
    "format:quote_unquote": 'The word "seven" stands for a number.',
    "format:quotes": 'He said: "She said: \'They said: "no" and left\' again".',
    "format:sub-bullets": "* one apple\n - it is red\n* two pears\n - they are green",
    "format:thesis": "<i>There are seven.</i> Count them.",
    "format:title_case": "There Are Seven Apples Left",
    "ratio:sentence_balance": "It is seven. Is it? Yes!",
    "ratio:sentence_type": "It is seven. It was six. Is it?",
    "ratio:sentence_words": "I ran. U hid. A cat.",
    "ratio:stop_words": "There are seven apples in the basket and the other two are on the table with three pears and one plum.",
    "sentence:keyword": "It was easy. The remaining apples are shared.",
    "sentence:increment": "Go. Go now. Go on now.",
    "sentence:alliteration_increment": "Big bears came. Seven small seals sang songs.",
    "words:keywords_specific_position": "It was easy. The remaining apples are shared.",
    "words:words_position": "See remaining ones and those still remaining there",
    "words:last_first": "It ends. Ends are good.",
    "words:paragraph_last_first": "so it is so\nno it is no",
    "words:alphabet": "a big cat did eat fish",
    "words:consonants": "this black truck stops trains",
    "words:vowel": "all that is in his hands",
    "words:no_consecutive": "there are seven big plums",
    "words:odd_even_syllables": "the table is ready so today the apple",
    "words:palindrome": "level " * 10,
    "words:prime_lengths": "is the big one apple",
    "words:repeats": " ".join(f"word{n}" for n in range(30)),
    "words:start_verb": "Build the house.",
}


@pytest.mark.parametrize("name", TYPES)
def test_constraint_type(name):
    assert check_constraint_type(TYPES[name], [SHOWN[name]]) > 0


@pytest.mark.skipif(not DATA.is_dir(), reason=f"needs the recorded outputs in {DATA}")
def test_every_constraint_drawn_from_recorded_answers_holds_on_its_source():
    lines = (DATA / "ifbench" / "sample_output.jsonl").read_text(encoding="utf-8").splitlines()
    drawn = set()
    for line in lines[::5]:
        source = answered(json.loads(line)["response"])
        for kind in TYPES.values():
            for constraint in kind.extract(source):
                drawn.add(kind.name)
                assert kind.check(constraint, source.response).met is True
                assert instructions()[kind.name].follows(source.response.text, constraint.params) is not False
    assert len(drawn) > 35


def met(name, text, **params):
    made = Constraint(type=name, family="ifeval", version="1", params=params, text="x")
    return TYPES[name].check(made, Response(text=text)).met


def test_a_constraint_asks_more_than_the_official_verdict():
    """The traps of the official checkers: a substring, an equation, a multiplication, a bare number, nothing at all."""
    assert met("keywords:existence", "a category", keywords=["cat"]) is False
    assert met("keywords:existence", "a cat.", keywords=["cat"]) is True
    assert met("detectable_format:number_bullet_lists", "- 3x\n- 4 = 2", num_bullets=2) is False
    assert met("detectable_format:number_highlighted_sections", "2*3*4", num_highlights=1) is False
    assert met("detectable_format:json_format", "42") is False
    assert met("format:sub-bullets", "no bullet") is False
    assert met("ratio:sentence_type", "No sentence") is False
    assert met("format:quote_unquote", "nothing quoted") is False


def test_thinking_and_lengths_that_cannot_be_judged():
    assert met("punctuation:no_comma", "<think>a, b</think>a b") is True
    assert met("punctuation:no_comma", "<think>a b") is None
    assert met("punctuation:no_comma", "a" * (LONGEST + 1)) is None
    assert met("language:response_language", "42", language="en") is None


def test_texts_are_rendered():
    source = answered(SHOWN["keywords:existence"])
    texts = {constraint.text for constraint in TYPES["keywords:existence"].extract(source)}
    assert 'Include keywords "remaining" in the response.' in texts
    (made,) = TYPES["language:response_language"].extract(answered(SHOWN["language:response_language"]))
    assert made.text == "Your ENTIRE response should be in Spanish language, no other language is allowed."


def test_a_right_answer_is_no_keyword():
    source = answered("The remaining apples are shared.", golds=("remaining",))
    assert not any("remaining" in made.params["keywords"] for made in TYPES["keywords:existence"].extract(source))
