"""The tests of HumanEval+ in its released form: inputs without outputs, which the reference solution gives.

The rule of comparison is that of EvalPlus (Liu et al. 2023, arXiv 2305.01210): equal, or, where a tolerance is given
or numbers with a point are expected, close to within it and a relative 1e-7; a root is right if the polynomial is near
zero there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

#: Run on the tests' side of the sandbox; the reference solution sees nothing of the program.
COMPARISON = """
import copy, json, math

def floats(value):
    many = isinstance(value, (list, tuple)) and len(value) > 0
    return isinstance(value, float) or (many and all(isinstance(item, float) for item in value))

def near(got, wanted, tolerance):
    if isinstance(wanted, (list, tuple)):
        return len(got) == len(wanted) and all(near(*pair, tolerance) for pair in zip(got, wanted))
    return got == wanted or abs(got - wanted) <= tolerance + 1e-7 * abs(wanted)

def agree(got, wanted, tolerance):
    if got == wanted:
        return True
    tolerance = tolerance or (1e-6 if floats(wanted) else 0)
    return bool(tolerance) and type(got) is type(wanted) and near(got, wanted, tolerance)

def root(coefficients, x):
    return sum(coefficient * math.pow(x, power) for power, coefficient in enumerate(coefficients))

reference = {}
exec(compile(REFERENCE, "<reference>", "exec"), reference)
for number, given in enumerate(json.loads(INPUTS)):
    got = TESTED(*copy.deepcopy(given))
    if NAME == "find_zero":
        assert abs(root(*given, got)) <= TOLERANCE, f"input {number}: no root"
    else:
        wanted = reference[NAME](*copy.deepcopy(given))
        assert agree(got, wanted, TOLERANCE), f"input {number}: {got!r}, not {wanted!r}"
"""


def tests_of(doc: Mapping[str, Any]) -> str:
    r"""Return the tests of a row with `base_input`, `plus_input`, `atol` and a reference solution.

    >>> row = {"prompt": "def f(x):\n", "canonical_solution": "    return x\n", "entry_point": "f", "atol": 0,
    ...        "base_input": [[1]], "plus_input": [[2]]}
    >>> "TESTED = f" in tests_of(row)
    True
    """
    name = str(doc["entry_point"])
    inputs = json.dumps([*doc["base_input"], *doc["plus_input"]])
    given = {
        "REFERENCE": f"{doc['prompt']}{doc['canonical_solution']}",
        "INPUTS": inputs,
        "NAME": name,
        "TOLERANCE": float(doc.get("atol") or 0),
    }
    return "".join(f"{key} = {value!r}\n" for key, value in given.items()) + f"TESTED = {name}\n{COMPARISON}"
