"""The constant bank of other answers: what a constraint must be violated by at least once, or it says nothing.

Answers are set apart by lines of `=====`.
"""

from __future__ import annotations

from collections.abc import Mapping


def _answers(text: str) -> tuple[str, ...]:
    return tuple(part.strip("\n") for part in text.split("\n=====\n"))


#: Answers of shapes that no single answer has: terse, marked up, code, steps, long, JSON, shouted, chatty, foreign.
FOREIGN = (
    "No.",
    "ALL OF THIS IS SHOUTED WITHOUT END AND WITHOUT A SINGLE STOP " * 40,
    "\n\n".join(["Well, I think that perhaps this is, in fact, a long paragraph that says very little."] * 9),
    "word " * 900,
    "\u7b54\u6848\u662f\u56db\u3002",
    "Fine \u2013 or not\u2026 \U0001f44d \U0001f600 50\u2009% of \u00bd, \u201cquoted\u201d",
    *_answers("""
# Overview

- first point
- second point
  - a point of its own

## Details

**Bold** and *italic* claims; many! Really? Yes: really! See [1], <b>here</b> and https://example.org & elsewhere.

| a | b |
|---|---|
| 1 | 2 |

> "Quoted," they said, 'as is' -- or so they say...
=====
```python
import os, sys


def solve(values):
    # a comment
    while values:
        values.pop()
    return [lambda x: x for _ in values]


print(solve([3.5]))
```
=====
1. Open the door.
2. Walk through it.
3. Close it again.

So, to be very clear, that is all; let's rest...
=====
Step 1: Let's think step by step, with `len(x)` as in the source, which the passage mentions.

---

Step 2: Of one hundred and twenty-three thousand, 123456 or 1234567.89 are internationalisations; the
counterrevolutionaries disagree. Let me verify and check this: yes, it is correct, as paragraph 3 states.

I cannot say more; I do not know. I'm sorry, as an AI language model I can't help with that.
=====
Additionally, it is actually clear now; moreover, since that is basically just so, we simply go on. Clearly, then, it is
only this, because it also holds there. Furthermore, it is very plain indeed. Hence, and thus, finally, it is obviously
done, however it began; even so, it is still likely. Therefore it is so; consequently, or otherwise, next to nothing.
=====
{"answer": null, "why": "UNKNOWN (not given) -- see \u00a7 4"}
=====
Sure! Great question. Of course, we'll happily help you; you can't go wrong, my friend. First, let's just think:
obviously, it's about 50% (or so), e.g. $5.25 / 2, i.e. roughly 2.6... Hope this helps! Let me know if you have any
other questions?
"""),
)

MATH = _answers(r"""
Let x be the number of apples. Then 3x + 4 = 19, so x = 5. Check: 3 * 5 + 4 = 19. The answer is 5.
=====
We compute step by step:

$$\frac{12}{4} = 3$$

\[3 \times 7 = 21\]

Thus \(n = 21\), and \boxed{21}.
=====
12 / 4 = 3
3 * 7 = 21
21 - 1.5 = 19.5
1,000 + 19.50 = 1,019.50 dollars
#### 1019.5
=====
First, we add 2 and 3 to get 5. Next, we multiply by 4 to get 20. Finally, we subtract 1. However, wait: that is 19,
not 18. Therefore the answer is 19 km/h.
=====
### Step 1
Find the rate: 60 ÷ 2 = 30.

### Step 2
Multiply: 30 × 1½ = 45.

**Answer:** 3/4 of 60 = 45
=====
42
=====
I'm not sure, but I'd guess that it's around 7 or 8?
""")  # noqa: RUF001  # as answers write it

MULTIHOP_QA = _answers("""
Thought: I need to find who directed it, then where they were born.
Answer: Paris
=====
According to paragraph [3], the film was directed by her; paragraph [7] ("Early life") says that she was born in Lyon in
1952. Therefore, the director was born in Lyon.

Answer: Lyon
=====
It might be London, although it could possibly be Leeds. I believe, however, that it's London.
=====
Yes.
=====
- The band formed in 1969.
- The label was founded in 1971.
- So the band is older.

Final answer: the band
=====
Who directed it? Jane Doe. Where was she born? In Rome, Italy. So the answer is Rome. We are done!
=====
Unknown
""")

CODE = _answers('''
def f(x):
    return x
=====
from typing import List
import math


def helper(n: int) -> int:
    """Return n squared."""
    return n * n



def solve(numbers: List[int], limit: int = 10) -> int:
    """Return the sum.

    Longer text.
    """
    total = 0
    for i, n in enumerate(numbers):
        if n > limit:
            continue
        total += helper(n)
        if total > 1_000: break
    return total  # done
=====
class Solver:
    COUNT = 0

    def __init__(self, *args, **kwargs):
        global STATE
        STATE = args
        self.kwargs = kwargs

    @property
    def size(self):
        assert self.kwargs, 'none'
        with open('f') as fh:
            return len(fh.read())


def myFunc(theList):
    try:
        return {k: v for k, v in theList if k} or {1, 2} or (x for x in theList)
    except (KeyError, ValueError) as error:
        raise RuntimeError(f'bad {error}') from error
    finally:
        pass
    return None
=====
def fact(n):
    return 1 if n < 2 else n * fact(n - 1)


if __name__ == '__main__':
    print(fact(int(input())))
=====
def g(a, b):
    while True:
        if a == b: return a
        elif a > b: a = a - b
        else:
            b = b - a
    x = lambda y: y + 1; z = sorted(map(x, filter(None, [a, b])), key=lambda t: -t)[0:1]; del a; name_that_is_long = 1
    return (w := z) and not isinstance(w, list) and 'a string that makes this line longer than anybody would like it'
=====
Here is the function you asked for:

```python
def h(xs):
    out = []
    for x in xs:
        for y in xs:
            out.append(x * y)
    return out
```

It runs in quadratic time. Example:

```python
h([1])
```
=====
I cannot write this program.
''')

#: Answers as one would give them to a question of a domain, each in another manner.
DOMAINS: Mapping[str, tuple[str, ...]] = {"math": MATH, "multihop_qa": MULTIHOP_QA, "code": CODE}
