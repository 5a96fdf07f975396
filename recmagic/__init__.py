"""Neural recommenders, declared and trained in a notebook cell: `%load_ext recmagic`."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

from recmagic.errors import RecmagicError

__version__ = "0.1.0"
__all__ = ["Dataset", "Model", "RecmagicError", "blend", "compare", "layer", "load", "load_ipython_extension", "switch",
           "unload_ipython_extension", "words"]

# Keras takes its backend from here at its first import; whoever wants another sets it before that.
os.environ.setdefault("KERAS_BACKEND", "jax")

# Imported when first asked for: Keras fixes its backend at import, and pandas alone costs more than loading us may.
_LATER = {
    "Dataset": "recmagic.data.dataset",
    "Model": "recmagic.model",
    "blend": "recmagic.blending",
    "compare": "recmagic.evaluation.compare",
    "layer": "recmagic.compiler.own_layers",
    "load": "recmagic.loading",
    "switch": "recmagic.blending",
    "words": "recmagic.magics.assist.reference",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'recmagic' has no attribute {name!r}")
    value = getattr(import_module(_LATER[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])


def load_ipython_extension(shell: Any) -> None:
    """Register the magics and the views (`%load_ext recmagic`)."""
    from recmagic import magics
    from recmagic.widgets import registry

    magics.load(magics.Notebook(shell, _live_view))
    registry.load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Take the magics and the views away again (`%unload_ext recmagic`)."""
    from recmagic import magics
    from recmagic.widgets import registry

    magics.unload(shell)
    registry.unload(shell)


def _live_view(what: str, live: bool, stop: Any) -> Any:
    # Widgets are looked for when there is something to show: loading the extension must stay instant.
    from recmagic.widgets.progress import progress

    return progress(what, live, stop)
