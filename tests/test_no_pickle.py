"""No file of the project unpickles, or loads YAML, tensors or arrays in a way that could."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted(
    path for top in ("harness", "plugins", "benchmarks", "examples", "tasks") for path in (ROOT / top).rglob("*.py")
)
MODULES = {"pickle", "dill", "cloudpickle", "shelve", "jsonpickle", "joblib"}


def faults(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in MODULES:
            yield node.module
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            called = ast.unparse(node.func)
            given = {one.arg: ast.unparse(one.value) for one in node.keywords}
            if called == "torch.load" and given.get("weights_only") != "True":
                yield called
            if called in {"np.load", "numpy.load"} and given.get("allow_pickle", "False") != "False":
                yield called
            if called in {"yaml.load", "yaml.compose", "yaml.load_all"} and "Loader" not in given:
                yield called
            if called in {"yaml.unsafe_load", "yaml.full_load", "pd.read_pickle", "pandas.read_pickle"}:
                yield called


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_unpickled(path):
    assert list(faults(ast.parse(path.read_text(encoding="utf-8")))) == []


def test_the_search_finds_what_it_looks_for():
    code = "import pickle\nfrom dill import loads\nimport torch, yaml\ntorch.load('x')\nyaml.load('x')\nyaml.full_load('x')"
    assert list(faults(ast.parse(code))) == ["pickle", "dill", "torch.load", "yaml.load", "yaml.full_load"]
