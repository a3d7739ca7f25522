"""`harness doctor`: each layer tried, what it keeps programs from as seen, and which one would be taken."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

from harness.errors import HarnessError, SandboxError
from harness_sandbox.choice import AUTO, Choice, opened, promises, sandbox_for
from harness_sandbox.layers import LAYERS, Layer, claims

#: Exit status where nothing strong works: code tasks need `--allow-weak-sandbox`.
WEAK = 1


def doctor(words: Sequence[str]) -> int:
    """Print what was found; return 0 if a layer works that puts programs into namespaces, else 1."""
    parser = argparse.ArgumentParser(prog="harness doctor", description="What confines generated programs here.")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    as_json = parser.parse_args(list(words)).json
    findings = {name: finding(layer) for name, layer in LAYERS.items()}
    try:
        taken, why = sandbox_for(Choice(name=AUTO)).layer.name, ""
    except HarnessError as error:
        taken, why = None, str(error)
    print(json.dumps({"layers": findings, AUTO: taken}, indent=2) if as_json else told(findings, taken, why))  # noqa: T201
    return 0 if taken else WEAK


def finding(layer: Layer) -> dict[str, Any]:
    """Return whether a layer works here, and what it was seen to keep a program from."""
    try:
        sandbox = opened(layer.name)
    except SandboxError as error:
        return {"works": False, "why": str(error)}
    kept = {promise: outcome.passed for promise, outcome in promises(sandbox).items()}
    return {
        "works": True,
        "strong": layer.strong,
        "seccomp": bool(sandbox.facts["seccomp"]),
        "landlock": int(sandbox.facts["landlock_version"]) if sandbox.facts["landlock"] else 0,
        "cgroup": sorted(sandbox.bounds),
        "kept_from": sorted(promise for promise, is_kept in kept.items() if is_kept),
        "not_kept_from": sorted(promise for promise, is_kept in kept.items() if not is_kept),
        "claims": sorted(claims(layer, sandbox.facts)),
        "slowness": round(sandbox.slowness, 2),
    }


def held(found: dict[str, Any]) -> str:
    """Return by what parts of the kernel a layer holds."""
    parts = {
        "namespaces": found["strong"] and "yes",
        "seccomp": found["seccomp"] and "yes",
        "Landlock": found["landlock"] and f"version {found['landlock']}",
        "control group": ", ".join(found["cgroup"]),
    }
    return ", ".join(f"{name}: {value or 'NO'}" for name, value in parts.items())


def told(findings: dict[str, dict[str, Any]], taken: str | None, why: str) -> str:
    """Return the findings for a reader."""
    lines = []
    for name, found in findings.items():
        lines.append(f"{name}: {LAYERS[name].summary}")
        if not found["works"]:
            lines.append(f"  no    {found['why']}")
            continue
        lines += [
            f"  yes   {held(found)}",
            f"        keeps programs from: {', '.join(found['kept_from'])}",
        ]
        if found["not_kept_from"]:
            lines.append(f"        does NOT keep programs from: {', '.join(found['not_kept_from'])}")
        lines.append(f"        time limits times {found['slowness']:g}, as fast as this machine is")
    lines.append(f"--sandbox auto takes: {taken}" if taken else f"--sandbox auto: {why}")
    return "\n".join(lines)
