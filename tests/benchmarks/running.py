"""Runs an engine's script in a fresh process of the environment that it needs, and says by name what went wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

SCRIPTS = Path(__file__).parent / "engines"
NEEDS = {"dev": "jax"}  # environment -> the package that makes it; other environments are called like theirs


@dataclass(frozen=True)
class Engine:
    """A row of a work's table: a script, the environment it runs in, and what stands on its command line.

    `framework` is set where it is to be compared with recmagic on that framework too; `limit` in seconds replaces the
    usual one.
    """

    name: str
    environment: str
    script: str
    arguments: tuple[str, ...] = ()
    framework: str = ""
    limit: int = 0


@dataclass(frozen=True)
class Failure:
    """Why an engine has no number."""

    reason: str


def interpreter(environment: str, venvs: Path) -> str | None:
    """Return the Python of an environment: its own under `venvs`, else this one if it has the package; None if none."""
    own = venvs / environment / "bin" / "python"
    if own.exists():
        return str(own)
    return sys.executable if find_spec(NEEDS.get(environment, environment)) else None


def measure(engine: Engine, work: str, epochs: int, venvs: Path, limit: int) -> dict[str, Any] | Failure:
    """Run an engine on a work in a fresh process; return what its line of JSON says, or why there is none."""
    python = interpreter(engine.environment, venvs)
    if python is None:
        return Failure(f"skipped: {engine.name} (no environment)")
    command = [python, str(SCRIPTS / engine.script), work, str(epochs), *engine.arguments]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    if engine.framework:
        environment["KERAS_BACKEND"] = engine.framework
    seconds = engine.limit or limit
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, env=environment)
    except subprocess.TimeoutExpired:
        return Failure(f"failed: {engine.name} (took more than {seconds:,} s)")
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or [f"exit status {done.returncode}"]
        return Failure(f"failed: {engine.name} ({lines[-1].strip()})")
    return json.loads(done.stdout.splitlines()[-1])
