"""Short answers in words, compared as SQuAD and HotpotQA compare them."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterable, Sequence

ARTICLES = re.compile(r"\b(a|an|the)\b")
PUNCTUATION = frozenset(string.punctuation)
#: "Answer: ...", whatever emphasis stands around it.
ANSWER_LINE = re.compile(r"^[ \t*_#>-]*(?:final )?answer[ \t*_]*[:：][ \t*_]*(.*)$", re.IGNORECASE | re.MULTILINE)  # noqa: RUF001
#: What models say in place of that line.
ANSWER_PHRASE = re.compile(r"\banswer (?:is|would be|must be)[:\s]+(.+)", re.IGNORECASE)
#: Answers that are right only if they are all that is said.
CLOSED = frozenset({"yes", "no", "noanswer"})


def normalised(text: str) -> str:
    """Return a text in lower case, without punctuation, articles and double spaces.

    >>> normalised("The U.S.  Army!")
    'us army'
    """
    bare = "".join(letter for letter in text.lower() if letter not in PUNCTUATION)
    return " ".join(ARTICLES.sub(" ", bare).split())


def exact(answer: str, golds: Iterable[str]) -> bool:
    """Whether an answer is one of the right ones, once both are normalised; an empty one never is."""
    said = normalised(answer)
    return bool(said) and any(said == normalised(gold) for gold in golds)


def f1(answer: str, gold: str) -> float:
    """Return the harmonic mean of precision and recall over words.

    >>> f1("the Kansas Song", "Kansas Song"), f1("yes it is", "yes")
    (1.0, 0.0)
    """
    said, right = normalised(answer), normalised(gold)
    if said != right and (said in CLOSED or right in CLOSED):
        return 0.0
    words, gold_words = said.split(), right.split()
    common = (Counter(words) & Counter(gold_words)).total()
    if not common:
        return 0.0
    precision, recall = common / len(words), common / len(gold_words)
    return 2 * precision * recall / (precision + recall)


def answer_line(text: str) -> str | None:
    r"""Return what stands on the last line that begins with "Answer:"; None without such a line.

    >>> answer_line("Two steps.\n**Answer:** Kansas Song")
    'Kansas Song'
    """
    found = ANSWER_LINE.findall(text)
    return str(found[-1]).strip(" \t*_`\"'") if found else None


def stated(text: str) -> str:
    """Return the answer that a text ends with: its answer line, the phrase, else its last line.

    >>> stated("Nick Park made it. So the answer is Creature Comforts.")
    'Creature Comforts.'
    """
    line = answer_line(text)
    if line:
        return line
    phrases = ANSWER_PHRASE.findall(text)
    if phrases:
        return str(phrases[-1]).strip()
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def contains(answer: str, gold: str) -> bool:
    """Whether the words of the right answer stand in an answer, in a row; yes and no must open it.

    >>> contains("It is the Kansas Song, I think", "Kansas Song"), contains("I know", "no")
    (True, False)
    """
    said, right = normalised(answer).split(), normalised(gold).split()
    if " ".join(right) in CLOSED:
        return said[:1] == right
    width = len(right)
    return bool(right) and any(said[i : i + width] == right for i in range(len(said) - width + 1))


def close(answer: str, golds: Sequence[str], least: float = 0.8) -> bool:
    """Whether an answer holds a right one or has most of its words."""
    return any(contains(answer, gold) or f1(answer, gold) >= least for gold in golds)
