"""A server with every fault: each document is answered with its own answer or unscored with its reason, once."""

import importlib.util
from pathlib import Path

PATH = Path(__file__).parents[1] / "benchmarks" / "faults.py"


def benchmark():
    spec = importlib.util.spec_from_file_location("faults_benchmark", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_thousands_of_requests_with_faults_lose_nothing(tmp_path):
    faults = benchmark()
    faults.write_task(tmp_path, 1000)
    with faults.serving("--seconds", "0.005", "--faults", "0.4") as url:
        faults.run(tmp_path, url)
        told = faults.stats(url)
    ends = faults.checked(tmp_path, 1000)
    assert 950 < ends["answered"] <= 980  # by chance, or on a busy machine, a question may meet a fault each time
    assert told["requests"] > 1400
    assert len(told["faults"]) >= 18  # every kind was met


def test_a_server_that_never_answers_leaves_every_document_unscored_with_its_reason(tmp_path):
    faults = benchmark()
    faults.write_task(tmp_path, 60)
    with faults.serving("--seconds", "0.002", "--faults", "1.0") as url:
        faults.run(tmp_path, url, max_retries=2, timeout=0.2, hedge=0, adaptive=1)
    ends = faults.checked(tmp_path, 60)
    assert sum("failed 3 times, last: " in why for why in ends) >= 3
