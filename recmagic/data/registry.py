"""The built-in sources by name: each module of `sources/` is one, and its `load` gives its tables."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from recmagic.data.tables import Tables

_FOLDER = Path(__file__).parent / "sources"


def built_in_names() -> list[str]:
    """Return the names of the built-in sources, sorted: `movielens_1m.py` is "movielens-1m"."""
    return sorted(path.stem.replace("_", "-") for path in _FOLDER.glob("*.py") if not path.stem.startswith("_"))


def built_in(name: str) -> Callable[..., Tables]:
    """Return the `load(path=None, listen=None)` of a built-in source."""
    module = import_module(f"recmagic.data.sources.{name.replace('-', '_')}")
    loader: Callable[..., Tables] = module.load
    return loader
