"""The constant bank: nearly every word that may be forbidden is used in it, every answer is one that is not empty."""

from harness_constraints.lexicon import AVOIDABLE, CONNECTIVES
from harness_sustainscore.bank import DOMAINS, FOREIGN
from harness_sustainscore.others import mutants


def test_nearly_every_word_that_may_be_forbidden_is_used_somewhere():
    used = {word.strip(".,;:") for text in FOREIGN for word in text.lower().split()}
    words = {*AVOIDABLE, *CONNECTIVES}
    assert len(words - used) <= 0.1 * len(words), words - used


def test_no_answer_of_the_bank_is_empty_and_none_stands_twice():
    for texts in (FOREIGN, *DOMAINS.values()):
        assert all(text.strip() for text in texts)
        assert len(set(texts)) == len(texts)
    assert set(DOMAINS) == {"math", "multihop_qa", "code"}


def test_mutants_differ_from_their_answer_and_are_not_empty():
    for text in ("One line.", "Two\nlines, and\n\na third.", "x"):
        made = mutants(text)
        assert all(one.strip() for one in made)
        assert sum(one != text for one in made) >= 5
