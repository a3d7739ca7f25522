"""Instructions about the form of an answer, each in many wordings, and which forms obey them.

Two families are never trained on, so that they stay unseen: `length` (how many words, sentences or lines) and
`keyword` (words to use or to avoid). Nor are the wordings of the catalogue in `constraints/` used here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness_tiny.forms import NATURAL, forms

if TYPE_CHECKING:
    import random

WORDINGS: dict[str, tuple[str, ...]] = {
    "numbered": (
        "number your steps",
        "write the steps as a numbered list",
        "give every step a number, beginning with 1",
        "use a numbered list for the working",
        "put 1. and 2. in front of the steps",
    ),
    "steps": (
        "label the steps with Step 1 and Step 2",
        "start each line of the working with the word Step and its number",
        "mark every step as Step 1, Step 2 and so on",
        "name the steps Step 1 and Step 2",
    ),
    "bullets": (
        "write the steps as bullets",
        "use a bulleted list for the working",
        "put a dash in front of every step",
        "list the steps with dashes",
        "show the working in bullet form",
    ),
    "json": (
        "reply in JSON",
        "give the reply as a JSON object",
        "use JSON with the keys steps and answer",
        "return one JSON object and nothing else",
        "format the reply as JSON",
    ),
    "boxed": (
        "put the final result in \\boxed{}",
        "box the final result",
        "write the result inside \\boxed{}",
        "show the last value in a LaTeX box",
    ),
    "capitals": (
        "write everything in capitals",
        "use capital letters only",
        "reply in upper case",
        "make every letter a capital",
        "shout the whole reply in capitals",
    ),
    "answer_line": (
        "close with a line that starts with Answer:",
        "end the reply with Answer: and the result",
        "let the last line be Answer: followed by the result",
        "put the result on a last line after the label Answer:",
    ),
    "bold": (
        "make the final result bold",
        "set the result in bold type",
        "put two stars around the final result",
        "print the last value in bold",
    ),
    "heading": (
        "begin with a heading",
        "start the reply with the heading Solution",
        "put a Markdown heading on top",
        "open with the title Solution",
    ),
    "only": (
        "give only the result",
        "reply with the bare result, no working",
        "write nothing but the final value",
        "show no steps, just the result",
    ),
    "one_block": (
        "keep the whole reply on one line",
        "write without line breaks",
        "reply in a single block of running text",
        "use running text, no list",
    ),
    "separate": (
        "start a new line for each step",
        "put every step on its own line",
        "break the line after each step",
        "spread the reply over several lines",
    ),
    "plain": (
        "leave out bold and headings",
        "keep the text plain, without markup",
        "skip all Markdown",
        "use ordinary text without special signs",
    ),
    "unlisted": (
        "avoid bulleted lists",
        "no dashes at the start of lines, please",
        "leave out bullets",
    ),
    "ending": (
        "end with the sentence that gives the answer",
        "finish by saying what the answer is",
        "close with a full sentence about the answer",
    ),
    "fence": (
        "put the code in a fenced block",
        "wrap the code in three backticks",
        "use a Markdown code fence",
        "format the code as a Python block",
    ),
    "no_fence": (
        "give the bare code without backticks",
        "leave out the code fence",
        "write plain code, no Markdown",
    ),
    "one_line": (
        "write the function on one line",
        "keep the def and the return on the same line",
        "make it a one-liner",
    ),
    "typed": (
        "add type hints",
        "annotate the parameters and the result",
        "use type annotations",
        "write the signature with types",
    ),
    "docstring": (
        "add a docstring",
        "write a docstring for the function",
        "document the function with a docstring",
        "put a docstring under the signature",
    ),
    "comment": (
        "add a comment to the code",
        "write a comment above the return",
        "explain the code in a comment",
        "put a comment into the body",
    ),
    "variable": (
        "store the value in a variable before returning it",
        "name the value result and return that",
        "use a variable called result",
    ),
    "lambda": (
        "use a lambda",
        "write it as a lambda expression",
        "do it with lambda and no def",
    ),
    "code_only": (
        "write code and no prose",
        "reply with the code alone",
        "skip the explanation around the code",
    ),
    "explained": (
        "say after the code what it returns",
        "add a sentence about the function below the code",
        "explain below the block what is returned",
    ),
    "prefaced": (
        "first say what the result is, then show the code",
        "put a sentence with the expression before the code",
        "open with the expression in words",
    ),
}
FRAMES = (
    "{Do}.",
    "{Do}.",
    "Please {do}.",
    "Remember to {do}.",
    "Make sure to {do}.",
    "You should {do}.",
    "In your answer, {do}.",
    "Be sure to {do}.",
    "It is required to {do}.",
    "When you answer, {do}.",
)
#: Instructions as demands, for `sft-hard`.
HARSH_FRAMES = (
    "You must {do}.",
    "You must {do}, without exception.",
    "{Do}, or the answer counts as wrong.",
    "It is forbidden not to {do}.",
    "Under all circumstances, {do}.",
    "Whatever else you do, {do}.",
)
OBEYS: dict[str, tuple[str, ...]] = {
    "paragraph": ("one_block", "plain", "unlisted", "ending"),
    "short": ("one_block", "plain", "unlisted", "ending"),
    "lines": ("separate", "plain", "unlisted", "ending"),
    "equations": ("separate", "plain", "unlisted", "ending"),
    "numbered": ("numbered", "separate", "unlisted", "ending"),
    "steps": ("steps", "separate", "plain", "unlisted", "ending"),
    "bullets": ("bullets", "separate", "ending"),
    "json": ("json",),
    "boxed": ("boxed", "unlisted"),
    "capitals": ("capitals", "unlisted"),
    "answer_line": ("answer_line", "separate", "unlisted"),
    "bold": ("bold", "unlisted"),
    "heading": ("heading", "separate", "unlisted", "ending"),
    "only": ("only",),
    "fenced": ("fence", "code_only"),
    "bare": ("no_fence", "code_only"),
    "prefaced": ("prefaced", "fence"),
    "explained": ("explained", "fence"),
    "one_line": ("one_line", "no_fence", "code_only"),
    "typed": ("typed", "fence", "code_only"),
    "docstring": ("docstring", "fence", "code_only"),
    "comment": ("comment", "fence", "code_only"),
    "variable": ("variable", "fence", "code_only"),
    "lambda": ("lambda", "fence", "code_only"),
}


def worded(family: str, rng: random.Random, *, harsh: bool = False) -> str:
    """Return one instruction of a family as a sentence, a request or a demand."""
    core = rng.choice(WORDINGS[family])
    if core.startswith("no "):
        return core.capitalize() + "."
    return rng.choice(HARSH_FRAMES if harsh else FRAMES).format(do=core, Do=core[0].upper() + core[1:])


def asked_form(domain: str, rng: random.Random) -> str:
    """Return a form to ask for; the ones that leave no room to think are rare."""
    form = rng.choice(list(forms(domain)))
    return rng.choice(NATURAL[domain]) if form == "only" and rng.random() < 0.7 else form  # noqa: PLR2004


def instructions(form: str, count: int, rng: random.Random, *, harsh: bool = False) -> list[str]:
    """Return up to `count` instructions that the form obeys, the one that names it first among them if it has one."""
    families = list(OBEYS[form])
    named, rest = families[:1], families[1:]
    rng.shuffle(rest)
    chosen = (named + rest)[:count]
    rng.shuffle(chosen)
    return [worded(family, rng, harsh=harsh) for family in chosen]
