"""Two answers to one prompt, a right and a wrong one, each word coloured by its attention to the constraint.

A page without a script, so that it can stand in a mail or inside another page; all text of models is escaped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from harness_attention.analysis import lift
from harness_attention.measured import CONSTRAINED, Measured
from harness_attention.within import item_means, mixed_items

#: A word of this lift or more is fully coloured; at 1, what even attention gives, it is pale.
STRONG = 3.0
STYLE = """
body { font: 15px/1.7 system-ui, sans-serif; color: #222; background: #fff; max-width: 60rem; margin: 2rem auto; }
pre { font: 14px/1.9 ui-monospace, monospace; white-space: pre-wrap; border-left: 3px solid #ddd; padding-left: 1rem; }
.echo { text-decoration: underline dotted; }
""".strip()


def sample(trials: Sequence[Measured]) -> tuple[Measured, ...]:
    """Return the answers to show: a right and a wrong one of the item that differs most, else the most attentive one.

    Of each kind the first draw. None where there is no constrained answer.
    """
    import numpy as np

    own = [one for one in trials if one.arm == CONSTRAINED]
    items = mixed_items(own, lift)
    if items:
        right, wrong = item_means(items, lift)
        item = items[int(np.argmax(np.abs(right - wrong)))]
        return item.right[0], item.wrong[0]
    known = [one for one in own if np.isfinite(lift(one))]
    return (max(known, key=lift),) if known else ()


def page(answers: Sequence[Measured]) -> str:
    """Return the page that shows some answers."""
    body = "\n".join(line for one in answers for line in shown(one))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>Attention to the constraint</title>\n<style>\n{STYLE}\n</style>\n</head>\n<body>\n"
        "<h1>Attention to the constraint</h1>\n"
        "<p>Each word by the lift of the constraint: its share of the attention to the prompt over its share of the "
        "prompt's tokens, mean over heads and layers that see all of the text. "
        f"Scale: {''.join(word(f' {level:g} ', level, echoed=False) for level in (0.0, 1.0, 2.0, STRONG))}; "
        '<span class="echo">underlined</span> words copy the constraint and are left out of every number.</p>\n'
        f"{body}\n</body>\n</html>\n"
    )


def shown(one: Measured) -> Iterator[str]:
    """Yield the lines of one answer."""
    outcome = "right" if one.solved else "wrong"
    followed = {True: ", constraint met", False: ", constraint not met", None: ""}[one.complied]
    yield f"<h2>{escape(one.doc)}, draw {one.draw}: {outcome}{followed}</h2>"
    yield f"<p>Constraint: <q>{escape(one.said)}</q>; mean lift {lift(one):.2f}</p>"
    words = zip(one.words, one.lifts, one.echoed, strict=True)
    yield f"<pre>{''.join(word(text, float(value), echoed=echoed) for text, value, echoed in words)}</pre>"


def word(text: str, value: float, *, echoed: bool) -> str:
    """Return one word, coloured."""
    depth = min(1.0, max(0.0, value / STRONG))
    mark = ' class="echo"' if echoed else ""
    colour = f"rgba(213, 94, 0, {depth:.2f})"
    return f'<span{mark} style="background: {colour}" title="{value:.2f}">{escape(text)}</span>'
