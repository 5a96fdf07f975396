"""%recinfo: the versions and the device, for a bug report."""

from __future__ import annotations

import os
import platform
import sys
from argparse import Namespace
from importlib.metadata import PackageNotFoundError, version

from recmagic import html
from recmagic.backends import current
from recmagic.backends.memory import in_bytes
from recmagic.magics.config import chosen_backend
from recmagic.magics.config import current as current_settings
from recmagic.magics.line import LineParser
from recmagic.magics.notebook import Notebook

PARSER = LineParser("recinfo", "Show the versions, the backend, the device and the kernel, for a bug report.")
PACKAGES = ("recmagic", "keras", "keras-rs", "jax", "torch", "tensorflow", "numpy", "pandas", "duckdb", "ipython",
            "ipykernel", "ipywidgets", "anywidget", "jupyterlab")  # fmt: skip


class Information(dict[str, str]):
    """Names and values that show themselves as a table."""

    def __repr__(self) -> str:
        return "\n".join(f"{name:<12} {value}" for name, value in self.items())

    def _repr_html_(self) -> str:
        return html.table(["what", "which"], list(self.items()), "This installation")


def recinfo(notebook: Notebook, arguments: Namespace) -> Information:
    """Return what a bug report needs; this imports no backend that the notebook has not imported."""
    facts = {"python": platform.python_version(), "system": platform.platform(), "processors": str(os.cpu_count())}
    facts.update({name: found for name in PACKAGES if (found := _version(name))})
    facts["kernel"] = f"{type(notebook.shell).__module__}.{type(notebook.shell).__name__}"
    facts["backend"], facts["device"], facts["memory"] = _backend()
    settings = current_settings(notebook.shell)
    facts["top_k"] = f"{settings.top_k} ({settings.sources.get('top_k', 'default')})"
    if "backend" in settings.sources:
        facts["backend by"] = settings.sources["backend"]
    return Information(facts)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _backend() -> tuple[str, str, str]:
    """Return the backend, its device, and the device's memory."""
    if "keras" not in sys.modules:
        return f"{chosen_backend()} (not loaded yet)", "not known yet", "not known yet"
    device = current().device()
    return chosen_backend(), device.text, "not told" if device.memory is None else in_bytes(device.memory)
