"""The version of the stored form, and one function a step that brings an older document up by one version."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

VERSION = 1

# The function at version n takes a document of version n and returns it as version n + 1. There is no older one yet.
UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
