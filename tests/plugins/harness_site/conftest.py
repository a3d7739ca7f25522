"""Runs that the site is made of, each once: sums by three models, a hostile one, ratings."""

import asyncio
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from harness import Plan
from harness.registry import load_registry
from harness.run import run

HERE = Path(__file__).parent
PLUGINS = (str(HERE.parents[1] / "sums.py"), str(HERE / "hostile.py"))
#: As words of a command.
FLAGS = [word for path in PLUGINS for word in ("--plugin", path)]


@pytest.fixture(scope="session")
def site_registry():
    """All plugins; of reports the runs need none."""
    return replace(load_registry(files=PLUGINS).checked(), reporters={})


@pytest.fixture(scope="session")
def site_runs(tmp_path_factory, site_registry):
    """Run folders by name."""
    output = str(tmp_path_factory.mktemp("site") / "runs")
    option = {"constraint_count": "1,2", "draws": "2"}
    kinds = ("hundred", "numbered_steps_absent")
    plans = {
        kind: Plan(tasks=("sums",), model=f"sums:{kind}", constraint_type=kinds, limit=24, option=option, output=output)
        for kind in ("steady", "plain", "brittle")
    }
    plans["hostile"] = Plan(tasks=("talk",), model="hostile", constraint_type=("hundred",), output=output)
    plans["stars"] = Plan(tasks=("stars",), model="hostile", evaluation="ratings", output=output)
    return {name: asyncio.run(run(plan, site_registry)).folder for name, plan in plans.items()}


@pytest.fixture(scope="session")
def board_folder(site_runs, tmp_path_factory):
    """The static site of all these runs."""
    from harness_site.leaderboard import call

    folder = tmp_path_factory.mktemp("board")
    lineage = folder / "lineage.yaml"
    unknown = "revision: unknown, reasoning: unknown, template_hash: unknown, data: unknown"
    lineage.write_text(
        "schema: 1\nlineages:\n- id: sums\n  family: sums\n  members:\n"
        f"  - {{name: first, repo: 'sums:steady', stage: base, parent: none, {unknown}}}\n"
        f"  - {{name: second, repo: plain, stage: sft, parent: first, {unknown}}}\n"
        f"  - {{name: brittle, repo: unknown, stage: rlvr, parent: second, {unknown}}}\n"
    )
    words = [*map(str, site_runs.values()), "--output", str(folder / "site"), "--lineage", str(lineage), *FLAGS]
    assert call(words) == 0
    return folder / "site"


@pytest.fixture(scope="module")
def browser(board_folder, viewer):
    """Headless Chromium; it comes from the system, as playwright's own download is not part of the tests.

    While it is open an event loop runs, in which no other can be run: so all that is run is run before.
    """
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no Chromium: `apt-get install chromium`, or name one in the variable CHROMIUM")
    with sync_api.sync_playwright() as engine:
        launched = engine.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"],
        )
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def unfinished(site_runs, tmp_path_factory):
    """A run folder as it is while a run goes on: the first records, the next one half written, no results."""
    folder = tmp_path_factory.mktemp("going") / "2026-01-01T00-00-00_sums"
    folder.mkdir()
    shutil.copy(site_runs["brittle"] / "manifest.json", folder)
    lines = (site_runs["brittle"] / "records.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "records.jsonl").write_bytes(b"".join(lines[:9]) + lines[9][:200])
    return folder


@pytest.fixture(scope="session")
def viewer(site_runs, unfinished):
    """The address of `harness view` over all these runs, in a process of its own."""
    words = [sys.executable, "-m", "harness", "view", *map(str, site_runs.values()), str(unfinished), "--port", "0"]
    with subprocess.Popen([*words, *FLAGS], stdout=subprocess.PIPE, text=True) as server:
        try:
            said = server.stdout.readline()
            yield said.split("/ shows")[0]
        finally:
            server.terminate()


@pytest.fixture
def page(browser):
    """A page of which, at the end, nothing was refused, failed or asked of another origin."""
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    faults = []
    opened.on("console", lambda said: faults.append(said.text) if said.type in {"error", "warning"} else None)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("dialog", lambda dialog: faults.append(f"dialog: {dialog.message}"))
    # A request is aborted where the page is left before it has come.
    opened.on("requestfailed", lambda one: faults.append(one.url) if one.failure != "net::ERR_ABORTED" else None)
    opened.on("request", lambda request: faults.append(request.url) if not ours(request.url) else None)
    yield opened
    opened.close()
    assert faults == []


def ours(address):
    return address.startswith(("file://", "http://127.0.0.1:", "blob:"))
