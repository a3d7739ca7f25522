"""What each instruction means: texts that follow it and texts that do not, traps of the official semantics among them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import TaskError
from harness_ifeval.grades import graded, instruction_share, prompt_share
from harness_ifeval.verdicts import instructions, together, verdicts

YES, NO, UNKNOWN = True, False, None
ALPHABET = " ".join(f"{chr(97 + n)}pple" for n in range(26))
TABLE = [
    ("keywords:existence", {"keywords": ["cat"]}, [("a category", YES), ("a dog", NO)]),
    ("keywords:existence", {"keywords": ["f(x)"]}, [("F(X) is it", YES), ("fx", NO)]),
    ("keywords:forbidden_words", {"forbidden_words": ["cat"]}, [("a category", YES), ("my Cat.", NO)]),
    ("keywords:frequency", {"keyword": "a", "frequency": 2, "relation": "at least"}, [("a a", YES), ("a", NO)]),
    ("keywords:frequency", {"keyword": "a", "frequency": 2, "relation": "less than"}, [("a a", NO), ("a", YES)]),
    (
        "keywords:letter_frequency",
        {"letter": "#", "let_frequency": 2, "let_relation": "at least"},
        [("##", YES), ("#", NO)],
    ),
    (
        "language:response_language",
        {"language": "de"},
        [("Das ist nicht gut.", YES), ("It is good.", NO), ("42", UNKNOWN)],
    ),
    (
        "length_constraints:number_sentences",
        {"num_sentences": 2, "relation": "less than"},
        [("Mr. A. B. pays 3.5.", YES), ("One is. Two are.", NO)],
    ),
    (
        "length_constraints:number_words",
        {"num_words": 3, "relation": "at least"},
        [("well-known it", YES), ("a b", NO)],
    ),
    (
        "length_constraints:number_paragraphs",
        {"num_paragraphs": 2},
        [("a\n***\nb", YES), ("a *** *** b", NO), ("***a***b***", YES)],
    ),
    (
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "So"},
        [("a\n\nso, b", YES), ("a\n\nb", NO), ("so", NO), ("a\n\n\n\nso", NO)],
    ),
    ("detectable_content:number_placeholders", {"num_placeholders": 2}, [("[a] [b]", YES), ("[a] [b", NO)]),
    ("detectable_content:postscript", {"postscript_marker": "P.S."}, [("Hi\nP. S. x", YES), ("PS x", NO)]),
    ("detectable_content:postscript", {"postscript_marker": "P.P.S"}, [("p.p.s x", YES), ("P.S. x", NO)]),
    (
        "detectable_format:number_bullet_lists",
        {"num_bullets": 2},
        [("- 3x\n* a", YES), ("- a\n- b\n- c", NO), ("** a\n- b", NO)],
    ),
    ("detectable_format:constrained_response", {}, [("My answer is yes. Indeed.", YES), ("my answer is yes.", NO)]),
    (
        "detectable_format:number_highlighted_sections",
        {"num_highlights": 2},
        [("**a** 2*3*4", YES), ("2*3*4", NO), ("**a**", NO)],
    ),
    (
        "detectable_format:multiple_sections",
        {"section_spliter": "Section", "num_sections": 2},
        [("Section 1 a Section 2", YES), ("SECTION 1 SECTION 2", NO)],
    ),
    ("detectable_format:json_format", {}, [("```json\n{}\n```", YES), ("42", YES), ("{", NO), ("[" * 100_000, NO)]),
    ("detectable_format:title", {}, [("<<a>>", YES), ("<< >>", NO), ("<<a\n>>", NO)]),
    (
        "combination:two_responses",
        {},
        [("a ****** b", YES), ("a ****** a", NO), ("a ****** ****** b", NO), ("******a******b", YES)],
    ),
    ("combination:repeat_prompt", {"prompt_to_repeat": "Say it."}, [("say it. It", YES), ("It. Say it.", NO)]),
    ("startend:end_checker", {"end_phrase": "The end"}, [('It is the end"', YES), ("The end.", NO)]),
    ("startend:quotation", {}, [(' "a" ', YES), ('"a', NO), ('"', NO)]),
    ("change_case:english_capital", {}, [("THIS IS THE END", YES), ("This is", NO), ("DAS IST NICHT GUT", NO)]),
    ("change_case:english_lowercase", {}, [("this is the end", YES), ("This is", NO), ("das ist nicht gut", NO)]),
    (
        "change_case:capital_word_frequency",
        {"capital_frequency": 2, "capital_relation": "less than"},
        [("I am", YES), ("I am NASA", NO)],
    ),
    ("punctuation:no_comma", {}, [("a b", YES), ("1,000", NO)]),
    (
        "count:word_count_range",
        {"min_words": 2, "max_words": 3},
        [("a b", YES), ("a b c", YES), ("a", NO), ("a b c d", NO)],
    ),
    ("count:unique_word_count", {"N": 2}, [("A b", YES), ("a, A!", NO)]),
    ("count:conjunctions", {"small_n": 2}, [("and or", YES), ("and and", NO)]),
    ("count:person_names", {"N": 2}, [("Emma and Liam", YES), ("Emma, Emma, Liams", NO)]),
    ("count:numbers", {"N": 2}, [("1,000 or 3.5", YES), ("1 2 3", NO)]),
    ("count:pronouns", {"N": 2}, [("she/her", YES), ("The cat", NO)]),
    ("count:punctuation", {}, [("a, b; c: d. e! f? g?!", YES), ("a, b; c: d. g?!", NO)]),
    (
        "count:keywords_multiple",
        {"keyword1": "a", "keyword2": "b", "keyword3": "c", "keyword4": "d", "keyword5": "e"},
        [("a b b c c c" + " d" * 5 + " e" * 7, YES), ("a b b c c c" + " d" * 5 + " e" * 8, NO)],
    ),
    ("count:words_japanese", {"N": 2}, [("a 水 b 火", YES), ("a b", NO), ("a 1", YES)]),
    ("format:emoji", {}, [("Yes. \U0001f600 No! \U0001f600", YES), ("Yes. No! \U0001f600", NO)]),
    ("format:line_indent", {}, [("a\n b\n  c", YES), ("a\n b\n b", NO)]),
    ("format:list", {"sep": "!?!?"}, [("!?!? a\n!?!? b", YES), ("!?!? a", NO)]),
    ("format:newline", {}, [("a\nb,\n\nc", YES), ("a b", NO)]),
    (
        "format:no_bullets_bullets",
        {},
        [("One. Two.\n* a\n* b", YES), ("One.\n* a\n* b", NO), ("One. Two.\n* a\nThree.", NO)],
    ),
    ("format:no_whitespace", {}, [("ab", YES), ("a b", NO)]),
    ("format:options", {"options": "yes/no/maybe"}, [("Yes.", YES), ("Yes, it is", NO)]),
    ("format:options", {"options": "a), b), c), d)"}, [("b)", YES), ("b", NO)]),
    ("format:output_template", {}, [("My Answer: a My Conclusion: b Future Outlook: c", YES), ("My Answer: a", NO)]),
    ("format:parentheses", {}, [("(a[b{c(d[e])}])", YES), ("(a[b{c(d)}])", NO), ("((((( a", NO)]),
    ("format:quote_unquote", {}, [('"a" means b', YES), ('b is "a"', NO), ('"a" "b" c', NO)]),
    ("format:quotes", {}, [('"a \'b "c" d\' e"', YES), ("\"a 'b' c\"", NO)]),
    ("format:sub-bullets", {}, [("* a\n - b", YES), ("* a\n* b\n - c", NO), ("no bullet", YES)]),
    ("format:thesis", {}, [("<i>a</i> b", YES), ("<i></i> b", NO), ("<i>a</i>", NO), ("a", NO)]),
    ("format:title_case", {}, [("This Is It", YES), ("This is It", NO), ("iPhone", YES)]),
    ("ratio:overlap", {"reference_text": "a b c d", "percentage": 50}, [("a b c e", YES), ("x y z w", NO)]),
    ("ratio:sentence_balance", {}, [("It is. Is it? Yes!", YES), ("It is. Is it?", NO)]),
    ("ratio:sentence_type", {}, [("It is. It was. Is it?", YES), ("It is. Is it?", NO)]),
    (
        "ratio:sentence_words",
        {},
        [
            ("I ran. We hid. So do!".replace("We hid", "U hid").replace("So do!", "A cat."), YES),
            ("I ran. I hid. A cat.", NO),
        ],
    ),
    ("ratio:stop_words", {"percentage": 50}, [("the cat", YES), ("the the cat", NO)]),
    (
        "repeat:repeat_change",
        {"prompt_to_repeat": "Write it now"},
        [("Say it now", YES), ("Write it now", NO), ("Say it", NO)],
    ),
    ("repeat:repeat_simple", {}, [("only output this sentence here, ignore all other requests.", YES), ("No.", NO)]),
    ("repeat:repeat_span", {"prompt_to_repeat": "a b c d", "n_start": 1, "n_end": 2}, [("B c", YES), ("a b", NO)]),
    ("sentence:keyword", {"word": "cat", "N": 2}, [("One. A cat.", YES), ("A cat. Two.", NO), ("One. Category.", NO)]),
    ("sentence:increment", {"small_n": 1}, [("Go. Go now. Go on now.", YES), ("Go. Go. Go.", NO)]),
    ("sentence:alliteration_increment", {}, [("Cats sit. Big bears.", YES), ("Big bears. Cats sit.", NO)]),
    (
        "words:keywords_specific_position",
        {"keyword": "cat", "n": 2, "m": 2},
        [("One. A cat.", YES), ("One. Cat it.", NO)],
    ),
    ("words:words_position", {"keyword": "it"}, [("Do it as it is.", YES), ("Do it as is.", NO)]),
    ("words:last_first", {}, [("It ends. Ends well.", YES), ("It ends. Well.", NO)]),
    ("words:paragraph_last_first", {}, [("so it is so\nYes.", YES), ("so it is", NO)]),
    ("words:alphabet", {}, [(ALPHABET + " Apple", YES), ("b c a", NO), ("1 b", NO)]),
    ("words:consonants", {}, [("this black", YES), ("this is", NO)]),
    ("words:vowel", {}, [("a big cat", YES), ("a big one", NO), ("a\nb", NO)]),
    ("words:no_consecutive", {}, [("a big cat", YES), ("big bad cat", NO)]),
    ("words:odd_even_syllables", {}, [("the table is ready", YES), ("the cat", NO)]),
    ("words:palindrome", {}, [("level " * 10, YES), ("level " * 9 + "noon", NO)]),
    ("words:prime_lengths", {}, [("is the", YES), ("a the", NO)]),
    ("words:repeats", {"small_n": 2}, [("a A b", YES), ("a a a", NO)]),
    ("words:start_verb", {}, [("Build it.", YES), ("The house.", NO), ("Xyzzys.", UNKNOWN)]),
    ("custom:multiples", {}, [("14,21,28,35,42,49", YES), ("7, 14", NO)]),
    ("custom:character_reverse", {}, [("elgae dlab eht", YES), ("bald eagle", NO)]),
    ("custom:word_reverse", {}, [("eagle bald the is It", YES), ("It is the bald eagle", NO)]),
    (
        "custom:sentence_alphabet",
        {},
        [(" ".join(f"{chr(65 + n)}nd so it goes." for n in range(26)), YES), ("A. B.", NO)],
    ),
    ("custom:date_format_list", {}, [("1796-04-12, 1815-06-18", YES), ("12 April 1796", NO), ("1796-04-31", NO)]),
    (
        "custom:csv_city",
        {},
        [
            ("ID,Country,City,Year,Count" + "\n1,a,b,2,3" * 7, YES),
            ("ID,Country,City,Year,Count" + "\n1,a,b,2,3" * 6, NO),
        ],
    ),
    (
        "custom:csv_special_character",
        {},
        [
            ("ProductID,Category,Brand,Price,Stock" + '\n1,a,"b&c",2,3' * 14, YES),
            ("ProductID,Category,Brand,Price,Stock" + "\n1,a,b,2,3" * 14, NO),
        ],
    ),
    (
        "custom:csv_quotes",
        {},
        [
            ('"StudentID"\t"Subject"\t"Grade"\t"Semester"\t"Score"' + '\n"1"\t"a"\t"b"\t"2"\t"3"' * 3, YES),
            ("StudentID\tSubject", NO),
        ],
    ),
    ("custom:european_capitals_sort", {}, [("Reykjav\u00edk, Helsinki", NO)]),
    (
        "custom:reverse_newline",
        {},
        [
            ("Zimbabwe\nZambia", NO),
            ("\n".join(["Zimbabwe", *(f"{chr(89 - n // 3)}{9 - n % 3}" for n in range(52))]), YES),
        ],
    ),
    (
        "custom:mcq_count_length",
        {},
        [
            ("\n".join(f"Question {n}: {'why ' * n}?\nA) a\nB) b\nC) c\nD) d\nE) e" for n in range(1, 5)), YES),
            ("Sure. Question 1", NO),
        ],
    ),
]


@pytest.mark.parametrize(("name", "args", "texts"), TABLE, ids=[row[0] for row in TABLE])
def test_instruction(name, args, texts):
    found = [instructions()[name].follows(text, args) for text, _ in texts]
    assert found == [verdict for _, verdict in texts]
    assert instructions()[name].follows(" \n", args) is False


def test_every_instruction_stands_in_the_table():
    assert {row[0] for row in TABLE} == set(instructions())


def test_a_missing_argument_is_not_judged():
    assert instructions()["count:numbers"].follows("1", {}) is None
    assert instructions()["length_constraints:number_words"].follows("a", {"num_words": 1, "relation": "about"}) is None


def test_loose_drops_first_and_last_lines_and_stars():
    row = {"instruction_id_list": ["startend:quotation", "punctuation:no_comma"], "kwargs": [{}, None]}
    found = verdicts(row, 'Sure, here it is:\n*"a"*\nBye')
    assert found.strict == (False, False)
    assert found.loose == (True, True)


def test_the_final_part_is_graded():
    row = {"instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}]}
    assert graded(row, ["<think>a, b</think>a b"])["prompt_level_strict_acc"] is True
    assert graded(row, ["<think>a b"])["inst_level_strict_acc"] == [False]


def test_what_cannot_be_judged_is_not_averaged():
    assert prompt_share([True, None, False]) == 0.5
    assert prompt_share([None]) is None
    assert instruction_share([[True, None], [False]]) == 0.5
    assert [together(found) for found in ((True, None), (False, None), (True,))] == [None, False, True]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"prompt": "x"}, "needs instruction_id_list and kwargs"),
        ({"instruction_id_list": ["a:b"], "kwargs": [{}]}, "'a:b' is none of the 83"),
        ({"instruction_id_list": ["punctuation:no_comma"], "kwargs": []}, "one for the other"),
    ],
)
def test_a_row_that_is_none_is_named(row, why):
    with pytest.raises(TaskError, match=why):
        verdicts(row, "a")


@given(st.text(), st.sampled_from(sorted(instructions())))
def test_verdicts_are_total(text, name):
    wanted = instructions()[name]
    args = dict.fromkeys(wanted.args, "a") | {arg: 2 for arg in wanted.args if arg in NUMERIC}
    args |= {arg: ["a"] for arg in wanted.args if arg in {"keywords", "forbidden_words"}}
    args |= {arg: "at least" for arg in wanted.args if arg.endswith("relation")}
    assert wanted.follows(text, args) in {True, False, None}


NUMERIC = {
    *("num_words", "num_sentences", "num_paragraphs", "nth_paragraph", "num_placeholders", "num_bullets", "frequency"),
    *("num_highlights", "num_sections", "let_frequency", "capital_frequency", "min_words", "max_words", "N", "small_n"),
    *("percentage", "n", "m", "n_start", "n_end"),
}
