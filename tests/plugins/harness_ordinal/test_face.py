"""The public face: every name is there, and none is loaded before it is asked for."""

import subprocess
import sys

import pytest

import harness_ordinal


def test_every_public_name_is_there():
    for name in harness_ordinal.__all__:
        assert getattr(harness_ordinal, name) is not None, name


def test_the_command_line_does_not_load_torch_or_numpy():
    code = (
        "import sys, harness_ordinal; from harness.cli.app import *; "
        "print(sorted({'torch', 'numpy', 'scipy'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_metrics_do_not_load_torch():
    code = "import sys; from harness_ordinal import METRICS, predictions_of; print('torch' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'corn_los'"):
        _ = harness_ordinal.corn_los
