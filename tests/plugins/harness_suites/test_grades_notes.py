"""What a grade says of a program that failed."""

import pytest

from harness_suites.grades import mbpp

TESTS = {"test_list": ["assert double(2) == 4"], "text": ""}


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        ("```python\ndef double(x):\n    return 2 * x\n```", "passed"),
        ("```python\ndef double(x):\n    return x\n```", "failed: AssertionError"),
        ("```python\ndef double(x):\n    return y\n```", "failed: NameError"),
        ("```python\ndef double(x)\n    return y\n```", "syntax"),
        ("```python\nclass Bad(Exception): pass\ndef double(x):\n    raise Bad('NameError: no')\n```", "failed: Bad"),
    ],
)
def test_a_program_that_failed_says_how(answer, note):
    grade = mbpp(TESTS, [answer])["pass_at_1"]
    assert grade.note == note
    assert grade == float(note == "passed")
