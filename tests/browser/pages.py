"""Notebooks of a few cells, and what the tests of views do on their pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def write(folder: Path, name: str, cells: list[str]) -> None:
    """Write a notebook of these cells."""
    folder.mkdir(exist_ok=True)
    nbformat.write(new_notebook(cells=[new_code_cell(text) for text in cells], metadata=KERNEL), folder / name)


def start(page: Any) -> None:
    """Run every cell, and do not wait."""
    page.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")
