"""On a cluster of two nodes the records are those of one machine, whatever is lost on the way."""

import importlib.util
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

if importlib.util.find_spec("ray") is None:
    pytest.skip("Ray is not installed: pip install 'sustain-harness[ray]'", allow_module_level=True)

#: The fixture is four clusters' work; a busy machine takes its time.
pytestmark = pytest.mark.timeout(320)

SCRIPT = Path(__file__).with_name("cluster_run.py")
SUMS = Path(__file__).parents[2] / "sums.py"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster")
    process = subprocess.run(
        [sys.executable, str(SCRIPT), str(folder), str(SUMS)],
        check=False,
        capture_output=True,
        text=True,
        timeout=290,
        env={**os.environ, "RAY_USAGE_STATS_ENABLED": "0", "RAY_prestart_worker_first_driver": "0"},
    )
    if "timed out during startup" in process.stderr and process.returncode:
        pytest.skip("Ray did not start two nodes on this machine within its own thirty seconds, three times over")
    assert process.returncode == 0, process.stderr[-4000:]
    return json.loads(process.stdout.strip().splitlines()[-1])


def asked(*runs):
    """Return how often each request reached a model."""
    return Counter(key for run in runs for what, key in run["asked"] if what == "asked")


def test_two_nodes_give_the_records_and_results_of_one_machine(runs):
    assert runs["nodes"] == 2
    assert runs["ray"]["records"] == runs["local"]["records"]
    assert runs["ray"]["results"] == runs["local"]["results"]
    assert len(runs["local"]["records"].splitlines()) == 60


def test_what_was_asked_is_counted_in_the_manifest(runs):
    times = asked(runs["ray"])
    assert runs["ray"]["requests"]["answered"] == len(times) == sum(times.values())
    assert runs["ray"]["requests"] == runs["local"]["requests"]


def test_a_run_that_is_broken_off_goes_on_and_asks_nothing_twice(runs):
    assert runs["broken"]["records"] is None
    assert runs["resumed"]["records"] == runs["local"]["records"]
    assert runs["resumed"]["folders"] == 1
    assert runs["resumed"]["requests"]["remembered"] > 0
    times = asked(runs["broken"], runs["resumed"])
    assert set(times.values()) == {1}


def test_a_killed_worker_changes_nothing(runs):
    assert len(runs["killed"]) == 1
    assert runs["worker"]["records"] == runs["local"]["records"]
    assert runs["worker"]["results"] == runs["local"]["results"]


def test_a_killed_worker_costs_only_what_it_was_asking(runs):
    times = asked(runs["worker"])
    again = [key for key, count in times.items() if count > 1]
    assert len(again) < len(times) / 2
    assert max(times.values()) <= 2  # once before, once after


def test_a_lost_node_changes_nothing(runs):
    assert len(runs["lost"]) == 1
    assert runs["node"]["records"] == runs["local"]["records"]
    assert runs["node"]["results"] == runs["local"]["results"]


def test_no_worker_is_left_behind(runs):
    assert runs["workers left"] == []
