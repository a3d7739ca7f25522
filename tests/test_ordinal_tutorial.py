"""The tutorial on ratings is run: every command, every piece of Python, in order, in one folder."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

TEXT = (Path(__file__).parent.parent / "docs" / "ordinal.md").read_text()
BLOCK = re.compile(r"<!-- (python|run) -->\n```(?:python|sh)\n(.*?)```", re.DOTALL)
#: What is seen in the output of each block.
SEEN = (
    "both_chains",
    "constant",
    "",
    "corn:nll - ce",
    "mae 0.",
    "krippendorff_alpha",
)


BLOCKS = BLOCK.findall(TEXT)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The one folder in which the reader works."""
    return tmp_path_factory.mktemp("tutorial")


@pytest.mark.parametrize(("block", "wanted"), list(zip(BLOCKS, SEEN, strict=True)), ids=range(len(BLOCKS)))
def test_every_block_of_the_tutorial_runs_and_shows_what_it_should(block, wanted, folder):
    kind, text = block
    harness = str(Path(sys.executable).with_name("harness"))
    words = [sys.executable, "-c", text] if kind == "python" else [harness, *shlex.split(text)[1:]]
    around = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(words, cwd=folder, env=around, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{text}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    assert wanted in done.stdout
    if "--evaluation ratings" in text:
        for name in re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE):
            assert name == "labels_calibrated" or name in done.stdout


def test_the_files_that_the_tutorial_names_are_there():
    root = Path(__file__).parent.parent
    for name in re.findall(r"`((?:tasks|benchmarks)/[\w/.]+)`", TEXT):
        assert (root / name).exists()
