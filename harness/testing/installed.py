"""The plugin as the harness finds it: installed, loaded, and offering what it should."""

from __future__ import annotations

from harness.registry import Plugin, load_registry


def installed_plugin(name: str) -> Plugin:
    """Return an installed plugin, with what it offers.

    Args:
        name: of its entry point in the group `harness`.

    Raises:
        AssertionError: it is not installed, could not be loaded, or clashes with another one.
    """
    registry = load_registry()
    found = next((plugin for plugin in registry.plugins if plugin.name == name), None)
    assert found is not None, f"no plugin {name} is installed: `pip install -e .` in its folder"
    assert not found.failure, f"plugin {name}: {found.failure}"
    assert not found.notes, f"plugin {name}: {'; '.join(found.notes)}"
    clashes = [fault for fault in registry.faults if f"{name} ({found.source})" in fault]
    assert not clashes, "; ".join(clashes)
    return found
