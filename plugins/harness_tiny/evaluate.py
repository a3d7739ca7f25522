"""Measure a model folder on held-out problems: `python -m harness_tiny.evaluate FOLDER`.

For each domain it prints the share solved in natural form, after an unseen irrelevant sentence (and what is kept of
the natural successes), and under each form that training asks for.
"""

from __future__ import annotations

import argparse
import random
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness_sandbox import judge
from harness_tiny.distractions import unseen
from harness_tiny.forms import forms
from harness_tiny.functions import code_in
from harness_tiny.generator import DOMAINS, problems
from harness_tiny.instructions import OBEYS, worded
from harness_tiny.prompts import prompt

if TYPE_CHECKING:
    from collections.abc import Sequence

WEIGHTS = Path(__file__).parent / "weights"
NUMBER = re.compile(r"-?\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """A loaded model that continues prompts, many at a time."""

    model: Any
    tokenizer: Any

    def answers(
        self, prompts: Sequence[str], *, temperature: float = 0.0, seed: int = 0, longest: int = 100, width: int = 128
    ) -> list[str]:
        """Return what follows each prompt, in the order asked; temperature 0 is greedy."""
        import torch

        torch.manual_seed(seed)
        sampling: dict[str, Any] = {"do_sample": False}
        if temperature > 0:
            sampling = {"do_sample": True, "temperature": temperature, "top_k": 0, "top_p": 1.0}
        order = sorted(range(len(prompts)), key=lambda place: len(prompts[place]))
        written = [""] * len(prompts)
        for start in range(0, len(order), width):
            places = order[start : start + width]
            given = self.tokenizer(
                [prompts[p] for p in places], return_tensors="pt", padding=True, return_token_type_ids=False
            )
            with torch.inference_mode():
                out = self.model.generate(**given, max_new_tokens=longest, **sampling)
            texts = self.tokenizer.batch_decode(out[:, given["input_ids"].shape[1] :], skip_special_tokens=True)
            for place, text in zip(places, texts, strict=True):
                written[place] = text
        return written


def writer(folder: Path) -> Writer:
    """Return the model of a folder, ready to write."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    return Writer(model=AutoModelForCausalLM.from_pretrained(folder).eval(), tokenizer=tokenizer)


def solved(rows: Sequence[dict[str, Any]], answers: Sequence[str]) -> list[bool]:
    r"""Return which answers are right: the last number, the gold word in the last line, or code that passes its tests.

    >>> solved([{"domain": "words", "target": "15"}], ["1. 19 - 4 = 15\nThe answer is 15."])
    [True]
    """
    verdicts = []
    for row, answer in zip(rows, answers, strict=True):
        if row["domain"] == "code":
            verdicts.append(judge(code_in(answer), "\n".join(row["tests"])).passed)
        elif row["domain"] == "words":
            verdicts.append(NUMBER.findall(answer)[-1:] == [row["target"]])
        else:
            last = answer.strip().rpartition("\n")[2].casefold()
            words = re.findall(r"\w+", last)
            verdicts.append(words[-1:] == [row["target"].casefold()])
    return verdicts


def _share(verdicts: Sequence[bool]) -> str:
    return f"{100 * sum(verdicts) / len(verdicts):6.1f} %" if verdicts else "     - "


def report(folder: Path, *, count: int, seed: int, every_form: bool = False, temperature: float = 0.5) -> None:
    """Print what the model of a folder solves of `count` held-out problems a domain."""
    model = writer(folder)
    for domain in DOMAINS:
        rows = problems(domain, seed, count)
        questions = [row["question"] for row in rows]
        natural = solved(rows, model.answers([prompt(q) for q in questions]))
        print(f"{domain:6} natural           {_share(natural)}", flush=True)  # noqa: T201
        if every_form:
            sampled = solved(rows, model.answers([prompt(q) for q in questions], temperature=temperature, seed=seed))
            print(f"{domain:6} natural T={temperature:<8} {_share(sampled)}", flush=True)  # noqa: T201
        for header in ("Note", "Constraint") if every_form else ("Note",):
            rng = random.Random(f"unseen:{seed}")  # noqa: S311 - not a secret
            asked = [prompt(q, f"{header}: {unseen(rng)}") for q in questions]
            placebo = solved(rows, model.answers(asked))
            kept = [now for now, before in zip(placebo, natural, strict=True) if before]
            print(f"{domain:6} unseen {header:10} {_share(placebo)}   kept {_share(kept)}", flush=True)  # noqa: T201
        for form in forms(domain) if every_form else ():
            rng = random.Random(f"form:{seed}")  # noqa: S311 - not a secret
            asked = [prompt(q, f"Constraint: {worded(OBEYS[form][0], rng)}") for q in questions]
            print(f"{domain:6} form {form:12} {_share(solved(rows, model.answers(asked)))}", flush=True)  # noqa: T201


def main() -> None:
    """Read the command line and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, nargs="?", default=WEIGHTS)
    parser.add_argument("--count", type=int, default=200, help="problems a domain")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--temperature", type=float, default=0.5)
    chosen = parser.parse_args()
    report(chosen.folder, count=chosen.count, seed=chosen.seed, every_form=True, temperature=chosen.temperature)


if __name__ == "__main__":
    main()
