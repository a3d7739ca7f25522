"""Finding and checking plugins: packages, files, failures, clashes, misspelt hooks."""

import pytest

import harness.registry as registry_module
from harness import HarnessError, PluginError, UnknownName
from harness.registry import KINDS, load_registry

BACKEND = """
from harness import Backend, hookimpl

@hookimpl
def harness_backends():
    yield Backend(name={name!r}, summary="", open=lambda rest, options: None)
"""


@pytest.fixture
def file(tmp_path):
    def write(text, name="mine.py"):
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return write


def test_a_file_is_a_plugin(file):
    registry = load_registry(files=[file(BACKEND.format(name="mine"))]).checked()
    assert "mine" in registry.backends
    assert ("backend", "mine") in next(plugin for plugin in registry.plugins if plugin.name == "mine").offers


def test_every_built_in_comes_through_the_entry_point_group():
    registry = load_registry().checked()
    assert [plugin.name for plugin in registry.plugins if plugin.failure] == []
    assert {"local", "report", "sustainscore"} <= {plugin.name for plugin in registry.plugins}
    assert registry.evaluations["sustainscore"].draws_constraints


def test_two_providers_of_one_name_are_both_named_and_nothing_runs(file):
    files = [file(BACKEND.format(name="same"), "one.py"), file(BACKEND.format(name="same"), "two.py")]
    registry = load_registry(files=files)
    with pytest.raises(PluginError, match=r"backend 'same' is offered by one .*one\.py\) and by two .*two\.py\)"):
        registry.checked()


def test_a_package_that_does_not_import_stops_only_what_names_it(monkeypatch):
    def load():
        raise ModuleNotFoundError("nothing_of_that_name")

    installed = registry_module.found_packages()
    broken = registry_module.Found("mine", "mine 1.0", load)
    monkeypatch.setattr(registry_module, "found_packages", lambda: [*installed, broken])
    registry = load_registry().checked()
    assert registry.pick("evaluation", registry.evaluations, "sustainscore")
    with pytest.raises(UnknownName, match="mine failed to load: ModuleNotFoundError"):
        registry.pick("backend", registry.backends, "theirs")


def test_a_file_that_was_asked_for_and_does_not_import_stops_everything(file):
    with pytest.raises(PluginError, match=r"--plugin .*mine\.py: ModuleNotFoundError"):
        load_registry(files=[file("import nothing_of_that_name")]).checked()


def test_a_hook_that_raises_is_named(file):
    text = "from harness import hookimpl\n@hookimpl\ndef harness_backends():\n    raise KeyError('x')\n"
    registry = load_registry(files=[file(text)]).checked()
    failure = next(plugin.failure for plugin in registry.plugins if plugin.name == "mine")
    assert failure == "plugin mine, harness_backends: KeyError: 'x'"


def test_a_hook_that_yields_the_wrong_thing_is_named(file):
    text = "from harness import hookimpl\n@hookimpl\ndef harness_backends():\n    yield 'hf'\n"
    registry = load_registry(files=[file(text)])
    failure = next(plugin.failure for plugin in registry.plugins if plugin.name == "mine")
    assert "a backend must be a Backend, not str" in failure


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def harness_backend():\n    return []\n", "no hook named 'harness_backend'; did you mean harness_backends"),
        ("def harness_backends():\n    return []\n", "harness_backends lacks @hookimpl"),
    ],
)
def test_a_misspelt_hook_is_an_error(file, text, message):
    with pytest.raises(PluginError, match=message):
        load_registry(files=[file(text)]).checked()


METRIC = """
from harness import Metric, hookimpl

@hookimpl
def harness_metrics():
    yield Metric(name="mine", summary="", evaluation={evaluation!r}, row=lambda record, task: 1, estimate=lambda *_: [])
"""


def test_a_metric_that_no_report_will_show_is_told(file):
    registry = load_registry(files=[file(METRIC.format(evaluation="sustainscor"))]).checked()
    (note,) = next(plugin.notes for plugin in registry.plugins if plugin.name == "mine")
    assert note == ("metric mine is in no report: no evaluation named 'sustainscor'; did you mean sustainscore?")
    registry = load_registry(files=[file(METRIC.format(evaluation="sustainscore"))])
    assert not any(plugin.notes for plugin in registry.plugins)


def test_of_two_plugins_with_one_name_the_one_that_failed_is_told(monkeypatch):
    def load():
        raise SystemExit("no licence")

    installed = registry_module.found_packages()
    other = registry_module.Found("local", "other 1.0", load)
    monkeypatch.setattr(registry_module, "found_packages", lambda: [*installed, other])
    failures = {plugin.source: plugin.failure for plugin in load_registry().plugins if plugin.name == "local"}
    assert failures.pop("other 1.0") == "SystemExit: no licence"
    assert set(failures.values()) == {""}


def test_a_plugin_can_be_switched_off():
    assert "sustainscore" not in load_registry(disabled=["sustainscore"]).evaluations
    with pytest.raises(UnknownName, match="no plugin named 'sustanscore'; did you mean sustainscore"):
        load_registry(disabled=["sustanscore"])


def test_a_plugin_file_that_is_not_there_is_named():
    with pytest.raises(HarnessError, match=r"--plugin nowhere\.py: no such file"):
        load_registry(files=["nowhere.py"])


def test_hooks_are_documented_and_take_no_arguments():
    import inspect

    from harness import hookspecs

    for name in KINDS:
        hook = getattr(hookspecs, name)
        assert hook.__doc__
        assert not inspect.signature(hook).parameters
